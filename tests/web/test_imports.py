"""The import pages: templates, a check row by row, storing what was shown; bad files and large ones in plain words."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from matchmaker import cases
from matchmaker.actors import User
from matchmaker.current import matchmaker_of
from matchmaker.model import Case
from tests.federation.worlds import our_node
from tests.matchmaker.people import user_of
from tests.web.browsers import signed_in, submit
from web.app import MAX_FORM_BYTES, create_app

SHEET = "id;findings;genes;basis\nP-1;Microcephaly;PHGDH;consent\nP-2;seizre;;\nP-3;Seizure;2-Sep;\n"
_numbers = itertools.count()


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One node for all tests, each of which signs in to a centre of its own."""
    with our_node(tmp_path_factory.mktemp("imports") / "home") as mm:
        yield create_app(mm)


@pytest.fixture
def address() -> str:
    return f"aoife@centre-{next(_numbers)}.example.org"


@pytest.fixture
def browser(app: Flask, address: str) -> FlaskClient:
    return signed_in(app, address, centre=address)


@pytest.fixture
def user(app: Flask, browser: FlaskClient, address: str) -> User:
    return user_of(matchmaker_of(app), address)


def sent(browser: FlaskClient, body: str | bytes, name: str = "cases.csv") -> TestResponse:
    stream = io.BytesIO(body.encode() if isinstance(body, str) else body)
    return submit(browser, "/imports/", files=(stream, name), sharing="private", basis="")


def shown(browser: FlaskClient) -> str:
    return browser.get("/imports/check").text


def store(browser: FlaskClient, *rows: int) -> TestResponse:
    text = shown(browser)
    dry_run = text.split('name="dry_run"')[1].split('value="')[1].split('"')[0]
    return submit(browser, "/imports/check", dry_run=dry_run, row=list(map(str, rows)))


def held(app: Flask, user: User) -> dict[str, Case]:
    return {one.case.local_id: one.case for one in cases.list_(matchmaker_of(app), by=user)}


def test_file_is_checked_and_then_stored_as_shown(app: Flask, browser: FlaskClient, user: User) -> None:
    answer = sent(browser, SHEET)
    assert (answer.status_code, answer.location) == (303, "/imports/check")
    text = shown(browser).replace("&#39;", "'")
    assert held(app, user) == {}
    for said in (
        "2 new</strong>, 0 changed",
        "1 rejected",
        "cases.csv row 3",
        "did you mean Seizure",
        "'2-Sep' is a date",
        "SEPTIN2",
    ):
        assert said in text

    answer = store(browser, 0, 2)

    assert answer.status_code == 303
    assert held(app, user).keys() == {"P-1", "P-3"}
    assert "2 new cases are stored" in browser.get(answer.location).text
    assert browser.get("/imports/check").location == "/imports/"


def test_row_that_is_not_ticked_is_not_stored_and_nothing_is_stored_twice(
    app: Flask, browser: FlaskClient, user: User
) -> None:
    sent(browser, SHEET)
    text = shown(browser)
    store(browser, 0)
    assert held(app, user).keys() == {"P-1"}

    dry_run = text.split('name="dry_run"')[1].split('value="')[1].split('"')[0]
    again = submit(browser, "/imports/check", page="/imports/", dry_run=dry_run, row=["0", "2"])
    assert "stored already" in browser.get(again.location).text
    assert held(app, user).keys() == {"P-1"}


def test_dry_run_is_nobody_elses_and_can_be_thrown_away(app: Flask, browser: FlaskClient, user: User) -> None:
    sent(browser, SHEET)
    colleague = signed_in(app, f"bran.{user.email}", centre=user.centre)
    assert colleague.get("/imports/check").status_code == 303
    assert colleague.get("/imports/report.csv").status_code == 404

    submit(browser, "/imports/discard", page="/imports/check")
    assert browser.get("/imports/check").status_code == 303
    assert held(app, user) == {}


def test_report_says_what_becomes_of_each_row(browser: FlaskClient) -> None:
    sent(browser, SHEET.replace("P-1", "=P-1"))

    lines = list(csv.reader(io.StringIO(browser.get("/imports/report.csv").text.removeprefix("\ufeff"))))

    assert lines[0] == ["record", "id", "what becomes of it", "field", "what", "what to do"]
    assert {line[2] for line in lines[1:]} == {"kept, new", "rejected, rejected", "warned, new"}
    assert [line[1] for line in lines if line[0].endswith("row 2")] == ["'=P-1"]


def test_template_filled_with_own_cases_changes_nothing_when_it_comes_back(
    app: Flask, browser: FlaskClient, user: User
) -> None:
    sent(browser, SHEET)
    store(browser, 0, 2)
    for form in ("xlsx", "csv"):
        body = browser.get(f"/imports/template?filled=1&form={form}").data
        sent(browser, body, f"cases.{form}")
        assert "0 new</strong>, 0 changed, 2 as stored" in shown(browser)


def test_template_has_explanations_and_lists_to_choose_from(browser: FlaskClient) -> None:
    book = openpyxl.load_workbook(io.BytesIO(browser.get("/imports/template").data))

    assert book.sheetnames == ["Cases", "Explanations"]
    offered = [rule.formula1 for rule in book["Cases"].data_validations.dataValidation]
    assert '"female,male,other"' in offered
    assert all(cell.comment for cell in book["Cases"][1])
    assert {cell.number_format for cell in book["Cases"].column_dimensions.values()} == {"@"}


@pytest.mark.parametrize(
    ("body", "name", "said"),
    [
        ("", "cases.csv", "is empty"),
        (b"\xd0\xcf\x11\xe0" + bytes(600), "cases.xls", "old .xls workbook"),
        (b"PK\x03\x04broken", "cases.xlsx", "not a zip file"),
        ("<html>", "page.html", "is no JSON"),
    ],
)
def test_file_that_cannot_be_read_is_a_line_of_the_report(
    browser: FlaskClient, body: str | bytes, name: str, said: str
) -> None:
    assert sent(browser, body, name).status_code == 303
    text = shown(browser)
    assert said in text
    assert "Store the ticked rows" not in text


def test_no_file_and_too_large_a_file_are_refused_with_what_to_do(browser: FlaskClient) -> None:
    nothing = submit(browser, "/imports/", sharing="private", basis="")
    assert nothing.status_code == 422
    assert "Choose at least one file" in nothing.text

    large = browser.post(
        "/imports/",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"CONTENT_LENGTH": str(MAX_FORM_BYTES + 1)},
    )
    assert large.status_code == 413
    assert "20 MB" in large.text


def test_hostile_text_in_files_is_shown_and_never_run(browser: FlaskClient) -> None:
    hostile = '<script>alert(1)</script>"onload="x'
    sent(browser, f"id,name,findings,{hostile}\nP-1,{hostile},Seizure,1\n", "<script>alert(2)<b>.csv")

    text = shown(browser)
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert" in text
