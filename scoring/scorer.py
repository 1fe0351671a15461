"""The score of two cases and its explanation, for one release."""

from __future__ import annotations

import importlib
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from matchmaker.model import CaseId, Score
from ontology.releases import Release
from scoring.calibration import Scale, lifted
from scoring.combination import QuerySize, TermFacts, combine, with_genes
from scoring.corpus import Corpus
from scoring.explanation import Explanation, Part, best_matches, named, unmatched
from scoring.genotype import evidence_of_genes, may_be_related, shared_genes
from scoring.parameters import Parameters, shipped_parameters
from scoring.phenotype import contradicted, contradictions, pair_facts, query_size, similarity, term_facts
from scoring.profile import Profile
from scoring.shared_gene import SharedGene
from scoring.sides import Side

if TYPE_CHECKING:
    from scoring.index.backgrounds import Backgrounds


NEARLY = 0.9
_SIDES = 20_000  # genotypes kept: some 20 MB
_RECALLED_GENES = 20  # of a case; a longer list is worked out where it is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What a query's comparisons share: its size, where its raw scores stand, what its genes can reach.

    `divisor` is its own, which stands for that of a case that withholds terms; `own_evidence` that of its genes.
    """

    profile: Profile
    size: QuerySize
    scale: Scale
    phenotype_scale: Scale
    divisor: float
    own_evidence: float
    genotype: Side = field(repr=False, compare=False)
    # What was compared already: a search and its explanations ask about the same pairs.
    shared: dict[int, tuple[Profile, tuple[SharedGene, ...]]] = field(default_factory=dict, repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A score with the raw score of the findings, and ln of the factor by which shared genes raise it."""

    score: Score
    phenotype: float
    evidence: float


