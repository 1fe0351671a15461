"""Diseases of one release and what HPO says of them: phenotype.hpoa and genes_to_phenotype."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import NotFound
from matchmaker.model import DiseaseId, GeneId, Sex, TermId
from ontology.columns import Columns, Rows
from ontology.diseases import disease_id
from ontology.term_ids import term_id_of


class Aspect(StrEnum):
    """Which part of HPO an annotation speaks of."""

    PHENOTYPE = "P"
    INHERITANCE = "I"
    CLINICAL_COURSE = "C"
    MODIFIER = "M"
    PAST_HISTORY = "H"


ASPECTS = tuple(Aspect)  # a snapshot holds positions in it
SEXES = (None, Sex.FEMALE, Sex.MALE)
_HGNC = re.compile(r"HGNC:([0-9]{1,7})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Annotation:
    """One line of phenotype.hpoa, its term resolved.

    `frequency` is the share of patients in [0, 1], None when not stated. `excluded`: qualifier NOT, or none of the
    patients who were examined had it.
    """

    term: TermId
    frequency: float | None
    onset: TermId | None
    sex: Sex | None
    references: tuple[str, ...]
    excluded: bool
    aspect: Aspect = Aspect.PHENOTYPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Disease:
    """An entry of phenotype.hpoa; modes of inheritance are apart from the other annotations."""

    id: DiseaseId
    name: str
    annotations: tuple[Annotation, ...]
    inheritance: tuple[TermId, ...]
    genes: tuple[GeneId, ...]


class Annotations:
    """Diseases by id, and the corpus that information content is counted on.

    Attributes
    ----------
    term_offsets : int32 array of shape (n_diseases + 1,)
    term_disease : int32 array
        The corpus: dense ids in `Hpo.graph`, ascending and unique, of the phenotypic abnormalities observed in disease
        d are `term_disease[term_offsets[d]:term_offsets[d + 1]]`; d is the position in `ids`. Excluded ones are not
        in it.
    frequencies : float32 array, aligned with `term_disease`
        Share of patients in (0, 1]; nan where no source states one, the mean where several do.
    """

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self.ids: Sequence[str] = columns.texts("disease.id")
        self._names = columns.texts("disease.name")
        self._offsets: NDArray[np.int32] = columns["disease.offsets"]
        corpus = columns.rows("disease.terms")
        self.term_offsets: NDArray[np.int32] = corpus.offsets
        self.term_disease: NDArray[np.int32] = corpus.values
        self.frequencies: NDArray[np.float32] = columns["disease.terms.frequency"]
        self.version = columns.texts("disease.version")[0]

    def __len__(self) -> int:
        return len(self.ids)

    def disease(self, id_: str) -> Disease:
        """The disease of this id, in any spelling that `ontology.diseases` knows.

        Raises
        ------
        NotFound
            When the release does not annotate it.
        """
        row = self._row(id_)
        if row is None:
            raise NotFound("disease", id_)
        lines = range(self._offsets[row], self._offsets[row + 1])
        annotations = [self._annotation(line) for line in lines]
        return Disease(
            id=DiseaseId(self.ids[row]),
            name=self._names[row],
            annotations=tuple(a for a in annotations if a.aspect is not Aspect.INHERITANCE),
            inheritance=self.inheritance(id_),
            genes=self.genes_of_disease(id_),
        )

    def name(self, id_: str) -> str | None:
        """The disease's name in HPOA; None when it is not annotated."""
        row = self._row(id_)
        return None if row is None else self._names[row]

    def inheritance(self, id_: str) -> tuple[TermId, ...]:
        """The disease's modes of inheritance, as `disease` gives them; none where it is not annotated."""
        row = self._row(id_)
        if row is None:
            return ()
        lines = slice(self._offsets[row], self._offsets[row + 1])
        term, aspect, excluded = (self._lines[name][lines] for name in ("term", "aspect", "excluded"))
        modes = term[(aspect == ASPECTS.index(Aspect.INHERITANCE)) & (excluded == 0)]
        return tuple(dict.fromkeys(map(self._term, modes.tolist())))

    def genes_of_disease(self, id_: str) -> tuple[GeneId, ...]:
        row = self._row(id_)
        return () if row is None else tuple(_gene_id(number) for number in self._disease_genes[row].tolist())

    def diseases_of_gene(self, gene_id: str) -> tuple[DiseaseId, ...]:
        row = self._gene_row(gene_id)
        return () if row is None else tuple(DiseaseId(self.ids[d]) for d in self._gene_diseases[row].tolist())

    def genes_phenotype(self, gene_id: str) -> NDArray[np.int32]:
        """Dense ids of the terms seen in any disease of the gene, ascending, of shape (n_terms,); empty if unknown.

        Source: genes_to_phenotype.txt of the release.
        """
        row = self._gene_row(gene_id)
        return np.zeros(0, np.int32) if row is None else self._columns.rows("gene.terms")[row]

    def papers_of_gene(self, gene_id: str) -> int:
        """How many publications the annotations of a gene's diseases cite: as common as the gene is among cases."""
        row = self._gene_row(gene_id)
        if row is None:
            return 0
        offsets, papers = self._papers
        cited = [papers[offsets[d] : offsets[d + 1]] for d in self._gene_diseases[row].tolist()]
        return len(np.unique(np.concatenate(cited))) if cited else 0

    def diseases_citing(self, paper: str) -> tuple[DiseaseId, ...]:
        """The diseases of which an annotation cites a publication (PMID:...)."""
        row = bisect_left(self._references, paper)
        if row == len(self._references) or self._references[row] != paper:
            return ()
        offsets, papers = self._papers
        diseases = np.searchsorted(offsets, np.flatnonzero(papers == row), side="right") - 1
        return tuple(DiseaseId(self.ids[d]) for d in diseases.tolist())

    @cached_property
    def genes(self) -> Sequence[GeneId]:
        """Genes that HPO links to a disease, ascending by HGNC number."""
        return tuple(_gene_id(number) for number in self._gene_numbers.tolist())

    def _row(self, id_: str) -> int | None:
        wanted = disease_id(id_) or id_
        row = bisect_left(self.ids, wanted)
        return row if row < len(self.ids) and self.ids[row] == wanted else None

    def _gene_row(self, gene_id: str) -> int | None:
        found = _HGNC.fullmatch(gene_id)
        if found is None:
            return None
        row = int(np.searchsorted(self._gene_numbers, np.int32(found[1])))
        return row if row < len(self._gene_numbers) and self._gene_numbers[row] == int(found[1]) else None

    def _annotation(self, line: int) -> Annotation:
        frequency, onset = float(self._lines["frequency"][line]), int(self._lines["onset"][line])
        return Annotation(
            term=self._term(self._lines["term"][line]),
            frequency=None if np.isnan(frequency) else frequency,
            onset=None if onset < 0 else self._term(onset),
            sex=SEXES[self._lines["sex"][line]],
            references=tuple(self._references[r] for r in self._reference_rows[line].tolist()),
            excluded=bool(self._lines["excluded"][line]),
            aspect=ASPECTS[self._lines["aspect"][line]],
        )

    def _term(self, row: int) -> TermId:
        return term_id_of(int(self._columns["hpo.number"][row]))

    @cached_property
    def _lines(self) -> dict[str, NDArray[Any]]:
        names = ("term", "frequency", "onset", "sex", "excluded", "aspect")
        return {name: self._columns[f"annotation.{name}"] for name in names}

    @cached_property
    def _references(self) -> Sequence[str]:
        return self._columns.texts("reference")

    @cached_property
    def _reference_rows(self) -> Rows:
        return self._columns.rows("annotation.references")

    @cached_property
    def _papers(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The publications that each disease's annotations cite: those of row d are between offsets d and d + 1."""
        of_line, n_references = self._reference_rows, len(self._references)
        disease = np.repeat(np.arange(len(self)), np.diff(self._offsets))
        line = np.repeat(np.arange(len(disease)), np.diff(of_line.offsets))
        pairs = np.unique(disease[line].astype(np.int64) * n_references + of_line.values)
        disease, reference = np.divmod(pairs, max(1, n_references))
        is_paper = np.array([text.startswith("PMID:") for text in self._references], np.bool_)[reference]
        return np.searchsorted(disease[is_paper], np.arange(len(self) + 1)), reference[is_paper]

    @cached_property
    def _gene_numbers(self) -> NDArray[np.int32]:
        numbers: NDArray[np.int32] = self._columns["gene.linked"]
        return numbers

    @cached_property
    def _gene_diseases(self) -> Rows:
        return self._columns.rows("gene.diseases")

    @cached_property
    def _disease_genes(self) -> Rows:
        by_gene = self._gene_diseases
        numbers = np.repeat(self._gene_numbers, np.diff(by_gene.offsets))
        return Rows.group(by_gene.values, numbers, n_rows=len(self))


def _gene_id(number: int) -> GeneId:
    return GeneId(f"HGNC:{number}")
