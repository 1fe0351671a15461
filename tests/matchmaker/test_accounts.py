"""Accounts, and what a clinician may do with the cases of the centre."""

from __future__ import annotations

import datetime as dt

import pytest

from matchmaker import accounts, cases, signing_in
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, NotFound, Unauthorised
from matchmaker.service import Matchmaker
from matchmaker.signing_in import IDLE
from matchmaker.store import sessions
from tests.builders import a_case
from tests.matchmaker.people import ADDRESS, PASSWORD, begun, with_account, with_password


def test_clinicians_work_with_the_cases_of_their_centre_and_no_other(mm: Matchmaker) -> None:
    aoife, bran = with_account(mm), with_account(mm, "bran@dublin.example.org")
    carmen = with_account(mm, "carmen@madrid.example.org", centre="Madrid")
    case_id = cases.submit(mm, a_case(owner=aoife.email), by=aoife).case_id

    assert [stored.case.id for stored in cases.list_(mm, by=bran)] == [case_id]
    assert cases.get(mm, case_id, by=bran).case.owner == aoife.email
    cases.withdraw(mm, case_id, by=bran)
    assert list(cases.list_(mm, by=carmen)) == []
    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=carmen)
    with pytest.raises(NotFound):
        cases.erase(mm, case_id, by=carmen)


def test_without_a_centre_only_the_own_cases_are_there(mm: Matchmaker) -> None:
    alone = with_account(mm, "alone@example.org", centre=None)
    with_account(mm, "other@example.org", centre=None)
    case_id = cases.submit(mm, a_case(owner="other@example.org"), by=SYSTEM).case_id

    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=alone)


@pytest.mark.slow
def test_password_changes_end_every_session(mm: Matchmaker) -> None:
    user = with_password(mm)
    token = signing_in.sign_in(mm, ADDRESS, PASSWORD).token
    assert signing_in.signed_in(mm, token) is not None

    accounts.set_password(mm, accounts.reset(mm, user.account_id, by=SYSTEM), "another eight calm otters")

    assert signing_in.signed_in(mm, token) is None
    with pytest.raises(Unauthorised):
        signing_in.sign_in(mm, ADDRESS, PASSWORD)


@pytest.mark.parametrize("change", ["role", "disabled", "signed out", "left alone"])
def test_session_ends_with_the_role_the_account_and_two_quiet_hours(mm: Matchmaker, change: str) -> None:
    user = with_account(mm)
    token = begun(mm, user, complete=True)
    found = signing_in.signed_in(mm, token)
    assert found is not None

    if change == "role":
        accounts.change_role(mm, user.account_id, Role.AUDITOR, by=SYSTEM)
    elif change == "disabled":
        accounts.set_enabled(mm, user.account_id, enabled=False, by=SYSTEM)
    elif change == "signed out":
        signing_in.sign_out(mm, token)
    else:
        with mm.transaction() as db:
            sessions.see(db, found.session.id, at=dt.datetime.now(dt.UTC) - IDLE)

    assert signing_in.signed_in(mm, token) is None


def test_one_time_link_is_good_once_and_not_for_ever(mm: Matchmaker) -> None:
    token = accounts.add(mm, ADDRESS, role=Role.CLINICIAN, by=SYSTEM)
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
    with_account(mm)

    with pytest.raises(Invalid, match="has an account"):
        accounts.add(mm, ADDRESS.upper(), role=Role.CURATOR, by=SYSTEM)
    assert accounts.find(mm, f" {ADDRESS.upper()}", by=SYSTEM).email == ADDRESS


def test_operators_neither_disable_nor_demote_themselves(mm: Matchmaker) -> None:
    operator = with_account(mm, "operator@example.org", role=Role.OPERATOR)

    with pytest.raises(Invalid, match="your own"):
        accounts.set_enabled(mm, operator.account_id, enabled=False, by=operator)
    with pytest.raises(Invalid, match="your own"):
        accounts.change_role(mm, operator.account_id, Role.CURATOR, by=operator)


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.CURATOR, Role.AUDITOR])
def test_only_operators_add_accounts(mm: Matchmaker, role: Role) -> None:
    with pytest.raises(Forbidden):
        accounts.add(mm, "new@example.org", role=Role.OPERATOR, by=User(email="me@example.org", role=role))
