"""Centres, whose clinicians work with each other's cases: who is there, and what they are called."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from matchmaker import audit
from matchmaker.accounts import centre_name
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from matchmaker.store import cases
from matchmaker.texts import gettext as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A centre and how alive it is; `n_accounts` are those that can sign in."""

    id: str
    name: str
    n_accounts: int
    n_cases: int
    signed_in_at: dt.datetime | None  # the last of its accounts


def list_(mm: Matchmaker, *, by: User) -> list[Centre]:
    """Return all centres by name, those without an account too."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        accounts = stored.list_(db)
        owned = {account.id: cases.n_owned(db, account.email) for account in accounts}
        return [
            Centre(
                id=centre_id,
                name=name,
                n_accounts=sum(account.enabled for account in its),
                n_cases=sum(owned[account.id] for account in its),
                signed_in_at=max((account.signed_in_at for account in its if account.signed_in_at), default=None),
            )
            for centre_id, name in stored.centre_names(db).items()
            for its in [[account for account in accounts if account.centre_id == centre_id]]
        ]


def rename(mm: Matchmaker, centre_id: str, name: str, *, by: User) -> str:
    """Call a centre something else, and return that name; its accounts and cases stay.

    Raises
    ------
    Invalid
        When the name is empty or too long, or another centre has it: two centres are never made one by a name.
    """
    require(by, Action.MANAGE_ACCOUNTS)
    name = centre_name(name)
    with mm.transaction() as db:
        if any(called == name and one != centre_id for one, called in stored.centre_names(db).items()):
            remedy = _("choose another name: clinicians would see the cases of both")
            raise Invalid([Issue(path="name", message=_("is another centre's"), remedy=remedy)])
        stored.rename_centre(db, centre_id, name)
        audit.record(db, by, "centre renamed", details={"centre": centre_id})
    return name
