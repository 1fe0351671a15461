"""Two operators pair their nodes on the pages of both, over real HTTP between the nodes."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from federation import nodes
from matchmaker.actors import Role
from matchmaker.current import matchmaker_of
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.federation.loopback import served
from tests.web.browsers import signed_in, submit
from web.app import create_app

pytestmark = pytest.mark.slow


@pytest.fixture
def apps(tmp_path: Path) -> Iterator[tuple[Flask, Flask]]:
    with ExitStack() as stack:
        made = []
        for name, country in (("Ireland", "IE"), ("Spain", "ES")):
            with socket.create_server(("127.0.0.1", 0)) as free:
                port = free.getsockname()[1]
            url = f"http://127.0.0.1:{port}"
            settings = Settings(home=tmp_path / name, node_name=name, country=country, base_url=url)
            app = create_app(stack.enter_context(closing(Matchmaker.create(settings))))
            stack.enter_context(served(app, port=port))
            made.append(app)
        yield made[0], made[1]


def _operator(app: Flask) -> FlaskClient:
    return signed_in(app, "operator@example.org", role=Role.OPERATOR, centre=None)


def _code(browser: FlaskClient, name: str) -> str:
    shown = re.search(r'id="code">([\w-]+)<', submit(browser, "/pairing/-/invite", page="/pairing/", name=name).text)
    assert shown is not None
    return shown.group(1)


def _words(browser: FlaskClient, name: str) -> str:
    shown = re.search(r'id="words">([\w-]+)<', browser.get(f"/pairing/{name}").text)
    assert shown is not None
    return shown.group(1)


def test_both_operators_are_led_to_a_pairing_that_works(apps: tuple[Flask, Flask]) -> None:
    ireland, spain = map(_operator, apps)
    code = _code(ireland, "Spain")
    assert "the other operator has not accepted yet" in ireland.get("/nodes/").text
    assert code not in ireland.get("/nodes/").text

    met = submit(spain, "/pairing/-/accept", page="/pairing/", code=code)

    assert met.location == "/pairing/Ireland"
    assert "compare the words with the other operator" in ireland.get("/nodes/").text
    assert _words(ireland, "Spain") == _words(spain, "Ireland")
    assert submit(spain, "/pairing/Ireland").status_code == 422  # nobody said that the words are the same
    submit(spain, "/pairing/Ireland", same="y")
    assert "confirmed here, not there yet" in spain.get("/nodes/").text
    done = submit(ireland, "/pairing/Spain", same="y")
    assert done.location == "/nodes/Spain"
    assert "Paired: it answered in" in ireland.get("/nodes/Spain").text
    for browser, name in ((ireland, "Spain"), (spain, "Ireland")):
        submit(browser, f"/nodes/{name}/test", page=f"/nodes/{name}")
        assert "It is of our own kind." in browser.get(f"/nodes/{name}").text
    assert nodes.show(matchmaker_of(apps[0]), NodeName("Spain")).node.signing_key is not None


def test_code_that_is_none_or_was_used_is_refused_with_what_to_do(apps: tuple[Flask, Flask]) -> None:
    ireland, spain = map(_operator, apps)
    code = _code(ireland, "Spain")
    submit(spain, "/pairing/-/accept", page="/pairing/", code=code)

    for wrong in ("mm1-nothing", code, code[:-6]):
        answer = submit(spain, "/pairing/-/accept", page="/pairing/", code=wrong)
        assert answer.status_code == 422, wrong
        assert "invalid-feedback" in answer.text or "alert-danger" in answer.text
    for name in ("", "a/b"):
        assert submit(ireland, "/pairing/-/invite", page="/pairing/", name=name).status_code == 422
