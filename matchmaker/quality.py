"""How complete cases are against the minimal data set: one by one for their centre, by centre for operators."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from matchmaker.actors import User
from matchmaker.authorise import Action, may, require
from matchmaker.figures import LEAST
from matchmaker.minimal_data import Quality, Together, quality, together
from matchmaker.model import Case, Status, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import accounts, cases


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A case and how complete it is."""

    stored: StoredCase
    quality: Quality


@dataclass(frozen=True, slots=True, kw_only=True)
class Centre:
    """A centre; None where it has too few cases to be shown; its name is None for owners without one."""

    name: str | None
    together: Together | None


def of_cases(mm: Matchmaker, *, by: User) -> list[Judged]:
    """Judge the cases of one's centre, the least complete first."""
    require(by, Action.CURATE_CASE)
    with mm.reading() as db:
        found = [
            Judged(stored=stored, quality=quality(stored.case))
            for stored in cases.list_(db, owners=by.owners)
            if may(by, Action.CURATE_CASE, stored.case) and _counts(stored.case)
        ]
    return sorted(found, key=lambda one: (one.quality.share, one.stored.case.local_id))


def of_centres(mm: Matchmaker, *, by: User) -> list[Centre]:
    """Judge the cases of every centre together, the least complete first; nothing is told of fewer than ten cases."""
    require(by, Action.SEE_QUALITY)
    held: dict[str | None, list[Case]] = defaultdict(list)
    with mm.reading() as db:
        centre_of = {account.email: account.centre for account in accounts.list_(db)}
        for stored in cases.list_(db, owners=None):
            if _counts(stored.case):
                held[centre_of.get(stored.case.owner)].append(stored.case)
    found = [Centre(name=name, together=together(its) if len(its) >= LEAST else None) for name, its in held.items()]
    return sorted(found, key=lambda one: (one.together is None, one.together.share if one.together else 0.0))


def _counts(case: Case) -> bool:
    return case.status is not Status.WITHDRAWN and not case.test
