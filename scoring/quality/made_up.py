"""Made-up pairs of cases with what a geneticist expects of each, and whether the score agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.model import CaseId, CopyChange, CopyNumber, GeneId, Variant
from ontology.releases import Release
from scoring.explanation import Conflict, Explanation, MatchKind
from scoring.profile import Profile
from scoring.scorer import Scorer
from scoring.variants import allele_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is expected: in words, and so that it can be checked.

    `below` and `above` name rows whose raw score is to be higher and lower; what is None or empty does not matter.
    """

    words: str
    at_least: float = 0.0
    at_most: float = 1.0
    kind: MatchKind | None = None
    conflicts: frozenset[Conflict] | None = None
    contradicts: bool | None = None
    below: str | None = None
    above: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    name: str
    query: Profile
    match: Profile
    expected: Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A pair with its explanation, and what about it is not as expected; () when all is."""

    pair: Pair
    explanation: Explanation
    disagreements: tuple[str, ...]


class Clinic:
    """Makes profiles of one release."""

    def __init__(self, release: Release) -> None:
        self._release = release

    def patient(
        self,
        terms: Sequence[str] = (),
        *genes: GeneId,
        variants: Sequence[tuple[GeneId | None, Variant]] = (),
        excluded: Sequence[str] = (),
        **stated: Any,
    ) -> Profile:
        named = {gene for gene, _ in variants if gene is not None}
        return Profile(
            case_id=CaseId("made-up"),
            release=self._release.id,
            observed=self._dense(terms),
            excluded=self._dense(excluded),
            genes=tuple(sorted({*genes, *named})),
            alleles=tuple(allele_of(variant, gene) for gene, variant in variants),
            **stated,
        )

    def _dense(self, terms: Sequence[str]) -> tuple[int, ...]:
        found = (self._release.hpo.index_of(term) for term in terms)
        return tuple(sorted({index for index in found if index is not None}))


def a_variant(**stated: Any) -> Variant:
    """A change of one base on chromosome 2, unless stated otherwise."""
    usual = {"assembly": "GRCh38", "chromosome": "2", "start": 165_310_000}
    return Variant(**{**usual, "reference_bases": "C", "alternate_bases": "T", **stated})


def a_copy(change: CopyChange, start: int, end: int) -> Variant:
    copied = CopyNumber(change=change)
    return Variant(assembly="GRCh38", chromosome="2", start=start, end=end, copy_number=copied)


def judge(found: Sequence[Pair], scorer: Scorer) -> list[Judged]:
    """Score pairs and compare them with what is expected."""
    explained = {pair.name: scorer.explain(pair.query, pair.match) for pair in found}
    return [
        Judged(pair=pair, explanation=explained[pair.name], disagreements=_disagreements(pair, explained))
        for pair in found
    ]


def _disagreements(pair: Pair, explained: dict[str, Explanation]) -> tuple[str, ...]:
    found, expected = explained[pair.name], pair.expected
    genes = found.genes
    wrong = {
        "score": not expected.at_least - 1e-9 <= found.score.total <= expected.at_most + 1e-9,
        "kind": expected.kind is not None and (not genes or genes[0].kind is not expected.kind),
        "conflicts": expected.conflicts is not None
        and {c for gene in genes for c in gene.conflicts} != expected.conflicts,
        "contradictions": expected.contradicts is not None and bool(found.contradictions) != expected.contradicts,
        "below": expected.below is not None and not found.raw < explained[expected.below].raw,
        "above": expected.above is not None and not found.raw > explained[expected.above].raw,
    }
    return tuple(name for name, is_wrong in wrong.items() if is_wrong)
