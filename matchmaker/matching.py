"""Which stored cases resemble one, for our own users and for a node that asks: the same search, with other bounds.

A case that shares a gene is found whatever its phenotype says; one that shares none must pass a threshold. What is
found is loaded, and asked once more whether it may be told, before it becomes a result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from matchmaker import consent
from matchmaker.model import Case, CaseId, Node, Score, Sharing, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import found
from matchmaker.store.engine import Connection
from scoring.common_ground import CommonGround, common_ground
from scoring.explanation import Explanation
from scoring.index import Apart, Filter, Hit, Index
from scoring.probability import Evidence, Likelihood, likelihood, weigh
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer

GENES_BY_THEMSELVES = 30  # up to so many genes a shared one is evidence; beyond, only beside the phenotype
_SPARE = 14  # cases that share a gene to ask the index for beyond what is told: some may not be
_AT_ONCE = 64  # phenotype-only hits to ask the index for: of 5,000 unrelated cases 25 pass the threshold


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """How much is found; the threshold and `max_results` are for cases that share no gene."""

    min_score: float
    max_results: int
    max_gene_results: int
    genes_by_themselves: int | None = None  # None: however many
    for_a_node: bool = False  # cases at gene level are then told only to who shares a gene

    @classmethod
    def for_nodes(cls, settings: Settings) -> Bounds:
        return cls(
            min_score=settings.min_score,
            max_results=settings.max_results,
            max_gene_results=settings.max_gene_results,
            genes_by_themselves=GENES_BY_THEMSELVES,
            for_a_node=True,
        )

    @classmethod
    def for_users(cls, top: int) -> Bounds:
        """A ranking without a threshold: our own users judge for themselves."""
        return cls(min_score=0.0, max_results=top, max_gene_results=top)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResult:
    """One case that was found, its score at full precision, and, when asked for, why.

    `n_searched` counts the cases that were looked at; None in an answer to a node, which is told no probability.
    """

    stored: StoredCase
    profile: Profile
    hit: Hit
    query: Prepared
    scorer: Scorer
    n_searched: int | None
    prior: float

    @property
    def case(self) -> Case:
        return self.stored.case

    @property
    def score(self) -> Score:
        return self.hit.score

    @property
    def evidence(self) -> Evidence:
        """What findings and genes say of the same disease gene: for our own users."""
        return weigh(
            self.query.profile,
            self.profile,
            phenotype=self.hit.phenotype,
            evidence=self.hit.evidence,
            parameters=self.scorer.parameters,
        )

    @property
    def likelihood(self) -> Likelihood | None:
        """How likely the case has the query's disease gene; for our own users, and never a threshold."""
        if self.n_searched is None:
            return None
        return likelihood(self.evidence, n_searched=self.n_searched, prior=self.prior)

    @property
    def explanation(self) -> Explanation:
        """All that made the score: for our own users."""
        return replace(self.scorer.explain(self.query, self.profile), score=self.score)

    @property
    def common_ground(self) -> CommonGround:
        """What both cases have, without numbers: for other nodes."""
        return common_ground(self.scorer, self.query, self.profile)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchResponse:
    """Results by score, equal ones by raw score and case id; `total` counts all that passed, told or not."""

    profile: Profile
    results: tuple[MatchResult, ...]
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """One search: which cases the index may look at, how many are found, and a last word on each that was loaded."""

    where: Filter
    bounds: Bounds
    may_be_told: Callable[[Case], bool]


def match(mm: Matchmaker, query: Case, *, asker: Node | None = None, top: int = 10) -> MatchResponse:
    """Find the stored cases that resemble one.

    Parameters
    ----------
    asker : Node or None
        The node that asks, whose bounds are the settings'; None: our own users, who get the `top` best of all.
    """
    if asker is not None:
        return run(mm, query, _search_of(mm, asker, query))
    everything = Search(where=others(query), bounds=Bounds.for_users(top), may_be_told=lambda case: True)
    response = run(mm, query, everything)
    return replace(response, results=response.results[:top])


def run(mm: Matchmaker, query: Case, search: Search) -> MatchResponse:
    """Search the index, and load of what was found as much as may be told."""
    index = mm.index()
    profile = mm.profile(query)
    where = replace(search.where, exclude_family=profile.family)
    prepared = mm.scorer.prepare(profile)
    hits, picked = _picked(mm, index, prepared, replace(search, where=where))
    ordered = sorted(picked, key=lambda pair: (-pair[0].total, -pair[0].raw, pair[0].case_id))
    n_searched = None if search.bounds.for_a_node else index.n_searched(where)
    results = tuple(
        MatchResult(
            stored=stored,
            profile=_profile_then(mm, index, hit, stored),
            hit=hit,
            query=prepared,
            scorer=mm.scorer,
            n_searched=n_searched,
            prior=mm.settings.prior,
        )
        for hit, stored in ordered
    )
    return MatchResponse(profile=profile, results=results, total=hits.n_sharing + len(hits.alone))


def _search_of(mm: Matchmaker, asker: Node, query: Case) -> Search:
    """What a node may find; the index is a first sieve, and each case is asked again when it is loaded."""
    jurisdiction = mm.settings.jurisdiction
    in_eea = consent.jurisdiction_of(asker) == consent.EEA
    return Search(
        where=replace(others(query), sharing=Sharing.EEA if in_eea else Sharing.FEDERATED),
        bounds=Bounds.for_nodes(mm.settings),
        may_be_told=lambda case: consent.may_share(case, asker, jurisdiction=jurisdiction),
    )


