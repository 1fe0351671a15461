from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matchmaker import cases, store
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, PhenotypicFeature, Status
from matchmaker.service import Matchmaker
from scoring.index import Change, Filter, Index
from scoring.profile import Profile
from tests.builders import a_case, a_feature
from tests.memory import folder_in_memory

TERMS = ("HP:0001250", "HP:0000252", "HP:0001263", "HP:0000365", "HP:0002521")
OPERATIONS = ("store", "store", "edit", "withdraw", "take back", "erase", "look", "look", "merge", "start again")


class Process(Matchmaker):
    """A process of a node that keeps its index in files, however few its cases are."""

    files_from, files_every = 2, 0.0


class Node:
    """Two processes of one node, and what is done with them."""

    def __init__(self, mm: Matchmaker) -> None:
        self.settings = mm.settings
        self.processes = [Process.open(mm.settings), Process.open(mm.settings)]
        self.known: list[CaseId] = []

    def run(self, operation: str, which: int, number: int, terms: list[str]) -> None:
        mm = self.processes[which]
        features = tuple(a_feature(term) for term in terms)
        case_id = self.known[number % len(self.known)] if self.known else None
        if operation == "look":
            mm.index()
        elif operation == "merge":
            mm.index().tidy()
            mm.index().settle()
        elif operation == "start again":
            mm.index().settle()
            mm.close()
            self.processes[which] = Process.open(self.settings)
        elif operation == "store" or case_id is None:
            self.known.append(cases.submit(mm, a_case(features=features), by=SYSTEM).case_id)
        else:
            self._change(mm, case_id, operation, features)

    def _change(self, mm: Matchmaker, case_id: CaseId, operation: str, features: tuple[PhenotypicFeature, ...]) -> None:
        stored = cases.get(mm, case_id, by=SYSTEM)
        if operation == "edit":
            cases.edit(mm, replace(stored.case, features=features), version=stored.version, by=SYSTEM)
        elif operation == "take back":
            cases.edit(mm, replace(stored.case, status=Status.UNSOLVED), version=stored.version, by=SYSTEM)
        elif operation == "withdraw":
            cases.withdraw(mm, case_id, by=SYSTEM)
        else:
            cases.erase(mm, case_id, by=SYSTEM)
            self.known.remove(case_id)

    def clear(self) -> None:
        """Erase all cases at once, for the next history."""
        with self.processes[0].transaction() as db:
            for case_id in self.known:
                store.cases.erase(db, case_id, at=dt.datetime.now(dt.UTC))
        self.known = []

    def close(self) -> None:
        for process in self.processes:
            process.index().settle()
            process.close()


def made_anew(mm: Matchmaker, secret: bytes) -> Index:
    index = Index(mm.scorer, secret=secret)
    stored = [s for s in cases.list_(mm, by=SYSTEM) if s.case.status is not Status.WITHDRAWN]
    index.apply(
        [Change(case_id=s.case.id, revision=s.revision, profile=mm.profile(s.case)) for s in stored], revision=1
    )
    return index


steps = st.tuples(
    st.sampled_from(OPERATIONS),
    st.integers(0, 1),
    st.integers(0, 7),
    st.lists(st.sampled_from(TERMS), min_size=1, max_size=3, unique=True),
)


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture
def node(mm: Matchmaker) -> Iterator[Node]:
    opened = Node(mm)
    yield opened
    opened.close()


@pytest.mark.slow
@settings(max_examples=2000, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, min_size=1, max_size=6))
def test_index_of_every_process_is_what_is_stored(node: Node, history: list[tuple[str, int, int, list[str]]]) -> None:
    node.clear()
    for operation, which, number, terms in history:
        node.run(operation, which, number, terms)
    indexes = [process.index() for process in node.processes]
    anew = made_anew(node.processes[0], indexes[0].secret)
    query = Profile(case_id=CaseId("q"), release=anew.scorer.corpus.release, observed=_dense(node, TERMS[0], TERMS[3]))
    for index in indexes:
        assert index.checksum() == anew.checksum()
        assert index.search(query, k=3, where=Filter()) == anew.search(query, k=3, where=Filter())


def _dense(node: Node, *terms: str) -> tuple[int, ...]:
    index_of: Callable[[str], int | None] = node.processes[0].release.hpo.index_of
    return tuple(sorted(found for term in terms if (found := index_of(term)) is not None))
