"""What is said of one gene, position or region that two sides share."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from matchmaker.model import GeneId
from scoring.agreement import MatchKind
from scoring.zygosity import Plasmy


class Conflict(StrEnum):
    """What speaks against a shared gene; each lowers what it adds."""

    OPPOSITE_MECHANISM = "opposite_mechanism"
    ZYGOSITY = "zygosity"
    CARRIER = "carrier"
    INHERITANCE = "inheritance"


class Note(StrEnum):
    """What a reader should know of how two genotypes were compared; none of it changes a score by itself."""

    CONVERTED = "converted"  # positions of two assemblies, one of them converted
    TWO_ASSEMBLIES = "two_assemblies"  # positions of two assemblies that could not be compared
    MANY_GENES = "many_genes"  # a gain or loss of more genes than say anything each
    MOSAIC = "mosaic"  # in part of the cells of a side, so that its zygosity says nothing


class Compared(NamedTuple):
    """How two sides agree in one gene."""

    kind: MatchKind
    covered: float
    conflicts: tuple[Conflict, ...]
    fits: bool
    evidence: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedGene:
    """One gene, or one position or region without a named gene, that both sides have.

    `explained_query` and `explained_match`: how much of each side's findings the gene's known diseases explain, in
    [0, 1]; None when nothing is known of the gene or the findings say nothing. `n_papers`: see `GeneFacts`.
    """

    gene: GeneId | None
    kind: MatchKind
    covered: float = 1.0  # where they have the same variant: the share of both sides' variants that the other has too
    zygosity_fits: bool = False
    conflicts: tuple[Conflict, ...] = ()
    notes: tuple[Note, ...] = ()
    plasmies: tuple[Plasmy | None, Plasmy | None] | None = None  # of the query and the match; None: not mitochondrial
    explained_query: float | None = None
    explained_match: float | None = None
    n_papers: int = 0
    evidence: float = 0.0  # ln of the factor by which it raises the score
    contribution: float = 0.0  # to the raw score, in an explanation

    @property
    def lifts(self) -> bool:
        """Whether it makes a match by itself; opposite mechanisms in one gene are two diseases."""
        return Conflict.OPPOSITE_MECHANISM not in self.conflicts
