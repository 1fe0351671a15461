"""What a curator sees first of releases: those that are here, the one in use, and with which matches were computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker import adoption, releases
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.releases import Held
from matchmaker.service import Matchmaker
from matchmaker.store import statistics
from ontology.releases import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Releases, the newest first; `matches` counts recorded ones by the release of their last computation."""

    held: tuple[Held, ...]
    active: Release
    before: Release | None
    matches: Mapping[str, int]
    n_to_match: int


def overview(mm: Matchmaker, *, by: User) -> Overview:
    """Gather it; nothing is loaded that is not here."""
    require(by, Action.SEE_RELEASES)
    with mm.reading() as db:
        counted = statistics.matches_by_release(db)
        n_to_match = statistics.n_to_match(db, at=dt.datetime.now(dt.UTC))
    return Overview(
        held=tuple(releases.held(mm.settings)),
        active=adoption.in_use(mm),
        before=adoption.before(mm, by=by),
        matches=counted,
        n_to_match=n_to_match,
    )
