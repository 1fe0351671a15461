"""What another release would do to the node's own cases, counted beside what is in use: nothing is written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matchmaker import releases
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.model import Case, CaseId, Sharing, TermId
from matchmaker.service import Matchmaker
from matchmaker.store import cases as stored_cases
from ontology.diff import ReleaseDiff, TermChangeKind, diff
from ontology.releases import Release
from scoring.changes import ContentChange, content_changes
from scoring.coordinates import Coordinates
from scoring.index import Change, Filter, Hit, Index
from scoring.profile import Profile, profile_of
from scoring.scorer import Scorer

BEST = 10
_AT_ONCE = 4 * BEST  # hits to look through for ten that two owners may see
_CHANGING = frozenset(
    {TermChangeKind.OBSOLETE, TermChangeKind.MERGED, TermChangeKind.UNKNOWN, TermChangeKind.MOVED, TermChangeKind.NEW}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of a case's ten best matches, with its rank from 1 and its score under either release; None: not in it."""

    other: CaseId
    rank_before: int | None
    rank_after: int | None
    score_before: float | None
    score_after: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseImpact:
    """One case that the other release touches: terms that mean something else there, and its ten best matches."""

    case_id: CaseId
    terms: tuple[TermId, ...]
    places: tuple[Place, ...]  # by the better rank; empty when neither members nor order change

    @property
    def n_entering(self) -> int:
        return sum(place.rank_before is None for place in self.places)

    @property
    def n_leaving(self) -> int:
        return sum(place.rank_after is None for place in self.places)

    @property
    def another_is_first(self) -> bool:
        return any(
            place.rank_before != place.rank_after and 1 in (place.rank_before, place.rank_after)
            for place in self.places
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two releases and what going from one to the other does; `cases` are those that are touched, by id."""

    diff: ReleaseDiff
    contents: tuple[ContentChange, ...]
    n_cases: int
    cases: tuple[CaseImpact, ...]


def compare(
    mm: Matchmaker,
    before: str,
    after: str,
    *,
    by: User,
    with_cases: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Comparison:
    """Compare two releases that are here, and, unless told otherwise, the matches of every stored case under both.

    Raises
    ------
    ReleaseError
        When one of them is not here or damaged.
    """
    require(by, Action.ADOPT_RELEASES if with_cases else Action.SEE_RELEASES)
    then, now = releases.find(mm.settings, before), releases.find(mm.settings, after)
    found = diff(then, now)
    scorers = Scorer(then), Scorer(now)
    contents = content_changes(scorers[0].corpus, scorers[1].corpus)
    if not with_cases:
        return Comparison(diff=found, contents=contents, n_cases=0, cases=())
    stated = _matchable(mm)
    before_side, after_side = (_Side(*side, stated, mm.coordinates) for side in zip((then, now), scorers, strict=True))
    changed = {change.term for change in found.terms if change.kind in _CHANGING}
    touched = []
    for number, case in enumerate(stated, 1):
        impact = _impact(case, (before_side, after_side), changed, least=mm.settings.min_score)
        if impact.terms or impact.places:
            touched.append(impact)
        if progress is not None:
            progress(number)
    return Comparison(diff=found, contents=contents, n_cases=len(stated), cases=tuple(touched))


class _Side:
    """The node's cases under one release."""

    def __init__(self, release: Release, scorer: Scorer, cases: Sequence[Case], coordinates: Coordinates) -> None:
        self.release = release
        self._coordinates = coordinates
        self.index = Index(scorer)
        changes = (Change(case_id=c.id, revision=1, profile=profile_of(c, release, coordinates)) for c in cases)
        self.index.apply(changes, revision=1)

    def best(self, case: Case, *, least: float) -> list[Hit]:
        """The ten best matches that the case's owner may see, as they would be recorded."""
        profile = profile_of(case, self.release, self._coordinates)
        where = Filter(
            test=case.test,
            species=case.species,
            exclude_cases=frozenset({case.id}),
            exclude_family=profile.family,
        )
        found: list[Hit] = []
        k = _AT_ONCE
        while True:
            hits = self.index.search(profile, k=k, where=where)
            passing = [hit for hit in hits if hit.total >= least]
            found = [hit for hit in passing if _may_meet(profile, self.index.profile(hit.case_id))][:BEST]
            if len(found) == BEST or len(passing) < k:
                return found
            k *= 4


def _may_meet(profile: Profile, other: Profile | None) -> bool:
    """The rule of `consent.may_meet`, on profiles."""
    if other is None:
        return False
    return profile.owner == other.owner or Sharing.PRIVATE not in {profile.sharing, other.sharing}


def _impact(case: Case, sides: tuple[_Side, _Side], changed: set[TermId], *, least: float) -> CaseImpact:
    before, after = (side.best(case, least=least) for side in sides)
    same = [hit.case_id for hit in before] == [hit.case_id for hit in after]
    return CaseImpact(
        case_id=case.id,
        terms=_changed_terms(case, sides, changed),
        places=() if same else _places(before, after),
    )


def _changed_terms(case: Case, sides: tuple[_Side, _Side], changed: set[TermId]) -> tuple[TermId, ...]:
    """Terms of the case that are changed ones, or that only one of the releases understands."""
    found = []
    for feature in case.features:
        then, now = (side.release.hpo.resolve(feature.term).term for side in sides)
        if then != now or then in changed or now in changed:
            found.append(feature.term)
    return tuple(dict.fromkeys(found))


def _places(before: Sequence[Hit], after: Sequence[Hit]) -> tuple[Place, ...]:
    then = {hit.case_id: (rank, hit.total) for rank, hit in enumerate(before, 1)}
    now = {hit.case_id: (rank, hit.total) for rank, hit in enumerate(after, 1)}
    places = []
    for other in then.keys() | now.keys():
        rank_before, score_before = then.get(other, (None, None))
        rank_after, score_after = now.get(other, (None, None))
        places.append(
            Place(
                other=other,
                rank_before=rank_before,
                rank_after=rank_after,
                score_before=score_before,
                score_after=score_after,
            )
        )
    return tuple(sorted(places, key=lambda p: (min(r for r in (p.rank_before, p.rank_after) if r), p.other)))


def _matchable(mm: Matchmaker) -> list[Case]:
    with mm.reading() as db:
        return [changed.case for changed in stored_cases.changed_since(db, 0) if changed.case is not None]
