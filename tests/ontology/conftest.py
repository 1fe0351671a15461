"""The release that ships, loaded once, and a small one made of texts in `files`."""

from __future__ import annotations

from pathlib import Path

import pytest

from ontology.releases import Release, compile_release, load, shipped
from tests.ontology.files import write_release


@pytest.fixture(scope="session")
def release() -> Release:
    return shipped()


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Release:
    return compiled(tmp_path_factory.mktemp("small"))


def compiled(folder: Path, *, annotations: str | None = None) -> Release:
    """Write the small release into a folder, compile and load it."""
    compile_release(write_release(folder / "files", annotations=annotations), folder / "small.npz")
    return load(folder / "small.npz")
