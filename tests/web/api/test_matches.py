"""Matches, searches, findings and genes by the API."""

from __future__ import annotations

import time

import pytest
from flask import Flask

from matchmaker import cases, match_life, recording
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Consent, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store.matches import MatchStatus
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.matchmaker.people import user_of
from tests.web.api.programs import HERS, Program, program_of_cork, program_of_dublin
from tests.web.browsers import ADDRESS

NAMED = {"Seizure", "Microcephaly"}


@pytest.fixture
def program(app: Flask) -> Program:
    return program_of_dublin(app)


def stored(mm: Matchmaker, owner: str, gene: str = "HGNC:8923") -> CaseId:
    case = a_case(
        owner=owner,
        label=f"of {owner}",
        features=[a_feature("HP:0000252"), a_feature("HP:0001250"), a_feature("HP:0002521")],
        genomic_features=[a_genomic_feature(gene=gene)],
        sharing=Sharing.NATIONAL,
        consent=Consent(basis="consent"),
    )
    return cases.submit(mm, case, by=SYSTEM).case_id


@pytest.fixture
def ours(app: Flask, sqlite_mm: Matchmaker) -> CaseId:
    """A case of Dublin that matches two of Cork."""
    program_of_cork(app)
    case_id = stored(sqlite_mm, ADDRESS)
    for gene in ("HGNC:8923", "HGNC:4585"):
        stored(sqlite_mm, HERS, gene)
    recording.match_case(sqlite_mm, case_id)
    return case_id


def test_matches_of_a_case_come_best_first_and_page_by_page(program: Program, ours: CaseId) -> None:
    everything = program.get(f"/cases/{ours}/matches").get_json()
    first = program.get(f"/cases/{ours}/matches?limit=1")
    second = program.get(first.headers["Link"].partition(">")[0].removeprefix("</api/v1"))

    best, other = everything["matches"]
    assert best["score"]["total"] > other["score"]["total"]
    assert (best["genes"], best["at_home"], best["status"], best["case_id"]) == (["PHGDH"], True, "new", ours)
    assert best["reasons"]
    assert 0 <= best["probability"]["probability"] <= 1
    assert first.get_json() == {"matches": [best], "next": best["id"]}
    assert second.get_json() == {"matches": [other], "next": None}
    assert program.get(f"/cases/{ours}/matches?cursor=gone").status_code == 422
    for query, n in (("status=new", 2), ("status=confirmed", 0), ("node=Nowhere", 0), (f"node={best['node']}", 2)):
        assert len(program.get(f"/cases/{ours}/matches?{query}").get_json()["matches"]) == n, query


def test_match_says_why_and_stays_new_and_shows_no_more_than_the_page(program: Program, ours: CaseId) -> None:
    line = program.get(f"/cases/{ours}/matches").get_json()["matches"][0]

    match = program.get(f"/matches/{line['id']}").get_json()

    assert {name: match[name] for name in line} == line
    explanation = match["explanation"]
    assert [(gene["id"], gene["symbol"], gene["kind"]) for gene in explanation["genes"]] == [
        ("HGNC:8923", "PHGDH", "same_gene")
    ]
    assert {pair["here"]["label"] for pair in explanation["pairs"]} >= NAMED
    assert all(0 <= pair["share"] <= 1 for pair in explanation["pairs"])
    assert any("PHGDH" in line for line in explanation["known"])
    assert {feature["id"] for feature in match["patient"]["features"]} >= {"HP:0001250"}
    assert f"of {HERS}" not in str(match)
    assert HERS not in str(match)
    assert match["history"] == []


