"""What people change of their own account: password, sessions, language."""

from __future__ import annotations

import datetime as dt

from matchmaker import audit, guessing, passwords
from matchmaker.actors import User
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from matchmaker.store import second_factors, sessions
from matchmaker.store.sessions import Session
from matchmaker.texts import gettext as _


def change_password(mm: Matchmaker, session: Session, *, old: str, new: str, by: User, address: str = "") -> None:
    """Replace the password by who knows it; every other session of the account ends.

    Raises
    ------
    Invalid
        When the old one is wrong, or the new one short or easily guessed.
    TooOften
    """
    claims = guessing.password_claims(by.email, address)
    guessing.count(mm, claims)
    with mm.reading() as db:
        before = stored.password_of(db, by.account_id)
    if not passwords.fits(before, old):
        raise Invalid(
            [Issue(path="old", message=_("is not your password"), remedy=_("sign out to ask for a link by mail"))]
        )
    passwords.require_good(new, known=(by.email, mm.settings.node_name))
    hashed = passwords.hashed(new)
    with mm.transaction() as db:
        guessing.succeeded(db, claims)
        stored.change(db, by.account_id, password=hashed)
        sessions.revoke_links(db, by.account_id)
        sessions.end_all(db, by.account_id, but=session.id)
        audit.record(db, by, "password changed")


def sessions_of(mm: Matchmaker, *, by: User) -> list[Session]:
    """Return the own sessions, the one used last first."""
    with mm.reading() as db:
        return sessions.of_account(db, by.account_id, at=dt.datetime.now(dt.UTC))


def end_session(mm: Matchmaker, session_id: str, *, by: User) -> None:
    """End one of the own sessions; NotFound when it is none."""
    with mm.transaction() as db:
        mine = sessions.of_account(db, by.account_id, at=dt.datetime.now(dt.UTC))
        if session_id not in {session.id for session in mine}:
            raise NotFound("session", session_id)
        sessions.end(db, session_id)
        audit.record(db, by, "session ended")


def end_other_sessions(mm: Matchmaker, session: Session, *, by: User) -> int:
    """End all own sessions but this one; return how many there were."""
    with mm.transaction() as db:
        n_ended = sessions.end_all(db, by.account_id, but=session.id)
        audit.record(db, by, "sessions ended", details={"n": n_ended})
    return n_ended


def set_language(mm: Matchmaker, language: str | None, *, by: User) -> None:
    """Set in which language pages speak; None: what the browser asks for."""
    with mm.transaction() as db:
        stored.change(db, by.account_id, language=language)


def n_recovery_codes(mm: Matchmaker, *, by: User) -> int:
    """Return how many recovery codes are left."""
    with mm.reading() as db:
        return second_factors.n_recovery_codes(db, by.account_id)
