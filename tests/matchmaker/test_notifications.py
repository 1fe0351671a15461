"""Each person hears of a pair once, in the mails that the person chose, and of nothing that may not be told by then."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from matchmaker import cases, letters, notifications, worker
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import NotFound
from matchmaker.model import Case, Family, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from matchmaker.store import matches
from matchmaker.store import notifications as notices
from matchmaker.store.matches import Finding, MatchStatus
from matchmaker.store.notifications import Choice, Wish
from tests.builders import a_case, a_feature, a_genomic_feature, a_score
from tests.mailbox import Mailbox, hanging_up

NOON = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
WEAK, STRONG = a_score(0.4), a_score(0.8)


@pytest.fixture
def ours(mm: Matchmaker, post: Mailbox) -> Matchmaker:
    mm.settings = replace(mm.settings, smtp_url=post.url, base_url="https://node.example", node_name="Node\nIreland")
    return mm


def submit(mm: Matchmaker, **stated: object) -> Case:
    """A case that waits for no matching of its own."""
    case = a_case(**stated)
    case_id = cases.submit(mm, case, by=SYSTEM).case_id
    return replace(case, id=case_id)


def tell(mm: Matchmaker, case: Case, *, other_id: str = "S-1", score: object = STRONG, node: str = "Spain") -> bool:
    """Record that a node told of a case, as the worker does."""
    assert isinstance(score, type(STRONG))
    finding = Finding(
        case_id=case.id, other_id=other_id, node=NodeName(node), score=score, release="r", scoring="s", calibration="c"
    )
    with mm.transaction() as db:
        match = matches.record(db, finding, at=dt.datetime.now(dt.UTC))
        other = notifications.of_node(finding.node, other_id)
        return notifications.tell(db, mm.settings, case, match=match, other=other, score=score)


def later(**delta: int) -> dt.datetime:
    return dt.datetime.now(dt.UTC) + dt.timedelta(**delta)


def test_strong_match_is_mailed_at_once_with_a_link_and_nothing_clinical(ours: Matchmaker, post: Mailbox) -> None:
    case = submit(ours, label="Canary Label", local_id="Canary-1", features=[a_feature("HP:0001250")])
    tell(ours, case, node="Spain\r\nBcc: x@y <b>")

    assert notifications.send_due(ours) == 1

    (mail,) = post.mails
    (alert,) = notifications.alerts(ours, by=SYSTEM)
    assert post.recipients == ["owner@example.org"]
    assert mail["Subject"] == "[Node Ireland] 1 new match"
    assert f"https://node.example/matches/{alert.match.id}" in mail.get_content()
    assert "not for decisions on diagnosis or treatment" in mail.get_content()
    assert "Bcc" not in mail
    assert mail["Auto-Submitted"] == "auto-generated"
    for private in ("Canary", "HP:", "Seizure", "HGNC"):
        assert private not in mail.as_string()


def test_pair_is_told_once_whoever_found_it_and_however_often(ours: Matchmaker, post: Mailbox) -> None:
    case = submit(ours)

    assert tell(ours, case)
    assert not tell(ours, case)
    notifications.send_due(ours)
    assert not tell(ours, case, score=a_score(0.95))
    assert notifications.send_due(ours, at=later(days=2)) == 0
    assert len(post.mails) == 1


def test_two_cases_of_one_node_are_told_to_each_owner_once(ours: Matchmaker, post: Mailbox) -> None:
    alike = {"features": [a_feature("HP:0011451"), a_feature("HP:0001263")], "genomic_features": [a_genomic_feature()]}
    submit(ours, owner="a@example.org", **alike)
    submit(ours, owner="b@example.org", **alike)
    worker.drain(ours)

    assert sorted(post.recipients) == ["a@example.org", "b@example.org"]


def test_relatives_are_one_match(ours: Matchmaker) -> None:
    elder, younger = submit(ours, family=Family(id="F")), submit(ours, family=Family(id="F"))

    assert tell(ours, elder)
    assert not tell(ours, younger)
    assert tell(ours, younger, other_id="S-2")


def test_weak_match_waits_for_the_digest_of_the_day(ours: Matchmaker, post: Mailbox) -> None:
    case = submit(ours)
    for number in range(25):
        tell(ours, case, other_id=f"S-{number}", score=WEAK)

    assert notifications.send_due(ours) == 0
    assert notifications.send_due(ours, at=later(days=1)) == 1
    text = post.mails[0].get_content()
    assert post.mails[0]["Subject"].endswith("25 new matches")
    assert text.count("/matches/") == letters.MOST_LINES
    assert "And 5 more: https://node.example/matches" in text


def test_match_below_what_is_told_is_recorded_and_not_alerted(ours: Matchmaker) -> None:
    case = submit(ours)

    assert not tell(ours, case, score=a_score(0.2))
    assert tell(ours, case, score=a_score(0.2, genotype=0.1), other_id="S-2")  # a shared gene always is


@pytest.mark.parametrize(
    ("wish", "urgent", "strong", "due"),
    [
        (Wish(), False, False, dt.datetime(2026, 3, 2, 6, tzinfo=dt.UTC)),
        (Wish(), False, True, NOON),
        (Wish(mailed_at=NOON - HOUR / 2), False, True, NOON + HOUR / 2),
        (Wish(mailed_at=NOON - HOUR / 2), True, True, NOON),
        (Wish(mailed_at=NOON - DAY), False, True, NOON),
        (Wish(choice=Choice.AT_ONCE), False, False, NOON),
    ],
    ids=["digest", "strong", "strong, hourly", "acute", "strong again", "all at once"],
)
def test_mail_is_due_as_chosen(wish: Wish, *, urgent: bool, strong: bool, due: dt.datetime) -> None:
    assert notifications.mail_due(wish, urgent=urgent, strong=strong, at=NOON) == due


def test_every_match_of_an_acute_case_is_mailed_at_once(ours: Matchmaker, post: Mailbox) -> None:
    case = submit(ours, acute=True)
    for number in range(3):
        tell(ours, case, other_id=f"S-{number}", score=WEAK)
        assert notifications.send_due(ours) == 1


def test_who_wants_no_mails_sees_the_alert_and_gets_none(ours: Matchmaker, post: Mailbox) -> None:
    case = submit(ours)
    tell(ours, case)
    notifications.choose(ours, case.owner, Choice.OFF)
    tell(ours, case, other_id="S-2")

    assert notifications.send_due(ours, at=later(days=2)) == 0
    assert len(list(notifications.alerts(ours, by=SYSTEM))) == 2


def test_alert_that_was_seen_is_neither_new_nor_mailed(ours: Matchmaker) -> None:
    case = submit(ours)
    tell(ours, case)
    owner = User(email=case.owner, role=Role.CLINICIAN)
    (alert,) = notifications.alerts(ours, by=owner)

    notifications.see(ours, alert.match.id, by=owner)

    assert list(notifications.alerts(ours, by=owner)) == []
    assert notifications.send_due(ours) == 0
    with pytest.raises(NotFound):
        notifications.see(ours, alert.match.id, by=replace(owner, email="other@example.org"))


@pytest.mark.parametrize("how", ["withdrawn", "erased", "set aside"])
def test_what_does_not_stand_any_more_is_not_mailed(ours: Matchmaker, post: Mailbox, how: str) -> None:
    case = submit(ours)
    tell(ours, case)
    if how == "withdrawn":
        cases.withdraw(ours, case.id, by=SYSTEM)
    elif how == "erased":
        cases.erase(ours, case.id, by=SYSTEM)
    else:
        with ours.transaction() as db:
            (match,) = matches.of_case(db, case.id)
            matches.set_status(db, match.id, MatchStatus.DISMISSED)

    assert list(notifications.alerts(ours, by=SYSTEM)) == []
    assert notifications.send_due(ours) == 0
    assert post.mails == []


def test_case_that_became_private_is_not_told_to_another_owner(ours: Matchmaker, post: Mailbox) -> None:
    ours.settings = replace(ours.settings, smtp_url="smtp://127.0.0.1:9")
    alike = {"features": [a_feature("HP:0011451"), a_feature("HP:0001263")], "genomic_features": [a_genomic_feature()]}
    hidden = submit(ours, owner="a@example.org", **alike)
    submit(ours, owner="b@example.org", **alike)
    worker.drain(ours)
    cases.edit(ours, replace(hidden, sharing=Sharing.PRIVATE), version=1, by=SYSTEM)

    ours.settings = replace(ours.settings, smtp_url=post.url)
    notifications.send_due(ours, at=later(days=2))

    assert post.mails == []


def test_mail_that_fails_is_sent_later_and_says_why(ours: Matchmaker, post: Mailbox) -> None:
    case = submit(ours)
    tell(ours, case)
    post.refusing = "451 try again later"

    assert notifications.send_due(ours) == 0
    assert notifications.send_due(ours) == 0  # not due again yet
    post.refusing = None
    assert notifications.send_due(ours, at=later(minutes=1)) == 1

    assert len(post.mails) == 1


def test_server_that_does_not_answer_is_tried_once_and_keeps_nothing_else_waiting(ours: Matchmaker) -> None:
    with hanging_up() as (url, came):
        ours.settings = replace(ours.settings, smtp_url=url)
        for number in range(3):
            tell(ours, submit(ours, owner=f"owner{number}@example.org"))
        assert notifications.send_due(ours) == 0
        assert notifications.send_due(ours, at=later(minutes=1)) == 0

    assert len(came) == 1
    with ours.reading() as db:
        assert notices.count(db) == {"waiting": 3}


def test_mail_of_a_worker_that_died_is_sent_when_its_lease_ends(ours: Matchmaker, post: Mailbox) -> None:
    tell(ours, submit(ours))
    with ours.transaction() as db:
        assert notices.claim(db, at=dt.datetime.now(dt.UTC)) is not None

    assert notifications.send_due(ours) == 0
    assert notifications.send_due(ours, at=later(minutes=6)) == 1


def test_same_mail_again_is_recognisable_by_its_id() -> None:
    assert letters.key_of(["a", "b"]) == letters.key_of(["b", "a"])


def test_owner_without_a_mail_address_is_told_by_the_page_alone(ours: Matchmaker, post: Mailbox) -> None:
    tell(ours, submit(ours, owner="https://centre.example/contact"))

    assert notifications.send_due(ours) == 0
    assert notifications.send_due(ours, at=later(days=2)) == 0
    assert len(list(notifications.alerts(ours, by=SYSTEM))) == 1


def test_test_case_alerts_nobody(ours: Matchmaker) -> None:
    assert not tell(ours, submit(ours, test=True))


def test_production_without_a_mail_server_keeps_mails_as_unsent(mm: Matchmaker) -> None:
    mm.settings = replace(mm.settings, mode=Mode.PRODUCTION)
    tell(mm, submit(mm))

    assert notifications.send_due(mm, at=later(days=2)) == 0
    with mm.reading() as db:
        assert notices.count(db) == {"waiting": 1}


def test_address_of_a_mail_server_that_cannot_be_read_loses_no_alert(ours: Matchmaker, post: Mailbox) -> None:
    ours.settings = replace(ours.settings, smtp_url="mail.example.org")
    tell(ours, submit(ours))
    assert notifications.send_due(ours) == 0

    ours.settings = replace(ours.settings, smtp_url=post.url)
    assert notifications.send_due(ours, at=later(minutes=1)) == 1
