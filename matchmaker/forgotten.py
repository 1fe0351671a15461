"""Forgotten passwords: a one-time link by mail, without a hint whether an address has an account.

Whoever asks gets the same answer after the same time; the worker writes the mail.
"""

from __future__ import annotations

import datetime as dt
import logging

from matchmaker import accounts, audit, guessing, hands, letters, mail
from matchmaker.actors import Role, User
from matchmaker.errors import SettingsError, TooOften
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from matchmaker.store import password_requests, sessions
from matchmaker.store.password_requests import Request
from matchmaker.store.sessions import Purpose
from matchmaker.texts import speaking

LINK_LASTS = dt.timedelta(hours=2)
MOST_ATTEMPTS = 8  # of handing the mail over; by then its reader has asked again, or somebody else
log = logging.getLogger(__name__)


def ask(mm: Matchmaker, email: str, *, address: str = "") -> None:
    """Let a mail be sent, if the address has an account; a fourth time within an hour sends none.

    Raises
    ------
    TooOften
        When one caller asks for very many.
    """
    guessing.count(mm, ((guessing.MAILS_FROM_ADDRESS, address),))
    try:
        guessing.count(mm, ((guessing.MAILS, email.strip().lower()),))
    except TooOften:
        return
    with mm.transaction() as db:
        account = stored.find(db, email.strip())
        if account is not None and account.enabled and not account.service:
            password_requests.add(db, account.id, at=_now())
        audit.record(db, User(email=email.strip().lower(), role=Role.CLINICIAN), "password reset asked")
    hands.nudge(mm)


def send_due(mm: Matchmaker) -> int:
    """Send the mails that are due; return how many were sent. What fails is tried again later."""
    n_sent = 0
    while mail.can_send(mm.settings):
        with mm.transaction() as db:
            request = password_requests.claim(db, at=_now())
        if request is None:
            break
        n_sent += _send(mm, request)
    return n_sent


def _send(mm: Matchmaker, request: Request) -> bool:
    at = _now()
    with mm.transaction() as db:
        account = stored.get(db, request.account_id)
        if not account.enabled or request.attempts > MOST_ATTEMPTS:
            password_requests.done(db, account.id)
            return False
        token = sessions.issue_link(db, account.id, Purpose.PASSWORD, expires_at=at + LINK_LASTS)
    hours = int(LINK_LASTS.total_seconds() // 3600)
    with speaking(account.language):
        link = accounts.link(mm.settings, token)
        message = letters.new_password(mm.settings, account.email, link, hours=hours, at=at)
    try:
        mail.send(mm.settings, message)
    except (mail.NotSent, SettingsError) as error:
        log.warning("the mail with a one-time link is not sent: %s", error)
        with mm.transaction() as db:
            password_requests.put_off(db, request, at=at)
        return False
    with mm.transaction() as db:
        password_requests.done(db, account.id)
    return True


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
