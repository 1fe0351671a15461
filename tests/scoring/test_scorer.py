from __future__ import annotations

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.model import CaseId
from scoring.combination import TermFacts
from scoring.corpus import Corpus
from scoring.index import pairs
from scoring.phenotype import pair_facts, query_size
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.scoring.strategies import GENES, RELEASE, profiles, world, worlds

#        0
#      /   \
#     1     2      eight diseases: four below 1, two below 2; 3 and 4 in two each, 5 in one
#    / \   /
#   3   4-+
#   |
#   5
CORPUS, REFERENCE = world([[], [0], [0], [1], [1, 2], [3]], [[3], [5], [4], [4], [0], [0], [0], [0]])
SCORER = Scorer(CORPUS)


def a_profile(*observed: int, **stated: object) -> Profile:
    usual: dict[str, object] = {"case_id": CaseId("x"), "release": RELEASE, "observed": tuple(sorted(observed))}
    return Profile(**{**usual, **stated})  # type: ignore[arg-type]


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.data())
def test_every_score_is_what_the_slow_reference_computes(data: st.DataObject):
    corpus, reference = data.draw(worlds())
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))

    found = Scorer(corpus).explain(query, other)

    assert found.raw == pytest.approx(reference.raw(query, other), abs=1e-6)
    assert found.score.total == pytest.approx(reference.total(query, other), abs=1e-6)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.data())
def test_partial_profile_is_scored_in_the_direction_of_the_query(data: st.DataObject):
    corpus, reference = data.draw(worlds())
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))

    found = Scorer(corpus).explain(query, other, partial=True)

    assert found.partial
    expected = reference.raw(query, other, partial=True)
    assert found.raw == pytest.approx(expected, abs=1e-6)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.data())
def test_score_lies_between_nought_and_one_and_is_highest_with_itself(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))
    scorer = Scorer(corpus)

    score, own = scorer.score(query, other), scorer.explain(query, query)

    assert all(0.0 <= value <= 1.0 for value in (score.total, score.phenotype, score.genotype))
    assert score.total <= own.score.total
    assert own.score.total == (1.0 if own.raw > 0.0 else 0.0)


@settings(deadline=None, max_examples=50)
@given(st.data())
def test_parts_sum_to_the_raw_score_and_so_do_pairs_and_genes(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))

    found = Scorer(corpus).explain(query, other)

    assert math.fsum(part.contribution for part in found.parts) == found.raw
    contradictions = next(part.contribution for part in found.parts if part.name == "contradictions")
    pieces = [pair.contribution for pair in found.pairs] + [gene.contribution for gene in found.genes]
    assert math.fsum([*pieces, contradictions]) == pytest.approx(found.raw, abs=1e-9)
    assert sum(pair.share for pair in found.pairs) == pytest.approx(1.0 if found.pairs else 0.0)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.data())
def test_excluded_terms_never_raise_a_score(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))
    scorer = Scorer(corpus)

    with_exclusions = scorer.explain(query, other)
    without = scorer.explain(replace(query, excluded=()), replace(other, excluded=()))

    assert with_exclusions.raw <= without.raw
    assert with_exclusions.score.total <= without.score.total


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.data())
def test_common_ground_and_genes_are_symmetric(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))
    scorer = Scorer(corpus)

    there, back = scorer.explain(query, other), scorer.explain(other, query)

    ground = [next(p.contribution for p in e.parts if p.name == "common_ground") for e in (there, back)]
    prepared = [scorer.prepare(side) for side in (query, other)]
    if all(side.size.max_self > 0.0 for side in prepared):
        assert ground[0] * prepared[1].divisor == pytest.approx(ground[1] * prepared[0].divisor)
    assert [g.kind for g in there.genes] == [g.kind for g in back.genes]
    lengths = [math.sqrt(len(side.observed) + 2) for side in (query, other)]
    evidence = [sum(g.evidence for g in e.genes) * n for e, n in zip((there, back), lengths, strict=True)]
    assert evidence[0] == pytest.approx(evidence[1])


