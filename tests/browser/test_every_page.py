"""Every page in a real browser, on a desk and on a telephone: for everybody, from nowhere else, nothing unsafe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route

from matchmaker.actors import Role
from tests.browser.sessions import signed_in_context
from tests.federation.loopback import served
from tests.federation.worlds import our_node
from tests.web import every_page
from tests.web.browsers import submit
from tests.web.every_page import OwnObjects
from tests.web.test_entry import QUICK
from web.app import create_app

pytestmark = pytest.mark.slow

ARTEFACTS = Path(__file__).parents[2] / "artefacts"
AXE = Path(__file__).parents[2] / ".cache" / "axe-core" / "package" / "axe.min.js"
SIZES = ((1280, 800), (360, 740))
SERIOUS = {"serious", "critical"}
OPEN_ALL = "document.querySelectorAll('details').forEach((details) => { details.open = true; })"
RUN = """async () => (await axe.run(document, { resultTypes: ["violations"] })).violations.flatMap(
  (found) => found.nodes.map((node) => ({ rule: found.id, impact: node.impact, where: node.html })))"""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnObjects]:
    folder: Path = tmp_path_factory.mktemp("every-page")
    with our_node(folder / "home") as mm:
        yield every_page.a_world(create_app(mm), folder)


@pytest.fixture(scope="module")
def url(own: OwnObjects) -> Iterator[str]:
    with served(own.app) as where:
        yield where


@pytest.mark.parametrize("size", SIZES)
def test_no_page_has_a_serious_finding_asks_elsewhere_or_breaks_its_policy(
    browser: Browser, own: OwnObjects, url: str, size: tuple[int, int]
) -> None:
    assert AXE.exists(), "axe-core is missing: make browser"
    wrong: list[str] = []
    contexts: dict[Role | None, BrowserContext] = {}
    for shown in every_page.pages(own):
        context = contexts.get(shown.role) or signed_in_context(browser, own.app, own.browser(shown.role), url)
        contexts[shown.role] = context
        wrong += [f"{shown.endpoint}: {text}" for text in _visit(context, url, shown, size)]
    for context in contexts.values():
        context.close()
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("size", SIZES)
def test_preview_of_what_others_see_has_no_serious_finding(
    browser: Browser, own: OwnObjects, url: str, size: tuple[int, int]
) -> None:
    context = signed_in_context(browser, own.app, own.browser(Role.CLINICIAN), url)
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto(f"{url}/cases/{own.case_id}/edit")
    with context.expect_page() as opened:
        page.get_by_role("button", name="Show what others would see").click()
    preview = opened.value
    preview.set_viewport_size({"width": size[0], "height": size[1]})
    preview.get_by_text("Microcephaly").first.wait_for()

    assert _found(preview, size[0]) == []
    preview.screenshot(path=ARTEFACTS / f"preview-{size[0]}.png", full_page=True)
    context.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that is answered with a page of its own, for which there is no address."""

    role: Role
    to: str
    page: str
    shows: str  # what is on that page alone
    typed: Mapping[str, str] = field(default_factory=dict)


SENT = (
    Sent(
        role=Role.CLINICIAN, to="/cases/new", page="/cases/new", shows="seizre", typed={**QUICK, "findings": "seizre"}
    ),
    Sent(
        role=Role.CLINICIAN,
        to="/account/tokens",
        page="/account/",
        shows='id="token"',
        typed={"token-name": "our system", "token-scopes": "cases:read", "token-days": "30"},
    ),
    Sent(
        role=Role.OPERATOR,
        to="/accounts/",
        page="/accounts/",
        shows='id="link"',
        typed={"email": "fresh@example.org", "role": "operator"},
    ),
    Sent(role=Role.OPERATOR, to="/nodes/ES/issue", page="/nodes/ES", shows='id="token"'),
    Sent(
        role=Role.OPERATOR,
        to="/pairing/-/invite",
        page="/pairing/",
        shows='id="code"',
        typed={"name": "Finland"},
    ),
    Sent(
        role=Role.CLINICIAN,
        to="/cases/{case_id}/subject/erase",
        page="/cases/{case_id}/subject",
        shows="The case is erased",
        typed={"name": "M-1", "sure": "y"},
    ),
)


def test_page_that_only_a_form_leads_to_has_no_serious_finding(browser: Browser, own: OwnObjects, url: str) -> None:
    """On a telephone, where there is least room; the browser shows at its address what a form was answered with."""
    wrong: list[str] = []
    for sent in SENT:
        client, to = own.browser(sent.role), sent.to.format(case_id=own.case_id)
        answered = submit(client, to, page=sent.page.format(case_id=own.case_id), **sent.typed)
        assert sent.shows in answered.text, (to, answered.status_code)
        context = signed_in_context(browser, own.app, client, url)
        page = context.new_page()
        page.set_viewport_size({"width": 360, "height": 740})
        page.route(url + to, partial(_fulfil, text=answered.text))
        page.goto(url + to)
        wrong += [f"{to}: {text}" for text in _found(page, 360)]
        page.screenshot(path=ARTEFACTS / f"sent-{sent.to.strip('/').replace('/', '-')}.png", full_page=True)
        context.close()
    assert not wrong, "\n".join(wrong)


def _fulfil(route: Route, text: str) -> None:
    route.fulfill(body=text, content_type="text/html")


def _visit(context: BrowserContext, url: str, shown: every_page.Page, size: tuple[int, int]) -> list[str]:
    """Open a page and return what is wrong with it."""
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    said: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.append(request.url))
    answer = page.goto(url + shown.address)
    assert answer is not None
    found = _found(page, size[0])
    page.screenshot(path=ARTEFACTS / f"page-{shown.endpoint}-{size[0]}.png", full_page=True)
    page.close()
    return [*said, *_answered(answer), *found, *(one for one in asked if not one.startswith((url, "data:")))]


def _answered(answer: Response) -> list[str]:
    policy = answer.headers.get("content-security-policy", "")
    right = answer.status == 200 and "default-src 'none'" in policy and "unsafe" not in policy
    return [] if right else [f"{answer.status} {policy}"]


def _found(page: Page, width: int) -> list[str]:
    """What is wrong on the page with all that can be unfolded unfolded."""
    page.evaluate(OPEN_ALL)
    page.evaluate(AXE.read_text())
    violations: list[dict[str, Any]] = page.evaluate(RUN)
    wide = page.evaluate("document.documentElement.scrollWidth")
    too_wide = [f"{wide} pixels wide"] if wide > width else []
    return [*too_wide, *(f"{one['rule']}: {one['where'][:200]}" for one in violations if one["impact"] in SERIOUS)]
