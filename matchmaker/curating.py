"""The work list of a centre: what of its cases somebody should look at, and how it is mended; nothing by itself."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from matchmaker import audit, cases
from matchmaker.actors import User
from matchmaker.authorise import Action, may, require
from matchmaker.errors import Invalid, Issue
from matchmaker.mending import Fix, FixKind, mended
from matchmaker.model import CaseId, PhenotypicFeature, Status, StoredCase, TermId
from matchmaker.service import Matchmaker
from matchmaker.store import accounts, lapsing
from matchmaker.store import cases as stored_cases
from matchmaker.texts import gettext as _
from ontology.resolution import ResolutionKind
from scoring.corpus import Corpus

CONFIRMED_FOR = dt.timedelta(days=365)  # a status holds for a year
WARNED_FOR = dt.timedelta(days=183)  # before somebody comes of age
REVIEW_WARNED_FOR = dt.timedelta(days=30)
GENERAL = 1.0  # nats: the term is annotated to over a third of all diseases
_SUCCEEDED = (ResolutionKind.ALTERNATIVE, ResolutionKind.REPLACED, ResolutionKind.CHOSEN)


class Kind(StrEnum):
    """What there is to do, the most urgent first."""

    PAUSED = "paused"  # the person is of age, and the consent of others ended
    OF_AGE = "of-age"  # will be within half a year
    REVIEW = "review"
    OWNER = "owner"  # its owner has no account any more
    STATUS = "status"
    CONTRADICTION = "contradiction"
    OBSOLETE = "obsolete"
    GENERAL = "general"
    GENE = "gene"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToDo:
    """One thing about one case; `subject` is the term or gene that it is about, `other` a second one."""

    kind: Kind
    stored: StoredCase
    subject: str = ""
    other: str = ""
    due: dt.date | None = None
    fixes: tuple[Fix, ...] = ()


def to_do(mm: Matchmaker, *, by: User, on: dt.date | None = None) -> list[ToDo]:
    """List what there is to do for the centre's cases, the most urgent kind first; withdrawn cases are left alone."""
    require(by, Action.CURATE_CASE)
    day = on or dt.datetime.now(dt.UTC).date()
    with mm.reading() as db:
        gone = {account.email for account in accounts.list_(db) if not account.enabled}
        found = [
            one
            for stored in stored_cases.list_(db, owners=by.owners)
            if may(by, Action.CURATE_CASE, stored.case) and stored.case.status is not Status.WITHDRAWN
            for one in of_case(mm, stored, gone=gone, on=day)
        ]
    order = list(Kind)
    return sorted(found, key=lambda one: (order.index(one.kind), one.due or dt.date.max, one.stored.case.local_id))


def n_to_ask(mm: Matchmaker, *, by: User, on: dt.date | None = None) -> int:
    """Count the centre's cases whose person is of age within half a year, or is already, and was not asked."""
    require(by, Action.CURATE_CASE)
    day = on or dt.datetime.now(dt.UTC).date()
    with mm.reading() as db:
        return lapsing.n_before(db, by.owners or (), before=day + WARNED_FOR + dt.timedelta(days=1))


def of_case(mm: Matchmaker, stored: StoredCase, *, gone: set[str], on: dt.date) -> Iterator[ToDo]:
    """Say what there is to do for one case; `gone` are owners whose accounts were disabled."""
    yield from _consent(stored, on=on)
    if stored.case.owner in gone:
        yield ToDo(kind=Kind.OWNER, stored=stored)
    confirmed = max(stored.updated_at, stored.confirmed_at or stored.updated_at).date()
    if stored.case.status is not Status.WITHDRAWN and confirmed + CONFIRMED_FOR <= on:
        otherwise = FixKind.SOLVED if stored.case.status is Status.UNSOLVED else FixKind.UNSOLVED
        fixes = (Fix(kind=FixKind.CONFIRM), Fix(kind=otherwise))
        yield ToDo(kind=Kind.STATUS, stored=stored, due=confirmed + CONFIRMED_FOR, fixes=fixes)
    yield from _contradictions(mm, stored)
    yield from _terms(mm, stored)
    yield from _genes(mm, stored)


