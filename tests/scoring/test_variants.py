from __future__ import annotations

import pytest

from matchmaker.model import CopyChange, CopyNumber, GeneId, Mechanism, Origin, Variant, Zygosity
from scoring.assemblies import assembly_name, chromosome_name
from scoring.variants import EffectClass, allele_of, mechanism_of

GENE = GeneId("HGNC:8923")


def a_variant(**stated: object) -> Variant:
    usual: dict[str, object] = {
        "assembly": "GRCh38",
        "chromosome": "1",
        "start": 100,
        "reference_bases": "A",
        "alternate_bases": "G",
    }
    return Variant(**{**usual, **stated})  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["GRCh37", "hg19", "GRCh37.p13", "b37", "hs37d5", " HG19 "])
def test_names_of_grch37_are_one(text: str):
    assert assembly_name(text) == "GRCh37"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("chrX", "X"),
        ("23", "X"),
        ("M", "MT"),
        ("chrMT", "MT"),
        ("09", "9"),
        ("NC_000001.11", "1"),
        ("HSCHR6_MHC", None),
    ],
)
def test_names_of_chromosomes_are_one(text: str, name: str | None):
    assert chromosome_name(text) == name


def test_bases_shared_on_both_sides_are_cut_and_the_start_moves():
    padded = allele_of(a_variant(start=99, reference_bases="TAC", alternate_bases="TGC"), GENE)
    assert padded == allele_of(a_variant(end=101), GENE)


def test_deletion_written_with_and_without_its_anchor_is_one():
    anchored = allele_of(a_variant(start=99, reference_bases="TA", alternate_bases="T"), GENE)
    assert anchored == allele_of(a_variant(reference_bases="a", alternate_bases="-"), GENE)


def test_unknown_assembly_costs_the_position_and_not_the_gene():
    allele = allele_of(a_variant(assembly="NCBI36"), GENE)
    assert allele.locus is None
    assert allele.gene == GENE


def test_variant_without_anything_is_an_allele_that_says_nothing():
    allele = allele_of(Variant(), GENE)
    assert (allele.locus, allele.span, allele.effect, mechanism_of(allele)) == (None, None, None, None)


def test_deletion_of_a_region_takes_the_function_of_its_genes():
    allele = allele_of(Variant(copy_number=CopyNumber(change=CopyChange.LOSS)), GENE)
    assert allele.effect == EffectClass.LOSS
    assert mechanism_of(allele) is Mechanism.LOSS_OF_FUNCTION


@pytest.mark.parametrize("effect", ["SO:0001587", "so:0001589", "SO_0001574", "SO:0001893"])
def test_truncating_effects_are_one_class(effect: str):
    assert allele_of(Variant(effect=effect), GENE).effect == EffectClass.LOSS


def test_stated_mechanism_wins_over_what_the_effect_suggests():
    allele = allele_of(Variant(effect="SO:0001587", mechanism=Mechanism.GAIN_OF_FUNCTION), GENE)
    assert mechanism_of(allele) is Mechanism.GAIN_OF_FUNCTION


@pytest.mark.parametrize("variant", [Variant(origin=Origin.SOMATIC), Variant(zygosity=Zygosity.MOSAIC)])
def test_somatic_and_mosaic_variants_are_in_part_of_the_cells(variant: Variant):
    assert allele_of(variant, GENE).mosaic
