"""What can be mended in a case with one click: each fix says what stands there before and after, and makes the case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

from matchmaker.model import Case, Consent, GeneId, GivenBy, PhenotypicFeature, Status, TermId

REVIEWED_FOR = dt.timedelta(days=365)


class FixKind(StrEnum):
    CONFIRM = "confirm"  # the status still holds: nothing of the case changes
    SOLVED = "solved"
    UNSOLVED = "unsolved"  # after all
    REVIEWED = "reviewed"  # the consent holds, and is looked at again in a year
    RECONFIRMED = "reconfirmed"  # by the person, who is of age now
    REPLACE_TERM = "replace-term"
    REMOVE_TERM = "remove-term"
    NAME_GENE = "name-gene"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fix:
    """One way to mend one thing; `after` is empty where it is taken away."""

    kind: FixKind
    before: str = ""
    after: str = ""
    excluded: bool = False

    @property
    def key(self) -> str:
        """What a form names it by."""
        return " ".join((self.kind, self.before, self.after, "excluded" if self.excluded else "")).strip()


def mended(case: Case, fix: Fix, *, on: dt.date) -> Case:
    """Return the case as it is after a fix; all that the fix is not about stays."""
    match fix.kind:
        case FixKind.CONFIRM:
            return case
        case FixKind.SOLVED:
            return replace(case, status=Status.SOLVED)
        case FixKind.UNSOLVED:
            return replace(case, status=Status.UNSOLVED)
        case FixKind.REVIEWED:
            return replace(case, consent=replace(_consent(case), review_date=on + REVIEWED_FOR))
        case FixKind.RECONFIRMED:
            return replace(case, consent=replace(_consent(case), given_by=GivenBy.PATIENT, date=on))
        case FixKind.REMOVE_TERM:
            return replace(case, features=tuple(one for one in case.features if not _is(one, fix)))
        case FixKind.REPLACE_TERM:
            return replace(case, features=tuple(_replaced(case, fix)))
        case FixKind.NAME_GENE:
            genes = (
                replace(one, gene=GeneId(fix.after)) if one.gene == fix.before else one for one in case.genomic_features
            )
            return replace(case, genomic_features=tuple(genes))


def _replaced(case: Case, fix: Fix) -> Iterator[PhenotypicFeature]:
    """The features with another term in the place of one; a term that is there already does not come twice."""
    there = {(one.term, one.excluded) for one in case.features}
    for one in case.features:
        if not _is(one, fix):
            yield one
        elif (TermId(fix.after), one.excluded) not in there:
            yield replace(one, term=TermId(fix.after), label=None)


def _is(feature: PhenotypicFeature, fix: Fix) -> bool:
    return feature.term == fix.before and feature.excluded is fix.excluded


def _consent(case: Case) -> Consent:
    if case.consent is None:
        raise ValueError("a case without a basis has no consent to confirm")
    return case.consent
