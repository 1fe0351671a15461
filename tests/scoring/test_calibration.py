from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from scoring.calibration import PASSING, Scale, lifted

RAW = st.floats(0.0, 4.0)


@given(st.floats(0.1, 2.0), st.floats(0.1, 3.0), st.lists(RAW, min_size=2))
def test_order_of_raw_scores_is_kept(passing: float, beyond: float, raw: list[float]):
    full = passing + beyond
    values = np.sort(np.minimum(np.round(np.array(raw), 6), full))
    placed = Scale(passing=passing, full=full).position(values)
    assert np.all(np.diff(placed) >= 0.0)
    assert np.all((np.diff(values) < 1e-5) | (np.diff(placed) > 0.0))
    assert np.all((placed >= 0.0) & (placed <= 1.0))


def test_query_with_itself_is_one_and_passing_is_three_tenths():
    scale = Scale(passing=1.5, full=3.0)
    assert scale.position(np.array([3.0, 3.0 * (1 - 1e-15), 1.5])).tolist() == [1.0, 1.0, PASSING]


def test_query_that_says_nothing_scores_nothing():
    assert Scale(passing=0.0, full=0.0).position(np.array([0.0, 1.0])).tolist() == [0.0, 0.0]


def test_query_without_phenotype_starts_at_three_tenths():
    placed = Scale(passing=0.0, full=1.0).position(np.array([0.0, 1e-6, 1.0]))
    assert placed[0] == 0.0
    assert PASSING <= placed[1] < PASSING + 1e-5
    assert placed[2] == 1.0


def test_shared_gene_lifts_what_is_below_and_leaves_what_is_above():
    assert lifted(np.array([0.1, 0.1, 0.8]), np.array([True, False, True])).tolist() == [PASSING, 0.1, 0.8]
