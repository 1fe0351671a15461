"""Debian's Chromium, driven by playwright; what it sees is kept in `artefacts/`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from matchmaker.demonstration.network import at_work, three_nodes
from matchmaker.demonstration.nodes import DemoNode
from tests.browser.pictures import FLAGS

PATIENCE = 30_000  # milliseconds: the machine may be busy
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    found = shutil.which("chromium")
    assert found, "chromium is missing: apt-get install chromium"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=found, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of its own, without what others signed in with."""
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE)
    yield opened
    context.close()


@pytest.fixture(scope="package")
def nodes() -> Iterator[tuple[DemoNode, ...]]:
    """The demonstration, at work while these tests run: what its threads log must not come between other tests."""
    with three_nodes(port=0) as started, at_work(started):
        yield started


@pytest.fixture(scope="package")
def ireland(nodes: tuple[DemoNode, ...]) -> DemoNode:
    return nodes[0]


@pytest.fixture(scope="session")
def artefacts() -> Path:
    folder = Path(__file__).parents[2] / "artefacts"
    folder.mkdir(exist_ok=True)
    return folder
