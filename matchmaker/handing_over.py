"""Giving all cases of one account to another, before the first one ends: alerts reach somebody again."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from matchmaker import audit, case_notices, standing
from matchmaker.accounts import normal
from matchmaker.actors import Role, User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue
from matchmaker.service import Matchmaker
from matchmaker.store import accounts
from matchmaker.store import cases as stored_cases
from matchmaker.store.accounts import Account
from matchmaker.store.engine import Connection
from matchmaker.texts import gettext as _

_AT_ONCE = 200


def owned(mm: Matchmaker, account_id: str, *, by: User) -> int:
    """Return how many cases an account owns, withdrawn ones too."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        return stored_cases.n_owned(db, accounts.get(db, account_id).email)


def hand_over(mm: Matchmaker, account_id: str, to: str, *, by: User) -> int:
    """Give every case of an account to the account of another address; return how many.

    Each becomes a new version with a new owner; ids, sharing and matches stay.

    Raises
    ------
    Invalid
        When there is no such clinician's account, or it has a case of the same name.
    """
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        owner, heir = accounts.get(db, account_id).email, _heir(db, to)
        if heir.email == owner:
            raise _refused(_("is the same account"), _("name another"))
        found = [(one.case, one.version) for one in stored_cases.list_(db, owners=[owner])]
        named = {one.case.local_id for one in stored_cases.list_(db, owners=[heir.email])}
    if twins := sorted(case.local_id for case, _ in found if case.local_id in named):
        raise _refused(
            _("has cases of the same name: %(names)s", names=", ".join(twins[:5])), _("rename one of each two first")
        )
    for start in range(0, len(found), _AT_ONCE):
        before, at = found[start : start + _AT_ONCE], dt.datetime.now(dt.UTC)
        after = [(replace(case, owner=heir.email), version) for case, version in before]
        with mm.transaction() as db:
            stored_cases.update_all(db, after, at=at)
            newer = [(case, version + 1) for case, version in after]
            standing.follow_up(db, newer, jurisdiction=mm.settings.jurisdiction, at=at)
            pairs = [(old, new) for (old, _), (new, _) in zip(before, after, strict=True)]
            case_notices.changed(db, pairs, jurisdiction=mm.settings.jurisdiction, at=at)
            audit.record_all(db, by, [audit.Event(action="case handed over", case_id=case.id) for case, _ in after])
    return len(found)


def _heir(db: Connection, address: str) -> Account:
    account = accounts.find(db, normal(address))
    if account is None or not account.enabled or account.role is not Role.CLINICIAN:
        raise _refused(_("is no clinician who can sign in here"), _("write the address of a clinician's account"))
    return account


def _refused(message: str, remedy: str) -> Invalid:
    return Invalid([Issue(path="to", message=message, remedy=remedy)])
