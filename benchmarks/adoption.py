"""Adopt another release and roll back while a node answers a stream of match requests; prints one JSON object.

A node that serves and works follows what another process adopts. Afterwards its recorded matches are compared with
those of a new node that was given the same cases under that release.

python -m benchmarks adoption --release FOLDER [--cases 10000]
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import math
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from flask import Flask

from matchmaker import adoption, cases, releases, worker
from matchmaker.actors import SYSTEM
from matchmaker.following import following
from matchmaker.model import (
    Case,
    CaseId,
    Consent,
    Contact,
    GeneId,
    GenomicFeature,
    Node,
    NodeName,
    PhenotypicFeature,
    Sharing,
)
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import matches, nodes, tokens, work
from matchmaker.store.work import Kind
from matchmaker.worker import background
from ontology.releases import Release
from web.app import create_app

PEER = NodeName("peer")
MEDIA_TYPE = "application/vnd.ga4gh.matchmaker.v1.1+json"
N_TERMS = 5
PAUSE = 0.02  # seconds between two requests of an asker
Scores = tuple[float, float, float]
Pairs = dict[tuple[str, str], Scores]


@dataclass(slots=True, kw_only=True)
class Stream:
    """What became of the requests."""

    n_answered: int = 0
    failures: list[str] = field(default_factory=list)
    slowest: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What was measured; `differing_after_...`: recorded matches that are not those of a new node, or lack here."""

    cases: int
    requests: int
    failed: int
    slowest_seconds: float
    seconds_to_adopt: float
    seconds_to_roll_back: float
    matches: int
    differing_after_adoption: int
    differing_after_rollback: int


def measure(folder: Path, files: Path, *, n_cases: int, n_askers: int = 2) -> Figures:
    """Run the whole measurement with the files of one other release; whatever fails is in the figures."""
    settings = Settings(
        home=folder / "node",
        requests_per_day=10**9,
        requests_per_minute=10**9,
        cases_revealed_per_day=10**9,
        cases_revealed_per_month=10**9,
        distinct_answers=10**9,
    )
    with contextlib.closing(Matchmaker.create(settings)) as mm:
        older, usual = releases.import_files(settings, files), mm.release
        stated = _made_up(usual, n_cases)
        _submit(mm, stated)
        with (
            contextlib.closing(Matchmaker.open(settings)) as working,
            _asked(mm, stated, n_askers) as stream,
            following(mm),
            background(working),
        ):
            adopting = _until_used(mm, working, older.id, lambda: adoption.adopt(mm, older.id, by=SYSTEM))
            after_adoption = _recorded_at_last(mm, older.id)
            back = _until_used(mm, working, usual.id, lambda: adoption.rollback(mm, by=SYSTEM))
            after_rollback = _recorded_at_last(mm, usual.id)
    return Figures(
        cases=n_cases,
        requests=stream.n_answered + len(stream.failures),
        failed=len(stream.failures),
        slowest_seconds=round(stream.slowest, 3),
        seconds_to_adopt=round(adopting, 1),
        seconds_to_roll_back=round(back, 1),
        matches=len(after_rollback),
        differing_after_adoption=_differing(after_adoption, _fresh(folder / "older", stated, files)),
        differing_after_rollback=_differing(after_rollback, _fresh(folder / "usual", stated, None)),
    )


def _differing(found: Pairs, expected: Pairs) -> int:
    return sum(not _alike(found.get(pair), expected.get(pair)) for pair in found.keys() | expected.keys())


def _alike(one: Scores | None, other: Scores | None) -> bool:
    """The last digits depend on the order in which an index was filled."""
    if one is None or other is None:
        return one is other
    return all(math.isclose(a, b, abs_tol=1e-6) for a, b in zip(one, other, strict=True))


def _until_used(mm: Matchmaker, working: Matchmaker, release: str, change: object) -> float:
    assert callable(change)
    began = time.monotonic()
    change()
    while {mm.release.id, working.release.id} != {release}:
        time.sleep(0.05)
    return time.monotonic() - began


