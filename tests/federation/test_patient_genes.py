"""The rows of MME.md's table "The patient" on genes and variants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from federation.schemas import write_case, write_patient
from matchmaker.model import Case, GenomicFeature, Variant, Zygosity
from tests.federation.patients import a_patient, around, read, said, the_release

VARIANT = {"assembly": "GRCh37", "referenceName": "17", "start": 42929130, "end": 42929131}


def genes(case: Case) -> list[str | None]:
    return [feature.gene for feature in case.genomic_features]


def variant_of(**entry: Any) -> Variant:
    [feature] = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, **entry}])).case.genomic_features
    [variant] = feature.variants
    return variant


# gene id


@pytest.mark.parametrize(
    "sent",
    [
        "EFTUD2",
        "eftud2",
        " EFTUD2 ",
        "ENSG00000108883",
        "ENSG00000108883.9",
        "ensg00000108883",
        "9343",
        9343,
        "HGNC:30858",
        "SNRP116",
        "U5-116KD",
    ],
)
def test_gene_of_every_naming_is_resolved_to_one(sent: Any) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": sent}}]))

    assert genes(found.case) == ["HGNC:30858"]
    assert found.warnings == ()


def test_old_symbol_is_resolved() -> None:
    assert genes(read(a_patient(genomicFeatures=[{"gene": {"id": "KARS"}}])).case) == ["HGNC:6215"]


def test_ambiguous_alias_is_kept_as_sent_and_the_warning_names_the_candidates() -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "p40"}}]))

    assert genes(found.case) == ["p40"]
    [warning] = found.warnings
    assert warning.path == "genomicFeatures[0].gene.id"
    assert "IL9 (HGNC:6029)" in warning.remedy


def test_unknown_gene_is_kept_as_sent_with_a_warning() -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": " NOSUCHGENE "}}]))

    assert genes(found.case) == ["NOSUCHGENE"]
    assert list(said(found)) == ["genomicFeatures[0].gene.id"]


def test_symbol_beside_an_unknown_id_names_the_gene() -> None:
    sent = [{"gene": {"id": "ENSG99999999999", "_symbol": "EFTUD2"}}, {"gene": "PHGDH"}]

    assert genes(read(a_patient(genomicFeatures=sent)).case) == ["HGNC:30858", "HGNC:8923"]


def test_genes_are_sent_as_ensembl_ids_with_their_symbol() -> None:
    case = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}}])).case
    [feature] = write_patient(case, the_release())["genomicFeatures"]

    assert feature["gene"] == {"id": "ENSG00000108883", "_symbol": "EFTUD2", "_hgnc": "HGNC:30858"}


def test_several_entries_of_one_gene_are_one_feature_with_several_variants() -> None:
    sent = [
        {"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, "start": 1}, "zygosity": 1},
        {"gene": {"id": "PHGDH"}},
        {"gene": {"id": "ENSG00000108883"}, "variant": {**VARIANT, "start": 2}, "zygosity": 1},
        {"gene": {"id": "SNRP116"}},
    ]
    found = read(a_patient(genomicFeatures=sent)).case.genomic_features

    assert [(f.gene, [v.start for v in f.variants]) for f in found] == [("HGNC:30858", [1, 2]), ("HGNC:8923", [])]


# variant without gene; two features without a variant


def test_variant_without_a_gene_is_read() -> None:
    sent = [{"variant": VARIANT}, {"gene": None, "variant": {**VARIANT, "start": 7}}, {"gene": {}, "variant": VARIANT}]
    found = read(a_patient(features=None, genomicFeatures=sent)).case.genomic_features

    assert [feature.gene for feature in found] == [None, None, None]
    assert [feature.variants[0].start for feature in found] == [42929130, 7, 42929130]


@pytest.mark.parametrize("variant", [..., None, {}, {"assembly": None}])
def test_gene_without_a_variant_has_none(variant: Any) -> None:
    sent = {"gene": {"id": "EFTUD2"}} if variant is ... else {"gene": {"id": "EFTUD2"}, "variant": variant}

    assert read(a_patient(genomicFeatures=[sent])).case.genomic_features == (GenomicFeature(gene="HGNC:30858"),)  # type: ignore[arg-type]


def test_entry_that_says_nothing_is_ignored_with_a_warning() -> None:
    found = read(a_patient(genomicFeatures=[{}, {"gene": {"id": "EFTUD2"}}]))

    assert genes(found.case) == ["HGNC:30858"]
    assert list(said(found)) == ["genomicFeatures[0]"]


# start; numbers as strings


@pytest.mark.parametrize(
    ("sent", "start"), [(42929130, 42929130), ("42929130", 42929130), (" 7 ", 7), (7.0, 7), (0, 0)]
)
def test_digit_strings_are_numbers(sent: Any, start: int) -> None:
    variant = variant_of(variant={**VARIANT, "start": sent, "end": "42929131"})

    assert (variant.start, variant.end) == (start, 42929131)


@pytest.mark.parametrize("sent", ["x", "-1", -1, 1.5, True, [], 2**40, "99999999999"])
def test_position_that_is_none_is_ignored_with_a_warning(sent: Any) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, "start": sent}}]))

    assert found.case.genomic_features[0].variants[0].start is None
    assert list(said(found)) == ["genomicFeatures[0].variant.start"]


def test_missing_start_is_a_warning_and_the_gene_stays() -> None:
    sent = [{"gene": {"id": "EFTUD2"}, "variant": {"assembly": "GRCh37", "referenceName": "17"}}]
    found = read(a_patient(genomicFeatures=sent))

    assert genes(found.case) == ["HGNC:30858"]
    assert list(said(found)) == ["genomicFeatures[0].variant.start"]


def test_end_before_start_is_ignored() -> None:
    assert variant_of(variant={**VARIANT, "end": 3}).end is None


# referenceName, assembly


@pytest.mark.parametrize(
    ("sent", "chromosome"),
    [("chr17", "17"), ("17", "17"), (17, "17"), ("M", "MT"), ("chrM", "MT"), ("MT", "MT"), ("23", "X"), ("x", "X")],
)
def test_chromosome_names_are_normalised(sent: Any, chromosome: str) -> None:
    assert variant_of(variant={**VARIANT, "referenceName": sent}).chromosome == chromosome


@pytest.mark.parametrize("sent", ["GRCh37", "hg19", "GRCh37.p13", "b37", "grch37", "GRCh37/hg19", 37])
def test_assembly_names_are_normalised(sent: Any) -> None:
    assert variant_of(variant={**VARIANT, "assembly": sent}).assembly == "GRCh37"


@pytest.mark.parametrize(("field", "sent"), [("assembly", "NCBI36"), ("referenceName", "GL000192.1")])
def test_unknown_assembly_or_chromosome_costs_the_variant_not_the_gene(field: str, sent: str) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, field: sent}}]))

    assert genes(found.case) == ["HGNC:30858"]
    assert list(said(found)) == [f"genomicFeatures[0].variant.{field}"]


@pytest.mark.parametrize("variant", ["c.1A>G", 5, [VARIANT], True])
def test_variant_that_is_no_object_is_ignored_and_the_gene_stays(variant: Any) -> None:
    assert genes(read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": variant}])).case) == [
        "HGNC:30858"
    ]


@pytest.mark.parametrize(
    ("sent", "bases"), [("a", "A"), ("ACGT", "ACGT"), ("<del>", "<DEL>"), ("DEL", "<DEL>"), ("-", "-"), ("", None)]
)
def test_bases_are_normalised(sent: str, bases: str | None) -> None:
    assert variant_of(variant={**VARIANT, "referenceBases": sent}).reference_bases == bases


# zygosity


@pytest.mark.parametrize(
    ("sent", "zygosity"),
    [(1, Zygosity.HETEROZYGOUS), ("1", Zygosity.HETEROZYGOUS), (2, Zygosity.HOMOZYGOUS), (2.0, Zygosity.HOMOZYGOUS)],
)
def test_zygosity_1_and_2_are_read(sent: Any, zygosity: Zygosity) -> None:
    assert variant_of(variant=VARIANT, zygosity=sent).zygosity is zygosity


@pytest.mark.parametrize("sent", [0, 3, "0", "hom", None, True, -1, []])
def test_other_zygosity_is_unknown(sent: Any) -> None:
    assert variant_of(variant=VARIANT, zygosity=sent).zygosity is None


def test_hemizygous_is_sent_as_1_and_comes_back() -> None:
    case = replace(
        read(a_patient()).case,
        genomic_features=(GenomicFeature(variants=(Variant(zygosity=Zygosity.HEMIZYGOUS),)),),
    )

    assert write_case(case, the_release())["genomicFeatures"][0]["zygosity"] == 1
    assert around(case) == case


# type


@pytest.mark.parametrize("sent", [{"id": "SO:0001587", "label": "STOPGAIN"}, "SO:0001587", {"id": "so_0001587"}])
def test_effect_is_a_sequence_ontology_id(sent: Any) -> None:
    assert variant_of(variant=VARIANT, type=sent).effect == "SO:0001587"


def test_effect_without_a_variant_is_kept() -> None:
    assert variant_of(type={"id": "SO:0001587"}, zygosity=2) == Variant(
        effect="SO:0001587", zygosity=Zygosity.HOMOZYGOUS
    )


@pytest.mark.parametrize("sent", [{"id": "TRUNCATING"}, "STOPGAIN", {"id": 1587}, 5])
def test_effect_of_another_source_is_ignored_with_a_warning(sent: Any) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": VARIANT, "type": sent}]))

    assert found.case.genomic_features[0].variants[0].effect is None
    assert list(said(found)) == ["genomicFeatures[0].type.id"]
