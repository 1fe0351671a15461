from __future__ import annotations

import math

import numpy as np
import pytest

from ontology.graph import Graph
from scoring.information_content import added_information, information_content, monotone

#     0
#    / \
#   1   2
#    \ /
#     3
GRAPH = Graph.of([[], [0], [0], [1, 2]])


def test_content_is_the_rarity_among_diseases_of_the_term_or_below():
    ic = information_content(GRAPH, np.array([0, 1, 2, 4, 5]), np.array([3, 1, 2, 2, 0]))
    expected = [0.0, -math.log(2 / 4), -math.log(2 / 4), -math.log(1 / 4)]
    assert ic == pytest.approx(expected)


def test_diseases_without_annotations_do_not_count():
    ic = information_content(GRAPH, np.array([0, 1, 1, 1, 2]), np.array([1, 0]))
    assert ic[1] == pytest.approx(math.log(2))


def test_term_of_no_disease_counts_as_if_one_had_it():
    ic = information_content(GRAPH, np.array([0, 1, 2]), np.array([1, 1]))
    assert ic[2] == pytest.approx(math.log(2))
    assert ic[3] == pytest.approx(math.log(2))


def test_empty_corpus_says_nothing_of_any_term():
    assert information_content(GRAPH, np.array([0]), np.zeros(0, np.int32)).tolist() == [0.0] * 4


def test_child_is_raised_to_its_most_informative_parent():
    assert monotone(GRAPH, np.array([0.0, 2.0, 1.0, 0.5])).tolist() == [0.0, 2.0, 1.0, 2.0]


def test_what_a_term_adds_is_counted_from_its_most_informative_parent():
    assert added_information(GRAPH, np.array([0.0, 2.0, 1.0, 2.5])).tolist() == [0.0, 2.0, 1.0, 0.5]
