"""Short form of `python -m benchmarks adoption`, with a real older release."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import adoption
from tests.ontology.older import older_release


@pytest.mark.slow
def test_release_is_adopted_and_rolled_back_while_a_node_asks_on(tmp_path: Path) -> None:
    figures = adoption.measure(tmp_path, older_release(), n_cases=150)

    assert figures.requests > 20
    assert figures.failed == 0
    assert figures.matches > 100
    assert (figures.differing_after_adoption, figures.differing_after_rollback) == (0, 0)
