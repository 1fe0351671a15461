"""Lines of findings and genes: what they mean, and what is said of a line that means nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.lines import Reader, spell_findings, spell_genes
from matchmaker.model import AcmgClass, GenomicFeature, Origin, PhenotypicFeature, TermId, Variant, Zygosity
from ontology.releases import shipped
from tests.builders import a_case


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader(shipped())


@pytest.mark.parametrize(
    ("line", "term", "excluded"),
    [
        ("Seizure (HP:0001250)", "HP:0001250", False),
        ("hp:0001250", "HP:0001250", False),
        ("HP:0002279", "HP:0001250", False),
        ("seizures", "HP:0001250", False),
        ("no Seizure", "HP:0001250", True),
        ("- Seizure (HP:0001250)", "HP:0001250", True),
        ("Absent speech", "HP:0001344", False),
        ("no Absent speech", "HP:0001344", True),
        ("small head", "HP:0000252", False),
    ],
)
def test_finding_is_read_by_id_name_or_synonym(reader: Reader, line: str, term: str, excluded: bool) -> None:
    read = reader.findings(line)

    assert [(feature.term, feature.excluded) for feature in read.features] == [(term, excluded)]
    assert read.issues == ()


def test_finding_that_is_not_known_says_nothing(reader: Reader) -> None:
    read = reader.findings("? Seizure (HP:0001250)\n?Microcephaly\nHypotonia")

    assert [feature.term for feature in read.features] == ["HP:0001252"]
    assert read.issues == ()


@pytest.mark.parametrize(
    ("text", "message", "remedy"),
    [
        ("seizre", "line 1, seizre: is no name in HPO", "Seizure (HP:0001250)"),
        ("Seizure\nHP:9999999", "line 2", "search for the finding by name"),
        ("Seizure\nno Seizure", "present and absent", "keep one"),
        ("Autosomal dominant inheritance (HP:0000006)", "is no such finding", "choose a finding"),
        ("Seizure; colour: blue", "'colour: blue' is no detail", "onset"),
    ],
)
def test_line_that_is_no_finding_says_which_why_and_what_to_do(
    reader: Reader, text: str, message: str, remedy: str
) -> None:
    (issue,) = reader.findings(text).issues

    assert issue.path == "findings"
    assert message in issue.message
    assert remedy in issue.remedy


def test_gene_is_read_with_what_is_said_of_its_variants(reader: Reader) -> None:
    read = reader.genes("PHGDH; NM_006623.4:c.1468G>A; het; maternal; class 5\nPHGDH\tGRCh38 1-119,734,629-G-A\thom")

    (feature,) = read.genomic_features
    assert feature.gene == "HGNC:8923"
    assert feature.variants == (
        Variant(
            hgvs="NM_006623.4:c.1468G>A",
            zygosity=Zygosity.HETEROZYGOUS,
            origin=Origin.MATERNAL,
            acmg_class=AcmgClass.PATHOGENIC,
        ),
        Variant(
            assembly="GRCh38",
            chromosome="1",
            start=119734628,
            end=119734629,
            reference_bases="G",
            alternate_bases="A",
            zygosity=Zygosity.HOMOZYGOUS,
        ),
    )


def test_variant_may_come_without_a_gene(reader: Reader) -> None:
    (feature,) = reader.genes("GRCh37 X-100-A-T").genomic_features

    assert feature.gene is None
    assert feature.variants[0].chromosome == "X"


@pytest.mark.parametrize(
    ("line", "message"),
    [("NOSUCHGENE", "is no gene of our table"), ("PHGDH; perhaps", "'perhaps' cannot be read")],
)
def test_line_that_is_no_gene_says_so(reader: Reader, line: str, message: str) -> None:
    (issue,) = reader.genes(line).issues

    assert issue.path == "genes"
    assert message in issue.message


def test_ambiguous_alias_is_asked_and_not_guessed(reader: Reader) -> None:
    genes = shipped().genes
    ambiguous = next(name for name in genes.names if len(genes.resolve(name).candidates) > 1)

    (issue,) = reader.genes(ambiguous).issues

    assert "names several genes" in issue.message
    assert "choose one of" in issue.remedy


def test_case_written_as_lines_is_read_as_the_same(reader: Reader) -> None:
    release = shipped()
    case = replace(
        a_case(),
        features=(
            PhenotypicFeature(term=TermId("HP:0001250"), onset=TermId("HP:0003593"), severity=TermId("HP:0012828")),
            PhenotypicFeature(term=TermId("HP:0001344"), excluded=True),
        ),
        genomic_features=(
            GenomicFeature(gene=release.genes.resolve("TTN").gene),
            *reader.genes("PHGDH; GRCh38 1-5-G-A; de novo; likely pathogenic").genomic_features,
        ),
    )

    assert reader.findings(spell_findings(case, release)).features == case.features
    assert reader.genes(spell_genes(case, release)).genomic_features == case.genomic_features


def test_nothing_is_nothing(reader: Reader) -> None:
    assert reader.findings("\n \n").features == ()
    assert reader.genes("").genomic_features == ()
