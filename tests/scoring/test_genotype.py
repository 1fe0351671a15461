from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.model import CaseId, CopyChange, GeneId, Mechanism, Sex, TermId, Zygosity
from scoring.agreement import MatchKind, placed_kind, region_keys, regions_near
from scoring.gene_weight import list_weight
from scoring.parameters import shipped_parameters
from scoring.profile import Profile
from scoring.scorer import Scorer
from scoring.shared_gene import Conflict, SharedGene
from scoring.variants import Allele, EffectClass
from scoring.zygosity import Plasmy
from tests.scoring.strategies import GENES, RELEASE, profiles, world

CORPUS, _ = world([[], [0], [0]], [[1], [2]])
SCORER = Scorer(CORPUS)
X_GENE, RECESSIVE_GENE, GENE = GENES[0], GENES[1], GENES[2]
HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS


def an_allele(gene: GeneId | None = GENE, **stated: object) -> Allele:
    return Allele(gene=gene, **stated)  # type: ignore[arg-type]


def placed(gene: GeneId | None = GENE, start: int = 100, **stated: object) -> Allele:
    usual: dict[str, object] = {"assembly": "GRCh38", "chromosome": "1", "start": start, "end": start + 1}
    return an_allele(gene, **{**usual, "reference_bases": "A", "alternate_bases": "G", **stated})


def carrying(*alleles: Allele, **stated: object) -> Profile:
    genes = tuple(sorted({a.gene for a in alleles if a.gene is not None}))
    usual: dict[str, object] = {"case_id": CaseId("x"), "release": RELEASE, "genes": genes, "alleles": alleles}
    return Profile(**{**usual, **stated})  # type: ignore[arg-type]


def shared(query: Profile, other: Profile) -> SharedGene:
    (found,) = SCORER.shared_genes(query, other)
    return found


def test_same_variant_beats_its_neighbour_beats_the_effect_beats_the_gene_beats_nothing():
    mine = placed(effect=EffectClass.MISSENSE)
    others = [
        placed(effect=EffectClass.MISSENSE),
        placed(start=101),
        placed(start=500, effect=EffectClass.MISSENSE),
        placed(start=500),
    ]
    found = [shared(carrying(mine), carrying(other)) for other in others]
    assert [f.kind for f in found] == [kind for kind in MatchKind if kind is not MatchKind.SAME_REGION]
    evidences = [f.evidence for f in found]
    assert evidences == sorted(evidences, reverse=True)
    assert len(set(evidences)) == 4
    assert SCORER.shared_genes(carrying(mine), carrying(placed(GENES[3], start=500))) == ()


def test_one_of_two_variants_in_common_is_less_than_both():
    query = carrying(placed(zygosity=HET), placed(start=500, zygosity=HET))
    homozygous = carrying(placed(zygosity=HOM))
    assert shared(query, query).covered == 1.0
    assert shared(query, homozygous).covered == shared(homozygous, query).covered == 2 / 3
    assert shared(query, homozygous).evidence < shared(query, query).evidence


def test_variant_of_which_too_little_is_known_covers_nothing_and_costs_nothing():
    query = carrying(placed(), an_allele(effect=EffectClass.MISSENSE))
    assert shared(query, query).covered == shared(query, carrying(placed())).covered == 1.0


def test_missing_variant_on_both_sides_is_no_agreement():
    assert shared(carrying(an_allele()), carrying(an_allele())).kind is MatchKind.SAME_GENE


def test_other_base_at_the_same_place_is_the_same_position():
    other = placed(alternate_bases="T")
    assert shared(carrying(placed()), carrying(other)).kind is MatchKind.NEIGHBOURING_POSITION


def test_two_assemblies_are_compared_by_gene_alone():
    other = placed(assembly="GRCh37")
    assert shared(carrying(placed()), carrying(other)).kind is MatchKind.SAME_GENE


