from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scoring.corpus import Corpus
from scoring.index import kernels, plain
from scoring.index.backgrounds import Backgrounds
from scoring.index.references import References
from scoring.parameters import shipped_parameters
from tests.scoring.strategies import world, worlds

PARAMETERS = shipped_parameters()


def slowly(corpus: Corpus) -> Backgrounds:
    return Backgrounds(corpus, PARAMETERS, lambda: plain.scan)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_rows_of_terms_give_the_background_that_a_scan_gives(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    terms = st.sets(st.integers(0, corpus.graph.n_terms - 1), max_size=6)
    lists = [tuple(sorted(one)) for one in data.draw(st.lists(terms, max_size=8))]
    n_rows = data.draw(st.integers(6, 12))  # so few that rows are forgotten on the way

    counted = References(corpus, PARAMETERS, n_rows=n_rows).backgrounds(lists)

    assert counted == pytest.approx([slowly(corpus).scanned(one) for one in lists], abs=1e-12)


def test_many_lists_at_once_are_counted_as_each_alone():
    corpus, _ = world([[], [0], [0], [1], [1, 2], [3]], [[3, 4], [4, 5], [1, 5], [2, 3]])
    lists = [tuple(t for t in range(6) if n >> t & 1) for n in range(64)] * 3
    many = References(corpus, PARAMETERS).backgrounds(lists)
    alone = References(corpus, PARAMETERS)
    assert many.tolist() == [float(alone.backgrounds([one])[0]) for one in lists]


def test_longer_list_than_there_are_rows_is_scanned():
    corpus, _ = world([[], *([0] for _ in range(1100))], [[n, n + 1] for n in range(1, 40)])
    backgrounds = Backgrounds(corpus, PARAMETERS, lambda: kernels.scan)
    everything = tuple(range(1, 1101))
    assert not References(corpus, PARAMETERS).fits(everything)
    assert backgrounds.of(everything) == pytest.approx(backgrounds.scanned(everything), abs=1e-9)


def test_without_reference_patients_nothing_is_divided():
    corpus, _ = world([[], [0]], [[1], [0]])
    assert References(corpus, PARAMETERS).backgrounds([(1,), (0,), ()]) == pytest.approx(np.array([1.0, 0.0, 0.0]))
