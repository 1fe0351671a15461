"""The 50 patients of the Matchmaker Exchange benchmark, stored under other ids: each finds its own copy first."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from federation import nodes
from federation.schemas import IMPORT_LIMITS, read_case
from matchmaker import cases, disclosure
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Consent, Sharing
from matchmaker.service import Matchmaker
from scoring.profile import Profile, profile_of
from tests.conformance.conftest import Served, serving
from tests.federation.patients import BENCHMARK, needs_benchmark

pytestmark = needs_benchmark
V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"


@pytest.fixture(scope="module")
def patients() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((BENCHMARK / "mme-benchmark-patients.json").read_text("utf-8"))
    assert len(found) == 50
    return found


@pytest.fixture(scope="module")
def copies(own_node: Matchmaker, patients: list[dict[str, Any]]) -> list[CaseId]:
    """Store each patient under another id, with a basis and shared with all, at the default disclosure level."""
    read = (
        read_case(
            patient | {"id": f"copy-{number}"}, release=own_node.release, limits=IMPORT_LIMITS, owner="a@example.org"
        )
        for number, patient in enumerate(patients)
    )
    shared = [replace(one.case, consent=Consent(basis="consent"), sharing=Sharing.FEDERATED) for one in read]
    return [submitted.case_id for submitted in cases.submit_many(own_node, shared, by=SYSTEM)]


@pytest.fixture(scope="module")
def asked(own_node: Matchmaker, copies: list[CaseId]) -> Iterator[Served]:
    with serving(own_node) as served:
        yield served


@pytest.mark.slow
@pytest.mark.parametrize("number", range(50))
def test_patient_finds_its_own_copy_first(
    asked: Served, patients: list[dict[str, Any]], copies: list[CaseId], number: int
) -> None:
    reply = asked.match(patients[number], Accept=V1_0, Content_Type=V1_0)

    assert reply.status == 200
    results = reply.said["results"]
    by_peer_id = ids_of(asked.mm, copies)
    best = [by_peer_id[r["patient"]["id"]] for r in results if r["score"] == results[0]["score"]]
    first = by_peer_id[results[0]["patient"]["id"]]
    assert copies[number] in best
    # Two patients of the fifty are siblings who state the very same; nothing can tell which of them was meant.
    assert first == copies[number] or stated(asked.mm, first) == stated(asked.mm, copies[number])


def ids_of(mm: Matchmaker, case_ids: list[CaseId]) -> dict[str, CaseId]:
    (node,) = nodes.list_(mm)
    with_ids = ((cases.get(mm, case_id, by=SYSTEM).case, case_id) for case_id in case_ids)
    return {disclosure.peer_id(mm, case, node): case_id for case, case_id in with_ids}


def stated(mm: Matchmaker, case_id: CaseId) -> Profile:
    return replace(profile_of(cases.get(mm, case_id, by=SYSTEM).case, mm.release), case_id=CaseId(""))
