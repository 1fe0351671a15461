"""The score of two cases and its explanation, for one release."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from matchmaker.model import Score
from ontology.releases import Release
from scoring.calibration import Scale, lifted
from scoring.combination import QuerySize, combine
from scoring.corpus import Corpus
from scoring.explanation import Explanation, Part, best_matches, named, unmatched
from scoring.genotype import SharedGene, shared_genes
from scoring.parameters import Parameters, shipped_parameters
from scoring.phenotype import contradictions, query_size, similarity, term_facts
from scoring.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a query's comparisons share: its size, where its raw scores stand, what its genes can reach."""

    profile: Profile
    size: QuerySize
    scale: Scale
    phenotype_scale: Scale
    genotype_best: float


class Scorer:
    """R over one release. Scores of another release or version cannot be compared with its own."""

    def __init__(self, source: Release | Corpus, *, parameters: Parameters | None = None) -> None:
        self.parameters = parameters or shipped_parameters()
        self.corpus = source if isinstance(source, Corpus) else Corpus.of(source)
        self.version = f"{self.parameters.name}+{self.corpus.release}"

    def prepare(self, query: Profile) -> Prepared:
        """Measure a query once for many comparisons.

        Raises
        ------
        ValueError
            When the profile was resolved against another release.
        """
        self.check(query)
        size = query_size(self.corpus, query)
        best = size.best(self.parameters)
        passing = self.parameters.threshold if best > 0.0 else 0.0
        own_genes = sum(s.contribution for s in self.shared_genes(query, query))
        return Prepared(
            profile=query,
            size=size,
            scale=Scale(passing=passing, full=best + own_genes),
            phenotype_scale=Scale(passing=passing, full=best),
            genotype_best=own_genes,
        )

    def score(self, query: Profile, other: Profile, *, partial: bool = False) -> Score:
        """Score one pair; `partial` when the other side withholds terms, so only the query's direction counts."""
        return self.explain(query, other, partial=partial).score

    def explain(self, query: Profile | Prepared, other: Profile, *, partial: bool = False) -> Explanation:
        """Score one pair and say what made the score; many of one query faster when it is prepared."""
        self.check(other)
        prepared = query if isinstance(query, Prepared) else self.prepare(query)
        query = prepared.profile
        table = similarity(self.corpus, query.observed, other.observed)
        against = contradictions(self.corpus, query, other)
        facts = term_facts(self.corpus, query, other, table=table, n_contradictions=len(against))
        parts = combine(facts, prepared.size, self.parameters, partial=partial)
        genes = self.shared_genes(query, other)
        phenotype = float(parts.raw[0])
        genotype = math.fsum(shared.contribution for shared in genes)
        agreement = float((parts.resemblance + parts.common_ground + parts.mutual)[0])
        pairs = best_matches(self.corpus, query, other, table=table, total=agreement)
        summands = (
            Part(name="resemblance", contribution=float(parts.resemblance[0])),
            Part(name="common_ground", contribution=float(parts.common_ground[0])),
            Part(name="mutual", contribution=float(parts.mutual[0])),
            Part(name="contradictions", contribution=float(parts.contradictions[0])),
            Part(name="genes", contribution=genotype),
        )
        return Explanation(
            scoring=self.version,
            score=self.score_of(prepared, phenotype, genotype, shares_gene=any(s.lifts for s in genes)),
            raw=math.fsum(part.contribution for part in summands),
            partial=partial,
            parts=summands,
            pairs=pairs,
            unmatched_query=unmatched(self.corpus, query, {pair.query for pair in pairs}),
            unmatched_match=unmatched(self.corpus, other, {pair.match for pair in pairs}),
            contradictions=named(self.corpus, against),
            genes=genes,
        )

    def score_of(self, prepared: Prepared, phenotype: float, genotype: float, *, shares_gene: bool) -> Score:
        """Map the raw parts of one pair to the score that is told."""
        total = prepared.scale.position(np.array([phenotype + genotype]))
        alone = prepared.phenotype_scale.position(np.array([phenotype]))
        return Score(
            total=float(lifted(total, np.array([shares_gene]))[0]),
            phenotype=float(alone[0]),
            genotype=min(1.0, genotype / prepared.genotype_best) if genotype > 0.0 else 0.0,
        )

    def shared_genes(self, query: Profile, other: Profile) -> tuple[SharedGene, ...]:
        return shared_genes(query, other, self.corpus, self.parameters)

    def check(self, profile: Profile) -> None:
        if profile.release != self.corpus.release:
            raise ValueError(f"profile of release {profile.release} scored against {self.corpus.release}")