def _made_up(release: Release, n_cases: int) -> list[Case]:
    """Cases with findings of one disease and some of their own, so that many are alike and no two equally so."""
    chance = random.Random(n_cases)
    annotations, ids = release.annotations, release.hpo.term_ids
    offsets = annotations.term_offsets.tolist()
    rich = [d for d in range(len(annotations)) if offsets[d + 1] - offsets[d] >= N_TERMS]
    found = []
    for number in range(n_cases):
        disease = chance.choice(rich[: max(20, n_cases // 5)])
        terms = annotations.term_disease[offsets[disease] : offsets[disease + 1]].tolist()
        genes = annotations.genes_of_disease(annotations.ids[disease])[:1] if chance.random() < 0.3 else ()
        own = chance.sample(range(1, len(ids)), N_TERMS)
        found.append(_case(number, [ids[term] for term in [*chance.sample(terms, N_TERMS), *own]], genes))
    return found


def _case(number: int, terms: Sequence[str], genes: Sequence[GeneId]) -> Case:
    return Case(
        id=CaseId(""),
        owner=f"owner-{number % 50}@example.org",
        local_id=f"C-{number}",
        contact=Contact(name="Made up"),
        consent=Consent(basis="consent"),
        sharing=Sharing.FEDERATED,
        features=tuple(PhenotypicFeature(term=term) for term in terms),  # type: ignore[arg-type]
        genomic_features=tuple(GenomicFeature(gene=gene) for gene in genes),
    )


def _submit(mm: Matchmaker, stated: Sequence[Case]) -> None:
    for start in range(0, len(stated), cases.BATCH):
        cases.submit_many(mm, stated[start : start + cases.BATCH], by=SYSTEM)


@contextlib.contextmanager
def _asked(mm: Matchmaker, stated: Sequence[Case], n_askers: int) -> Iterator[Stream]:
    """Ask without pause while the body runs."""
    with mm.transaction() as db:
        nodes.upsert(db, Node(name=PEER, country="ES"))
        token = tokens.issue(db, PEER, at=dt.datetime.now(dt.UTC))
    mm.warm()
    app, stream, stopping = create_app(mm), Stream(), threading.Event()
    asking = [(app, token, stated[number:], stream, stopping) for number in range(n_askers)]
    askers = [threading.Thread(target=_ask, args=arguments) for arguments in asking]
    for asker in askers:
        asker.start()
    try:
        yield stream
    finally:
        stopping.set()
        for asker in askers:
            asker.join()


def _ask(app: Flask, token: str, stated: Sequence[Case], stream: Stream, stopping: threading.Event) -> None:
    client = app.test_client()
    headers = {"X-Auth-Token": token, "Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
    while not stopping.is_set():
        for case in stated:
            if stopping.is_set():
                return
            patient = {
                "id": case.local_id,
                "contact": {"name": "Made up", "href": "mailto:made-up@example.org"},
                "features": [{"id": feature.term} for feature in case.features],
            }
            time.sleep(PAUSE)
            began = time.monotonic()
            answer = client.post("/mme/match", data=json.dumps({"patient": patient}), headers=headers)
            stream.slowest = max(stream.slowest, time.monotonic() - began)
            if answer.status_code == 200 and "results" in (answer.get_json(force=True) or {}):
                stream.n_answered += 1
            else:
                stream.failures.append(f"{answer.status_code} {answer.get_data(as_text=True)[:200]}")


def _recorded_at_last(mm: Matchmaker, release: str) -> Pairs:
    """Wait until every case was matched again."""
    while True:
        with mm.reading() as db:
            if not work.count(db).get(Kind.MATCH):
                break
        time.sleep(0.2)
    return _recorded(mm, release)


def _recorded(mm: Matchmaker, release: str) -> Pairs:
    names = {stored.case.id: stored.case.local_id for stored in cases.list_(mm, by=SYSTEM)}
    found: Pairs = {}
    with mm.reading() as db:
        for case_id, name in names.items():
            for match in matches.of_case(db, case_id):
                if match.finding.release == release and match.finding.node == matches.OURSELVES:
                    score = match.finding.score
                    pair = name, names[CaseId(match.finding.other_id)]
                    found[pair] = (score.total, score.phenotype, score.genotype)
    return found


def _fresh(home: Path, stated: Sequence[Case], files: Path | None) -> Pairs:
    """What a new node records that had this release from the start."""
    with contextlib.closing(Matchmaker.create(Settings(home=home))) as mm:
        if files is not None:
            adoption.adopt(mm, releases.import_files(mm.settings, files).id, by=SYSTEM)
            mm.follow()
        _submit(mm, stated)
        worker.drain(mm)
        return _recorded(mm, mm.release.id)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--release", type=Path, required=True, help="a folder with the files of another release")
    parser.add_argument("--cases", type=int, default=10_000)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(measure(Path(folder), given.release, n_cases=given.cases))))


if __name__ == "__main__":
    main()
