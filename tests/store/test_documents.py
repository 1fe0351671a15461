from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest

from matchmaker.errors import Unavailable
from matchmaker.model import Case, CaseId
from matchmaker.store import documents
from tests.builders import a_case
from tests.full_case import FULL_CASE


def test_full_case_goes_round() -> None:
    assert documents.decode(FULL_CASE.id, documents.encode(FULL_CASE)) == FULL_CASE


def test_case_with_nothing_stated_goes_round() -> None:
    bare = a_case(features=(), consent=None)

    assert documents.decode(bare.id, documents.encode(bare)) == bare


def test_every_field_of_a_case_is_in_one_half() -> None:
    document = documents.encode(FULL_CASE)

    profile, hidden = json.loads(document.profile), json.loads(document.hidden)

    assert not profile.keys() & hidden.keys()
    assert {field.name for field in fields(Case)} - {"id"} <= profile.keys() | hidden.keys()


def test_profile_names_nobody() -> None:
    assert FULL_CASE.label is not None
    assert FULL_CASE.notes is not None
    assert FULL_CASE.family is not None
    profile = documents.encode(FULL_CASE).profile

    for personal in (
        FULL_CASE.owner,
        FULL_CASE.local_id,
        FULL_CASE.label,
        FULL_CASE.notes,
        FULL_CASE.family.id,
        FULL_CASE.contact.name,
        "2019-06",
        "example.org",
        "no fits",  # the label that a submitter gave a feature is free text
    ):
        assert json.dumps(personal)[1:-1] not in profile


def test_same_case_has_the_same_text_whatever_its_id() -> None:
    assert documents.encode(FULL_CASE) == documents.encode(replace(FULL_CASE, id=CaseId("another")))


def test_text_that_no_encoding_holds_survives() -> None:
    odd = a_case(label="\x00 \ud800 𝒙 \u2028")

    assert documents.decode(odd.id, documents.encode(odd)) == odd


def test_document_of_a_newer_program_is_refused() -> None:
    document = documents.encode(FULL_CASE)
    newer = replace(document, profile=document.profile.replace('"format":1', '"format":2'))

    with pytest.raises(Unavailable, match="newer version"):
        documents.decode(FULL_CASE.id, newer)
