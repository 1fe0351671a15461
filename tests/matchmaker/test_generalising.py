from __future__ import annotations

import math

import numpy as np

from matchmaker import generalising
from ontology.graph import Graph
from scoring.common_ground import most_specific
from scoring.corpus import Corpus

#        0
#       / \
#      1   2      ic: 1 -> 1.0, 2 -> 1.5
#     / \ /
#    3   4        ic: 3 -> 2.0, 4 -> 3.0
#    |
#    5            ic: 5 -> 4.0
GRAPH = Graph.of([[], [0], [0], [1], [1, 2], [3]])
CORPUS = Corpus.of_graph(GRAPH, ic=np.array([0.0, 1.0, 1.5, 2.0, 3.0, 4.0]), release="", term_ids=())


def test_term_that_enough_diseases_carry_stays():
    assert generalising.triage_terms([3], CORPUS, max_ic=2.0, at_most=10) == (3,)


def test_rare_term_is_raised_to_its_most_informative_common_ancestor():
    assert generalising.triage_terms([4], CORPUS, max_ic=2.0, at_most=10) == (2,)
    assert generalising.triage_terms([5], CORPUS, max_ic=1.9, at_most=10) == (1,)


def test_term_below_nothing_but_the_root_is_left_out():
    assert generalising.triage_terms([4, 5], CORPUS, max_ic=0.5, at_most=10) == ()


def test_no_terms_give_none():
    assert generalising.triage_terms([], CORPUS, max_ic=2.0, at_most=10) == ()
    assert most_specific([], CORPUS) == ()


def test_what_lies_above_another_term_is_left_out():
    assert most_specific([0, 1, 3, 2, 5], CORPUS) == (5, 2)


def test_most_informative_terms_are_kept_when_there_are_too_many():
    assert generalising.triage_terms([5, 4], CORPUS, max_ic=9.0, at_most=1) == (5,)


def test_limit_is_the_content_of_a_term_that_so_many_diseases_have():
    limit = generalising.ic_carried_by(10, of=1000)
    assert -math.log(10 / 1000) <= limit < -math.log(9 / 1000)


def test_small_corpus_leaves_only_the_root():
    assert generalising.triage_terms([3], CORPUS, max_ic=generalising.ic_carried_by(10, of=4), at_most=10) == ()
