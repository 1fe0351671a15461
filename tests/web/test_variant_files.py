"""What the case form is told of a VCF: samples first, then candidates; refusals in one line; nothing kept."""

from __future__ import annotations

import io
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from tests.matchmaker.variant_text import annotated, row, vcf
from tests.web.browsers import signed_in, submit

TEXT = vcf(
    row("1:100", "0/1", "0/0", "0/0", csq=annotated("BRCA2")),
    row("1:200", "1/1", "0/1", "0/1", csq=annotated("PHGDH", hgvs="NM_006623.4:c.1468G>A", often="0.0001")),
)


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return signed_in(app)


def test_header_then_candidates_and_nothing_is_kept(browser: FlaskClient, sqlite_mm: Matchmaker) -> None:
    start: Any = submit(
        browser, "/variant-files/header", page="/cases/new", start=(io.BytesIO(TEXT.encode()), "start")
    ).json
    assert start == {"samples": ["child", "mother", "father"], "assembly": "GRCh38", "annotation": "CSQ"}

    found: Any = submit(
        browser,
        "/variant-files/candidates",
        page="/cases/new",
        vcf=(io.BytesIO(TEXT.encode()), "variants"),
        child="child",
        mother="mother",
        father="father",
        findings="Microcephaly\nSeizure\nnot a finding",
        sex="male",
    ).json

    assert [gene["name"] for gene in found["genes"]] == ["PHGDH", "BRCA2"]
    assert found["genes"][0]["modes"] == ["homozygous"]
    [variant] = found["genes"][0]["variants"]
    assert variant["line"] == "PHGDH; GRCh38 1-200-G-A; NM_006623.4:c.1468G>A; homozygous; biparental"
    assert variant["said"] == "missense variant · p.Val490Met · in 0.0001 of people"
    assert "2 variants were read" in found["notes"][0]
    assert list(cases.list_(sqlite_mm, by=SYSTEM)) == []
    assert not list(sqlite_mm.settings.home.glob("upload-*"))


def test_file_that_cannot_be_used_is_refused_in_one_line(browser: FlaskClient) -> None:
    for address, name in (("header", "start"), ("candidates", "vcf")):
        sent = {name: (io.BytesIO(b"PK\x03\x04 no VCF"), name)}
        answer = submit(browser, f"/variant-files/{address}", page="/cases/new", child="child", **sent)
        said: Any = answer.json
        assert answer.status_code == 422
        assert said["message"].startswith("The file is no VCF: choose a .vcf")
