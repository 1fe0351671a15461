"""Owners are told by mail of cases whose person comes of age: at a real mail server, once for each case and stage."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from matchmaker import accounts, cases, handing_over, of_age
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Consent, GivenBy
from matchmaker.service import Matchmaker
from tests.builders import a_case
from tests.mailbox import Mailbox
from tests.matchmaker.people import user_of, with_account

OWNER, COLLEAGUE = "aoife@dublin.example.org", "bran@dublin.example.org"
LAPSES = dt.date(2031, 4, 1)
BIRTH = "2013-03"


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)


WARNED = at(LAPSES - dt.timedelta(days=183))
TOO_SOON, PAUSED = WARNED - dt.timedelta(days=1), at(LAPSES)


@pytest.fixture
def node(mm: Matchmaker, post: Mailbox) -> Iterator[Matchmaker]:
    """The node of a test, with a mail server."""
    opened = Matchmaker(replace(mm.settings, smtp_url=post.url, base_url="https://ours.example.org"), mm.keys)
    yield opened
    opened.close()


def a_childs(mm: Matchmaker, *, birth_month: str = BIRTH, **stated: object) -> CaseId:
    consent = Consent(basis="consent", given_by=GivenBy.GUARDIAN, birth_month=birth_month)
    case = a_case(**{"owner": OWNER, "consent": consent, "label": "Canary Label", "local_id": "Canary-1", **stated})
    return cases.submit(mm, case, by=SYSTEM).case_id


def test_owner_is_told_half_a_year_before_and_when_the_case_pauses_and_once_each(
    node: Matchmaker, post: Mailbox
) -> None:
    case_id = a_childs(node)

    told = [of_age.send_due(node, at=when) for when in (TOO_SOON, WARNED, WARNED, PAUSED, PAUSED)]

    assert told == [0, 1, 0, 1, 0]
    assert post.recipients == [OWNER, OWNER]
    before, since = (mail.get_content() for mail in post.mails)
    assert f"Of age by 2031-04-01: https://ours.example.org/cases/{case_id}" in before
    assert f"Paused since 2031-04-01: https://ours.example.org/cases/{case_id}" in since
    for mail in post.mails:
        assert mail["Subject"].endswith("consent to ask for anew in a case of yours")
        assert "Canary" not in mail.as_string()
        assert "HP:" not in mail.as_string()


def test_one_mail_names_all_cases_of_an_owner_and_none_of_another(node: Matchmaker, post: Mailbox) -> None:
    mine = {a_childs(node), a_childs(node, local_id="Canary-2")}
    theirs = a_childs(node, owner=COLLEAGUE)

    assert of_age.send_due(node, at=WARNED) == 2

    said = {mail["To"]: mail.get_content() for mail in post.mails}
    assert all(case_id in said[OWNER] for case_id in mine)
    assert theirs not in said[OWNER]
    assert theirs in said[COLLEAGUE]


def test_what_the_server_refuses_comes_later_and_holds_up_nobody(node: Matchmaker, post: Mailbox) -> None:
    a_childs(node)
    post.refusing = "550 no such mailbox"

    assert of_age.send_due(node, at=WARNED) == 0
    post.refusing = None
    assert of_age.send_due(node, at=WARNED + dt.timedelta(hours=1)) == 0
    assert of_age.send_due(node, at=WARNED + dt.timedelta(hours=13)) == 1


def test_owner_is_told_again_when_the_month_of_birth_was_wrong(node: Matchmaker, post: Mailbox) -> None:
    case_id = a_childs(node, birth_month="2012-03")
    of_age.send_due(node, at=at(dt.date(2030, 1, 1)))
    stored = cases.get(node, case_id, by=SYSTEM)
    assert stored.case.consent is not None
    corrected = replace(stored.case, consent=replace(stored.case.consent, birth_month=BIRTH))
    cases.edit(node, corrected, version=stored.version, by=SYSTEM)

    assert [of_age.send_due(node, at=when) for when in (TOO_SOON, WARNED)] == [0, 1]
    assert len(post.mails) == 2


def test_nobody_is_told_of_the_case_of_an_account_that_ended_until_somebody_has_it(
    node: Matchmaker, post: Mailbox
) -> None:
    for address in (OWNER, COLLEAGUE):
        with_account(node, address)
    a_childs(node)
    account_id = user_of(node, OWNER).account_id
    accounts.set_enabled(node, account_id, enabled=False, by=SYSTEM, with_cases=True)

    assert of_age.send_due(node, at=WARNED) == 0
    handing_over.hand_over(node, account_id, COLLEAGUE, by=SYSTEM)
    assert of_age.send_due(node, at=WARNED) == 1

    assert post.recipients == [COLLEAGUE]