class Scorer:
    """S over one release. Scores of another release or version cannot be compared with its own."""

    def __init__(self, source: Release | Corpus, *, parameters: Parameters | None = None) -> None:
        self.parameters = parameters or shipped_parameters()
        self.corpus = source if isinstance(source, Corpus) else Corpus.of(source)
        self.version = self.parameters.version(self.corpus.release)
        self._making = threading.Lock()
        self._sides: dict[CaseId, Side] = {}
        self._backgrounds: Backgrounds | None = None

    @property
    def backgrounds(self) -> Backgrounds:
        """How much cases resemble patients in general; what counts it is loaded when first asked for."""
        with self._making:
            if self._backgrounds is None:
                from scoring.index.backgrounds import Backgrounds
                from scoring.index.candidates import fastest

                self._backgrounds = Backgrounds(self.corpus, self.parameters, lambda: fastest().scan)
            return self._backgrounds

    def prepare(self, query: Profile) -> Prepared:
        """Measure a query once for many comparisons.

        Raises
        ------
        ValueError
            When the profile was resolved against another release.
        """
        self.check(query)
        size = query_size(self.corpus, query)
        divisor = self.backgrounds.divisor(query.observed) if size.max_self > 0.0 else 1.0
        best = size.best(self.parameters) / divisor
        # A query of little content may reach itself hardly more than the threshold: 1 stays above 0.3.
        passing = min(self.parameters.threshold, NEARLY * best)
        genotype = Side(query, self.corpus)
        own_evidence, _lifts = evidence_of_genes(genotype, genotype, self.parameters)
        # Without a phenotype every shared gene starts from the same raw score, which says nothing yet.
        start = self.parameters.gene_least_phenotype if own_evidence > 0.0 else 0.0
        return Prepared(
            profile=query,
            size=size,
            scale=Scale(passing=passing if best > 0.0 else start, full=self._with_genes(best, own_evidence)),
            phenotype_scale=Scale(passing=passing, full=best),
            divisor=divisor,
            own_evidence=own_evidence,
            genotype=genotype,
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
        divisor = prepared.divisor if partial or not query.observed else self.backgrounds.divisor(other.observed)
        parts = combine(facts, prepared.size, self.parameters, divisor=divisor, partial=partial)
        phenotype = float(parts.raw[0])
        # What another node told is a case of this one moment: nothing of it is kept for later queries.
        if partial:
            shared = shared_genes(prepared.genotype, Side(other, self.corpus), self.parameters)
        else:
            shared = self.shared_genes(prepared, other)
        genes = self._valued(shared, phenotype)
        evidence = math.fsum(gene.evidence for gene in genes)
        pairs = best_matches(self.corpus, query, other, table=table, total=float(parts.agreement[0]))
        summands = (
            Part(name="resemblance", contribution=float(parts.resemblance[0])),
            Part(name="common_ground", contribution=float(parts.common_ground[0])),
            Part(name="mutual", contribution=float(parts.mutual[0])),
            Part(name="coverage", contribution=float(parts.coverage[0])),
            Part(name="contradictions", contribution=float(parts.contradictions[0])),
            Part(name="genes", contribution=self._with_genes(phenotype, evidence) - phenotype),
        )
        return Explanation(
            scoring=self.version,
            score=self.score_of(prepared, phenotype, evidence, shares_gene=any(s.lifts for s in genes)),
            raw=math.fsum(part.contribution for part in summands),
            partial=partial,
            parts=summands,
            pairs=pairs,
            unmatched_query=unmatched(self.corpus, query, {pair.query for pair in pairs}),
            unmatched_match=unmatched(self.corpus, other, {pair.match for pair in pairs}),
            contradictions=named(self.corpus, against),
            genes=genes,
            may_be_related=may_be_related(query, other, genes),
        )

    def measure(self, query: Prepared, other: Prepared) -> Measured:
        """Score one pair without saying what made the score: some ten times faster than `explain`."""
        one, two = query.profile, other.profile
        phenotype = 0.0
        if one.observed and two.observed:
            n_against = len(contradicted(self.corpus, one, two)) + len(contradicted(self.corpus, two, one))
            facts = _facts_of_pair()(
                self.corpus, one.observed, two.observed, size=other.size, n_contradictions=n_against
            )
            phenotype = float(combine(facts, query.size, self.parameters, divisor=other.divisor).raw[0])
        genes = shared_genes(query.genotype, other.genotype, self.parameters)
        evidence = math.fsum(shared.evidence for shared in genes)
        score = self.score_of(query, phenotype, evidence, shares_gene=any(shared.lifts for shared in genes))
        return Measured(score=score, phenotype=phenotype, evidence=evidence)

    def score_of(self, prepared: Prepared, phenotype: float, evidence: float, *, shares_gene: bool) -> Score:
        """Map the phenotype's raw score and the genes' evidence of one pair to the score that is told."""
        total = prepared.scale.position(np.array([self._with_genes(phenotype, evidence)]))
        alone = prepared.phenotype_scale.position(np.array([phenotype]))
        return Score(
            total=float(lifted(total, np.array([shares_gene]))[0]),
            phenotype=float(alone[0]),
            genotype=min(1.0, evidence / prepared.own_evidence) if evidence > 0.0 else 0.0,
        )

    def shared_genes(self, query: Profile | Prepared, other: Profile) -> tuple[SharedGene, ...]:
        """List what both sides have; with a prepared query each profile is compared once."""
        if isinstance(query, Profile):
            return shared_genes(Side(query, self.corpus), self._side(other), self.parameters)
        known = query.shared.get(id(other))
        if known is None:
            found = shared_genes(query.genotype, self._side(other), self.parameters)
            # The profile is kept beside its genes, so that its id stays its own.
            known = query.shared[id(other)] = (other, found)
        return known[1]

    def evidence_of_genes(self, query: Prepared, other: Profile) -> tuple[float, bool]:
        """Add up the evidence of what both sides have, and say whether it makes a match by itself."""
        return evidence_of_genes(query.genotype, self._side(other), self.parameters)

    def recall(self, profile: Profile) -> None:
        """Work out beforehand what a comparison of a stored case's genes needs of it."""
        side = self._side(profile)
        for gene in profile.genes[:_RECALLED_GENES]:
            side.carried(gene)

    def forget(self, case_id: CaseId) -> None:
        """Keep nothing of a case that changed or is gone."""
        self._sides.pop(case_id, None)

    def _side(self, profile: Profile) -> Side:
        """The genotype of a stored case, kept: the cases of a gene are compared with each query that names it."""
        known = self._sides.get(profile.case_id)
        if known is None or known.profile is not profile:
            if len(self._sides) >= _SIDES:
                self._sides.clear()
            known = self._sides[profile.case_id] = Side(profile, self.corpus)
        return known

    def _with_genes(self, phenotype: float, evidence: float) -> float:
        return float(with_genes(np.array([phenotype]), np.array([evidence]), self.parameters)[0])

    def _valued(self, genes: tuple[SharedGene, ...], phenotype: float) -> tuple[SharedGene, ...]:
        """Divide what the genes add to a raw score among them, by their evidence."""
        evidence = math.fsum(shared.evidence for shared in genes)
        added = self._with_genes(phenotype, evidence) - phenotype
        return tuple(replace(g, contribution=added * g.evidence / evidence if evidence > 0.0 else 0.0) for g in genes)

    def check(self, profile: Profile) -> None:
        if profile.release != self.corpus.release:
            raise ValueError(f"profile of release {profile.release} scored against {self.corpus.release}")


@cache
def _facts_of_pair() -> Callable[..., TermFacts]:
    """The compiled comparison; the plain one where numba is missing."""
    try:
        found: Callable[..., TermFacts] = importlib.import_module("scoring.index.pairs").pair_facts
    except ImportError:
        return pair_facts
    return found
