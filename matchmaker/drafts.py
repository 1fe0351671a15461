"""What somebody typed and has not saved: kept while typing, restored after an expired session, forgotten when saved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from matchmaker.actors import User
from matchmaker.errors import Invalid, Issue
from matchmaker.service import Matchmaker
from matchmaker.store import drafts
from matchmaker.store.drafts import Draft
from matchmaker.texts import gettext as _

NEW = "new"  # of a case that is not stored yet
KEPT = dt.timedelta(days=30)
MOST_CHARACTERS = 250_000


def keep(mm: Matchmaker, about: str, fields: Mapping[str, str], *, by: User) -> None:
    """Keep what an account typed about a case, or about a new one.

    Raises
    ------
    Invalid
        When it is more than a case can hold.
    """
    n_characters = sum(len(name) + len(value) for name, value in fields.items())
    if n_characters > MOST_CHARACTERS:
        message = _("has %(n_characters)s characters", n_characters=f"{n_characters:,}")
        raise Invalid(
            [Issue(path="", message=message, remedy=_("shorten it to %(most)s", most=f"{MOST_CHARACTERS:,}"))]
        )
    with mm.transaction() as db:
        drafts.keep(db, by.account_id, about[:32], fields, at=dt.datetime.now(dt.UTC))


def find(mm: Matchmaker, about: str, *, by: User) -> Draft | None:
    """Return what this account typed and has not saved."""
    with mm.reading() as db:
        return drafts.find(db, by.account_id, about[:32])


def drop(mm: Matchmaker, about: str, *, by: User) -> None:
    """Forget a draft."""
    with mm.transaction() as db:
        drafts.drop(db, by.account_id, about[:32])


def forget(mm: Matchmaker, *, at: dt.datetime) -> int:
    """Forget drafts that nobody touched for a month; return how many."""
    with mm.transaction() as db:
        return drafts.drop_before(db, at - KEPT)
