"""Made-up pairs of cases with what a geneticist expects of each, and whether the score agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.model import (
    Case,
    CaseId,
    Contact,
    CopyChange,
    CopyNumber,
    GeneId,
    GenomicFeature,
    PhenotypicFeature,
    TermId,
    Variant,
)
from ontology.releases import Release
from scoring.agreement import MatchKind
from scoring.coordinates import NOTHING_INSTALLED, Coordinates
from scoring.explanation import Conflict, Explanation, Note
from scoring.profile import Profile, profile_of
from scoring.scorer import Scorer


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
    notes: frozenset[Note] | None = None
    contradicts: bool | None = None
    related: bool | None = None
    shares: bool | None = None
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
    """Makes cases, and resolves them as stored ones are."""

    def __init__(self, release: Release, coordinates: Coordinates = NOTHING_INSTALLED) -> None:
        self._release = release
        self._coordinates = coordinates

    def patient(
        self,
        terms: Sequence[str] = (),
        *genes: GeneId,
        variants: Sequence[tuple[GeneId | None, Variant]] = (),
        excluded: Sequence[str] = (),
        **stated: Any,
    ) -> Profile:
        case = Case(
            id=CaseId("made-up"),
            owner="nobody",
            local_id="made-up",
            contact=Contact(name="nobody"),
            features=(
                *(PhenotypicFeature(term=TermId(term)) for term in terms),
                *(PhenotypicFeature(term=TermId(term), excluded=True) for term in excluded),
            ),
            genomic_features=(
                *(GenomicFeature(gene=gene) for gene in genes),
                *(GenomicFeature(gene=gene, variants=(variant,)) for gene, variant in variants),
            ),
            **stated,
        )
        return profile_of(case, self._release, self._coordinates)


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
    conflicts = {conflict for gene in genes for conflict in gene.conflicts}
    notes = {note for gene in genes for note in gene.notes}
    wrong = {
        "score": not expected.at_least - 1e-9 <= found.score.total <= expected.at_most + 1e-9,
        "kind": expected.kind is not None and (not genes or genes[0].kind is not expected.kind),
        "conflicts": expected.conflicts is not None and conflicts != expected.conflicts,
        "notes": expected.notes is not None and notes != expected.notes,
        "contradictions": expected.contradicts is not None and bool(found.contradictions) != expected.contradicts,
        "related": expected.related is not None and found.may_be_related != expected.related,
        "shares": expected.shares is not None and bool(genes) != expected.shares,
        "below": expected.below is not None and not found.raw < explained[expected.below].raw,
        "above": expected.above is not None and not found.raw > explained[expected.above].raw,
    }
    return tuple(name for name, is_wrong in wrong.items() if is_wrong)
