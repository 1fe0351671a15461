"""Forgotten passwords, with a real mail server."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from matchmaker import accounts, forgotten, own_account, signing_in, worker
from matchmaker.actors import SYSTEM
from matchmaker.errors import Invalid, TooOften
from matchmaker.guessing import MAILS, MAILS_FROM_ADDRESS
from matchmaker.service import Matchmaker
from tests.mailbox import Mailbox, mailbox
from tests.matchmaker.people import ADDRESS, user_of, with_account

NEW = "another eight calm otters"


def _token(box: Mailbox) -> str:
    found = re.search(r"/password/(\S+)", box.mails[-1].get_content())
    assert found is not None
    return found.group(1)


@pytest.mark.slow
def test_mail_brings_a_link_that_sets_a_password_once(mm: Matchmaker) -> None:
    with_account(mm)
    with mailbox() as box:
        mm.settings = replace(mm.settings, smtp_url=box.url)
        forgotten.ask(mm, f" {ADDRESS.upper()}")
        worker.drain(mm)

    assert box.recipients == [ADDRESS]
    accounts.set_password(mm, _token(box), NEW)
    assert signing_in.sign_in(mm, ADDRESS, NEW).complete
    with pytest.raises(Invalid, match="used already"):
        accounts.set_password(mm, _token(box), NEW)


@pytest.mark.slow
def test_mail_is_in_the_language_of_the_account(sqlite_mm: Matchmaker) -> None:
    with_account(sqlite_mm)
    own_account.set_language(sqlite_mm, "es", by=user_of(sqlite_mm, ADDRESS))
    with mailbox() as box:
        sqlite_mm.settings = replace(sqlite_mm.settings, smtp_url=box.url)
        forgotten.ask(sqlite_mm, ADDRESS)
        worker.drain(sqlite_mm)

    assert "establecer una contraseña nueva" in str(box.mails[0]["Subject"])
    assert "Sirve una vez, durante 2 horas:" in box.mails[0].get_content()


def test_no_mail_goes_to_strangers_programs_and_the_disabled(mm: Matchmaker) -> None:
    with_account(mm, "program@example.org", service=True)
    gone = with_account(mm)
    accounts.set_enabled(mm, gone.account_id, enabled=False, by=SYSTEM)
    with mailbox() as box:
        mm.settings = replace(mm.settings, smtp_url=box.url)
        for email in ("nobody@example.org", "program@example.org", ADDRESS, "a@b\nBcc: c@d.org", ""):
            forgotten.ask(mm, email)
        worker.drain(mm)

    assert box.mails == []


def test_mail_that_the_server_refuses_is_sent_later(mm: Matchmaker) -> None:
    with_account(mm)
    with mailbox() as box:
        mm.settings = replace(mm.settings, smtp_url=box.url)
        box.refusing = "451 later"
        forgotten.ask(mm, ADDRESS)
        assert forgotten.send_due(mm) == 0
        box.refusing = None
        assert forgotten.send_due(mm) == 0  # not at once
        assert box.mails == []


def test_one_person_gets_few_mails_and_one_caller_asks_for_few(mm: Matchmaker) -> None:
    with_account(mm)
    with mailbox() as box:
        mm.settings = replace(mm.settings, smtp_url=box.url)
        for _ in range(MAILS.most + 3):
            forgotten.ask(mm, ADDRESS, address="203.0.113.9")
            forgotten.send_due(mm)
        assert len(box.mails) == MAILS.most
        for _ in range(MAILS_FROM_ADDRESS.most - MAILS.most - 3):
            forgotten.ask(mm, "nobody@example.org", address="203.0.113.9")
        with pytest.raises(TooOften):
            forgotten.ask(mm, "nobody@example.org", address="203.0.113.9")
