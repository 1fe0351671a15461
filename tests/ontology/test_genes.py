"""Which gene is meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.errors import NotFound, ReleaseError
from ontology.genes import GeneTable, ResolvedBy, chromosome_of
from ontology.hgnc import read_gene_table
from ontology.releases import Release
from tests.ontology.files import GENES, gene_table

PHGDH = "HGNC:8923"


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ("HGNC:8923", ResolvedBy.ID),
        ("hgnc:8923", ResolvedBy.ID),
        ("HGNC_8923", ResolvedBy.ID),
        ("https://identifiers.org/hgnc:8923", ResolvedBy.ID),
        ("https://identifiers.org/hgnc/HGNC:8923", ResolvedBy.ID),
        ("PHGDH", ResolvedBy.SYMBOL),
        (" phgdh ", ResolvedBy.SYMBOL),
        ("ENSG00000092621", ResolvedBy.ENSEMBL),
        ("ensg00000092621.14", ResolvedBy.ENSEMBL),
        ("26227", ResolvedBy.ENTREZ),
        (26227, ResolvedBy.ENTREZ),
        ("NCBIGene:26227", ResolvedBy.ENTREZ),
        ("Entrez: 26227", ResolvedBy.ENTREZ),
        ("SERA", ResolvedBy.ALIAS),
    ],
)
def test_every_way_to_name_a_gene_finds_it(release: Release, given: str | int, kind: ResolvedBy) -> None:
    resolution = release.genes.resolve(given)

    assert (resolution.gene, resolution.kind) == (PHGDH, kind)
    assert resolution.given == str(given).strip()


def test_previous_symbol_finds_the_gene_of_today(release: Release) -> None:
    resolution = release.genes.resolve("MCPH5")

    assert (resolution.gene, resolution.kind) == ("HGNC:19048", ResolvedBy.PREVIOUS)


def test_approved_symbol_wins_over_an_alias_of_another_gene(small: Release) -> None:
    # PHGDH is an alias of an invented gene too.
    assert small.genes.resolve("PHGDH").gene == PHGDH


def test_name_of_several_genes_is_ambiguous_and_names_them(small: Release) -> None:
    resolution = small.genes.resolve("twice")

    assert (resolution.gene, resolution.kind) == (None, ResolvedBy.AMBIGUOUS)
    assert resolution.candidates == ("HGNC:1", "HGNC:2")


@pytest.mark.parametrize(
    "given", ["", "NOSUCHGENE", "ENSG00000999999", "ENST00000092621", "HGNC:9999999", "0", -5, 10**30]
)
def test_what_no_gene_is_called_is_unknown(release: Release, given: str | int) -> None:
    resolution = release.genes.resolve(given)

    assert (resolution.gene, resolution.kind, resolution.candidates) == (None, ResolvedBy.UNKNOWN, ())


def test_gene_has_all_of_its_ids(release: Release) -> None:
    gene = release.genes.gene("hgnc:8923")

    assert (gene.id, gene.symbol, gene.name) == (PHGDH, "PHGDH", "phosphoglycerate dehydrogenase")
    assert (gene.ensembl, gene.entrez) == ("ENSG00000092621", "26227")
    assert (gene.location, gene.chromosome) == ("1p12", "1")
    assert gene.locus_type == "gene with protein product"
    assert "SERA" in gene.aliases


def test_gene_without_ensembl_and_entrez_says_so(small: Release) -> None:
    gene = small.genes.gene("HGNC:1")

    assert (gene.ensembl, gene.entrez, gene.previous, gene.chromosome) == (None, None, (), "X")


@pytest.mark.parametrize("given", ["HGNC:9999999", "PHGDH", ""])
def test_gene_that_the_table_lacks_is_not_found_and_has_itself_as_symbol(release: Release, given: str) -> None:
    assert release.genes.symbol(given) == given
    with pytest.raises(NotFound):
        release.genes.gene(given)


@pytest.mark.parametrize(
    ("location", "chromosome"),
    [
        ("1p12", "1"),
        ("22q11.21", "22"),
        ("Yq11", "Y"),
        ("2cen-q13", "2"),
        ("14", "14"),
        ("mitochondria", "MT"),
        ("Xp22.33 and Yp11.2", "X"),
        ("unplaced", None),
        ("", None),
    ],
)
def test_chromosome_is_read_from_the_location(location: str, chromosome: str | None) -> None:
    assert chromosome_of(location) == chromosome


def test_withdrawn_genes_are_not_in_the_table(small: Release) -> None:
    assert len(small.genes) == 4
    assert small.genes.resolve("GONE").kind is ResolvedBy.UNKNOWN
    assert small.genes.version == "2031-01-02"  # the newest date of an approved gene


@pytest.mark.slow
def test_every_symbol_and_id_of_the_shipped_table_finds_its_own_gene(release: Release) -> None:
    genes = release.genes
    for gene_id in genes.ids:
        gene = genes.gene(gene_id)
        assert genes.resolve(gene.symbol).gene == gene_id
        assert genes.resolve(gene_id).gene == gene_id
        assert gene.entrez is None or genes.resolve(gene.entrez).gene == gene_id
        if gene.ensembl and (by_ensembl := genes.resolve(gene.ensembl)).gene != gene_id:
            assert gene_id in by_ensembl.candidates  # Ensembl merged two genes of HGNC


def test_counts_of_the_shipped_table_are_those_in_its_documentation(release: Release) -> None:
    assert len(release.genes) == 44_117
    assert release.genes.version == "2025-06-03"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column hgnc_id"),
        ("symbol\tname\nPHGDH\tx\n", "no column hgnc_id"),
        (gene_table(), "no gene"),
        (GENES[: GENES.index("withdrawn")], "damaged in line 6"),
        (GENES.replace("HGNC:8923", "8923"), "damaged in line 2"),
    ],
)
def test_gene_table_of_another_form_is_refused(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_text(text)

    with pytest.raises(ReleaseError, match=message):
        read_gene_table(path)


def test_gene_table_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "genes.tsv.gz"
    path.write_bytes(b"\x1f\x8b\x08broken")

    with pytest.raises(ReleaseError, match=r"genes\.tsv\.gz cannot be read"):
        read_gene_table(path)


def test_quotes_of_the_whole_set_are_not_part_of_a_name(tmp_path: Path) -> None:
    path = tmp_path / "hgnc_complete_set.txt"
    path.write_text(GENES.replace("SERA|PGDH", '"SERA|PGDH"'))

    assert GeneTable(read_gene_table(path)).gene(PHGDH).aliases == ("SERA", "PGDH")
