"""Accounts, and what a clinician may do with the cases of the centre."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from matchmaker import accounts, cases, signing_in
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, NotFound, Unauthorised
from matchmaker.service import Matchmaker
from matchmaker.signing_in import IDLE, SignedIn
from matchmaker.store import sessions
from tests.builders import a_case

PASSWORD = "seven quiet herons wade"


def _account(mm: Matchmaker, email: str, *, centre: str | None = "Dublin", role: Role = Role.CLINICIAN) -> SignedIn:
    accounts.set_password(mm, accounts.add(mm, email, role=role, centre=centre, by=SYSTEM), PASSWORD)
    found = signing_in.signed_in(mm, signing_in.sign_in(mm, email, PASSWORD))
    assert found is not None
    return found


def test_clinicians_work_with_the_cases_of_their_centre_and_no_other(mm: Matchmaker) -> None:
    aoife, bran = _account(mm, "aoife@dublin.example.org").user, _account(mm, "bran@dublin.example.org").user
    carmen = _account(mm, "carmen@madrid.example.org", centre="Madrid").user
    aoife = replace(aoife, colleagues=aoife.colleagues | bran.colleagues)
    case_id = cases.submit(mm, a_case(owner=aoife.email), by=aoife).case_id

    assert [stored.case.id for stored in cases.list_(mm, by=bran)] == [case_id]
    assert cases.get(mm, case_id, by=bran).case.owner == aoife.email
    cases.withdraw(mm, case_id, by=bran)
    assert list(cases.list_(mm, by=carmen)) == []
    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=carmen)
    with pytest.raises(Forbidden):
        cases.erase(mm, case_id, by=carmen)


def test_without_a_centre_only_the_own_cases_are_there(mm: Matchmaker) -> None:
    alone = _account(mm, "alone@example.org", centre=None).user
    _account(mm, "other@example.org", centre=None)
    case_id = cases.submit(mm, a_case(owner="other@example.org"), by=SYSTEM).case_id

    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=alone)


def test_password_changes_end_every_session(mm: Matchmaker) -> None:
    email = "aoife@dublin.example.org"
    account = _account(mm, email).account
    token = signing_in.sign_in(mm, email, PASSWORD)
    with mm.transaction() as db:
        expires_at = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
        link = sessions.issue_link(db, account.id, sessions.Purpose.PASSWORD, expires_at=expires_at)

    accounts.set_password(mm, link, "another eight calm otters")

    assert signing_in.signed_in(mm, token) is None
    with pytest.raises(Unauthorised):
        signing_in.sign_in(mm, email, PASSWORD)


def test_session_that_was_left_alone_is_over(mm: Matchmaker) -> None:
    email = "aoife@dublin.example.org"
    found = _account(mm, email)
    token = signing_in.sign_in(mm, email, PASSWORD)
    assert signing_in.signed_in(mm, token) is not None
    with mm.transaction() as db:
        for session in sessions.of_account(db, found.account.id, at=dt.datetime.now(dt.UTC)):
            sessions.see(db, session.id, at=dt.datetime.now(dt.UTC) - IDLE)

    assert signing_in.signed_in(mm, token) is None


def test_one_time_link_is_good_once_and_not_for_ever(mm: Matchmaker) -> None:
    token = accounts.add(mm, "aoife@dublin.example.org", role=Role.CLINICIAN, by=SYSTEM)
    accounts.set_password(mm, token, PASSWORD)

    for used in (token, "never issued"):
        with pytest.raises(Invalid, match="too old"):
            accounts.set_password(mm, used, PASSWORD)


@pytest.mark.parametrize("password", ["short", "password12", "aoife@dublin.example.org", "x" * 201])
def test_weak_passwords_are_refused(mm: Matchmaker, password: str) -> None:
    token = accounts.add(mm, "aoife@dublin.example.org", role=Role.CLINICIAN, by=SYSTEM)

    with pytest.raises(Invalid, match="password"):
        accounts.set_password(mm, token, password)


@pytest.mark.parametrize("email", ["", "nobody", "a b@example.org", "a@b\nBcc: c@d.org", "<a@example.org>"])
def test_what_is_no_address_gets_no_account(mm: Matchmaker, email: str) -> None:
    with pytest.raises(Invalid, match="mail address"):
        accounts.add(mm, email, role=Role.CLINICIAN, by=SYSTEM)


def test_address_has_one_account_in_whatever_case_it_is_written(mm: Matchmaker) -> None:
    _account(mm, "aoife@dublin.example.org")

    with pytest.raises(Invalid, match="has an account"):
        accounts.add(mm, "Aoife@Dublin.example.org", role=Role.CURATOR, by=SYSTEM)
    assert signing_in.sign_in(mm, " AOIFE@dublin.example.org", PASSWORD)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.CURATOR, Role.AUDITOR])
def test_only_operators_add_accounts(mm: Matchmaker, role: Role) -> None:
    with pytest.raises(Forbidden):
        accounts.add(mm, "new@example.org", role=Role.OPERATOR, by=User(email="me@example.org", role=role))
