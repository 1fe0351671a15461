"""Variants, genes and copy numbers of phenopackets, as the field writes them."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker.model import AcmgClass, CopyChange, CopyNumber, Origin, Status, Variant, Zygosity
from tests.federation.packets import a_call, a_packet, read


def variant_of(descriptor: dict[str, Any], **beside: Any) -> Variant:
    found = read(a_call(variantInterpretation={"variationDescriptor": {"id": "v", **descriptor}, **beside}))
    [feature] = found.case.genomic_features
    [variant] = feature.variants
    return variant


def test_vcf_record_is_turned_from_1_based_to_0_based() -> None:
    record = {"genomeAssembly": "hg38", "chrom": "chr1", "pos": "119742890", "ref": "G", "alt": "A"}
    variant = variant_of(
        {
            "vcfRecord": record,
            "allelicState": {"id": "GENO:0000136", "label": "homozygous"},
            "expressions": [
                {"syntax": "hgvs.p", "value": "NP_1.1:p.X"},
                {"syntax": "hgvs.c", "value": "NM_1.1:c.1G>A"},
            ],
            "geneContext": {"valueId": "HGNC:8923", "symbol": "PHGDH"},
        },
        acmgPathogenicityClassification="PATHOGENIC",
    )

    assert variant == Variant(
        assembly="GRCh38",
        chromosome="1",
        start=119742889,
        end=119742890,
        reference_bases="G",
        alternate_bases="A",
        hgvs="NM_1.1:c.1G>A",
        zygosity=Zygosity.HOMOZYGOUS,
        acmg_class=AcmgClass.PATHOGENIC,
    )


@pytest.mark.parametrize(
    ("interval", "state"),
    [
        (
            {"sequenceInterval": {"startNumber": {"value": "119742889"}, "endNumber": {"value": "119742890"}}},
            {"literalSequenceExpression": {"sequence": "A"}},
        ),
        ({"simpleInterval": {"start": "119742889", "end": "119742890"}}, {"sequenceState": {"sequence": "A"}}),
    ],
)
def test_vrs_allele_is_read(interval: dict[str, Any], state: dict[str, Any]) -> None:
    allele = {"sequenceLocation": {"sequenceId": "refseq:NC_000001.11", **interval}, **state}
    variant = variant_of({"variation": {"allele": allele}, "vrsRefAlleleSeq": "G"})

    assert variant == Variant(
        assembly="GRCh38", chromosome="1", start=119742889, end=119742890, reference_bases="G", alternate_bases="A"
    )


def test_symbolic_allele_ends_where_its_info_says() -> None:
    record = {
        "genomeAssembly": "GRCh37",
        "chrom": "X",
        "pos": "1001",
        "ref": "N",
        "alt": "<DEL>",
        "info": "SVTYPE=DEL;END=2000",
    }
    variant = variant_of({"vcfRecord": record, "structuralType": {"id": "SO:1000029", "label": "chromosomal_deletion"}})

    assert (variant.start, variant.end, variant.alternate_bases) == (1000, 2000, "<DEL>")
    assert variant.effect == "SO:1000029"


@pytest.mark.parametrize(
    ("copies", "copy_number"),
    [
        ("1", CopyNumber(change=CopyChange.LOSS, copies=1)),
        ("0", CopyNumber(change=CopyChange.LOSS, copies=0)),
        ("3", CopyNumber(change=CopyChange.GAIN, copies=3)),
    ],
)
def test_copy_number_is_read(copies: str, copy_number: CopyNumber) -> None:
    interval = {"startNumber": {"value": "0"}, "endNumber": {"value": "2000"}}
    location = {"sequenceId": "refseq:NC_000023.10", "sequenceInterval": interval}
    counted = {"derivedSequenceExpression": {"location": location}, "number": {"value": copies}}
    variant = variant_of({"variation": {"copyNumber": counted}})

    assert variant == Variant(assembly="GRCh37", chromosome="X", start=0, end=2000, copy_number=copy_number)


@pytest.mark.parametrize(
    ("state", "zygosity"),
    [
        ("GENO:0000135", Zygosity.HETEROZYGOUS),
        ("GENO:0000402", Zygosity.HETEROZYGOUS),
        ("GENO:0000134", Zygosity.HEMIZYGOUS),
        ("GENO:0000602", Zygosity.HOMOPLASMIC),
        ("GENO:0000603", Zygosity.HETEROPLASMIC),
    ],
)
def test_allelic_state_is_read(state: str, zygosity: Zygosity) -> None:
    assert variant_of({"allelicState": {"id": state, "label": "x"}}).zygosity is zygosity


def test_mosaicism_and_our_own_extensions_are_read() -> None:
    extensions = [
        {"name": "mosaicism", "value": "40.0%"},
        {"name": "_origin", "value": "de_novo"},
        {"name": "x", "value": "y"},
    ]

    assert variant_of({"extensions": extensions}) == Variant(
        zygosity=Zygosity.MOSAIC, allele_fraction=0.4, origin=Origin.DE_NOVO
    )


def test_gene_alone_is_a_candidate_and_a_solved_case_says_so() -> None:
    case = read(a_call(gene={"valueId": "HGNC:8923", "symbol": "PHGDH"})).case

    assert [feature.gene for feature in case.genomic_features] == ["HGNC:8923"]
    assert [disorder.id for disorder in case.disorders] == ["OMIM:601815"]
    assert case.status is Status.SOLVED


def test_rejected_gene_is_no_candidate() -> None:
    packet = a_call(interpretationStatus="REJECTED", gene={"valueId": "HGNC:8923", "symbol": "PHGDH"})

    assert read(packet).case.genomic_features == ()


def test_excluded_disease_is_no_disorder() -> None:
    diseases = [
        {"term": {"id": "OMIM:601815", "label": "x"}, "excluded": True},
        {"term": {"id": "ORPHA:79351", "label": "y"}},
    ]

    assert [disorder.id for disorder in read(a_packet(diseases=diseases)).case.disorders] == ["ORPHA:79351"]