def test_same_name_on_the_same_transcript_is_the_same_variant_also_without_a_position():
    mine = placed(hgvs_reference="NM_006623.4", hgvs_change="c.1468G>A")
    other = an_allele(hgvs_reference="NM_006623.4", hgvs_change="c.1468G>A")
    assert shared(carrying(mine), carrying(other)).kind is MatchKind.SAME_VARIANT
    unnamed = replace(other, hgvs_reference=None)
    assert shared(carrying(mine), carrying(unnamed)).kind is MatchKind.NEIGHBOURING_POSITION


def test_variant_without_gene_is_matched_by_position():
    found = shared(carrying(placed(None)), carrying(placed()))
    assert (found.gene, found.kind) == (GENE, MatchKind.SAME_VARIANT)
    assert shared(carrying(placed(None)), carrying(placed(None))).gene is None


@pytest.mark.parametrize(("overlap", "kind"), [(0, MatchKind.SAME_VARIANT), (400, MatchKind.SAME_REGION)])
def test_losses_match_from_half_of_each(overlap: int, kind: MatchKind):
    mine = placed(end=1100, copy_change=CopyChange.LOSS, effect=EffectClass.LOSS)
    other = replace(mine, start=100 + overlap, end=1100 + overlap)
    assert shared(carrying(mine), carrying(other)).kind is kind


def test_loss_and_gain_of_one_region_share_the_gene_alone():
    mine = placed(end=1100, copy_change=CopyChange.LOSS, effect=EffectClass.LOSS)
    other = placed(end=1100, copy_change=CopyChange.GAIN)
    assert shared(carrying(mine), carrying(other)).kind is MatchKind.SAME_GENE


def test_deletion_of_the_gene_and_a_stop_in_it_have_the_same_effect():
    mine = an_allele(copy_change=CopyChange.LOSS, effect=EffectClass.LOSS)
    assert shared(carrying(mine), carrying(an_allele(effect=EffectClass.LOSS))).kind is MatchKind.SAME_EFFECT


def test_opposite_mechanisms_lower_and_make_no_match():
    loss = an_allele(mechanism=Mechanism.LOSS_OF_FUNCTION)
    gain = an_allele(mechanism=Mechanism.GAIN_OF_FUNCTION)
    found = shared(carrying(loss), carrying(gain))
    assert found.conflicts == (Conflict.OPPOSITE_MECHANISM,)
    assert not found.lifts
    assert 0.0 < found.evidence < 0.5 * shared(carrying(loss), carrying(an_allele())).evidence
    query, other = carrying(loss, observed=(1,)), carrying(gain, observed=(2,))
    assert SCORER.score(query, other).total < 0.3


def test_same_variant_under_no_gene_is_in_no_conflict_with_what_another_variant_of_the_gene_does():
    gain, loss = placed(mechanism=Mechanism.GAIN_OF_FUNCTION), an_allele(mechanism=Mechanism.LOSS_OF_FUNCTION)
    found = shared(carrying(gain), carrying(loss, placed(None)))
    assert (found.kind, found.conflicts) == (MatchKind.SAME_VARIANT, ())


def test_zygosity_that_fits_adds_and_one_that_differs_lowers():
    hom, het, unsaid = (carrying(an_allele(zygosity=z)) for z in (HOM, HET, None))
    fits, differs, unknown = shared(hom, hom), shared(hom, het), shared(hom, unsaid)
    assert (fits.zygosity_fits, differs.conflicts, unknown.conflicts) == (True, (Conflict.ZYGOSITY,), ())
    assert fits.evidence > unknown.evidence > differs.evidence


def test_two_variants_in_trans_are_as_good_as_a_homozygous_one():
    trans = carrying(an_allele(zygosity=HET, haplotype=1), an_allele(zygosity=HET, haplotype=2))
    cis = carrying(
        an_allele(zygosity=HET, haplotype=1), an_allele(zygosity=HET, haplotype=1, effect=EffectClass.MISSENSE)
    )
    hom = carrying(an_allele(zygosity=HOM))
    assert shared(trans, hom).zygosity_fits
    assert shared(cis, hom).conflicts == (Conflict.ZYGOSITY,)


