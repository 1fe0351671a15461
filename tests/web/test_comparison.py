"""Two cases side by side: few pairs or a hundred, as a grid, on paper; copies and relatives beside each other."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import replace

import pytest
from flask import Flask

from federation import nodes
from matchmaker import recording
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, NodeName, Score
from matchmaker.service import Matchmaker
from matchmaker.store import matches
from matchmaker.store.matches import Finding
from tests.builders import a_feature
from tests.federation.worlds import register
from tests.web.browsers import ADDRESS, signed_in
from tests.web.test_matches import HERS, best, stored
from web.comparison import N_PAIRS
from web.grid_picture import LONGEST


def hundred(mm: Matchmaker, first: int) -> list[str]:
    """A hundred findings of many organ systems; every seventh is in every list."""
    graph, ids = mm.release.hpo.graph, mm.release.hpo.term_ids
    above = {int(parent) for index in range(len(ids)) for parent in graph.parents_of(index)}
    below = [str(id_) for i, id_ in enumerate(ids) if i not in above and mm.release.hpo.organ_system(id_)]
    common = below[::170][:15]
    own = [term for term in below[first::150] if term not in common]
    return [*common, *own][:100]


@pytest.fixture
def large(app: Flask, sqlite_mm: Matchmaker) -> CaseId:
    signed_in(app)
    here, there = ([a_feature(term) for term in hundred(sqlite_mm, first)] for first in (3, 11))
    ours = stored(sqlite_mm, ADDRESS, "Large", features=here)
    stored(sqlite_mm, HERS, "hers", features=there)
    recording.match_case(sqlite_mm, ours)
    return ours


def test_hundred_findings_on_each_side_show_the_strongest_pairs_first(app: Flask, large: CaseId) -> None:
    _, page = best(app, large)

    shown, _, folded = page.text.partition("more pairs, which say less")
    assert shown.count('class="bar same"') + shown.count('class="bar near"') == N_PAIRS
    assert 'class="bar' in folded


def test_grid_of_a_hundred_findings_has_every_name_and_a_table(app: Flask, large: CaseId) -> None:
    address, _ = best(app, large)

    page = signed_in(app).get(f"{address}?view=grid").text

    picture, _, table = page.partition("</svg>")
    names = re.findall(r'<text class="name"[^>]*><title>[^<]*</title>([^<]*)</text>', page)
    assert len(names) > 100
    assert max(len(name) for name in names) <= LONGEST + len("&amp;") * 2
    assert 'class="same"' in picture
    assert table.count("the same finding") >= 5
    assert "style=" not in page


def test_what_the_score_rests_on_adds_up(app: Flask, large: CaseId) -> None:
    _, page = best(app, large)

    legend = page.text.partition("What it rests on:")[2].partition("</figcaption>")[0]
    shares = [int(share) for share in re.findall(r"(\d+) %", legend)]
    assert sum(shares) == pytest.approx(100, abs=2)


def test_probability_says_what_was_expected_before(app: Flask, large: CaseId) -> None:
    _, page = best(app, large)

    assert re.search(r"Before comparing, \S+ of \d+ cases is expected to have the same disease gene", page.text)
    assert re.search(r"with release \S+, score S-2", page.text)


def told_by(mm: Matchmaker, case_id: CaseId, node: str, id_: str, terms: list[str]) -> None:
    """Record that a node told of a case of its own."""
    register(mm, node, None)
    patient = {
        "id": id_,
        "contact": {"name": node, "href": f"mailto:somebody@{node}.example.org"},
        "features": [{"id": term} for term in terms],
        "genomicFeatures": [{"gene": {"id": "PHGDH"}}],
    }
    finding = Finding(
        case_id=case_id,
        node=NodeName(node),
        other_id=id_,
        score=Score(total=0.5, phenotype=0.5, genotype=0.5),
        release=mm.release.id,
        scoring=mm.scorer.version,
        calibration="c",
        told=json.dumps({"patient": patient, "partial": True}),
    )
    with mm.transaction() as db:
        matches.record(db, finding, at=dt.datetime.now(dt.UTC))


def test_one_person_at_two_nodes_stands_together_and_counts_once(app: Flask, sqlite_mm: Matchmaker) -> None:
    ours = stored(sqlite_mm, ADDRESS, "Martin")
    told_by(sqlite_mm, ours, "spain", "PAT-77", ["HP:0000252", "HP:0001250"])
    told_by(sqlite_mm, ours, "chile", "other-1", ["HP:0000252"])
    told_by(sqlite_mm, ours, "finland", "PAT-77", ["HP:0000252", "HP:0001250"])

    _, page = best(app, ours)

    assert "3 matches, 2 independent" in page.text
    assert "perhaps the same person as the case of " in page.text
    places = [page.text.index(f">{node}</span>") for node in ("spain", "finland", "chile")]
    assert max(places[:2]) - min(places[:2]) < abs(places[2] - min(places))


def test_probability_of_a_nodes_match_needs_how_many_cases_it_declared(app: Flask, sqlite_mm: Matchmaker) -> None:
    ours = stored(sqlite_mm, ADDRESS, "Martin")
    told_by(sqlite_mm, ours, "spain", "PAT-77", ["HP:0000252", "HP:0001250"])
    address, page = best(app, ours)
    assert "no probability is given" in page.text

    nodes.change(sqlite_mm, replace(nodes.show(sqlite_mm, NodeName("spain")).node, declared_cases=400), by=SYSTEM)

    assert "among 400 cases" in signed_in(app).get(address).text
