"""What the pickers are told while somebody types."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.web.browsers import signed_in, submit


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return signed_in(app)


def found(browser: FlaskClient, kind: str, typed: str = "") -> Any:
    return browser.get(f"/lookup/{kind}", query_string={"q": typed} if typed else {}).json


@pytest.mark.slow
def test_finding_is_found_by_two_letters_a_laypersons_word_and_a_slip(browser: FlaskClient) -> None:
    for typed, label in (("se", "Seizure"), ("small head", "Microcephaly"), ("seizre", "Seizure")):
        hits = found(browser, "terms", typed)
        assert hits[0]["label"] == label
        assert hits[0]["definition"]


def test_onsets_and_modes_of_inheritance_are_no_findings(browser: FlaskClient) -> None:
    hits = found(browser, "terms", "Autosomal dominant inheritance")

    assert "HP:0000006" not in [hit["id"] for hit in hits]
    assert browser.get("/lookup/terms/HP:0000006").status_code == 404


def test_tree_is_walked_up_and_down(browser: FlaskClient) -> None:
    seizure = found(browser, "terms/HP:0001250")
    assert "HP:0012638" in [parent["id"] for parent in seizure["parents"]]

    child = found(browser, f"terms/{seizure['children'][0]['id']}")
    assert "HP:0001250" in [parent["id"] for parent in child["parents"]]

    for nothing in ("HP:9999999", "seizure"):
        assert browser.get(f"/lookup/terms/{nothing}").status_code == 404


def test_gene_is_found_by_symbol_and_alias(browser: FlaskClient) -> None:
    for typed in ("PHGDH", "phgd", "PGDH"):
        symbols = [hit["symbol"] for hit in found(browser, "genes", typed)]
        assert "PHGDH" in symbols


@pytest.mark.slow
def test_letter_is_marked_up(browser: FlaskClient) -> None:
    answer = submit(browser, "/lookup/letter", page="/cases/new", text="He has seizures but no hypotonia.")

    mentions: Any = answer.json
    assert [(one["label"], one["excluded"]) for one in mentions] == [("Seizure", False), ("Hypotonia", True)]


def test_letter_that_is_too_long_is_refused(browser: FlaskClient) -> None:
    answer = submit(browser, "/lookup/letter", page="/cases/new", text="x" * 20_001)

    assert answer.status_code == 422
    assert "20,000" in answer.text


def test_nothing_typed_finds_nothing(browser: FlaskClient) -> None:
    assert found(browser, "terms") == []
    assert found(browser, "genes") == []


def test_hits_say_what_they_belong_to_and_terms_what_stands_beside_them(browser: FlaskClient) -> None:
    first = found(browser, "terms", "small head")[0]
    assert first["layperson"]
    assert "Decreased head circumference" in first["parents"]

    seizure = found(browser, "terms/HP:0001250")
    assert "Epilepsy" in seizure["layperson"]
    beside = {one["id"] for one in seizure["siblings"]}
    assert beside
    assert not beside & {"HP:0001250", *(one["id"] for one in seizure["children"])}


def test_pasted_genes_become_lines_and_doubtful_ones_are_asked(browser: FlaskClient) -> None:
    text = "phgdh, SHANK3\tHGNC:6990\nSEPT2; NM_000000.1:c.1A>G; het\nNOSUCH\nGRCh38 1-119734629-G-A"

    lines: Any = submit(browser, "/lookup/gene-list", page="/cases/new", text=text).json

    assert [(one["line"], one["known"]) for one in lines] == [
        ("PHGDH", True),
        ("SHANK3", True),
        ("MECP2", True),
        ("SEPT2; NM_000000.1:c.1A>G; het", False),
        ("NOSUCH", False),
        ("GRCh38 1-119734629-G-A", True),
    ]
    assert {"SEPTIN2", "SEPTIN6"} <= {choice["symbol"] for choice in lines[3]["choices"]}
    assert lines[4]["choices"] == []
    assert submit(browser, "/lookup/gene-list", page="/cases/new", text="A" * 100_001).status_code == 422