def test_one_allele_in_a_recessive_gene_is_a_carrier_lowered_and_not_dropped():
    hom, het = (carrying(an_allele(RECESSIVE_GENE, zygosity=z)) for z in (HOM, HET))
    found = shared(hom, het)
    assert found.conflicts == (Conflict.CARRIER,)
    assert 0.0 < found.evidence < shared(hom, hom).evidence
    assert SCORER.score(hom, het).total >= 0.3


def test_recessive_inheritance_that_was_stated_makes_a_carrier_too():
    het = carrying(an_allele(zygosity=HET))
    stated = carrying(an_allele(zygosity=HOM), inheritance_mode=TermId("HP:0000007"))
    assert shared(stated, het).conflicts == (Conflict.CARRIER,)


def test_boy_with_one_x_agrees_with_a_boy_however_it_was_written():
    boys = [carrying(an_allele(X_GENE, zygosity=z), sex=Sex.MALE) for z in (HET, HOM, HEMI)]
    assert all(shared(one, two).zygosity_fits for one in boys for two in boys)


def test_mosaic_and_mitochondrial_variants_are_in_no_conflict_of_zygosity():
    hom = carrying(an_allele(zygosity=HOM))
    for other in (
        an_allele(zygosity=Zygosity.MOSAIC, mosaic=True),
        an_allele(zygosity=Zygosity.HETEROPLASMIC),
        an_allele(zygosity=HET, chromosome="MT"),
    ):
        assert shared(hom, carrying(other)).conflicts == ()


def test_modes_of_inheritance_that_differ_lower():
    dominant, recessive, linked = ("HP:0000006", "HP:0000007", "HP:0001417")
    plain = carrying(an_allele())
    found = shared(replace(plain, inheritance_mode=TermId(dominant)), replace(plain, inheritance_mode=TermId(linked)))
    assert found.conflicts == (Conflict.INHERITANCE,)
    same = replace(plain, inheritance_mode=TermId(recessive))
    assert shared(same, same).conflicts == ()


def test_weight_of_a_shared_gene_falls_with_the_number_of_candidates():
    parameters = shipped_parameters()
    weights = [float(list_weight(n, parameters)) for n in (1, 5, 120, 10_000, 10**9)]
    assert weights == sorted(weights, reverse=True)
    assert weights[2] == pytest.approx(0.5)
    assert weights[-1] == parameters.gene_weight_least


