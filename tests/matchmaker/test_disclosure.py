"""What is asked and answered at each level of disclosure."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.results import write_result
from federation.writing import write_patient
from matchmaker import disclosure
from matchmaker.errors import Forbidden
from matchmaker.model import (
    Case,
    Consent,
    Contact,
    Disclosure,
    DiseaseId,
    Disorder,
    Family,
    Sex,
    Sharing,
    Status,
    TermId,
    Variant,
    Zygosity,
)
from matchmaker.service import Matchmaker
from scoring.agreement import MatchKind
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.matchmaker.answers import PEER, answered

ASPM, PHGDH = "HGNC:19048", "HGNC:8923"


STOP = Variant(
    assembly="GRCh38",
    chromosome="1",
    start=119_742_889,
    end=119_742_890,
    reference_bases="G",
    alternate_bases="A",
    hgvs="NM_006623.4:c.1468G>A",
    zygosity=Zygosity.HOMOZYGOUS,
    effect="SO:0001583",
)


LEVELS = list(Disclosure)


def terms_of(case: Case) -> list[str]:
    return [feature.term for feature in case.features]


# Asking


def test_gene_level_asks_with_genes_and_nothing_else(sqlite_mm: Matchmaker) -> None:
    case = a_case(disclosure=Disclosure.GENE, genomic_features=[a_genomic_feature(variants=[STOP])], sex=Sex.MALE)

    asked = disclosure.request_view(sqlite_mm, case, PEER)

    assert asked.genomic_features == (a_genomic_feature(),)
    assert (asked.features, asked.disorders, asked.sex, asked.onset) == ((), (), None, None)


def test_matching_terms_asks_with_present_and_excluded_terms_but_no_coordinates(sqlite_mm: Matchmaker) -> None:
    features = [a_feature("HP:0001250", onset=TermId("HP:0003593")), a_feature("HP:0000252", excluded=True)]
    case = a_case(features=features, genomic_features=[a_genomic_feature(variants=[STOP])])

    asked = disclosure.request_view(sqlite_mm, case, PEER)

    assert asked.features == (a_feature("HP:0001250"), a_feature("HP:0000252", excluded=True))
    assert asked.genomic_features == (a_genomic_feature(),)


def test_full_profile_asks_with_variants_onset_inheritance_and_disorders(sqlite_mm: Matchmaker) -> None:
    case = a_case(
        disclosure=Disclosure.FULL_PROFILE,
        genomic_features=[a_genomic_feature(variants=[STOP])],
        sex=Sex.MALE,
        onset=TermId("HP:0003593"),
        inheritance_mode=TermId("HP:0000007"),
        disorders=[Disorder(id=DiseaseId("OMIM:601815"), label="typed by hand")],
    )

    asked = disclosure.request_view(sqlite_mm, case, PEER)

    assert asked.genomic_features == case.genomic_features
    assert (asked.sex, asked.onset, asked.inheritance_mode) == (Sex.MALE, "HP:0003593", "HP:0000007")
    assert asked.disorders == (Disorder(id=DiseaseId("OMIM:601815")),)


def test_obsolete_ids_are_asked_with_by_their_current_ones(sqlite_mm: Matchmaker) -> None:
    case = a_case(features=[a_feature("hp:0001250")])

    assert terms_of(disclosure.request_view(sqlite_mm, case, PEER)) == ["HP:0001250"]


@pytest.mark.parametrize(
    "stated",
    [
        {"consent": None},
        {"consent": Consent(basis=" ")},
        {"sharing": Sharing.PRIVATE},
        {"sharing": Sharing.NATIONAL},
        {"status": Status.WITHDRAWN},
    ],
)
def test_case_that_is_not_shared_with_a_node_neither_asks_nor_answers_it(
    sqlite_mm: Matchmaker, stated: dict[str, Any]
) -> None:
    case = a_case(**stated)

    with pytest.raises(Forbidden):
        disclosure.request_view(sqlite_mm, case, PEER)
    with pytest.raises(Forbidden):
        disclosure.preview(sqlite_mm, case, PEER)
    assert answered(sqlite_mm, case, a_case()) is None


def test_case_for_the_eea_is_not_told_outside_it(sqlite_mm: Matchmaker) -> None:
    outside = replace(PEER, country="US", jurisdiction="US", transfer_basis="standard contractual clauses")

    assert disclosure.request_view(sqlite_mm, a_case(), outside).features
    with pytest.raises(Forbidden):
        disclosure.request_view(sqlite_mm, a_case(sharing=Sharing.EEA), outside)


# Answering


def test_gene_level_answers_with_the_shared_gene_alone(sqlite_mm: Matchmaker) -> None:
    case = a_case(
        disclosure=Disclosure.GENE,
        features=[a_feature("HP:0000252")],
        genomic_features=[a_genomic_feature(variants=[STOP]), a_genomic_feature(ASPM)],
    )

    told = answered(
        sqlite_mm, case, replace(case, disclosure=Disclosure.FULL_PROFILE, genomic_features=(case.genomic_features[0],))
    )

    assert told is not None
    assert told.case.genomic_features == (a_genomic_feature(),)
    assert [(gene.gene, gene.match) for gene in told.genes] == [(PHGDH, MatchKind.SAME_GENE)]
    assert (told.case.features, told.terms, told.contradictions) == ((), (), ())


def test_gene_level_says_nothing_to_who_shares_no_gene(sqlite_mm: Matchmaker) -> None:
    case = a_case(disclosure=Disclosure.GENE, genomic_features=[a_genomic_feature()])

    assert answered(sqlite_mm, case, a_case(genomic_features=[a_genomic_feature(ASPM)])) is None
    assert answered(sqlite_mm, case, a_case()) is None


def test_shared_position_tells_the_gene_of_nobody_below_the_full_profile(sqlite_mm: Matchmaker) -> None:
    query = a_case(features=[], genomic_features=[a_genomic_feature(None, variants=[STOP])])
    case = a_case(features=[], genomic_features=[a_genomic_feature(variants=[STOP])])

    hidden = answered(sqlite_mm, replace(case, disclosure=Disclosure.GENE), query)
    told = answered(sqlite_mm, case, query)
    full = answered(sqlite_mm, replace(case, disclosure=Disclosure.FULL_PROFILE), query)

    assert hidden is None
    assert told is not None
    assert [feature.gene for feature in told.case.genomic_features] == [None]
    assert full is not None
    assert full.case.genomic_features[0].gene == PHGDH


def test_common_terms_are_no_more_exact_than_what_both_sides_have(sqlite_mm: Matchmaker) -> None:
    # Focal and generalized seizures have Seizure in common, and nothing below it.
    told = answered(sqlite_mm, a_case(features=[a_feature("HP:0002197")]), a_case(features=[a_feature("HP:0007359")]))

    assert told is not None
    assert told.terms == ("HP:0001250",)
    assert terms_of(told.case) == ["HP:0001250"]


def test_terms_that_only_the_case_has_are_not_told_without_a_shared_gene(sqlite_mm: Matchmaker) -> None:
    case = a_case(features=[a_feature("HP:0001250"), a_feature("HP:0000407")])

    told = answered(sqlite_mm, case, a_case(features=[a_feature("HP:0001250")]))

    assert told is not None
    assert "HP:0000407" not in terms_of(told.case)


def test_shared_gene_brings_one_fixed_set_whatever_was_asked(sqlite_mm: Matchmaker) -> None:
    rare = a_feature("HP:0002521")  # Hypsarrhythmia
    case = a_case(features=[rare, a_feature("HP:0000252")], genomic_features=[a_genomic_feature()])
    by_gene = a_case(features=[], genomic_features=[a_genomic_feature()])
    with_others = a_case(features=[a_feature("HP:0000407")], genomic_features=[a_genomic_feature()])

    first, second = answered(sqlite_mm, case, by_gene), answered(sqlite_mm, case, with_others)

    assert first is not None
    assert second is not None
    assert first.terms == ()
    assert set(terms_of(first.case)) <= set(terms_of(second.case))
    assert terms_of(first.case)


@pytest.mark.slow
def test_fixed_set_has_at_most_ten_terms_that_ten_diseases_carry_each(sqlite_mm: Matchmaker) -> None:
    terms = sqlite_mm.release.hpo.term_ids[5000:5400:10]
    case = a_case(features=[a_feature(term) for term in terms], genomic_features=[a_genomic_feature()])

    told = answered(sqlite_mm, case, a_case(features=[], genomic_features=[a_genomic_feature()]))

    assert told is not None
    assert 0 < len(told.case.features) <= 10
    assert all(n_diseases_with(sqlite_mm, term) >= 10 for term in terms_of(told.case))


def n_diseases_with(mm: Matchmaker, term: str) -> int:
    graph, annotations = mm.release.hpo.graph, mm.release.annotations
    wanted = mm.release.hpo.index_of(term)
    below = [t for t in range(graph.n_terms) if wanted in graph.closure(t)]
    hits = np.flatnonzero(np.isin(annotations.term_disease, below))
    return len(set(np.searchsorted(annotations.term_offsets, hits, side="right").tolist()))


def test_variant_is_told_to_who_sent_it_and_only_as_it_was_sent(sqlite_mm: Matchmaker) -> None:
    case = a_case(genomic_features=[a_genomic_feature(variants=[replace(STOP, zygosity=Zygosity.HOMOZYGOUS)])])
    sent = Variant(assembly="hg38", chromosome="chr1", start=STOP.start, reference_bases="g", alternate_bases="a")

    told = answered(sqlite_mm, case, a_case(genomic_features=[a_genomic_feature(variants=[sent])]))

    assert told is not None
    assert told.genes[0].match is MatchKind.SAME_VARIANT
    (variant,) = told.case.genomic_features[0].variants
    assert (variant.start, variant.end, variant.zygosity, variant.hgvs) == (STOP.start, None, None, None)


def test_other_variant_of_the_gene_is_not_told(sqlite_mm: Matchmaker) -> None:
    case = a_case(genomic_features=[a_genomic_feature(variants=[STOP])])
    sent = replace(STOP, start=119_700_000, end=119_700_001, hgvs=None)

    told = answered(sqlite_mm, case, a_case(genomic_features=[a_genomic_feature(variants=[sent])]))

    assert told is not None
    assert told.case.genomic_features == (a_genomic_feature(),)
    assert told.genes[0].match is MatchKind.SAME_GENE  # the effect that both have would say something of the variant


def test_full_profile_answers_with_everything_clinical(sqlite_mm: Matchmaker) -> None:
    case = a_case(
        disclosure=Disclosure.FULL_PROFILE,
        features=[a_feature("HP:0001250"), a_feature("HP:0000252", excluded=True)],
        genomic_features=[a_genomic_feature(variants=[STOP]), a_genomic_feature(ASPM)],
    )

    told = answered(sqlite_mm, case, a_case())

    assert told is not None
    assert told.case.features == case.features
    assert told.case.genomic_features == case.genomic_features


def test_contradiction_names_the_excluded_term_and_not_the_finding_below_it(sqlite_mm: Matchmaker) -> None:
    case = a_case(features=[a_feature("HP:0000252"), a_feature("HP:0007359")])  # Focal-onset seizure
    query = a_case(features=[a_feature("HP:0000252"), a_feature("HP:0001250", excluded=True)])

    told = answered(sqlite_mm, case, query)

    assert told is not None
    assert told.contradictions == ("HP:0001250",)


CANARY = "canary"


_words = st.text("abcdefgh ", max_size=6).map(lambda text: f"{text}{CANARY}{text}")


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


_features = st.lists(
    st.builds(
        a_feature,
        st.sampled_from(["HP:0001250", "HP:0000252", "HP:0002521", "HP:9999999"]) | _words,
        excluded=st.booleans(),
        label=_maybe(_words),
        onset=_maybe(_words),
        severity=_maybe(_words),
        modifiers=st.lists(_words, max_size=1),
    ),
    max_size=5,
)


_variants = st.builds(
    Variant,
    assembly=_maybe(_words),
    chromosome=_maybe(_words),
    start=st.just(119_742_889),
    reference_bases=_maybe(_words),
    hgvs=_maybe(_words),
    effect=_maybe(_words),
)


_genes = st.lists(
    st.builds(
        a_genomic_feature,
        st.sampled_from([PHGDH, ASPM]) | _words.map(lambda text: f"{text} x"),
        variants=st.lists(_variants, max_size=2),
    ),
    max_size=3,
)


_contacts = st.builds(
    Contact, name=_words, institution=st.none(), href=_maybe(_words), email=_maybe(_words), mailbox=_maybe(_words)
)


_cases: st.SearchStrategy[Case] = st.builds(
    a_case,
    owner=_words,
    local_id=_words,
    contact=_contacts,
    label=_words,
    notes=_words,
    ethnicity=_words,
    onset=_maybe(_words),
    inheritance_mode=_maybe(_words),
    features=_features,
    genomic_features=_genes,
    disorders=st.lists(st.builds(Disorder, id=_words | st.just("OMIM:601815"), label=_words), max_size=2),
    family=_maybe(st.builds(Family, id=_words)),
    consent=st.builds(Consent, basis=_words, form_version=_words, condition=_words),
    disclosure=st.sampled_from(LEVELS),
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=_cases, query=_cases)
def test_nothing_private_is_in_what_any_level_asks_or_tells(sqlite_mm: Matchmaker, case: Case, query: Case) -> None:
    views = [write_patient(disclosure.request_view(sqlite_mm, case, PEER), sqlite_mm.release)]
    # The asker's own words are none of ours: it asks with ids alone.
    told = answered(sqlite_mm, case, disclosure.request_view(sqlite_mm, query, PEER))
    if told is not None:
        views.append(write_result(told, sqlite_mm.release))

    for view in views:
        assert CANARY not in json.dumps(view)
        assert case.id not in json.dumps(view)


@pytest.mark.slow
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(case=_cases, level=st.sampled_from([Disclosure.GENE, Disclosure.MATCHING_TERMS]))
def test_exact_variant_stays_at_home_below_the_full_profile(
    sqlite_mm: Matchmaker, case: Case, level: Disclosure
) -> None:
    case = replace(case, disclosure=level)
    views: list[Any] = [disclosure.request_view(sqlite_mm, case, PEER)]
    views.append(answered(sqlite_mm, case, replace(case, genomic_features=(a_genomic_feature(),))))

    assert "119742889" not in repr(views)
