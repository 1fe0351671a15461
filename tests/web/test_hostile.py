"""Five hundred hostile strings in every field that a person or another node can fill: none runs, none breaks a page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from matchmaker.actors import Role
from matchmaker.current import matchmaker_of
from matchmaker.service import Matchmaker
from tests.web import every_page, hostile_world
from tests.web.every_form import Form, forms_in
from tests.web.every_page import OwnObjects
from tests.web.hostile import strings
from tests.web.hostile_world import store_here, told_by_spain
from tests.web.markup import wrong_in

N_KINDS = 13  # the first strings are one of each kind
AT_ONCE = 80  # strings in one field
REFUSED_WELL = {200, 302, 303, 400, 401, 404, 409, 422, 429}


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnObjects]:
    with hostile_world.opened(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture
def mm(own: OwnObjects) -> Matchmaker:
    return matchmaker_of(own.app)


@pytest.fixture
def browser(own: OwnObjects) -> FlaskClient:
    return own.browser(Role.CLINICIAN)


def test_there_are_five_hundred_of_them() -> None:
    assert len(strings()) >= 500


@pytest.mark.slow
def test_what_another_node_tells_runs_nowhere(own: OwnObjects, mm: Matchmaker, browser: FlaskClient) -> None:
    n_shown = 0
    for place, hostile in enumerate(strings()):
        match_id = told_by_spain(mm, own.case_id, hostile)
        if match_id is not None:
            n_shown += 1
            require_whole(browser, f"/matches/{match_id}", hostile)
            if place < N_KINDS:
                require_whole(browser, f"/matches/{match_id}?view=grid", hostile)
    assert n_shown > 0.8 * len(strings())
    for address in ("/alerts", "/matches", f"/cases/{own.case_id}"):
        require_whole(browser, address, "what Spain told")


@pytest.mark.slow
def test_what_the_own_centre_stored_runs_nowhere(own: OwnObjects, mm: Matchmaker, browser: FlaskClient) -> None:
    case = f"/cases/{own.case_id}"
    match = f"/matches/{own.named['match_id']}"
    others = ("/cases/", f"{case}/sharing", f"{case}/diseases", f"{case}/subject", match, "/alerts", "/worklist/")
    for place, hostile in enumerate(strings()):
        store_here(mm, own.case_id, hostile)
        for address in (case, f"{case}/edit", *(others if place < N_KINDS else ())):
            require_whole(browser, address, hostile)
        if place < N_KINDS or hostile[0] in "=+-@\t\r\n":
            table = list(csv.reader(io.StringIO(browser.get(f"{case}/matches.csv").text)))
            assert not [cell for row in table for cell in row if cell.startswith(tuple("=+-@\t\r\n"))], hostile


@pytest.mark.slow
def test_letters_notes_and_notices_run_nowhere(own: OwnObjects, mm: Matchmaker, browser: FlaskClient) -> None:
    match_id = hostile_world.write(mm, own.case_id, strings())

    require_whole(browser, f"/matches/{match_id}", "letters and notes")
    require_whole(browser, "/alerts", "notices")


@pytest.mark.slow
def test_what_is_looked_up_runs_nowhere(browser: FlaskClient) -> None:
    for hostile in strings():
        for address in ("/lookup/terms", "/lookup/genes"):
            answer = browser.get(address, query_string={"q": hostile})
            assert answer.status_code == 400 if "\0" in hostile else answer.is_json, (address, hostile)


@pytest.mark.slow
def test_what_is_written_into_any_form_runs_nowhere(own: OwnObjects) -> None:
    texts = strings()
    together = [" ".join(texts[place : place + AT_ONCE]) for place in range(0, len(texts), AT_ONCE)]
    n_forms = 0
    for page in every_page.pages(own):
        browser = own.browser(page.role)
        for form in forms_in(browser.get(page.address).text, page.address):
            n_forms += 1
            for text in [*texts[:N_KINDS], *together]:
                _write(browser, form, text)
    assert n_forms > 30
    shown = {page.address: own.browser(page.role).get(page.address) for page in every_page.pages(own)}
    standing = {address: answer.text for address, answer in shown.items() if answer.status_code == 200}
    assert len(shown) - len(standing) <= 3  # a link that was used, a check that was stored
    assert [(address, wrong_in(text)) for address, text in standing.items() if wrong_in(text)] == []


def require_whole(browser: FlaskClient, address: str, hostile: str) -> None:
    answer = browser.get(address)
    assert answer.status_code == 200, (address, hostile, answer.status_code)
    assert wrong_in(answer.text) == [], (address, hostile)


def _write(browser: FlaskClient, form: Form, text: str) -> None:
    """Write the text into every field of a form, and send it to wherever its buttons lead."""
    for action in {form.action, *form.actions}:
        fields = form.filled(text)
        said = browser.get(action, query_string=fields) if form.method == "get" else browser.post(action, data=fields)
        assert said.status_code in REFUSED_WELL, (action, text, said.status_code)
        if said.mimetype == "text/html" and said.status_code not in {302, 303}:
            assert wrong_in(said.text) == [], (action, text)
