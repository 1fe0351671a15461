"""What made a score: facts and numbers; the sentences are written where they are shown."""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from matchmaker.model import Score, TermId
from scoring.agreement import MatchKind
from scoring.corpus import Corpus
from scoring.phenotype import DenseContradiction, Similarity
from scoring.profile import Profile
from scoring.shared_gene import Conflict, Note, SharedGene

__all__ = ["BestMatch", "Conflict", "Contradiction", "Explanation", "MatchKind", "Note", "Part", "SharedGene"]

# Two terms whose common ancestor more than a third of all diseases have share little more than an organ system.
PARTNER_IC = 1.0  # nats

Side = Literal["query", "match"]


@dataclass(frozen=True, slots=True, kw_only=True)
class BestMatch:
    """A term of the query and one of the match, where either is the other's best partner."""

    query: TermId
    match: TermId
    mica: TermId
    ic: float  # of the common ancestor, nats
    contribution: float  # to the raw score
    share: float  # of the phenotype's part, in [0, 1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contradiction:
    """One side excludes what the other has, or what is above it."""

    observed: TermId
    excluded: TermId
    excluded_by: Side


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A named summand of the raw score."""

    name: str
    contribution: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A score taken apart: `parts` sum to the raw score, and so do pairs, contradictions' part and genes.

    Pairs and genes come with the largest contribution first; everything else in order of ids.
    """

    scoring: str
    score: Score
    raw: float
    partial: bool
    parts: tuple[Part, ...]
    pairs: tuple[BestMatch, ...]
    unmatched_query: tuple[TermId, ...]
    unmatched_match: tuple[TermId, ...]
    contradictions: tuple[Contradiction, ...]
    genes: tuple[SharedGene, ...]
    may_be_related: bool = False  # one person, relatives, or one panel of genes

    @property
    def phenotype(self) -> float:
        """The raw score of the findings alone."""
        return math.fsum(part.contribution for part in self.parts if part.name != "genes")

    @property
    def evidence(self) -> float:
        """What shared genes add up to: ln of the factor by which they raise the raw score of the findings."""
        return math.fsum(gene.evidence for gene in self.genes)

    @property
    def strongest(self) -> float:
        """The largest contribution of one gene or pair: what the others are drawn in proportion to."""
        contributions = [*(gene.contribution for gene in self.genes), *(pair.contribution for pair in self.pairs)]
        return max(contributions, default=0.0)

    def share(self, contribution: float) -> float:
        """A contribution as a part of the strongest one, in [0, 1]; 0.0 when nothing contributes."""
        return contribution / self.strongest if self.strongest > 0 else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Spell it in plain JSON values; the same explanation always gives the same text."""
        return {name: _plain(value) for name, value in asdict(self).items()}


def best_matches(
    corpus: Corpus, query: Profile, match: Profile, *, table: Similarity, total: float
) -> tuple[BestMatch, ...]:
    """Pair each term with its best partner, in both directions, and divide `total` among the pairs.

    Parameters
    ----------
    table : Similarity
        Of the match's observed terms with the query's.
    total : float
        The phenotype's part of the raw score before contradictions and genes.

    Returns
    -------
    tuple of BestMatch
        Strongest first; contributions sum to `total`. A pair that is best in both directions counts twice. Pairs whose
        common ancestor is very general are left out unless there is nothing else. () when nothing is in common.
    """
    if not query.observed or not match.observed:
        return ()
    forward = [(i, j) for j, i in enumerate(table.values.argmax(axis=0).tolist())]
    backward = list(enumerate(table.values.argmax(axis=1).tolist()))
    weights: dict[tuple[int, int], float] = {}
    for pair in forward + backward:
        weights[pair] = weights.get(pair, 0.0) + float(table.values[pair])
    telling = {p: w for p, w in weights.items() if w > 0.0 and corpus.ic[table.mica[p]] >= PARTNER_IC}
    kept = telling or {p: w for p, w in weights.items() if w > 0.0}
    whole = sum(kept.values())
    pairs = [
        BestMatch(
            query=corpus.term_ids[query.observed[j]],
            match=corpus.term_ids[match.observed[i]],
            mica=corpus.term_ids[int(table.mica[i, j])],
            ic=float(corpus.ic[table.mica[i, j]]),
            contribution=total * weight / whole,
            share=weight / whole,
        )
        for (i, j), weight in kept.items()
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.contribution, pair.query, pair.match)))


def unmatched(corpus: Corpus, profile: Profile, partnered: set[TermId]) -> tuple[TermId, ...]:
    """List a profile's observed terms that are in no pair."""
    return tuple(sorted({corpus.term_ids[t] for t in profile.observed} - partnered))


def named(corpus: Corpus, contradictions: list[DenseContradiction]) -> tuple[Contradiction, ...]:
    """Spell contradictions with term ids, each with its most telling observed term."""
    return tuple(
        Contradiction(
            observed=corpus.term_ids[max(found.observed, key=lambda t: (corpus.ic[t], -t))],
            excluded=corpus.term_ids[found.excluded],
            excluded_by="query" if found.excluded_by_query else "match",
        )
        for found in contradictions
    )


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return value.item()
    return str(value) if isinstance(value, str) else value
