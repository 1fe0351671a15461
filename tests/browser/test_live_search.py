"""A search that somebody watches from the list of matches, while one node is slow and one is dead."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, expect

from matchmaker.current import matchmaker_of
from matchmaker.model import Sharing
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests import empty_tables
from tests.browser.sessions import signed_in_context
from tests.federation.loopback import served
from tests.federation.peers import Asked, Peer, answering, peer, response
from tests.federation.worlds import a_result, an_answer, register
from tests.matchmaker.people import ADDRESS
from tests.web.browsers import signed_in
from tests.web.test_matches import stored
from web.app import create_app

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Our node, and when the slow one may go on."""

    app: Flask
    url: str
    go_on: threading.Event


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    go_on = threading.Event()
    whole = response(an_answer(a_result("F-1")))

    def when_told(_here: Peer, connection: socket.socket, _asked: Asked) -> None:
        connection.sendall(whole[:9])  # it began to answer: only the deadline bounds how long it takes
        go_on.wait(60)
        connection.sendall(whole[9:])

    # Long, since the machine may be busy: the search must last until the page has been read.
    settings = Settings(home=empty_tables.in_home(tmp_path_factory.mktemp("live") / "home"), deadline=60.0)
    with closing(Matchmaker.create(settings)) as mm:
        mm.warm()
        app = create_app(mm)
        with served(app) as url, peer(answering(an_answer(a_result("S-1")))) as spain, peer(when_told) as finland:
            register(mm, "Spain", spain.url)
            register(mm, "Finland", finland.url, country="FI")
            register(mm, "Nowhere", "http://127.0.0.1:9/mme")
            yield World(app=app, url=url, go_on=go_on)
            go_on.set()


@pytest.mark.parametrize("size", [(1280, 800), (360, 740)])
def test_results_arrive_in_the_list_without_moving_it_and_a_dead_node_is_named(
    browser: Browser, world: World, artefacts: Path, size: tuple[int, int]
) -> None:
    world.go_on.clear()
    case_id = stored(matchmaker_of(world.app), ADDRESS, "Martin", sharing=Sharing.FEDERATED)
    context = signed_in_context(browser, world.app, signed_in(world.app), world.url)
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{world.url}/cases/{case_id}/matches")
    page.get_by_role("button", name="Ask all of them now").click()

    nodes, list_ = page.locator("#asked-nodes li"), page.locator("#listed [data-match]")
    expect(nodes.filter(has_text="Spain")).to_contain_text("answered (1)")
    expect(nodes.filter(has_text="Nowhere")).to_contain_text("not reachable")
    expect(list_).to_have_count(1)
    list_.filter(has_text="Spain").get_by_role("link").click()
    expect(nodes.filter(has_text="Finland")).to_have_text(re.compile("still answering|slow: no answer"))
    page.screenshot(path=artefacts / f"live-{size[0]}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= size[0]
    reading = page.get_by_role("heading", name="Side by side")
    reading.scroll_into_view_if_needed()
    place = reading.bounding_box()
    world.go_on.set()
    button = page.get_by_role("button", name="Show new results (1)")
    expect(button).to_be_visible()
    expect(page.locator("#asked-said")).to_have_text("answered: 2, did not answer: 1")
    expect(page.locator("#nodes-table")).to_contain_text("did not answer (not reachable")
    assert reading.bounding_box() == place
    expect(list_).to_have_count(1)
    page.screenshot(path=artefacts / f"live-arrived-{size[0]}.png", full_page=True)
    button.click()
    expect(list_).to_have_count(2)
    expect(list_.filter(has_text="Finland").get_by_role("link")).to_be_focused()
    expect(page.locator("#listed ol [aria-current=true]")).to_contain_text("Spain")
    context.close()
