"""A curator's pages of releases."""

from __future__ import annotations

import datetime as dt
import html
import io
import re
import time
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from matchmaker import adoption, cases, releases
from matchmaker.actors import SYSTEM, Role
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import jobs
from matchmaker.store.jobs import Kind
from ontology.releases import Release
from tests.builders import a_case, a_feature
from tests.ontology.files import OBO, newer_obo, write_release
from tests.ontology.translated import row, table
from tests.web.browsers import signed_in, submit

MYOCLONIC, SEIZURE = "HP:0002123", "HP:0001250"
PARTS = {"obo": "hp.obo", "hpoa": "phenotype.hpoa", "gene_links": "genes_to_phenotype.txt"}


@pytest.fixture
def curator(app: Flask) -> FlaskClient:
    return signed_in(app, "curator@example.org", role=Role.CURATOR)


@pytest.fixture
def two(sqlite_mm: Matchmaker, tmp_path: Path) -> tuple[Release, Release]:
    """An older release, which is in use, and a newer one in which a term lost its meaning."""
    older, newer = (
        releases.import_files(sqlite_mm.settings, write_release(tmp_path / name, obo=obo))
        for name, obo in (("older", OBO), ("newer", newer_obo()))
    )
    adoption.adopt(sqlite_mm, older.checksum, by=SYSTEM)
    sqlite_mm.follow()
    return older, newer


def _files(folder: Path, obo: str = OBO) -> dict[str, tuple[io.BytesIO, str]]:
    write_release(folder, obo=obo)
    return {part: (io.BytesIO((folder / name).read_bytes()), name) for part, name in PARTS.items()}


def _ended(browser: FlaskClient, begun: TestResponse) -> TestResponse:
    """Wait until a job is over; return its page."""
    assert begun.status_code == 303, begun.text
    for _ in range(600):
        said = browser.get(f"{begun.location}/progress")
        if said.json and said.json["state"] != "running":
            return browser.get(begun.location)
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)


def _store(mm: Matchmaker, *terms: str) -> CaseId:
    return cases.submit(mm, a_case(features=[a_feature(term) for term in terms]), by=SYSTEM).case_id


def _compared(curator: FlaskClient, two: tuple[Release, Release]) -> str:
    older, newer = two
    begun = submit(curator, "/releases/compare", page="/releases/", before=older.checksum, after=newer.checksum)
    return _ended(curator, begun).location


def test_list_shows_what_is_here_with_its_sources_and_which_one_is_in_use(
    curator: FlaskClient, two: tuple[Release, Release]
) -> None:
    page = curator.get("/releases/").text

    assert re.search(rf"{two[0].id}\s*<span class=\"badge text-bg-success\">in use", page)
    for release in two:
        assert release.checksum[:12] in page
        assert release.sources[0].checksum in page


@pytest.mark.slow
def test_uploaded_files_become_a_release_that_is_not_in_use(
    app: Flask, curator: FlaskClient, sqlite_mm: Matchmaker, tmp_path: Path
) -> None:
    page = _ended(curator, submit(curator, "/releases/upload", page="/releases/", **_files(tmp_path / "new")))

    assert "The release is here, and not in use" in page.text
    assert {one.id for one in releases.held(sqlite_mm.settings)} == {"2031-02-03", releases.shipped().id}
    assert adoption.in_use(sqlite_mm).checksum == releases.shipped().checksum
    assert [path.name for path in (sqlite_mm.settings.home / "releases").glob(".*")] == []


