"""The index of all cases: follows the database by revision, finds the k best exactly. A scan of all of them for now."""

from __future__ import annotations

import hashlib
import importlib
import logging
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId, Score
from scoring.calibration import lifted
from scoring.combination import TermFacts, combine, with_genes
from scoring.corpus import Corpus
from scoring.index.cases import Block, Filter, IndexedCase
from scoring.index.found import Found, Parts, best_rows
from scoring.index.genes import gene_parts
from scoring.index.kept import BackgroundFile
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer

log = logging.getLogger(__name__)

Scan = Callable[[Block, Corpus, Profile, NDArray[np.bool_]], TermFacts]
EVERYTHING = Filter()
# Raw scores are compared beyond rounding noise, so that compiled and plain code order alike and ties are ties.
DIGITS = 10
_LEAST_TAIL = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A case as of a revision; without a profile it is gone."""

    case_id: CaseId
    revision: int
    profile: Profile | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A case that was found. Hits are ordered by `raw`, whose order `score.total` follows above the 0.3 that a shared
    gene lifts to; `position` is the score before that lift, in [0, 1]."""

    case_id: CaseId
    score: Score
    raw: float
    position: float
    phenotype: float  # raw
    evidence: float  # of genes: ln of the factor by which they raise the phenotype's raw score
    shares_gene: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    """One moment of the index. Cases of `main` that changed since stand in `tail` or nowhere, and are not `live`."""

    revision: int = 0
    main: Block
    live: NDArray[np.bool_]
    tail: Block
    kept: Mapping[CaseId, IndexedCase] = field(default_factory=dict)

    def blocks(self) -> Iterable[tuple[Block, NDArray[np.bool_]]]:
        return ((self.main, self.live), (self.tail, np.ones(len(self.tail), np.bool_)))


class Index:
    """Cases ready to be searched. Any number of threads may search while one applies changes.

    `epoch` is the database's, set by who fills the index: one of another epoch is to be thrown away.
    """

    def __init__(
        self, scorer: Scorer, *, epoch: str = "", scan: Scan | None = None, kept: BackgroundFile | None = None
    ) -> None:
        self.scorer = scorer
        self._kept = kept
        self.epoch = epoch
        self._scan = scan
        self._lock = threading.Lock()
        self._state = _packed({}, revision=0)

    @property
    def revision(self) -> int:
        return self._state.revision

    def __len__(self) -> int:
        return len(self._state.kept)

    def __contains__(self, case_id: CaseId) -> bool:
        return case_id in self._state.kept

    def profile(self, case_id: CaseId) -> Profile | None:
        """The profile that stands in the index; None when the case is not in it."""
        indexed = self._state.kept.get(case_id)
        return None if indexed is None else indexed.profile

    def apply(self, changes: Iterable[Change], *, revision: int) -> None:
        """Bring the index to a revision; of several changes of a case the last revision counts.

        Raises
        ------
        ValueError
            When a profile was resolved against another release. The index stays as it was.
        """
        with self._lock:
            state = self._state
            last = {c.case_id: c.profile for c in sorted(changes, key=lambda c: c.revision)}
            for profile in last.values():
                if profile is not None:
                    self.scorer.check(profile)
            self._count([p.observed for p in last.values() if p is not None], anew=not state.kept)
            self._state = _changed(state, last, self.scorer, revision=max(revision, state.revision))

    def _count(self, lists: Sequence[tuple[int, ...]], *, anew: bool) -> None:
        """Count the backgrounds of cases that come in, at once, with what an earlier process kept."""
        backgrounds = self.scorer.backgrounds
        if self._kept is None or not lists:
            backgrounds.count(lists)
        elif not anew:
            self._kept.append(backgrounds.count(lists))
        else:
            before = self._kept.read()
            backgrounds.learn(before)
            backgrounds.count(lists)
            needed = backgrounds.known(lists)
            if needed != before:
                self._kept.replace(needed)

    def search(
        self, query: Profile, *, k: int, where: Filter = EVERYTHING, sharing_gene: bool | None = None
    ) -> list[Hit]:
        """Find the k best cases that the filter lets through and that have anything in common with the query.

        Parameters
        ----------
        sharing_gene : bool or None
            True: only cases that share a candidate gene or variant; False: only those that share none.

        Returns
        -------
        list of Hit
            Raw score descending at full precision, then case id ascending.
        """
        prepared = self.scorer.prepare(query)
        found = self._find(prepared, k=k, where=where, sharing_gene=sharing_gene)
        return _hits(found, prepared, found.order(k))

    def search_apart(
        self, query: Profile | Prepared, *, k: int, where: Filter = EVERYTHING
    ) -> tuple[list[Hit], list[Hit]]:
        """Find all cases that share a gene or variant, and the k best of those that share none, in one pass.

        Returns
        -------
        two lists of Hit
            Each as `search` finds it with `sharing_gene` True (and no limit), and False.
        """
        prepared = query if isinstance(query, Prepared) else self.scorer.prepare(query)
        found = self._find(prepared, k=k, where=where, sharing_gene=None, all_sharing=True)
        order = found.order(len(found.case_ids))
        sharing = [n for n in order if found.shares[n]]
        alone = [n for n in order if not found.shares[n]][:k]
        return _hits(found, prepared, sharing), _hits(found, prepared, alone)

    def n_searched(self, where: Filter) -> int:
        """How many cases the filter lets through."""
        return sum(int((block.visible(where) & live).sum()) for block, live in self._state.blocks())

    def ranking(self, query: Profile, *, k: int, where: Filter = EVERYTHING) -> list[tuple[CaseId, float]]:
        """Find what `search` finds, as pairs of case id and position: for long lists."""
        prepared = self.scorer.prepare(query)
        found = self._find(prepared, k=k, where=where, sharing_gene=None)
        position = prepared.scale.position(found.raw).tolist()
        return [(found.case_ids[n], position[n]) for n in found.order(k)]

    def checksum(self) -> str:
        """A digest of all profiles that does not depend on the order in which they came."""
        total = 0
        for indexed in self._state.kept.values():
            total ^= int.from_bytes(hashlib.sha256(repr(indexed.profile).encode()).digest(), "big")
        return f"{total:064x}"

    def _find(
        self, prepared: Prepared, *, k: int, where: Filter, sharing_gene: bool | None, all_sharing: bool = False
    ) -> Found:
        """Gather from every block its k best and what ties with the last of them.

        With `all_sharing` these are the k best that share no gene, and all that share one.
        """
        found = Found.nothing()
        for block, live in self._state.blocks():
            if len(block):
                wanted = block.visible(where) & live
                parts = self._raw_parts(block, wanted, prepared, sharing_gene=sharing_gene)
                rows = best_rows(np.where(parts.shares, 0.0, parts.raw) if all_sharing else parts.raw, k)
                if all_sharing:
                    rows = np.concatenate([rows, np.flatnonzero(parts.shares & (parts.raw > 0.0))])
                found = found.and_also(parts.at(rows, block))
        return found

    def _raw_parts(
        self, block: Block, wanted: NDArray[np.bool_], prepared: Prepared, *, sharing_gene: bool | None
    ) -> Parts:
        query = prepared.profile
        genotype, shares = gene_parts(block, prepared, wanted, self.scorer)
        if sharing_gene is not None:
            wanted = wanted & (shares == sharing_gene)
        phenotype = np.zeros(len(block))
        if prepared.size.max_self > 0.0 and wanted.any():
            facts = self._facts(block, query, wanted)
            phenotype = combine(facts, prepared.size, self.scorer.parameters, divisor=block.divisors).raw
        raw = np.where(wanted, np.round(with_genes(phenotype, genotype, self.scorer.parameters), DIGITS), 0.0)
        return Parts(raw=raw, phenotype=phenotype, genotype=genotype, shares=shares)

    def _facts(self, block: Block, query: Profile, wanted: NDArray[np.bool_]) -> TermFacts:
        if self._scan is None:
            self._scan = fastest_scan()
        return self._scan(block, self.scorer.corpus, query, wanted)


