"""A small network of nodes; the long form is `python -m benchmarks network`."""

from __future__ import annotations

import pytest

from benchmarks import network

PAIRS = 3


@pytest.mark.slow
def test_planted_pairs_alert_both_clinicians_though_nodes_are_out_of_order() -> None:
    figures = network.measure(n_nodes=10, n_cases=60, n_pairs=PAIRS, latency=0.01)

    assert (figures.nodes, figures.nodes_out_of_order) == (10, 3)
    assert 0 < figures.pairs_at_nodes_in_order <= PAIRS
    assert figures.found_by_both == figures.pairs_at_nodes_in_order
    # Each case asks every other node that answers, once.
    assert figures.messages_per_case == 6
