"""The release that ships, loaded once, and the published cases beside the project."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology.releases import Release, shipped
from scoring.scorer import Scorer

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def release() -> Release:
    return shipped()


@pytest.fixture(scope="session")
def scorer(release: Release) -> Scorer:
    return Scorer(release)


@pytest.fixture(scope="session")
def published() -> Path:
    """The benchmark's development cases, which are beside the project and not in it."""
    path = ROOT.parent / "shared" / "benchmark" / "cases-dev.jsonl.gz"
    if not path.exists():
        pytest.skip(f"the benchmark is not at {path}")
    return path