def _hits(found: Found, prepared: Prepared, order: Sequence[int]) -> list[Hit]:
    position = prepared.scale.position(found.raw)
    total = lifted(position, found.shares)
    phenotype = prepared.phenotype_scale.position(found.phenotype)
    genotype = np.minimum(1.0, found.genotype / (prepared.own_evidence or 1.0))
    return [
        Hit(
            case_id=found.case_ids[n],
            score=Score(total=float(total[n]), phenotype=float(phenotype[n]), genotype=float(genotype[n])),
            raw=float(found.raw[n]),
            position=float(position[n]),
            phenotype=float(found.phenotype[n]),
            evidence=float(found.genotype[n]),
            shares_gene=bool(found.shares[n]),
        )
        for n in order
    ]


def fastest_scan() -> Scan:
    """The compiled scan; the plain one where numba is missing or broken."""
    try:
        scan: Scan = importlib.import_module("scoring.index.kernels").scan
    except ImportError as error:
        log.warning("searching without numba, many times slower: %s", error)
        scan = importlib.import_module("scoring.index.plain").scan
    return scan


def _changed(state: _State, last: Mapping[CaseId, Profile | None], scorer: Scorer, *, revision: int) -> _State:
    kept = dict(state.kept)
    live = state.live.copy()
    for case_id, profile in last.items():
        if profile is None:
            kept.pop(case_id, None)
        else:
            divisor = scorer.backgrounds.divisor(profile.observed)
            kept[case_id] = IndexedCase.of(replace(profile, case_id=case_id), scorer.corpus, divisor=divisor)
        row = state.main.rows.get(case_id)
        if row is not None:
            live[row] = False
    moved = (state.tail.rows.keys() | last.keys()) & kept.keys()
    n_dead = len(live) - int(live.sum())
    if len(moved) + n_dead > max(_LEAST_TAIL, len(state.main) // 8):
        return _packed(kept, revision=revision)
    tail = Block.of([kept[case_id] for case_id in sorted(moved)])
    return _State(revision=revision, main=state.main, live=live, tail=tail, kept=kept)


def _packed(kept: Mapping[CaseId, IndexedCase], *, revision: int) -> _State:
    main = Block.of([kept[case_id] for case_id in sorted(kept)])
    return _State(revision=revision, main=main, live=np.ones(len(main), np.bool_), tail=Block.of([]), kept=kept)
