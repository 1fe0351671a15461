"""Who is mailed when a node does more than it may, and how seldom."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

import pytest

from matchmaker import alarming, cases, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import alarms
from matchmaker.store.alarms import Kind
from tests.builders import a_case
from tests.mailbox import Mailbox

SPAIN = NodeName("spain")
OPERATOR, OWNER = "operator@ours.example.org", "owner@ours.example.org"
AT = dt.datetime.now(dt.UTC)


@pytest.fixture
def node(mm: Matchmaker, post: Mailbox) -> Iterator[Matchmaker]:
    """The node of a test, with a mail server and an operator."""
    settings = replace(mm.settings, smtp_url=post.url, operator_mail=OPERATOR, base_url="https://ours.example.org")
    opened = Matchmaker(settings, mm.keys)
    yield opened
    opened.close()


def raised(mm: Matchmaker, kind: Kind, *case_ids: CaseId, at: dt.datetime = AT) -> None:
    with mm.transaction() as db:
        alarms.raise_(db, kind, node=SPAIN, at=at, case_ids=case_ids)


def an_owned_case(mm: Matchmaker) -> CaseId:
    return cases.submit(mm, a_case(owner=OWNER, label="Canary Label", local_id="Canary-Id"), by=SYSTEM).case_id


def test_operator_is_told_once_a_day_however_often_it_happens(node: Matchmaker, post: Mailbox) -> None:
    raised(node, Kind.REQUESTS)
    assert alarming.send_due(node) == 1
    raised(node, Kind.REQUESTS)
    assert alarming.send_due(node) == 0
    raised(node, Kind.CASES)
    raised(node, Kind.REQUESTS, at=AT + dt.timedelta(days=1))
    assert alarming.send_due(node) == 2

    assert post.recipients == [OPERATOR] * 3
    assert "The node spain asked more often" in post.mails[0].get_content()


def test_owner_of_a_probed_case_gets_one_mail_with_a_link_and_no_name(node: Matchmaker, post: Mailbox) -> None:
    first = an_owned_case(node)
    second = cases.submit(node, a_case(owner=OWNER), by=SYSTEM).case_id
    raised(node, Kind.PROBED, first, second)

    assert alarming.send_due(node) == 2
    raised(node, Kind.PROBED, first)
    assert alarming.send_due(node) == 0

    assert sorted(post.recipients) == sorted([OPERATOR, OWNER])
    (owners,) = [mail for mail in post.mails if mail["To"] == OWNER]
    assert f"https://ours.example.org/cases/{first}" in owners.get_content()
    assert not any("Canary" in mail.as_string() for mail in post.mails)
    assert not any(first in mail.get_content() for mail in post.mails if mail["To"] == OPERATOR)


def test_another_probed_case_of_the_day_is_no_second_mail_to_the_operator(node: Matchmaker, post: Mailbox) -> None:
    raised(node, Kind.PROBED, an_owned_case(node))
    alarming.send_due(node)
    other = cases.submit(node, a_case(owner="else@ours.example.org"), by=SYSTEM).case_id
    raised(node, Kind.PROBED, other)

    third = cases.submit(node, a_case(owner=OWNER), by=SYSTEM).case_id
    raised(node, Kind.PROBED, third)

    alarming.send_due(node)

    assert sorted(post.recipients) == sorted([OPERATOR, OWNER, "else@ours.example.org"])


def test_mail_that_fails_comes_later_and_only_one_process_sends(node: Matchmaker, post: Mailbox) -> None:
    post.refusing = "451 later"
    raised(node, Kind.REQUESTS)
    assert alarming.send_due(node) == 0

    post.refusing = None
    assert alarming.send_due(node) == 0  # another try waits for its time
    with node.transaction() as db:
        from matchmaker.store import marks

        marks.put(db, "alarms are mailed until", (AT - dt.timedelta(hours=1)).isoformat())
    assert alarming.send_due(node) == 1


def test_withdrawn_case_and_owner_without_an_address_are_settled_silently(node: Matchmaker, post: Mailbox) -> None:
    gone = an_owned_case(node)
    raised(node, Kind.PROBED, gone, cases.submit(node, a_case(owner="ward 3"), by=SYSTEM).case_id)
    cases.withdraw(node, gone, by=SYSTEM)

    worker.drain(node)

    assert post.recipients == [OPERATOR]
    assert [alarm.kind for alarm in alarming.list_(node, by=SYSTEM)] == [Kind.PROBED, Kind.PROBED]
