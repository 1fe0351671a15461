"""The demonstration's three nodes, started once for all of its tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from matchmaker.demonstration.network import three_nodes
from matchmaker.demonstration.nodes import DemoNode


@pytest.fixture(scope="session")
def nodes() -> Iterator[tuple[DemoNode, ...]]:
    with three_nodes(port=0) as started:
        yield started