def mend(mm: Matchmaker, case_id: CaseId, key: str, *, version: int, by: User) -> Fix:
    """Mend one thing, as a new version of the case; what it was stays in its history.

    Raises
    ------
    Invalid
        When there is no such thing to mend any more.
    Stale
        When somebody changed the case since it was shown.
    """
    day = dt.datetime.now(dt.UTC).date()
    with mm.reading() as db:
        stored = stored_cases.get(db, case_id)
    require(by, Action.CURATE_CASE, stored.case)
    fixes = (fix for one in of_case(mm, stored, gone=set(), on=day) for fix in one.fixes)
    fix = next((fix for fix in fixes if fix.key == key), None)
    if fix is None:
        remedy = _("look at the work list again")
        raise Invalid([Issue(path="fix", message=_("is not there to be mended any more"), remedy=remedy)])
    if fix.kind is FixKind.CONFIRM:
        confirm(mm, case_id, by=by)
    else:
        case = mended(stored.case, fix, on=day)
        cases.edit(mm, case, version=version, by=by, action=Action.CURATE_CASE, told="case mended")
    return fix


def confirm(mm: Matchmaker, case_id: CaseId, *, by: User) -> None:
    """Say that the status of a case still holds."""
    with mm.transaction() as db:
        require(by, Action.CURATE_CASE, stored_cases.get(db, case_id).case)
        lapsing.confirm(db, case_id, at=dt.datetime.now(dt.UTC))
        audit.record(db, by, "case status confirmed", case_id=case_id)


def _consent(stored: StoredCase, *, on: dt.date) -> Iterator[ToDo]:
    consent = stored.case.consent
    if consent is None:
        return
    lapses_on, review = consent.lapses_on, consent.review_date
    again = Fix(kind=FixKind.RECONFIRMED)
    if lapses_on is not None and lapses_on <= on:
        yield ToDo(kind=Kind.PAUSED, stored=stored, due=lapses_on, fixes=(again,))
    elif lapses_on is not None and lapses_on - WARNED_FOR <= on:
        yield ToDo(kind=Kind.OF_AGE, stored=stored, due=lapses_on)
    if review is not None and review - REVIEW_WARNED_FOR <= on:
        yield ToDo(kind=Kind.REVIEW, stored=stored, due=review, fixes=(Fix(kind=FixKind.REVIEWED),))


def _contradictions(mm: Matchmaker, stored: StoredCase) -> Iterator[ToDo]:
    """A present finding, and an excluded one above it: one of the two is wrong."""
    hpo, features = mm.release.hpo, stored.case.features
    for present in (one for one in features if not one.excluded):
        index = hpo.index_of(present.term)
        above = set() if index is None else set(hpo.graph.closure(index).tolist())
        for absent in (one for one in features if one.excluded and hpo.index_of(one.term) in above):
            fixes = (_removal(absent), _removal(present))
            yield ToDo(kind=Kind.CONTRADICTION, stored=stored, subject=present.term, other=absent.term, fixes=fixes)


def _terms(mm: Matchmaker, stored: StoredCase) -> Iterator[ToDo]:
    hpo = mm.release.hpo
    for feature in stored.case.features:
        resolution = hpo.resolve(feature.term)
        if resolution.kind in _SUCCEEDED and resolution.term is not None and resolution.term != feature.term:
            successors: tuple[TermId, ...] = (resolution.term,)
        elif resolution.kind is ResolutionKind.OBSOLETE:
            successors = tuple(t for t in (hpo.resolve(one).term for one in resolution.consider) if t is not None)
        else:
            if not feature.excluded and _is_general(mm.scorer.corpus, hpo.index_of(feature.term)):
                yield ToDo(kind=Kind.GENERAL, stored=stored, subject=feature.term, fixes=(_removal(feature),))
            continue
        fix = replace(_removal(feature), kind=FixKind.REPLACE_TERM)
        fixes = tuple(replace(fix, after=term) for term in dict.fromkeys(successors))
        yield ToDo(kind=Kind.OBSOLETE, stored=stored, subject=feature.term, fixes=fixes)


def _genes(mm: Matchmaker, stored: StoredCase) -> Iterator[ToDo]:
    for named in dict.fromkeys(one.gene for one in stored.case.genomic_features if one.gene is not None):
        candidates = mm.release.genes.resolve(named).candidates
        if candidates and mm.release.genes.resolve(named).gene is None:
            fixes = tuple(Fix(kind=FixKind.NAME_GENE, before=named, after=gene) for gene in candidates)
            yield ToDo(kind=Kind.GENE, stored=stored, subject=named, fixes=fixes)


def _removal(feature: PhenotypicFeature) -> Fix:
    return Fix(kind=FixKind.REMOVE_TERM, before=feature.term, excluded=feature.excluded)


def _is_general(corpus: Corpus, index: int | None) -> bool:
    return index is not None and float(corpus.ic[index]) < GENERAL
