from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.model import CaseId, GeneId
from scoring.gene_weight import evidence_scale, list_weight
from scoring.parameters import shipped_parameters
from scoring.probability import Evidence, Word, likelihood, posterior, shipped_calibration, weigh
from scoring.profile import Profile
from scoring.quality.calibrating import check, monotone_ratio
from scoring.scorer import Scorer

PARAMETERS = shipped_parameters()
CALIBRATION = shipped_calibration()
PLAIN = Profile(case_id=CaseId("x"), release="r", observed=(1, 2, 3))
GENIC = replace(PLAIN, genes=(GeneId("HGNC:1"),))


def test_likelihood_ratio_of_one_leaves_the_prior():
    assert posterior(np.zeros(1), n_searched=200, prior=2.0)[0] == pytest.approx(0.01)


@given(st.floats(-8.0, 8.0), st.integers(1, 10**7), st.floats(0.01, 10.0))
def test_more_cases_searched_never_make_a_match_likelier(ratio: float, n_searched: int, prior: float):
    few, many = (posterior(np.array([ratio]), n_searched=n, prior=prior)[0] for n in (n_searched, 2 * n_searched))
    assert 0.0 <= many <= few <= 1.0


def test_likelihood_ratio_of_the_phenotype_never_falls():
    ratios = CALIBRATION.of_phenotype(np.linspace(0.0, 8.0, 200))
    assert np.all(np.diff(ratios) >= 0.0)
    assert ratios[0] < 0.0 < ratios[-1]


def test_shared_gene_says_more_in_shorter_lists_and_is_never_evidence_against():
    scale = evidence_scale(8, PARAMETERS)
    said = [
        CALIBRATION.of_genes(float(list_weight(n, PARAMETERS)) * scale, PARAMETERS, n_query_terms=8)
        for n in (1, 12, 120, 4000, 40_000)
    ]
    assert said == sorted(said, reverse=True)
    assert said[2] == pytest.approx(CALIBRATION.shared_gene)
    assert said[-1] >= 0.0


def test_calibration_belongs_to_the_score_that_ships(scorer: Scorer):
    assert CALIBRATION.scoring == scorer.version


def weighed(query: Profile, other: Profile, *, phenotype: float = 0.0, evidence: float = 0.0) -> Evidence:
    return weigh(query, other, phenotype=phenotype, evidence=evidence, parameters=PARAMETERS)


def test_phenotype_alone_in_a_large_database_is_below_one_half_and_a_gene_adds_to_it():
    alone = likelihood(weighed(PLAIN, PLAIN, phenotype=99.0), n_searched=10_000, prior=1.0)
    with_gene = likelihood(weighed(GENIC, GENIC, phenotype=99.0, evidence=0.8), n_searched=10_000, prior=1.0)
    assert 0.05 < alone.probability < 0.5 < with_gene.probability
    assert (alone.word, alone.evidence.genes) == (Word.POSSIBLE, None)
    assert with_gene.word in {Word.LIKELY, Word.VERY_LIKELY}


def test_side_without_terms_or_without_candidates_is_no_evidence_either_way():
    bare = replace(GENIC, observed=())
    assert weighed(GENIC, bare).phenotype is None
    assert weighed(GENIC, PLAIN).genes is None
    assert weighed(GENIC, GENIC).genes == CALIBRATION.no_shared_gene < 0.0
    nothing = likelihood(weighed(PLAIN, bare), n_searched=200, prior=2.0)
    assert nothing.probability == pytest.approx(0.01)


def test_part_of_a_case_says_less_and_what_it_leaves_out_says_nothing():
    whole = weighed(GENIC, GENIC, phenotype=2.0, evidence=0.5)
    part = weigh(GENIC, GENIC, phenotype=2.0, evidence=0.5, parameters=PARAMETERS, partial=True)
    assert part.phenotype is not None
    assert whole.phenotype is not None
    assert whole.genes is not None
    assert part.genes is not None
    assert 0.0 < part.phenotype < whole.phenotype
    assert part.genes < whole.genes
    alone = weigh(GENIC, GENIC, phenotype=2.0, evidence=0.0, parameters=PARAMETERS, partial=True)
    assert alone.genes == 0.0


def test_likelihood_spells_what_it_rests_on():
    told = likelihood(weighed(PLAIN, PLAIN, phenotype=99.0), n_searched=10_000, prior=0.5).to_dict()
    assert told["probability"] == pytest.approx(told["phenotype_ratio"] * 0.5 / 10_000, rel=0.1)
    assert (told["searched"], told["prior"], told["gene_ratio"]) == (10_000, 0.5, None)
    assert told["calibration"] == CALIBRATION.name


def test_ratio_of_masses_is_pooled_until_it_never_falls():
    pooled = monotone_ratio(np.array([1.0, 4.0, 2.0, 8.0]), np.ones(4))
    assert pooled == pytest.approx(np.log([1.0, 3.0, 3.0, 8.0]))


def test_check_tells_what_was_said_and_what_was_true():
    said = np.array([[0.15, 0.15], [0.95, 0.0005]])
    same, other = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[0.0, 1.0], [0.0, 1.0]])
    found = check(said, same, other)
    (low,) = [row for row in found["reliability"] if row["from"] == 0.1]
    assert (low["said"], low["true"]) == (0.15, 0.5)
    assert found["ece_from_0.1"] == pytest.approx((2 * abs(0.15 - 0.5) + abs(0.95 - 1.0)) / 3, abs=1e-4)