def test_damaged_file_is_named_and_nothing_is_left(curator: FlaskClient, sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    files = _files(tmp_path / "new") | {"obo": (io.BytesIO(b"not an ontology"), "hp.obo")}

    page = _ended(curator, submit(curator, "/releases/upload", page="/releases/", **files))

    assert "hp.obo" in page.text
    assert "Nothing in use has changed" in page.text
    assert list((sqlite_mm.settings.home / "releases").iterdir()) == []


def test_missing_and_empty_files_are_said_beside_their_fields(curator: FlaskClient, tmp_path: Path) -> None:
    files = _files(tmp_path / "new") | {"hpoa": (io.BytesIO(b""), "phenotype.hpoa")}
    del files["gene_links"]

    answer = submit(curator, "/releases/upload", page="/releases/", **files)

    assert answer.status_code == 422
    assert "genes_to_phenotype.txt is missing" in answer.text
    assert "is empty: download phenotype.hpoa again" in answer.text


def test_date_that_is_none_is_refused_before_anything_is_fetched(curator: FlaskClient) -> None:
    answer = submit(curator, "/releases/download", page="/releases/", date="yesterday")

    assert answer.status_code == 422
    assert "is no date of a release" in answer.text


def test_second_job_waits_for_the_first(
    curator: FlaskClient, sqlite_mm: Matchmaker, two: tuple[Release, Release]
) -> None:
    with sqlite_mm.transaction() as db:
        jobs.begin(db, Kind.IMPORT, "elsewhere", at=_now())

    submit(curator, "/releases/compare", page="/releases/", before=two[0].checksum, after=two[1].checksum)

    assert "another import is under way" in curator.get("/releases/").text


def test_job_whose_process_died_is_shown_as_interrupted(curator: FlaskClient, sqlite_mm: Matchmaker) -> None:
    with sqlite_mm.transaction() as db:
        job = jobs.begin(db, Kind.COMPARE, "a b", at=_now() - jobs.QUIET)

    assert "was stopped before this was done" in curator.get(f"/releases/jobs/{job.id}").text


@pytest.mark.slow
def test_comparison_says_which_cases_use_what_changes_and_how_their_matches_move(
    curator: FlaskClient, sqlite_mm: Matchmaker, two: tuple[Release, Release]
) -> None:
    touched, other = _store(sqlite_mm, MYOCLONIC), _store(sqlite_mm, MYOCLONIC)
    address = _compared(curator, two)

    page = curator.get(address).text

    assert "Of 2 cases 2 use a term that changes" in page
    assert touched[:8] in page
    assert other[:8] in page
    assert "0 come, 1 go" in page
    obsolete = curator.get(f"{address}?show=obsolete").text
    assert "Generalized myoclonic seizure" in obsolete
    assert "to be decided" in obsolete
    everything = curator.get(f"{address}.json").json
    assert everything is not None
    assert {one["case_id"] for one in everything["cases"]} == {touched, other}


@pytest.mark.slow
@pytest.mark.parametrize("show", ["cases", "new", "merged", "moved", "relabelled", "content", "genes-new", "none"])
def test_every_kind_of_change_has_a_page(curator: FlaskClient, compared: str, show: str) -> None:
    assert curator.get(f"{compared}?show={show}&page=99").status_code == 200


@pytest.fixture
def compared(curator: FlaskClient, two: tuple[Release, Release]) -> str:
    return _compared(curator, two)


@pytest.mark.slow
def test_comparison_is_forgotten_when_a_case_is_erased(
    curator: FlaskClient, sqlite_mm: Matchmaker, two: tuple[Release, Release]
) -> None:
    case_id = _store(sqlite_mm, MYOCLONIC)
    address = _compared(curator, two)

    cases.erase(sqlite_mm, case_id, by=SYSTEM)

    assert curator.get(address).status_code == 404


@pytest.mark.slow
def test_release_is_adopted_and_rolled_back_after_a_confirmation(
    curator: FlaskClient, sqlite_mm: Matchmaker, two: tuple[Release, Release]
) -> None:
    older, newer = two
    _store(sqlite_mm, SEIZURE)
    adopt = f"/releases/{newer.checksum}/adopt"
    assert adoption.in_use(sqlite_mm).id == older.id

    submit(curator, adopt)
    assert adoption.in_use(sqlite_mm).id == newer.id
    assert "1 cases are matched again" in curator.get("/releases/").text

    submit(curator, "/releases/rollback")
    assert adoption.in_use(sqlite_mm).id == older.id


@pytest.mark.slow
def test_ambiguous_replacement_is_decided_before_the_release_is_adopted(
    curator: FlaskClient, sqlite_mm: Matchmaker, two: tuple[Release, Release]
) -> None:
    _store(sqlite_mm, MYOCLONIC)
    newer = two[1]
    address = f"/releases/ambiguous?release={newer.checksum}"
    assert "1 obsolete terms of your cases" in curator.get(f"/releases/{newer.checksum}/adopt").text
    assert "open</span>" in curator.get(address).text
    fields = {"term": MYOCLONIC, "release": newer.checksum}

    submit(curator, "/releases/ambiguous", page=address, choice=SEIZURE, **fields)

    assert "decided</span>" in curator.get(address).text
    submit(curator, f"/releases/{newer.checksum}/adopt")
    sqlite_mm.follow()
    assert sqlite_mm.release.hpo.resolve(MYOCLONIC).term == SEIZURE
    for choice, other in (("", ""), ("other", ""), ("other", "HP:12"), ("other", "HP:9999999")):
        refused = submit(curator, "/releases/ambiguous", page=address, choice=choice, other=other, **fields)
        assert refused.status_code == 422, (choice, other)
    submit(curator, "/releases/ambiguous", page=address, choice="nothing", **fields)
    sqlite_mm.follow()
    assert sqlite_mm.release.hpo.resolve(MYOCLONIC).term is None


def test_release_that_is_not_here_is_not_found(curator: FlaskClient) -> None:
    assert curator.get("/releases/nowhere/adopt").status_code == 404
    assert curator.get("/releases/ambiguous?release=nowhere").status_code == 404
    assert "there is none to go back to" in curator.get("/releases/rollback", follow_redirects=True).text


@pytest.mark.slow
def test_curator_loads_names_in_other_languages_or_is_told_which_line_is_wrong(
    curator: FlaskClient, sqlite_mm: Matchmaker, tmp_path: Path
) -> None:
    def sent(*rows: str) -> str:
        file = io.BytesIO(table(tmp_path, *rows).read_bytes())
        answer = submit(
            curator,
            "/releases/translate",
            page="/releases/",
            file=(file, "hp-es.babelon.tsv"),
            release=sqlite_mm.release.checksum,
        )
        assert answer.location == "/releases/"
        return html.unescape(curator.get("/releases/").text)

    assert "Español: 1 labels and 0 synonyms are shown with release" in sent(row(SEIZURE, "Crisis epiléptica"))
    assert "hp-es.babelon.tsv, line 2, column subject_id: 'seizure' is no HPO id" in sent(row("seizure", "Crisis"))
    assert "Español</span>: 1 labels, 0 synonyms" in html.unescape(curator.get("/releases/").text)
