from __future__ import annotations

from matchmaker.model import (
    AgeBand,
    Consent,
    CopyChange,
    CopyNumber,
    Family,
    GenomicFeature,
    Sharing,
    TermId,
    Variant,
)
from ontology.releases import Release
from scoring.profile import Profile, profile_of
from scoring.scorer import Scorer
from tests.builders import a_case, a_feature, a_genomic_feature


def names(profile: Profile, release: Release) -> list[TermId]:
    return sorted(release.hpo.term_ids[term] for term in profile.observed)


def test_terms_are_resolved_once_each_and_in_any_order(release: Release):
    one = a_case(features=[a_feature("HP:0001250"), a_feature("HP:0000252"), a_feature("hp_0001250")])
    two = a_case(features=[a_feature("HP:0000252"), a_feature("HP:0001250")])
    assert names(profile_of(one, release), release) == ["HP:0000252", "HP:0001250"]
    assert profile_of(one, release).observed == profile_of(two, release).observed


def test_unknown_terms_and_those_that_are_no_abnormality_are_set_aside(release: Release):
    case = a_case(features=[a_feature("HP:9999999"), a_feature("HP:0003577"), a_feature("nonsense", excluded=True)])
    profile = profile_of(case, release)
    assert (profile.observed, profile.excluded) == ((), ())
    assert profile.unresolved == ("HP:9999999", "HP:0003577", "nonsense")


def test_excluded_term_above_an_observed_one_gives_way(release: Release):
    # HP:0012638 Abnormal nervous system physiology is above HP:0001250 Seizure; HP:0000252 is not.
    excluded = [a_feature(term, excluded=True) for term in ("HP:0012638", "HP:0001250", "HP:0000252")]
    profile = profile_of(a_case(features=[a_feature("HP:0001250"), *excluded]), release)
    assert [release.hpo.term_ids[term] for term in profile.excluded] == ["HP:0000252"]


def test_gene_is_the_same_by_id_symbol_and_ensembl_id(release: Release):
    names = ("HGNC:8923", "PHGDH", "phgdh", "ENSG00000092621")
    genes = {profile_of(a_case(genomic_features=[a_genomic_feature(name)]), release).genes for name in names}
    assert genes == {("HGNC:8923",)}


def test_unknown_gene_is_compared_letter_by_letter(release: Release):
    mine, same, other = (
        profile_of(a_case(features=[], genomic_features=[a_genomic_feature(name)]), release)
        for name in ("LOCUS-A", " LOCUS-A ", "LOCUS-B")
    )
    scorer = Scorer(release)
    assert scorer.score(mine, same).total == 1.0
    assert scorer.score(mine, other).total == 0.0


def test_ambiguous_alias_matches_nothing_by_itself(release: Release):
    ambiguous = next(
        alias
        for gene in map(release.genes.gene, release.genes.ids)
        for alias in gene.aliases
        if release.genes.resolve(alias).kind == "ambiguous"
    )
    case = a_case(features=[], genomic_features=[a_genomic_feature(ambiguous, variants=[Variant(start=5)])])
    profile = profile_of(case, release)
    assert (profile.genes, profile.ambiguous_genes) == ((), (ambiguous,))
    assert Scorer(release).score(profile, profile).total == 0.0


def test_case_without_a_basis_is_private_in_its_profile(release: Release):
    assert profile_of(a_case(consent=None), release).sharing is Sharing.PRIVATE
    assert profile_of(a_case(consent=Consent(basis="consent")), release).sharing is Sharing.FEDERATED


def test_families_of_two_owners_are_two(release: Release):
    one, two = (profile_of(a_case(owner=o, family=Family(id="F1")), release) for o in ("a@x.org", "b@x.org"))
    assert one.family != two.family


def test_ages_and_onsets_are_on_one_scale(release: Release):
    infant = profile_of(a_case(age_band=AgeBand.INFANT, onset=TermId("HP:0003593")), release)
    adult = profile_of(a_case(age_band=AgeBand.ADULT, onset=TermId("HP:0003581")), release)
    assert infant.age_stage == infant.onset_stage
    assert adult.age_stage == adult.onset_stage
    assert profile_of(a_case(onset=TermId("P3Y")), release).onset_stage is None


def test_case_with_nothing_is_a_profile_that_scores_nought(release: Release):
    nothing = profile_of(a_case(features=[]), release)
    assert Scorer(release).score(nothing, nothing).total == 0.0


def deletion_of(n_genes: int) -> list[GenomicFeature]:
    lost = Variant(
        assembly="GRCh38", chromosome="1", start=100, end=9_000, copy_number=CopyNumber(change=CopyChange.LOSS)
    )
    return [a_genomic_feature(f"HGNC:{100 + n}", variants=[lost]) for n in range(n_genes)]


def test_deletion_of_ten_genes_is_evidence_for_each_of_them(release: Release):
    profile = profile_of(a_case(genomic_features=deletion_of(10)), release)
    assert len(profile.genes) == 10
    assert {allele.gene for allele in profile.alleles} == set(profile.genes)


def test_deletion_of_more_genes_is_evidence_for_its_region_alone(release: Release):
    stop = a_genomic_feature("HGNC:100", variants=[Variant(effect="SO:0001587")])
    profile = profile_of(a_case(genomic_features=[*deletion_of(11), stop]), release)
    assert profile.genes == ("HGNC:100",)  # which has a variant of its own
    assert [(a.gene, a.n_genes) for a in profile.alleles if a.gene is None] == [(None, 11)]
    assert len([a for a in profile.alleles if a.gene == "HGNC:100"]) == 2