def test_match_is_moved_on_and_noted(sqlite_mm: Matchmaker, program: Program, ours: CaseId) -> None:
    match_id = program.get(f"/cases/{ours}/matches").get_json()["matches"][0]["id"]

    moved = program.put(f"/matches/{match_id}/status", json={"status": "confirmed"})
    noted = program.post(f"/matches/{match_id}/notes", json={"text": "wrote again"})

    assert (moved.status_code, moved.get_json()["status"], noted.status_code) == (200, "confirmed", 201)
    history = [(event["status"], event["text"], event["by"]) for event in noted.get_json()["history"]]
    assert history == [("confirmed", "", ADDRESS), (None, "wrote again", ADDRESS)]
    assert match_life.get(sqlite_mm, match_id, by=user_of(sqlite_mm, ADDRESS)).match.status is MatchStatus.CONFIRMED
    for body, path in (({"status": "dismissed"}, "reason"), ({"status": "new"}, "status"), ({}, "status")):
        refused = program.put(f"/matches/{match_id}/status", json=body)
        assert (refused.status_code, refused.get_json()["errors"][0]["path"]) == (422, path)
    for text in ("", " ", "x" * 4001):
        assert program.post(f"/matches/{match_id}/notes", json={"text": text}).status_code == 422
    assert program.post(f"/matches/{match_id}/notes", data=b"text", content_type="text/plain").status_code == 415


def test_other_centre_sees_its_own_side_alone(app: Flask, program: Program, ours: CaseId) -> None:
    match_id = program.get(f"/cases/{ours}/matches").get_json()["matches"][0]["id"]
    cork = program_of_cork(app)

    for method, path, body in (
        ("GET", "/cases/{}/matches", None),
        ("POST", "/cases/{}/searches", None),
        ("GET", "/matches/{}", None),
        ("PUT", "/matches/{}/status", {"status": "confirmed"}),
        ("POST", "/matches/{}/notes", {"text": "x"}),
    ):
        id_ = ours if "cases" in path else match_id
        foreign, none = (cork.call(method, path.format(one), json=body) for one in (id_, "0" * 32))
        assert (foreign.status_code, none.status_code) == (404, 404), path
        assert foreign.text.replace(id_, "0" * 32) == none.text


def test_search_of_all_nodes_is_begun_once_and_looked_at(app: Flask, program: Program, ours: CaseId) -> None:
    begun = program.post(f"/cases/{ours}/searches")
    again = program.post(f"/cases/{ours}/searches")

    assert begun.status_code == 202
    assert begun.get_json()["id"] == again.get_json()["id"]
    where = begun.headers["Location"].removeprefix("/api/v1")
    until = time.monotonic() + 30
    while not (found := program.get(where).get_json())["done"]:
        assert time.monotonic() < until
    assert (found["case_id"], found["nodes"]) == (ours, [])
    assert program_of_cork(app).get(where).status_code == 404


def test_finding_is_searched_and_shown(program: Program) -> None:
    found = program.get("/terms?q=small head&limit=3").get_json()
    assert (found["terms"][0]["label"], found["terms"][0]["layperson"], len(found["terms"])) == (
        "Microcephaly",
        True,
        3,
    )
    shown = program.get("/terms/HP:0001250").get_json()
    assert "HP:0012638" in [parent["id"] for parent in shown["parents"]]
    for nothing in ("HP:9999999", "HP:0000006"):
        assert program.get(f"/terms/{nothing}").status_code == 404
    for wrong in ("", "q=", f"q={'a' * 201}", "q=a&limit=0", "q=a&limit=x", "q=%00"):
        answer = program.get(f"/terms?{wrong}")
        assert (answer.status_code in {400, 422}, answer.mimetype) == (True, "application/problem+json"), wrong


def test_gene_is_searched_and_shown_by_any_of_its_names(program: Program) -> None:
    assert program.get("/genes?q=PGDH").get_json()["genes"][0]["symbol"] == "PHGDH"
    for name in ("HGNC:8923", "PHGDH", "phgdh", "ENSG00000092621"):
        assert program.get(f"/genes/{name}").get_json()["id"] == "HGNC:8923"
    ambiguous = program.get("/genes/p40")
    assert (ambiguous.status_code, ambiguous.mimetype) == (422, "application/problem+json")
    assert "choose one of" in ambiguous.get_json()["errors"][0]["remedy"]
    assert program.get("/genes/nothing").status_code == 404
