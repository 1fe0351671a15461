"""The human gene table: every gene that HGNC approved, and what a gene's name means that somebody sent."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import NotFound
from matchmaker.model import GeneId
from ontology.columns import Columns, TextTable

_HGNC = re.compile(r"(?:.*[/#=])?HGNC\s*[:_]\s*(?:HGNC:)?([0-9]{1,7})/?", re.IGNORECASE | re.DOTALL)
_ENSEMBL = re.compile(r"(?:.*[/#=:])?ENSG([0-9]{11})(?:\.[0-9]+)?", re.IGNORECASE | re.DOTALL)
_ENTREZ = re.compile(r"(?:(?:ENTREZ|NCBI_?GENE|GENE_?ID|NCBI)\s*[:_]\s*)?([0-9]{1,10})", re.IGNORECASE)
_CODING = "gene with protein product"
_CHROMOSOME = re.compile(r"([1-9]|1[0-9]|2[0-2]|X|Y)(?=[pqc ]|$)")


class ResolvedBy(StrEnum):
    """By what a gene was recognised."""

    ID = "id"
    SYMBOL = "symbol"
    ENSEMBL = "ensembl"
    ENTREZ = "entrez"
    PREVIOUS = "previous"
    ALIAS = "alias"
    AMBIGUOUS = "ambiguous"  # several genes; `candidates` has them, and the user chooses
    UNKNOWN = "unknown"


NAME_KINDS = (ResolvedBy.SYMBOL, ResolvedBy.PREVIOUS, ResolvedBy.ALIAS)  # a snapshot holds positions in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Gene:
    id: GeneId
    symbol: str
    name: str
    aliases: tuple[str, ...]
    previous: tuple[str, ...]
    ensembl: str | None
    entrez: str | None
    location: str | None  # cytogenetic, 1p12
    chromosome: str | None  # 1..22, X, Y, MT; None where HGNC places it on none
    locus_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneResolution:
    """What a gene's name or id means; `gene` is None for AMBIGUOUS and UNKNOWN."""

    given: str
    gene: GeneId | None
    kind: ResolvedBy
    candidates: tuple[GeneId, ...] = ()


