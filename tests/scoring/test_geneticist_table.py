from __future__ import annotations

from dataclasses import replace

from ontology.releases import Release
from scoring.quality import made_up_inheritance, made_up_pairs, made_up_variants
from scoring.quality.made_up import Expectation, judge
from scoring.scorer import Scorer

TABLES = (made_up_pairs, made_up_variants, made_up_inheritance)


def test_all_made_up_pairs_are_as_a_geneticist_expects(release: Release, scorer: Scorer):
    judged = judge([pair for rows in TABLES for pair in rows.pairs(release)], scorer)
    assert len(judged) >= 40
    assert len({one.pair.name for one in judged}) == len(judged)
    assert {one.pair.name: one.disagreements for one in judged if one.disagreements} == {}


def test_pair_that_is_not_as_expected_is_named(release: Release, scorer: Scorer):
    first = replace(
        made_up_pairs.pairs(release)[0], expected=Expectation(words="nothing", at_most=0.1, contradicts=True)
    )
    (judged,) = judge([first], scorer)
    assert judged.disagreements == ("score", "contradictions")
