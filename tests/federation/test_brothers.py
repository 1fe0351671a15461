"""Two brothers in Finland, a third young man in Ireland entered later: both clinicians hear of it that day, once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from matchmaker import cases, notifications, worker
from matchmaker.actors import SYSTEM
from matchmaker.demonstration import people
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import matches
from tests.federation.loopback import a_node_of, pair, serving
from tests.mailbox import Mailbox, mailbox


@pytest.fixture
def world(tmp_path: Path) -> Iterator[tuple[Matchmaker, Matchmaker, Mailbox]]:
    with ExitStack() as stack:
        post = stack.enter_context(mailbox())
        finland = stack.enter_context(a_node_of("FI", tmp_path / "fi", smtp_url=post.url))
        ireland = stack.enter_context(a_node_of("IE", tmp_path / "ie", smtp_url=post.url))
        at_helsinki, at_dublin = stack.enter_context(serving(finland)), stack.enter_context(serving(ireland))
        pair(ireland, finland, at_helsinki)
        pair(finland, ireland, at_dublin)
        yield ireland, finland, post


@pytest.mark.slow
def test_third_patient_is_alerted_the_day_his_case_is_entered_and_so_is_the_brothers_clinician(
    world: tuple[Matchmaker, Matchmaker, Mailbox],
) -> None:
    ireland, finland, post = world
    cases.submit_many(finland, people.brothers_in_helsinki(), by=SYSTEM)
    worker.drain(finland)
    assert post.mails == []

    entered = cases.submit(ireland, people.young_man_in_cork(), by=SYSTEM)
    worker.drain(ireland)
    worker.drain(finland)

    niall, eero = people.young_man_in_cork().owner, people.brothers_in_helsinki()[0].owner
    assert sorted(post.recipients) == sorted([niall, eero])
    by_person = {mail["To"]: mail for mail in post.mails}
    assert linked(ireland) in by_person[niall].get_content()
    assert linked(finland) in by_person[eero].get_content()
    assert one_match(ireland, entered.case_id).finding.asked_by_us
    for private in (
        "TLR7",
        "HGNC",
        "HP:",
        "Young man",
        "Elder brother",
        "pneumonia",
        people.YOUNG_MAN_IN_CORK,
        "FI-0201",
    ):
        assert not any(private in mail.as_string() for mail in post.mails), private

    # Nothing new happened, so nobody hears of it again.
    worker.drain(finland)
    worker.drain(ireland)
    assert len(post.mails) == 2


def linked(mm: Matchmaker) -> str:
    (alert,) = notifications.alerts(mm, by=SYSTEM, unseen=False)
    return f"{mm.settings.base_url}/matches/{alert.match.id}"


def one_match(mm: Matchmaker, case_id: CaseId) -> matches.Match:
    with mm.reading() as db:
        (match,) = matches.of_case(db, case_id)
    return match
