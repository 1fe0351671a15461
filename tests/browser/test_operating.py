"""The pages of operators, curators and auditors in a real browser, on a desk and on a telephone, over one node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from federation import pairing
from matchmaker import adoption, cases, handing_over
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import accounts
from matchmaker.store import cases as stored
from tests.browser import operated as the_node
from tests.browser.operated import AUDITOR, CLINICIAN, CURATOR, LEAVING, OPERATOR, Operated
from tests.browser.release_change import change_release
from tests.deploy.sites import free_port
from tests.federation.loopback import serving
from tests.ontology import older

pytestmark = pytest.mark.slow

IRELAND = NodeName("Ireland")
DESK, TELEPHONE = (1280, 800), (360, 740)
PAGES = [
    (CLINICIAN, "/worklist/", "Work list"),
    (CLINICIAN, "/quality/", "How complete your cases are"),
    (CURATOR, "/worklist/", "Work list"),
    (CURATOR, "/releases/", "Releases of the ontology"),
    (CURATOR, "/releases/ambiguous", "Obsolete terms to decide about"),
    (OPERATOR, "/nodes/", "Nodes"),
    (OPERATOR, "/nodes/Spain", "Spain"),
    (OPERATOR, "/nodes/Spain/remove", "Remove Spain?"),
    (OPERATOR, "/pairing/", "Pair with a node"),
    (OPERATOR, "/accounts/", "Accounts"),
    (OPERATOR, "/figures/", "Figures of the node by month"),
    (OPERATOR, "/quality/", "How complete the cases of each centre are"),
    (AUDITOR, "/audit/", "Audit log"),
    (AUDITOR, "/audit/verify", "Is the audit log as it was written?"),
]


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Operated]:
    with the_node.operated(tmp_path_factory.mktemp("operated")) as running:
        yield running


@pytest.fixture(scope="module")
def signed_in(browser: Browser, node: Operated) -> Iterator[dict[str, Page]]:
    """A browser for each of the people, in which they signed in."""
    contexts = {email: browser.new_context() for email in (CLINICIAN, CURATOR, OPERATOR, AUDITOR)}
    pages = {}
    for email, context in contexts.items():
        pages[email] = context.new_page()
        pages[email].set_default_timeout(60_000)
        node.sign_in(pages[email], email)
    yield pages
    for context in contexts.values():
        context.close()


@pytest.mark.parametrize("shown", PAGES)
def test_page_fits_both_screens_and_breaks_no_rule_of_its_policy(
    signed_in: dict[str, Page], node: Operated, artefacts: Path, shown: tuple[str, str, str]
) -> None:
    email, address, heading = shown
    page = signed_in[email]
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    for width, height in (DESK, TELEPHONE):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(f"{node.url}{address}")
        name = f"{email.partition('@')[0]}{address.replace('/', '-').rstrip('-')}-{width}.png"
        page.screenshot(path=artefacts / name, full_page=True)

        expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert complaints == []


def test_finding_that_contradicts_is_taken_out_by_one_click(signed_in: dict[str, Page], node: Operated) -> None:
    page = signed_in[CLINICIAN]
    page.goto(f"{node.url}/worklist/")
    line = page.locator("section[aria-labelledby=contradiction] tr").last
    expect(line).to_contain_text("D-32")

    line.get_by_role("button", name="Remove").first.click()

    expect(page.get_by_role("alert")).to_contain_text("what it was before stays in the history")
    expect(page.locator("#contradiction")).to_have_count(0)
    (mended,) = (one for one in cases.list_(node.mm, by=SYSTEM) if one.case.local_id == "D-32")
    assert (mended.version, len(mended.case.features)) == (2, 1)


def test_cases_are_handed_over_before_the_account_is_disabled(signed_in: dict[str, Page], node: Operated) -> None:
    page = signed_in[OPERATOR]
    page.goto(f"{node.url}/accounts/")
    page.get_by_role("link", name=LEAVING).click()
    page.get_by_role("button", name="Disable").click()
    expect(page.get_by_role("alert").first).to_contain_text("still owns 6 cases")

    page.get_by_label("The clinician who owns them from now on").fill(CLINICIAN)
    page.get_by_role("button", name="Hand the cases over").click()
    page.get_by_role("button", name="Disable").click()

    expect(page.get_by_role("alert").first).to_contain_text("disabled and signed out")
    with node.mm.reading() as db:
        assert stored.n_owned(db, LEAVING) == 0
        leaver = accounts.find(db, LEAVING)
    assert leaver is not None
    assert not leaver.enabled
    assert handing_over.owned(node.mm, leaver.id, by=SYSTEM) == 0


def test_centre_is_renamed(signed_in: dict[str, Page], node: Operated) -> None:
    page = signed_in[OPERATOR]
    page.goto(f"{node.url}/accounts/")
    page.locator("summary", has_text="Rename").click()
    page.get_by_label(f"New name of {the_node.CENTRE}").fill("Genetics, Dublin North")
    page.get_by_role("button", name="Rename").click()

    expect(page.get_by_role("alert")).to_contain_text("Genetics, Dublin North")
    page.locator("summary", has_text="Rename").click()
    page.get_by_label("New name of Genetics, Dublin North").fill(the_node.CENTRE)
    page.get_by_role("button", name="Rename").click()
    expect(page.get_by_role("rowheader", name=the_node.CENTRE)).to_be_visible()


def test_plot_is_a_table_as_well(signed_in: dict[str, Page], node: Operated) -> None:
    page = signed_in[OPERATOR]
    page.goto(f"{node.url}/figures/")
    drawn = page.locator("figure", has_text="Cases at the end of the month")
    drawn.get_by_text("As a table").click()

    assert drawn.locator("svg rect").count() > 3
    expect(drawn.locator("tbody tr").last).to_contain_text("20")


def test_node_that_is_down_is_said_to_be(signed_in: dict[str, Page], node: Operated) -> None:
    page = signed_in[OPERATOR]
    page.goto(f"{node.url}/nodes/Spain")
    page.get_by_role("button", name="Test the connection").click()

    expect(page.get_by_role("alert").first).to_contain_text("Spain did not answer")


def test_operators_compare_words_and_the_nodes_are_paired_until_one_is_removed(
    signed_in: dict[str, Page], node: Operated, tmp_path: Path, artefacts: Path
) -> None:
    page, port = signed_in[OPERATOR], free_port("127.0.0.1")
    settings = Settings(home=tmp_path / "wales", node_name="Wales", base_url=f"http://127.0.0.1:{port}")
    with closing(Matchmaker.create(settings)) as wales, serving(wales, port=port):
        page.goto(f"{node.url}/pairing/")
        page.get_by_label("The code that you were sent").fill(pairing.invite(wales, IRELAND, by=SYSTEM))
        page.get_by_role("button", name="Meet that node").click()
        expect(page.get_by_role("heading", name="Pair with Wales")).to_be_visible()
        words = page.locator("#words").inner_text()
        assert words == pairing.meet(wales, IRELAND, by=SYSTEM).words
        page.screenshot(path=artefacts / "pairing-meet.png", full_page=True)

        page.get_by_label("The other operator read exactly these words to me").check()
        page.get_by_role("button", name="Confirm").click()
        expect(page.get_by_role("alert").first).to_contain_text("once the other operator has confirmed too")
        assert pairing.confirm(wales, IRELAND, words=words, by=SYSTEM).done
        page.reload()
        expect(page.locator("main")).to_contain_text("Paired.")
        page.get_by_role("link", name="Wales", exact=True).click()
        page.get_by_role("button", name="Test the connection").click()
        expect(page.get_by_role("alert").first).to_contain_text("Wales answered")

    page.goto(f"{node.url}/nodes/Wales/remove")
    page.get_by_role("button", name="Remove Wales").click()
    expect(page.get_by_role("link", name="Wales", exact=True)).to_have_count(0)


def test_files_that_are_no_release_are_refused_and_nothing_in_use_changes(
    signed_in: dict[str, Page], node: Operated, tmp_path: Path, artefacts: Path
) -> None:
    page, in_use = signed_in[CURATOR], adoption.in_use(node.mm)
    page.goto(f"{node.url}/releases/")
    for field in ("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt"):
        (tmp_path / field).write_text("format-version: 1.2\n")
        page.get_by_label(field, exact=True).set_input_files(tmp_path / field)
    page.get_by_role("button", name="Check and import").click()

    expect(page.get_by_role("heading", name="Checking the files")).to_be_visible()
    expect(page.get_by_role("alert")).to_contain_text("hp.obo")
    expect(page.locator("main")).to_contain_text("Nothing in use has changed.")
    page.screenshot(path=artefacts / "release-refused.png")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("button", name="Check and import")).to_be_visible()
    assert adoption.in_use(node.mm) == in_use


def test_auditor_finds_who_did_what_to_a_case(signed_in: dict[str, Page], node: Operated) -> None:
    page = signed_in[AUDITOR]
    page.goto(f"{node.url}/audit/")
    page.get_by_label("Case", exact=True).fill(node.case_id)
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Who saw this case").click()

    expect(page.get_by_role("heading", name=f"Who saw case {node.case_id[:8]}")).to_be_visible()
    page.goto(f"{node.url}/audit/verify")
    expect(page.locator("main")).to_contain_text("signed")


def test_real_release_is_compared_decided_adopted_and_rolled_back(
    signed_in: dict[str, Page], node: Operated, artefacts: Path
) -> None:
    page = signed_in[CURATOR]
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    assert adoption.in_use(node.mm).id == older.DATE

    change_release(page, node.url, pictures=artefacts)

    assert adoption.in_use(node.mm).id == "2025-01-16"
    page.goto(f"{node.url}/releases/rollback")
    page.get_by_role("button", name=f"Go back to {older.DATE}").click()
    expect(page.locator("main")).to_contain_text(f"In use: release {older.DATE}")
    assert adoption.in_use(node.mm).id == older.DATE
