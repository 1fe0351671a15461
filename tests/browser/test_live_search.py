"""A search that somebody watches while one node is slow and one is dead."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from matchmaker.model import Sharing
from matchmaker.service import Matchmaker
from tests.browser.sessions import signed_in_context
from tests.federation.loopback import served
from tests.federation.peers import Asked, Peer, answering, peer
from tests.federation.worlds import a_result, an_answer, our_node, register
from tests.matchmaker.people import ADDRESS
from tests.web.browsers import signed_in
from tests.web.test_matches import stored
from web.app import create_app

pytestmark = pytest.mark.slow


@pytest.fixture
def mm(tmp_path: Path) -> Iterator[Matchmaker]:
    with our_node(tmp_path / "home") as opened:
        yield opened


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_answers_appear_as_they_come_and_a_dead_node_is_named(
    browser: Browser, mm: Matchmaker, artefacts: Path, size: tuple[int, int]
) -> None:
    mm.warm()
    app = create_app(mm)
    client = signed_in(app)
    case_id = stored(mm, ADDRESS, "Martin", sharing=Sharing.FEDERATED)
    go_on = threading.Event()

    def when_told(here: Peer, connection: socket.socket, asked: Asked) -> None:
        go_on.wait(20)
        answering(an_answer(a_result("F-1")))(here, connection, asked)

    with served(app) as url, peer(answering(an_answer(a_result("S-1")))) as spain, peer(when_told) as finland:
        register(mm, "Spain", spain.url)
        register(mm, "Finland", finland.url, country="FI")
        register(mm, "Nowhere", "http://127.0.0.1:9/mme")
        context = signed_in_context(browser, app, client, url)
        page = context.new_page()
        page.set_viewport_size({"width": size[0], "height": size[1]})
        page.goto(f"{url}/cases/{case_id}/matches")
        page.get_by_role("button", name="Ask all of them now").click()

        nodes = page.locator("#live-nodes li")
        expect(nodes.filter(has_text="Spain")).to_contain_text("answered (1)")
        expect(nodes.filter(has_text="Nowhere")).to_contain_text("not reachable")
        expect(nodes.filter(has_text="Finland")).to_contain_text("still answering")
        expect(page.locator("#live-done")).to_be_hidden()
        page.screenshot(path=artefacts / f"live-{size[0]}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
        go_on.set()
        expect(nodes.filter(has_text="Finland")).to_contain_text("answered (1)")
        page.get_by_role("link", name="All matches, best first").click()
        expect(page.locator("#matches")).to_contain_text("Spain")
        expect(page.locator("#matches")).to_contain_text("Finland")
        context.close()