class GeneTable:
    """Genes by HGNC id, by any id or name in use, offline.

    Of the names in use some 1,600 mean several genes and 700 are another gene's approved symbol: an approved symbol
    wins over every other meaning, the rest is ambiguous and never guessed.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.version = columns.texts("genes.version")[0]
        self._numbers: NDArray[np.int32] = columns["genes.number"]
        self._symbols = columns.texts("genes.symbol")

    def __len__(self) -> int:
        return len(self._numbers)

    def resolve(self, text: str | int) -> GeneResolution:
        """Say which gene is meant; any text or integer is answered.

        Notes
        -----
        MME 1.1 urges Ensembl ids; the field also sends versions behind them, Entrez ids as integers or digits, symbols
        of any case and age, aliases and HGNC ids. Digits alone are an Entrez id.
        """
        given = str(text).strip()
        if found := _HGNC.fullmatch(given):
            return self._of_rows(given, self._rows_of(int(found[1])), ResolvedBy.ID)
        if found := _ENSEMBL.fullmatch(given):
            return self._of_rows(given, self._find("genes.ensembl", int(found[1])), ResolvedBy.ENSEMBL)
        if found := _ENTREZ.fullmatch(given):
            return self._of_rows(given, self._find("genes.entrez", int(found[1])), ResolvedBy.ENTREZ)
        return self._by_name(given)

    def gene(self, gene_id: str) -> Gene:
        """The gene of an HGNC id.

        Raises
        ------
        NotFound
            When the table has no such gene.
        """
        found = _HGNC.fullmatch(gene_id.strip())
        rows = self._rows_of(int(found[1])) if found else []
        if not rows:
            raise NotFound("gene", gene_id)
        return self._gene(rows[0])

    def symbol(self, gene_id: str) -> str:
        """The approved symbol; an id that the table does not know is returned as given."""
        found = _HGNC.fullmatch(gene_id.strip())
        rows = self._rows_of(int(found[1])) if found else []
        return self._symbols[rows[0]] if rows else gene_id

    @cached_property
    def ids(self) -> Sequence[GeneId]:
        """All genes, ascending by HGNC number."""
        return tuple(GeneId(f"HGNC:{number}") for number in self._numbers.tolist())

    def _by_name(self, given: str) -> GeneResolution:
        key = given.upper()
        first = bisect_left(self.names, key)
        by_kind: dict[ResolvedBy, set[int]] = {}
        while first < len(self.names) and self.names[first] == key:
            by_kind.setdefault(NAME_KINDS[self.name_kinds[first]], set()).add(int(self.name_rows[first]))
            first += 1
        if ResolvedBy.SYMBOL in by_kind:
            return self._of_rows(given, sorted(by_kind[ResolvedBy.SYMBOL]), ResolvedBy.SYMBOL)
        kind = ResolvedBy.PREVIOUS if ResolvedBy.PREVIOUS in by_kind else ResolvedBy.ALIAS
        return self._of_rows(given, sorted(set().union(*by_kind.values())), kind)

    def _of_rows(self, given: str, rows: list[int], kind: ResolvedBy) -> GeneResolution:
        ids = tuple(GeneId(f"HGNC:{self._numbers[row]}") for row in rows)
        if not ids:
            return GeneResolution(given=given, gene=None, kind=ResolvedBy.UNKNOWN)
        if len(ids) > 1:
            return GeneResolution(given=given, gene=None, kind=ResolvedBy.AMBIGUOUS, candidates=ids)
        return GeneResolution(given=given, gene=ids[0], kind=kind, candidates=ids)

    def _rows_of(self, number: int) -> list[int]:
        row = int(np.searchsorted(self._numbers, np.int32(number)))
        return [row] if row < len(self._numbers) and self._numbers[row] == number else []

    def _find(self, column: str, number: int) -> list[int]:
        """Rows whose Ensembl or Entrez number this is; the order by that number lies in the snapshot."""
        order: NDArray[np.int32] = self._columns[f"{column}.order"]
        numbers: NDArray[np.int64] = self._columns[f"{column}.sorted"]
        first, last = np.searchsorted(numbers, np.int64(number)), np.searchsorted(numbers, np.int64(number), "right")
        return sorted(order[first:last].tolist()) if number > 0 else []

    def _gene(self, row: int) -> Gene:
        ensembl, entrez = int(self._columns["genes.ensembl"][row]), int(self._columns["genes.entrez"][row])
        return Gene(
            id=GeneId(f"HGNC:{self._numbers[row]}"),
            symbol=self._symbols[row],
            name=self._columns.texts("genes.name")[row],
            aliases=_split(self._columns.texts("genes.aliases")[row]),
            previous=_split(self._columns.texts("genes.previous")[row]),
            ensembl=f"ENSG{ensembl:011d}" if ensembl else None,
            entrez=str(entrez) if entrez else None,
            location=self._columns.texts("genes.location")[row] or None,
            chromosome=chromosome_of(self._columns.texts("genes.location")[row]),
            locus_type=self._columns.texts("genes.locus_type")[int(self._columns["genes.locus_type.row"][row])],
        )

    @cached_property
    def names(self) -> TextTable:
        """Every symbol, previous symbol and alias in capitals, ascending; `name_rows` and `name_kinds` go with it."""
        return self._columns.texts("genes.names")

    @cached_property
    def name_rows(self) -> NDArray[np.int32]:
        """The position in `ids` of the gene that has each name."""
        rows: NDArray[np.int32] = self._columns["genes.names.row"]
        return rows

    @cached_property
    def name_kinds(self) -> NDArray[np.uint8]:
        """What each name is to its gene: a position in NAME_KINDS."""
        kinds: NDArray[np.uint8] = self._columns["genes.names.kind"]
        return kinds

    @property
    def symbols(self) -> Sequence[str]:
        """Approved symbols, in the order of `ids`."""
        return self._symbols

    @property
    def full_names(self) -> Sequence[str]:
        """Approved names, in the order of `ids`."""
        return self._columns.texts("genes.name")

    @cached_property
    def coding(self) -> NDArray[np.bool_]:
        """Whether each gene makes a protein, in the order of `ids`."""
        kinds = np.array([kind == _CODING for kind in self._columns.texts("genes.locus_type")], np.bool_)
        coding: NDArray[np.bool_] = kinds[self._columns["genes.locus_type.row"]]
        return coding


def chromosome_of(location: str) -> str | None:
    """The chromosome of a cytogenetic location; X for genes of the pseudoautosomal regions, which have two.

    Examples
    --------
    >>> chromosome_of("19q13.43"), chromosome_of("mitochondria"), chromosome_of("reserved")
    ('19', 'MT', None)
    """
    if location.startswith("mitochondria"):
        return "MT"
    found = _CHROMOSOME.match(location)
    return found[1] if found else None


def _split(joined: str) -> tuple[str, ...]:
    return tuple(joined.split("|")) if joined else ()
