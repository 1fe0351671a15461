"""Thirty peers, ten of them hostile; the long form is `python -m benchmarks thirty_peers`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import thirty_peers
from tests.federation.worlds import our_node


@pytest.mark.slow
def test_search_survives_ten_hostile_peers_of_thirty(tmp_path: Path) -> None:
    with our_node(tmp_path / "home") as mm:
        assert mm.scorer.version  # ready, as on a node that serves
        figures = thirty_peers.measure(mm, n_searches=4)

    assert (figures.incomplete, figures.misnamed, figures.threads_left, figures.connections_to_the_trap) == (0, 0, 0, 0)
    assert figures.slowest_seconds < figures.deadline_seconds + 0.5
    # The first ones fill caches, and the peers, which live in this process, their lists.
    assert figures.peak_mib - figures.peak_mib_halfway < 32
