"""A case is entered, refused with what to do, kept as a draft, changed by two people, previewed, withdrawn."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, Sharing, Status
from matchmaker.service import Matchmaker
from tests.full_case import FULL_CASE
from tests.web.browsers import ADDRESS, signed_in, submit
from web.forms.case_entry import fields_of

QUICK = {
    "name": "Martin",
    "findings": "Microcephaly\nSeizure\nno Hearing impairment",
    "genes": "PHGDH; NM_006623.4:c.1468G>A; heterozygous",
    "sharing": "private",
    "disclosure": "matching_terms",
    "status": "unsolved",
    **dict.fromkeys(("basis", "sex", "age_band", "relation"), ""),  # as a browser sends what nobody chose
}


@pytest.fixture
def browser(app: Flask) -> FlaskClient:
    return signed_in(app)


def the_case(mm: Matchmaker) -> Case:
    (stored,) = cases.list_(mm, by=SYSTEM)
    return stored.case


def test_case_is_entered_with_a_few_lines(browser: FlaskClient, sqlite_mm: Matchmaker) -> None:
    answer = submit(browser, "/cases/new", **QUICK)

    assert answer.status_code == 303
    case = the_case(sqlite_mm)
    assert case.label == "Martin"
    assert [(f.term, f.excluded) for f in case.features] == [
        ("HP:0000252", False),
        ("HP:0001250", False),
        ("HP:0000365", True),
    ]
    assert case.genomic_features[0].gene == "HGNC:8923"
    assert case.sharing is Sharing.PRIVATE
    assert "Martin" in browser.get(answer.location).text


@pytest.mark.slow
def test_what_is_wrong_is_said_beside_its_field_and_nothing_typed_is_lost(
    browser: FlaskClient, sqlite_mm: Matchmaker
) -> None:
    wrong = {**QUICK, "findings": "Seizure\nseizre", "genes": "NOSUCH", "sharing": "federated", "disorders": "flu"}

    answer = submit(browser, "/cases/new", **wrong)

    assert answer.status_code == 422
    for text in (
        "line 2, seizre: is no name in HPO",
        "did you mean Seizure (HP:0001250)",
        "line 1, NOSUCH: is no gene of our table",
        "sharing needs a recorded basis",
        "is no id of a disease",
        "seizre",
        "NOSUCH",
    ):
        assert text in answer.text.replace("&#39;", "'")
    assert list(cases.list_(sqlite_mm, by=SYSTEM)) == []


def test_case_with_nothing_to_match_with_is_refused(browser: FlaskClient) -> None:
    answer = submit(browser, "/cases/new", **{**QUICK, "findings": "", "genes": ""})

    assert answer.status_code == 422
    assert "name at least one finding or one gene" in answer.text


def test_what_was_typed_is_there_again_after_the_session_ended(app: Flask, browser: FlaskClient) -> None:
    answer = submit(browser, "/cases/new/draft", page="/cases/new", **{**QUICK, "notes": "typed before lunch"})
    assert answer.status_code == 204
    submit(browser, "/logout", page="/cases/new")

    page = signed_in(app).get("/cases/new").text

    assert "typed before lunch" in page
    assert "not saved yet" in page


def test_draft_is_nobody_elses_and_gone_when_saved_or_thrown_away(app: Flask, browser: FlaskClient) -> None:
    submit(browser, "/cases/new/draft", page="/cases/new", **{**QUICK, "notes": "mine"})
    assert "mine" not in signed_in(app, "bran@dublin.example.org").get("/cases/new").text

    submit(browser, "/cases/new/discard", page="/cases/new")
    assert "mine" not in browser.get("/cases/new").text

    submit(browser, "/cases/new/draft", page="/cases/new", **{**QUICK, "notes": "mine"})
    submit(browser, "/cases/new", **QUICK)
    assert "mine" not in browser.get("/cases/new").text


def test_person_who_seems_to_be_stored_already_is_asked_about(browser: FlaskClient, sqlite_mm: Matchmaker) -> None:
    submit(browser, "/cases/new", **QUICK)

    again = submit(browser, "/cases/new", **{**QUICK, "name": "Martin again"})
    assert again.status_code == 409
    assert "seems to be stored already" in again.text

    assert submit(browser, "/cases/new", not_the_same="yes", **QUICK).status_code == 303
    assert len(list(cases.list_(sqlite_mm, by=SYSTEM))) == 2


def test_second_of_two_who_edit_one_case_sees_what_the_first_saved(app: Flask, sqlite_mm: Matchmaker) -> None:
    one, other = signed_in(app), signed_in(app, "bran@dublin.example.org")
    submit(one, "/cases/new", **QUICK)
    address = f"/cases/{the_case(sqlite_mm).id}/edit"
    submit(one, address, version="1", **{**QUICK, "notes": "the first note"})

    late = submit(other, address, version="1", **{**QUICK, "notes": "the second note"})
    assert late.status_code == 409
    assert "A colleague saved this case" in late.text
    assert "the first note" in late.text
    assert "the second note" in late.text
    assert the_case(sqlite_mm).notes == "the first note"

    assert submit(other, address, version="2", **{**QUICK, "notes": "the second note"}).status_code == 303
    assert the_case(sqlite_mm).notes == "the second note"


def test_edit_keeps_what_the_form_does_not_show(browser: FlaskClient, sqlite_mm: Matchmaker) -> None:
    submit(browser, "/cases/new", **QUICK)
    before = the_case(sqlite_mm)

    submit(browser, f"/cases/{before.id}/edit", version="1", **{**QUICK, "sex": "male"})

    after = the_case(sqlite_mm)
    assert (after.local_id, after.contact, after.features) == (before.local_id, before.contact, before.features)
    assert after.sex is not None


def test_edit_loses_nothing_that_no_line_can_show(browser: FlaskClient, sqlite_mm: Matchmaker) -> None:
    assert FULL_CASE.consent
    full = replace(FULL_CASE, owner=ADDRESS, consent=replace(FULL_CASE.consent, basis="6(1)(e), national law"))
    submitted = cases.submit(sqlite_mm, full, by=SYSTEM)
    before = cases.get(sqlite_mm, submitted.case_id, by=SYSTEM).case
    address = f"/cases/{before.id}/edit"
    shown = fields_of(before, sqlite_mm.release)
    sent = {name: str(value) for name, value in shown.items() if value not in {False, ""}}

    answer = submit(browser, address, **{**QUICK, **sent, "notes": "one more note", "version": "1"})

    assert answer.status_code == 303
    after = cases.get(sqlite_mm, before.id, by=SYSTEM).case
    assert after.notes == "one more note"
    assert after.features == before.features
    assert after.genomic_features == before.genomic_features
    for name in (
        "sex",
        "age_band",
        "onset",
        "inheritance_mode",
        "family",
        "ethnicity",
        "contact",
        "local_id",
        "species",
    ):
        assert getattr(after, name) == getattr(before, name), name


def test_preview_shows_what_another_node_would_see_and_nothing_more(browser: FlaskClient) -> None:
    shared = {**QUICK, "sharing": "federated", "basis": "consent", "notes": "canary", "name": "Canary"}

    page = submit(browser, "/cases/preview", page="/cases/new", **shared).text
    assert "Seizure" in page
    assert "c.1468G&gt;A" not in page.partition("When somebody finds it")[0]
    assert "canary" not in page
    assert "Canary" not in page

    private = submit(browser, "/cases/preview", page="/cases/new", **QUICK).text
    assert "not shared with other nodes" in private


def test_case_is_withdrawn(browser: FlaskClient, sqlite_mm: Matchmaker) -> None:
    address = submit(browser, "/cases/new", **QUICK).location

    submit(browser, f"{address}/withdraw", page=address)

    assert the_case(sqlite_mm).status is Status.WITHDRAWN
    assert "This case is withdrawn" in browser.get(address).text


def test_other_centres_cannot_open_change_draft_or_withdraw(app: Flask, browser: FlaskClient) -> None:
    address = submit(browser, "/cases/new", **QUICK).location
    stranger = signed_in(app, "eve@galway.example.org", centre="Galway")

    assert stranger.get(f"{address}/edit").status_code == 404
    for action in ("edit", "draft", "withdraw"):
        answer = submit(stranger, f"{address}/{action}", page="/cases/new", version="1", **QUICK)
        assert answer.status_code in {403, 404}
