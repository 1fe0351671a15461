"""What the level *matching terms* shows of a case that was found: what both sides have, and one fixed set of terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from matchmaker import generalising, outgoing
from matchmaker.model import Case, GeneId, GenomicFeature, PhenotypicFeature, TermId, Variant
from matchmaker.service import Matchmaker
from ontology.annotations import Annotations
from scoring.agreement import MatchKind, variant_kind
from scoring.common_ground import CommonGround
from scoring.profile import Profile
from scoring.scorer import Scorer
from scoring.variants import Allele

TRIAGE_TERMS = 10  # of the fixed set of a case
CARRIED_BY = 10  # HPOA diseases, at least, for each of them


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedVariant:
    """A variant of the asker: as far as it may be told back, and as it is compared."""

    echo: Variant
    allele: Allele


def asked(mm: Matchmaker, query: Case) -> tuple[AskedVariant, ...]:
    """Prepare the variants of a query once for all cases that it finds."""
    variants = (variant for feature in query.genomic_features for variant in feature.variants)
    return tuple(
        AskedVariant(echo=outgoing.place_and_change(variant), allele=mm.coordinates.allele(variant, None))
        for variant in variants
    )


def features(
    mm: Matchmaker, profile: Profile, common: CommonGround, *, shares_gene: bool
) -> tuple[PhenotypicFeature, ...]:
    """The common ancestors, and for who shares a gene the fixed set of the case."""
    triage = _triage_terms(mm.scorer, mm.release.annotations, profile.observed) if shares_gene else ()
    return tuple([_feature(term) for term in dict.fromkeys((*common.terms, *triage))])


def recall(mm: Matchmaker, profile: Profile) -> None:
    """Work out beforehand what a case tells to whoever shares a gene with it."""
    if profile.genes:
        _triage_terms(mm.scorer, mm.release.annotations, profile.observed)


def genomic_features(
    mm: Matchmaker, case: Case, genes: Sequence[GeneId], common: CommonGround, *, asked: Sequence[AskedVariant]
) -> tuple[GenomicFeature, ...]:
    """The shared genes that may be told, with those variants of the asker that the case has too."""
    agrees = any(gene.kind is MatchKind.SAME_VARIANT for gene in common.genes)
    same = _same_variants(mm, case, asked) if agrees else {}
    named = [GenomicFeature(gene=gene, variants=same.pop(gene, ())) for gene in genes]
    return (*named, *(GenomicFeature(variants=variants) for variants in same.values()))


@lru_cache(maxsize=20_000)
def _feature(term: TermId) -> PhenotypicFeature:
    """The same value for the same term: an answer has some hundred of them."""
    return PhenotypicFeature(term=term)


@lru_cache(maxsize=10_000)
def _triage_terms(scorer: Scorer, annotations: Annotations, observed: tuple[int, ...]) -> tuple[TermId, ...]:
    """One fixed set per case, by which a colleague who asked with a gene alone can tell whether to write.

    It does not depend on the query, so that asking again in other words brings nothing new.
    """
    # What the information content is counted on: diseases with any annotation.
    n_annotated = int(np.count_nonzero(np.diff(annotations.term_offsets)))
    max_ic = generalising.ic_carried_by(CARRIED_BY, of=n_annotated)
    terms = generalising.triage_terms(observed, scorer.corpus, max_ic=max_ic, at_most=TRIAGE_TERMS)
    return tuple(scorer.corpus.term_ids[term] for term in terms)


def _same_variants(
    mm: Matchmaker, case: Case, asked: Sequence[AskedVariant]
) -> dict[GeneId | None, tuple[Variant, ...]]:
    """The asker's own variants that the case has too, by the case's gene, in the asker's words and no others."""
    found: dict[GeneId | None, tuple[Variant, ...]] = {}
    for gene, alleles in mm.recent.once(case, "alleles", lambda: _alleles(mm, case)):
        same = [
            variant.echo
            for variant in asked
            if any(variant_kind(variant.allele, allele) is MatchKind.SAME_VARIANT for allele in alleles)
        ]
        if same:
            found[gene] = tuple(dict.fromkeys((*found.get(gene, ()), *same)))
    return found


def _alleles(mm: Matchmaker, case: Case) -> list[tuple[GeneId | None, list[Allele]]]:
    return [
        (feature.gene, [mm.coordinates.allele(variant, None) for variant in feature.variants])
        for feature in case.genomic_features
    ]