def test_nothing_shares_more_than_the_query_itself_however_long_the_lists():
    for n_query in (1, 2, 3, 10, 40, 90, 300):
        genes = tuple(GeneId(f"HGNC:{1000 + n}") for n in range(n_query))
        query = carrying(genes=genes)
        own = sum(gene.evidence for gene in SCORER.shared_genes(query, query))
        for n_other in {1, 2, n_query // 2 or 1, n_query}:
            found = SCORER.shared_genes(query, carrying(genes=genes[:n_other]))
            assert sum(gene.evidence for gene in found) <= own + 1e-12


def test_gene_that_is_common_among_cases_weighs_less():
    hardly, common = (shared(carrying(genes=(gene,)), carrying(genes=(gene,))) for gene in (GENES[4], GENES[2]))
    assert (hardly.n_papers, common.n_papers) == (0, 30)
    assert 0.9 * hardly.evidence < common.evidence < hardly.evidence


def test_known_gene_weighs_less_where_its_diseases_do_not_look_like_both_sides():
    # The last gene's diseases have term 2 alone.
    fitting, other = (carrying(genes=(GENES[3],), observed=(term,)) for term in (2, 1))
    fits, misfits, unsaid = (
        shared(fitting, fitting),
        shared(fitting, other),
        shared(fitting, carrying(genes=(GENES[3],))),
    )
    assert (fits.explained_query, fits.explained_match) == (1.0, 1.0)
    assert (misfits.explained_query, misfits.explained_match) == (1.0, 0.0)
    assert unsaid.explained_match is None
    assert misfits.evidence < fits.evidence == unsaid.evidence


def test_losses_of_one_region_are_found_without_a_named_gene_wherever_they_begin():
    mine = placed(None, start=1000, end=2000, copy_change=CopyChange.LOSS)
    for start, end, agrees in ((1400, 2400, True), (500, 2400, True), (1600, 2600, False), (1000, 3001, False)):
        other = placed(None, start=start, end=end, copy_change=CopyChange.LOSS)
        found = SCORER.shared_genes(carrying(mine), carrying(other))
        assert [gene.kind for gene in found] == ([MatchKind.SAME_REGION] if agrees else [])


@given(st.integers(0, 5000), st.integers(1, 3000), st.integers(0, 5000), st.integers(1, 3000))
def test_no_region_that_agrees_is_filed_where_it_is_not_looked_for(start: int, length: int, other: int, its: int):
    mine = placed(None, start=start, end=start + length, copy_change=CopyChange.LOSS)
    theirs = placed(None, start=other, end=other + its, copy_change=CopyChange.LOSS)
    if placed_kind(mine, theirs) is not None:
        assert set(region_keys(theirs)) <= set(regions_near(mine))


def test_several_shared_genes_beyond_chance_may_be_relatives():
    two, forty = (tuple(GeneId(f"HGNC:{n}") for n in range(100, 100 + k)) for k in (2, 40))
    assert SCORER.explain(carrying(genes=two), carrying(genes=two)).may_be_related
    assert not SCORER.explain(carrying(genes=two[:1]), carrying(genes=two[:1])).may_be_related
    long = tuple(GeneId(f"HGNC:{n}") for n in range(500, 540))
    assert not SCORER.explain(carrying(genes=(*two, *forty[2:])), carrying(genes=(*two, *long))).may_be_related
    same = carrying(placed(), placed(GENES[4], start=900))
    assert SCORER.explain(same, same).may_be_related


def test_girl_with_one_allele_of_an_x_linked_recessive_disease_is_a_carrier():
    boy = carrying(an_allele(X_GENE, zygosity=HEMI), sex=Sex.MALE, inheritance_mode=TermId("HP:0001419"))
    girl = carrying(an_allele(X_GENE, zygosity=HET), sex=Sex.FEMALE)
    assert shared(boy, girl).conflicts == (Conflict.CARRIER,)
    assert shared(boy, boy).conflicts == ()


def test_share_of_mitochondrial_copies_is_told_and_costs_nothing():
    some = carrying(an_allele(chromosome="MT", zygosity=Zygosity.HETEROPLASMIC, fraction=0.3))
    all_ = carrying(an_allele(chromosome="MT", zygosity=Zygosity.HOMOPLASMIC))
    found = shared(some, all_)
    assert found.conflicts == ()
    assert found.plasmies == (
        Plasmy(zygosity=Zygosity.HETEROPLASMIC, fraction=0.3),
        Plasmy(zygosity=Zygosity.HOMOPLASMIC, fraction=None),
    )
    assert shared(carrying(an_allele()), carrying(an_allele())).plasmies is None


def test_genotypes_that_are_kept_are_those_of_the_profile_at_hand():
    scorer, query = Scorer(CORPUS), carrying(genes=GENES[:2])
    before, after = carrying(genes=GENES[:2]), carrying(genes=GENES[2:4])

    assert len(scorer.shared_genes(query, before)) == 2
    assert scorer.shared_genes(query, after) == ()
    scorer.forget(after.case_id)
    assert len(scorer.shared_genes(query, before)) == 2


@pytest.mark.slow
@given(st.data())
def test_evidence_is_the_same_with_and_without_what_is_said_of_it(data: st.DataObject) -> None:
    one, two = (data.draw(profiles(CORPUS)) for _ in range(2))
    prepared = SCORER.prepare(one)

    genes = SCORER.shared_genes(one, two)
    evidence, lifts = SCORER.evidence_of_genes(prepared, two)

    assert evidence == pytest.approx(sum(gene.evidence for gene in genes))
    assert lifts == any(gene.lifts for gene in genes)