def others(query: Case) -> Filter:
    """All cases but the query itself; test cases only for a test, and no other species."""
    return Filter(
        test=None if query.test else False,
        species=query.species,
        exclude_cases=frozenset({query.id}),
    )


def _picked(
    mm: Matchmaker, index: Index, query: Prepared, search: Search
) -> tuple[Apart, list[tuple[Hit, StoredCase]]]:
    """Search, and load of what is found as much as may be told."""
    bounds = search.bounds
    is_long = _is_long(query.profile, bounds)
    k_sharing = None if is_long else bounds.max_gene_results + _SPARE
    with mm.reading() as db:
        while True:
            hits = _hits(index, query, search.where, bounds, k_sharing)
            if bounds.for_a_node:
                hits = _without_gene_level(db, hits, in_a_long_list=is_long)
            reader = _Reader(load=lambda ids: mm.recent.load(db, ids), may_be_told=search.may_be_told)
            reader.read([*hits.sharing[: bounds.max_gene_results], *hits.alone[: bounds.max_results]])
            by_gene = reader.first(hits.sharing, bounds.max_gene_results)
            if len(by_gene) == bounds.max_gene_results or len(hits.sharing) == hits.n_sharing:
                return hits, [*by_gene, *reader.first(hits.alone, bounds.max_results)]
            k_sharing = None


def _hits(index: Index, query: Prepared, where: Filter, bounds: Bounds, k_sharing: int | None) -> Apart:
    """The best hits that share a gene, and every other one that passes; without a threshold as many as can be told."""
    k = max(_AT_ONCE, 4 * bounds.max_results)
    while True:
        by_gene, alone, n_sharing = index.search_apart(query, k=k, where=where, k_sharing=k_sharing)
        if bounds.min_score <= 0.0 or len(alone) < k or alone[-1].total < bounds.min_score:
            break
        k *= 8
    if _is_long(query.profile, bounds):
        # In a long list a gene lifts nothing by itself: it adds to findings that are alike, and the sum must pass.
        by_gene = [hit for hit in by_gene if hit.phenotype_score > 0.0 and hit.position >= bounds.min_score]
        n_sharing = len(by_gene)
    return Apart(sharing=by_gene, alone=[hit for hit in alone if hit.total >= bounds.min_score], n_sharing=n_sharing)


def _is_long(profile: Profile, bounds: Bounds) -> bool:
    return bounds.genes_by_themselves is not None and len(profile.genes) > bounds.genes_by_themselves


def _without_gene_level(db: Connection, hits: Apart, *, in_a_long_list: bool) -> Apart:
    """Leave out cases at gene level wherever the phenotype decides whether they are found: that would tell of it."""
    deciding = [*(hits.sharing if in_a_long_list else ()), *hits.alone]
    hidden = found.at_gene_level(db, [hit.case_id for hit in deciding])
    by_gene, alone = ([hit for hit in some if hit.case_id not in hidden] for some in hits[:2])
    return Apart(sharing=by_gene, alone=alone, n_sharing=hits.n_sharing - len(hits.sharing) + len(by_gene))


class _Reader:
    """Loads hits, best first, until there are enough that may be told; of a family only the best."""

    def __init__(
        self, load: Callable[[Sequence[CaseId]], dict[CaseId, StoredCase]], may_be_told: Callable[[Case], bool]
    ) -> None:
        self._load = load
        self._may_be_told = may_be_told
        self._families: set[tuple[str, str]] = set()
        self._read: dict[CaseId, StoredCase | None] = {}

    def read(self, hits: Sequence[Hit]) -> None:
        """Load hits that were not loaded yet, all at once."""
        missing = [hit.case_id for hit in hits if hit.case_id not in self._read]
        if missing:
            self._read |= dict.fromkeys(missing) | self._load(missing)

    def first(self, hits: Sequence[Hit], most: int) -> list[tuple[Hit, StoredCase]]:
        return list(islice(self._tellable(hits, at_once=max(1, most)), most))

    def _tellable(self, hits: Sequence[Hit], *, at_once: int) -> Iterator[tuple[Hit, StoredCase]]:
        for start in range(0, len(hits), at_once):
            some = hits[start : start + at_once]
            self.read(some)
            # The index may be a moment behind: what is stored decides.
            loaded = ((hit, self._read[hit.case_id]) for hit in some)
            yield from ((hit, stored) for hit, stored in loaded if stored is not None and self._is_result(stored))

    def _is_result(self, stored: StoredCase) -> bool:
        if not self._may_be_told(stored.case):
            return False
        if stored.case.family is None:
            return True
        family = (stored.case.owner, stored.case.family.id)
        is_first = family not in self._families
        self._families.add(family)
        return is_first


def _profile_then(mm: Matchmaker, index: Index, hit: Hit, stored: StoredCase) -> Profile:
    """The profile of a case as it was loaded."""
    profile = index.profile(hit.case_id) if stored.revision <= index.revision else None
    return profile or mm.profile(stored.case)
