"""Which release the node uses: adopt one, go back, decide what obsolete terms mean. No case is rewritten.

All of it is one transaction; every process notices within a second, builds aside and switches (`matchmaker.following`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from matchmaker import audit, releases, standing
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, ReleaseError
from matchmaker.model import CaseId, TermId
from matchmaker.reference import chosen
from matchmaker.service import Matchmaker
from matchmaker.store import adopted
from matchmaker.store import cases as stored_cases
from matchmaker.store.adopted import Choice
from matchmaker.store.engine import Connection
from matchmaker.texts import gettext as _
from ontology.hpo import Hpo
from ontology.releases import Release
from ontology.resolution import ResolutionKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """What is used now; `changed` is False when it was used before, and then no case is matched again."""

    release: Release
    changed: bool
    n_cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Ambiguous:
    """An obsolete term that cases use and that the release replaces by no single one; a curator decides."""

    term: TermId
    label: str | None
    consider: tuple[TermId, ...]
    cases: tuple[CaseId, ...]
    chosen: TermId | None  # the term itself: decided that nothing replaces it


def in_use(mm: Matchmaker) -> Release:
    """Return the release that the node uses now, whatever this process still ranks with."""
    with mm.reading() as db:
        now = adopted.read(db)
    return mm.release if now.identity == mm.reference.identity else _used(mm, now.checksum)


def adopt(mm: Matchmaker, name: str, *, by: User) -> Adoption:
    """Use a release that is here, named by its date or the beginning of its checksum; all cases are matched again.

    Raises
    ------
    ReleaseError
        When it is not here, damaged, or several have that name.
    """
    require(by, Action.ADOPT_RELEASES)
    return _use(mm, releases.find(mm.settings, name), by=by, action="release adopted")


def rollback(mm: Matchmaker, *, by: User) -> Adoption:
    """Use the release before again; a second time goes forward again."""
    require(by, Action.ADOPT_RELEASES)
    with mm.reading() as db:
        before = adopted.before(db)
    if before is None:
        raise ReleaseError(_("no release was adopted here, so there is none to go back to: `matchmaker release list`"))
    return _use(mm, releases.by_checksum(mm.settings, before), by=by, action="release rolled back")


def before(mm: Matchmaker, *, by: User) -> Release | None:
    """Return the release that `rollback` goes to; None when no other was ever used, or it is not here any more."""
    require(by, Action.SEE_RELEASES)
    with mm.reading() as db:
        checksum = adopted.before(db)
    try:
        return None if checksum is None else releases.by_checksum(mm.settings, checksum)
    except ReleaseError:
        return None


def ambiguous(mm: Matchmaker, name: str | None = None, *, by: User) -> list[Ambiguous]:
    """List the obsolete terms of stored cases that a release replaces by no single one; None: the one in use.

    Decided ones are listed too. Withdrawn cases do not count.
    """
    require(by, Action.ADOPT_RELEASES)
    hpo = (in_use(mm) if name is None else releases.find(mm.settings, name)).hpo.choosing({})
    used: dict[TermId, set[CaseId]] = {}
    with mm.reading() as db:
        decided = {choice.term: choice.replacement for choice in adopted.choices(db)}
        for case_id, term in _terms_of_cases(db):
            resolution = hpo.resolve(term)
            if resolution.kind is ResolutionKind.OBSOLETE:
                used.setdefault(hpo.term(term).id, set()).add(case_id)
    return [
        Ambiguous(
            term=term,
            label=hpo.label(term),
            consider=hpo.resolve(term).consider,
            cases=tuple(sorted(used[term])),
            chosen=decided.get(term),
        )
        for term in sorted(used)
    ]


def choose(mm: Matchmaker, term: str, replacement: str | None, *, by: User, name: str | None = None) -> Adoption:
    """Decide what an obsolete term means here: another term, or nothing (None). The cases keep the term as entered.

    It is obsolete in the release of that name, which need not be adopted yet; None: in the one in use.

    Raises
    ------
    Invalid
        When the term is not an obsolete one without a single replacement, or the replacement is none.
    """
    require(by, Action.ADOPT_RELEASES)
    release = in_use(mm)
    asking = release if name is None else releases.find(mm.settings, name)
    decision = _decision(asking.hpo.choosing({}), term, replacement)
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        adopted.choose(db, Choice(term=decision[0], replacement=decision[1], at=at))
        n_cases = standing.look_again(db, release, at=at)
        audit.record(db, by, "term replacement chosen", details={"term": decision[0].lower()})
    return Adoption(release=release, changed=True, n_cases=n_cases)


def _decision(hpo: Hpo, term: str, replacement: str | None) -> tuple[TermId, TermId]:
    resolution = hpo.resolve(term)
    if resolution.kind is not ResolutionKind.OBSOLETE:
        told = _("is %(kind)s in release %(release)s", kind=resolution.kind, release=hpo.release)
        raise Invalid(
            [Issue(path=term, message=told, remedy=_("only an obsolete term without one replacement is chosen"))]
        )
    own = hpo.term(term).id
    if replacement is None:
        return own, own
    found = hpo.resolve(replacement).term
    if found is None or hpo.index_of(found) is None:
        remedy = _(
            "choose a current phenotypic abnormality, such as %(value)s",
            value=", ".join(resolution.consider) or "its parent",
        )
        raise Invalid([Issue(path=replacement, message=_("replaces nothing"), remedy=remedy)])
    return own, found


def _use(mm: Matchmaker, release: Release, *, by: User, action: str) -> Adoption:
    checksum = "" if release.checksum == releases.shipped().checksum else release.checksum
    at = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        now = adopted.read(db)
        if now.checksum == checksum:
            return Adoption(release=release, changed=False, n_cases=0)
        adopted.put(db, checksum)
        n_cases = standing.look_again(db, release, at=at)
        audit.record(db, by, action, details={"release": release.id, "checksum": release.checksum[:12]})
    return Adoption(release=release, changed=True, n_cases=n_cases)


def _used(mm: Matchmaker, checksum: str) -> Release:
    with mm.reading() as db:
        return chosen(releases.by_checksum(mm.settings, checksum), adopted.read(db))


def _terms_of_cases(db: Connection) -> Iterator[tuple[CaseId, TermId]]:
    for changed in stored_cases.changed_since(db, 0):
        for feature in changed.case.features if changed.case else ():
            yield changed.case_id, feature.term
