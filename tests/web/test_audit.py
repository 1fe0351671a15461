"""The audit log for auditors and operators; what a clinician does for the person that a case is about."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker import auditing, cases
from matchmaker.actors import SYSTEM, Role
from matchmaker.errors import NotFound
from matchmaker.model import CaseId, Disclosure, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import ledger, sent_cases
from matchmaker.store.ledger import Told
from tests.builders import a_case
from tests.matchmaker.people import ADDRESS, user_of
from tests.web.browsers import signed_in, submit

SPAIN = NodeName("spain")


@pytest.fixture
def auditor(app: Flask) -> FlaskClient:
    return signed_in(app, "auditor@example.org", role=Role.AUDITOR, centre=None)


@pytest.fixture
def operator(app: Flask) -> FlaskClient:
    return signed_in(app, "operator@example.org", role=Role.OPERATOR, centre=None)


@pytest.fixture
def aoife(app: Flask) -> FlaskClient:
    return signed_in(app)


@pytest.fixture
def case_id(aoife: FlaskClient, sqlite_mm: Matchmaker) -> CaseId:
    """A case of Dublin that Spain was told of, and asked with."""
    by, at = user_of(sqlite_mm, ADDRESS), dt.datetime.now(dt.UTC)
    found = cases.submit(sqlite_mm, a_case(owner=ADDRESS, local_id="Dublin-7"), by=by).case_id
    with sqlite_mm.transaction() as db:
        ledger.record(db, SPAIN, told=[Told(case_id=found, fingerprint="f" * 64, extent="genes=1 terms=4")], at=at)
        sent_cases.record(db, found, nodes=[SPAIN], level=Disclosure.GENE, at=at)
    return found


def _rows(page: str) -> int:
    return page.partition("<tbody>")[2].partition("</tbody>")[0].count("<tr>")


def test_log_is_searched_by_case_person_action_and_time(auditor: FlaskClient, case_id: CaseId) -> None:
    today = dt.datetime.now(dt.UTC).date()

    everything = auditor.get("/audit/").text
    assert ADDRESS in everything
    assert case_id[:8] in everything
    for query, n_found in (
        (f"case={case_id}", 1),
        (f"person={ADDRESS.upper()}", 1),
        ("person=nobody@example.org", 0),
        ("action=case submitted", 1),
        ("node=spain", 0),
        (f"action=case submitted&since={today}&until={today}", 1),
        (f"until={today - dt.timedelta(days=1)}", 0),
        (f"since={today + dt.timedelta(days=1)}", 0),
    ):
        assert _rows(auditor.get(f"/audit/?{query}").text) == n_found, query
    assert auditor.get("/audit/?since=yesterday").status_code == 422


def test_who_saw_a_case_lists_people_and_nodes(auditor: FlaskClient, case_id: CaseId) -> None:
    page = auditor.get(f"/audit/cases/{case_id}").text

    assert "genes=1 terms=4" in page
    assert "at the level gene" in page
    assert ADDRESS in page
    assert "Erase this case" not in page  # an auditor changes nothing
    assert auditor.get(f"/audit/cases/{'0' * 32}").status_code == 404


def test_log_says_whether_it_is_as_it_was_written(auditor: FlaskClient, case_id: CaseId, sqlite_mm: Matchmaker) -> None:
    from sqlalchemy import text

    assert "Yes: " in auditor.get("/audit/verify").text
    with sqlite_mm.engine.begin() as db:
        db.execute(text("UPDATE audit SET action = 'nothing' WHERE number = 1"))
    assert "entry 1 was altered" in auditor.get("/audit/verify").text


@pytest.mark.slow
def test_operator_erases_after_a_second_confirmation_and_sees_the_proof(
    operator: FlaskClient, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    address = f"/audit/cases/{case_id}/erase"
    for typed in ({}, {"name": case_id[:8]}, {"name": "00000000", "sure": "y"}):
        assert submit(operator, address, **typed).status_code == 422
    assert cases.get(sqlite_mm, case_id, by=SYSTEM).case.id == case_id

    submit(operator, address, name=case_id[:8], sure="y")

    with pytest.raises(NotFound):
        cases.get(sqlite_mm, case_id, by=SYSTEM)
    page = operator.get(f"/audit/cases/{case_id}").text
    assert page.count('<span class="badge text-bg-success">yes</span>') == 6
    assert '<span class="badge text-bg-danger">no</span>' not in page
    assert operator.get(address).status_code == 404


def test_proof_says_what_is_left(sqlite_mm: Matchmaker, case_id: CaseId, auditor: FlaskClient) -> None:
    from sqlalchemy import text

    auditing.erase(sqlite_mm, case_id, by=SYSTEM)
    with sqlite_mm.engine.begin() as db:
        db.execute(text("INSERT INTO marks (name, value) VALUES ('left', :told)"), {"told": f"about {case_id}"})
    (sqlite_mm.settings.home / "erasures.jsonl").unlink()

    proof = auditing.prove(sqlite_mm, case_id, by=SYSTEM)

    assert not proof.holds
    assert proof.left == (("marks.value", 1),)
    assert "Still named in: marks.value" in auditor.get(f"/audit/cases/{case_id}").text


def test_case_that_was_only_withdrawn_is_not_proved_erased(sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    cases.withdraw(sqlite_mm, case_id, by=SYSTEM)

    proof = auditing.prove(sqlite_mm, case_id, by=SYSTEM)

    assert not proof.holds
    assert (proof.erased_at, proof.entry, proof.key_destroyed) == (None, None, False)
    assert {name for name, _ in proof.left} >= {"cases.id", "case_keys.case_id"}


def test_clinician_hands_out_all_that_is_held_and_it_is_written_down(
    aoife: FlaskClient, auditor: FlaskClient, case_id: CaseId
) -> None:
    page = f"/cases/{case_id}/subject"

    answer = submit(aoife, f"{page}/export", page=page)

    assert answer.headers["Content-Disposition"] == f'attachment; filename="case-{case_id[:8]}.json"'
    assert answer.json is not None
    assert answer.json["told_to_nodes"][0]["node"] == "spain"
    assert "subject data exported" in auditor.get(f"/audit/cases/{case_id}").text


def test_clinician_erases_by_typing_the_case_s_own_id(
    aoife: FlaskClient, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    page = f"/cases/{case_id}/subject"
    assert submit(aoife, f"{page}/erase", page=page, name="Dublin-8", sure="y").status_code == 422

    shown = submit(aoife, f"{page}/erase", page=page, name="Dublin-7", sure="y").text

    assert "The case is erased" in shown
    assert re.search(r"badge text-bg-danger", shown) is None
    assert aoife.get(page).status_code == 404


def test_foreign_case_is_neither_exported_nor_erased(app: Flask, sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    bran = signed_in(app, "bran@cork.example.org", centre="Cork")

    assert bran.get(f"/cases/{case_id}/subject").status_code == 404
    for action in ("export", "erase"):
        answer = submit(bran, f"/cases/{case_id}/subject/{action}", page="/account/", name="Dublin-7", sure="y")
        assert answer.status_code in {403, 404}
    assert cases.get(sqlite_mm, case_id, by=SYSTEM).case.id == case_id