@pytest.mark.slow
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_measuring_gives_what_explaining_gives(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    scorer = Scorer(corpus)
    query, other = data.draw(profiles(corpus)), data.draw(profiles(corpus))

    explained = scorer.explain(query, other)
    measured = scorer.measure(scorer.prepare(query), scorer.prepare(other))

    assert measured.phenotype == pytest.approx(explained.phenotype, abs=1e-9)
    assert measured.evidence == pytest.approx(explained.evidence, abs=1e-9)
    for name in ("total", "phenotype", "genotype"):
        assert getattr(measured.score, name) == pytest.approx(getattr(explained.score, name), abs=1e-9)


@pytest.mark.slow
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_compiled_and_plain_comparison_of_a_pair_agree(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    query, other = (data.draw(profiles(corpus).filter(lambda p: p.observed)) for _ in range(2))
    size = query_size(corpus, other)

    compiled, plain = (
        compare(corpus, query.observed, other.observed, size=size, n_contradictions=2)
        for compare in (pairs.pair_facts, pair_facts)
    )

    for name in (one.name for one in fields(TermFacts)):
        assert getattr(compiled, name) == pytest.approx(getattr(plain, name), abs=1e-9)


def test_nothing_in_common_but_the_root_is_nought():
    assert SCORER.score(a_profile(3), a_profile(2)).total == 0.0
    assert SCORER.score(a_profile(0), a_profile(0)).total == 0.0
    assert SCORER.score(a_profile(), a_profile(3)).total == 0.0


def test_single_term_shared_by_both_is_the_same_profile():
    assert SCORER.score(a_profile(5), a_profile(5)).total == 1.0


def test_nearer_term_scores_higher():
    query = a_profile(5)
    scores = [SCORER.score(query, a_profile(term)).total for term in (5, 3, 4, 2)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 4


def test_shared_gene_lifts_to_the_threshold_whatever_the_phenotype_says():
    query, other = a_profile(3, genes=(GENES[2],)), a_profile(2, genes=(GENES[2],))
    assert SCORER.score(query, other).total == pytest.approx(0.3)
    assert SCORER.score(query, a_profile(2, genes=(GENES[3],))).total == 0.0


def test_forty_genes_and_no_term_find_the_case_with_one_of_them():
    genes = tuple(sorted(f"HGNC:{n}" for n in range(100, 140)))
    score = SCORER.score(a_profile(genes=genes), a_profile(5, genes=(genes[7],)))
    assert 0.3 < score.total < 1.0
    assert score.phenotype == 0.0


def test_one_of_three_genes_is_less_than_three_of_three():
    query = a_profile(genes=tuple(GENES[:3]))
    one = SCORER.score(query, a_profile(genes=(GENES[0], "HGNC:77", "HGNC:78")))
    assert one.total < SCORER.score(query, query).total == 1.0


def test_one_candidate_is_stronger_evidence_than_one_of_two_hundred():
    long = a_profile(genes=(GENES[0], *(f"HGNC:{n}" for n in range(1000, 1199))))
    query = a_profile(5, genes=(GENES[0],))
    alone = SCORER.explain(query, a_profile(genes=(GENES[0],)))
    assert SCORER.explain(query, long).raw < alone.raw


def test_contradiction_is_named_and_lowers_softly():
    query, other = a_profile(5, 2), a_profile(2, excluded=(3,))
    found = SCORER.explain(query, other)
    (contradiction,) = found.contradictions
    assert (contradiction.observed, contradiction.excluded) == (CORPUS.term_ids[5], CORPUS.term_ids[3])
    assert contradiction.excluded_by == "match"
    without = SCORER.explain(query, a_profile(2)).raw
    assert 0.9 * without < found.raw < without


def test_excluding_a_narrower_term_contradicts_nothing():
    assert SCORER.explain(a_profile(3), a_profile(3, excluded=(5,))).contradictions == ()


def test_patient_too_young_for_the_others_onset_contradicts_nothing():
    adult_onset = a_profile(5, onset="HP:0003581")
    infant, adult = (a_profile(4, excluded=(3,), age_stage=stage) for stage in (2, 5))
    assert SCORER.explain(adult_onset, infant).contradictions == ()
    assert len(SCORER.explain(adult_onset, adult).contradictions) == 1


def test_pairs_come_strongest_first_with_their_common_ancestor():
    found = SCORER.explain(a_profile(4, 5), a_profile(3, 4))
    assert [(p.query, p.match, p.mica) for p in found.pairs] == [
        (CORPUS.term_ids[4], CORPUS.term_ids[4], CORPUS.term_ids[4]),
        (CORPUS.term_ids[5], CORPUS.term_ids[3], CORPUS.term_ids[3]),
    ]
    assert found.pairs[0].ic == pytest.approx(math.log(8 / 2))


def test_terms_without_a_telling_partner_are_unmatched():
    found = SCORER.explain(a_profile(4, 2), a_profile(4, 3))
    assert found.unmatched_query == ()
    assert found.unmatched_match == (CORPUS.term_ids[3],)


def test_explanation_is_plain_json_and_always_the_same():
    first = SCORER.explain(a_profile(4, 5, genes=(GENES[0],)), a_profile(3, genes=(GENES[0],))).to_dict()
    second = SCORER.explain(a_profile(4, 5, genes=(GENES[0],)), a_profile(3, genes=(GENES[0],))).to_dict()
    assert first == second
    assert first["genes"][0]["kind"] == "same_gene"
    assert type(first["genes"][0]["kind"]) is str


def test_profile_of_another_release_is_refused():
    with pytest.raises(ValueError, match="2020-01-01"):
        SCORER.score(a_profile(3), a_profile(3, release="2020-01-01"))


def test_version_names_the_score_and_the_release():
    assert SCORER.version == f"S-2+{RELEASE}"


def test_corpus_without_diseases_scores_nought_and_raises_nothing():
    empty, _ = world([[], [0]], [])
    assert isinstance(empty, Corpus)
    assert Scorer(empty).score(a_profile(1), a_profile(1)).total == 0.0
