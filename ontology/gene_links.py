"""Read HPO's links of genes to diseases and terms into the arrays of a snapshot."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import numpy as np

from matchmaker.errors import ReleaseError
from ontology.columns import Columns, Rows
from ontology.genes import GeneTable
from ontology.graph import Graph
from ontology.hpo import Hpo
from ontology.hpoa import places, share_of_patients
from ontology.tables import read_table

GENES_TO_PHENOTYPE = "genes_to_phenotype.txt"
PHENOTYPE_TO_GENES = (
    "phenotype_to_genes.txt"  # the same with every ancestor of each term; older packages have only this
)


def read_gene_links(path: Path, hpo: Hpo, genes: GeneTable, diseases: Sequence[str]) -> Columns:
    """Read diseases and terms of each gene; genes are recognised by Entrez id, else by symbol.

    Parameters
    ----------
    path
        `genes_to_phenotype.txt`; or `phenotype_to_genes.txt`, of which the most specific terms are kept.
    diseases
        Ids in the order of the snapshot; a link to another disease is left out.

    Raises
    ------
    ReleaseError
        When the file is missing, has another form, or links no gene of the table.
    """
    disease_row = {disease: row for row, disease in enumerate(diseases)}
    place, gene_number = places(hpo), _gene_numbers(genes)
    terms: dict[int, set[int]] = {}
    linked: dict[int, set[int]] = {}
    table = read_table(path, ("ncbi_gene_id", "gene_symbol", "hpo_id"), optional=("frequency", "disease_id"))
    for entrez, symbol, term, frequency, disease in table.records:
        number = gene_number(entrez, symbol)
        if number is None:
            continue
        if disease in disease_row:
            linked.setdefault(number, set()).add(disease_row[disease])
        dense = place(term).dense
        if dense >= 0 and share_of_patients(frequency) != 0.0:
            terms.setdefault(number, set()).add(dense)
    if path.name == PHENOTYPE_TO_GENES:
        terms = {number: _most_specific(found, hpo.graph) for number, found in terms.items()}
    return _columns(path, terms, linked)


def _gene_numbers(genes: GeneTable) -> Callable[[str, str], int | None]:
    """Look genes up once each: the HGNC number of an Entrez id, else of a symbol."""

    @cache
    def number(entrez: str, symbol: str) -> int | None:
        gene = genes.resolve(entrez).gene or genes.resolve(symbol).gene
        return None if gene is None else int(gene.removeprefix("HGNC:"))

    return number


def _most_specific(terms: set[int], graph: Graph) -> set[int]:
    """Leave out the terms above another one of the set."""
    return terms - {above for term in terms for above in graph.closure(term).tolist() if above != term}


def _columns(path: Path, terms: dict[int, set[int]], linked: dict[int, set[int]]) -> Columns:
    known = sorted(terms.keys() | linked.keys())
    if not known:
        raise ReleaseError(f"{path.name} links no gene of the gene table: download it again")
    columns = Columns()
    columns["gene.linked"] = np.array(known, np.int32)
    columns.put_rows("gene.diseases", Rows.of([sorted(linked.get(number, ())) for number in known]))
    columns.put_rows("gene.terms", Rows.of([sorted(terms.get(number, ())) for number in known]))
    return columns
