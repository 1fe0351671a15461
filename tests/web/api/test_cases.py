"""Cases by the API: what a hospital's program stores, sees again, changes, and is told when something is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from federation.phenopackets import write_phenopacket
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Sharing, Status
from matchmaker.service import Matchmaker
from tests.web.api.programs import HERS, Program, a_patient, program_of_cork, program_of_dublin
from tests.web.browsers import ADDRESS
from web.api.bodies import CASE_TYPES, MAX_BODY, MME, PHENOPACKET

PROBLEM = "application/problem+json"


@pytest.fixture
def program(app: Flask) -> Program:
    return program_of_dublin(app)


def stored(program: Program, **stated: Any) -> str:
    answer = program.post("/cases", json=a_patient(**stated))
    assert answer.status_code == 201, answer.text
    return str(answer.get_json()["id"])


def paths(answer: TestResponse) -> set[str]:
    assert answer.mimetype == PROBLEM
    return {issue["path"] for issue in answer.get_json()["errors"]}


def test_case_is_stored_for_the_caller_and_shown_again(program: Program) -> None:
    answer = program.post("/cases", json=a_patient(_sharing="federated", _consent={"basis": "consent"}))
    shown = program.get(f"/cases/{answer.get_json()['id']}")

    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/v1/cases/{answer.get_json()['id']}")
    assert answer.headers["ETag"] == shown.headers["ETag"] == '"1"'
    case = shown.get_json()
    assert (case["owner"], case["local_id"], case["version"]) == (ADDRESS, "P-17", 1)
    assert (case["sharing"], case["effective_sharing"]) == ("federated", "federated")
    assert [feature["id"] for feature in case["patient"]["features"]] == ["HP:0000252", "HP:0001250"]


def test_same_id_again_is_an_update(program: Program) -> None:
    case_id = stored(program)

    same, other = program.post("/cases", json=a_patient()), program.post("/cases", json=a_patient(sex="MALE"))

    assert [(one.status_code, one.get_json()["id"], one.get_json()["changed"]) for one in (same, other)] == [
        (200, case_id, False),
        (200, case_id, True),
    ]
    assert other.get_json()["version"] == 2


def test_idempotency_key_gets_the_first_answer_again(program: Program) -> None:
    key = {"Idempotency-Key": "7f1"}
    first, again = (program.post("/cases", json=a_patient(), headers=key) for _ in range(2))
    other = program.post("/cases", json=a_patient(sex="MALE"), headers=key)

    assert (again.status_code, again.data, again.headers["Location"]) == (201, first.data, first.headers["Location"])
    assert (other.status_code, paths(other)) == (422, {"Idempotency-Key"})
    assert program.post("/cases", json=a_patient(), headers={"Idempotency-Key": "x" * 256}).status_code == 400


def test_dry_run_says_what_would_be_stored_and_stores_nothing(program: Program) -> None:
    patient = a_patient(features=[{"id": "HP:9999999"}, {"id": "HP:0001250"}], _sharing="eea")
    answer = program.post("/cases?validate=true", json=patient)

    assert (answer.status_code, answer.get_json()["valid"]) == (200, True)
    assert {issue["path"] for issue in answer.get_json()["warnings"]} == {"features[0].id", "_consent.basis"}
    assert answer.get_json()["patient"]["_sharing"] == "eea"
    assert program.get("/cases").get_json()["cases"] == []
    refused = program.post("/cases?validate=true", json=a_patient(contact=None))
    assert (refused.status_code, paths(refused)) == (422, {"contact"})


def test_level_and_basis_of_the_address_are_for_records_that_state_none(program: Program) -> None:
    for local_id, beside, level in (("a", {}, "eea"), ("b", {"_sharing": "national"}, "national")):
        answer = program.post("/cases?sharing=eea&basis=consent", json=a_patient(id=local_id, **beside))
        assert program.get(f"/cases/{answer.get_json()['id']}").get_json()["effective_sharing"] == level


@pytest.mark.parametrize("type_", CASE_TYPES)
def test_case_goes_out_and_comes_in_again_in_every_form(app: Flask, program: Program, type_: str) -> None:
    case_id = stored(program, sex="FEMALE")
    shown = program.get(f"/cases/{case_id}", headers={"Accept": type_})
    body = shown.get_json(force=True)["patient"] if type_ == "application/json" else shown.get_json(force=True)
    version = {"If-Match": shown.headers["ETag"], "Content-Type": type_}

    again = program.put(f"/cases/{case_id}", json=body, headers=version)

    assert shown.mimetype == type_
    assert (again.status_code, again.get_json()["changed"]) == (200, False)
    assert again.headers["ETag"] == shown.headers["ETag"]


def test_what_a_phenopacket_has_no_place_for_stays(app: Flask, sqlite_mm: Matchmaker, program: Program) -> None:
    beside = {"_sharing": "eea", "_consent": {"basis": "consent"}, "_notes": "ours", "_ageBand": "child"}
    case_id = CaseId(stored(program, label="girl", **beside))
    before = cases.get(sqlite_mm, case_id, by=SYSTEM).case
    packet = write_phenopacket(before, sqlite_mm.release)
    packet["phenotypicFeatures"].append({"type": {"id": "HP:0002521", "label": "Hypsarrhythmia"}})

    headers = {"If-Match": "*", "Content-Type": PHENOPACKET}
    answer = program.put(f"/cases/{case_id}", json=packet, headers=headers)

    after = cases.get(sqlite_mm, case_id, by=SYSTEM).case
    assert answer.get_json()["version"] == 2
    assert len(after.features) == 3
    assert (after.sharing, after.consent, after.notes, after.label) == (
        Sharing.EEA,
        before.consent,
        "ours",
        "girl",
    )
    assert (after.contact, after.age_band, after.owner) == (before.contact, before.age_band, ADDRESS)


def test_what_stands_beside_the_standard_stays_unless_it_is_sent(sqlite_mm: Matchmaker, program: Program) -> None:
    case_id = CaseId(stored(program, _notes="ours", label="girl"))
    program.put(f"/cases/{case_id}", json=a_patient(label=None, sex="FEMALE"), headers={"If-Match": '"1"'})

    case = cases.get(sqlite_mm, case_id, by=SYSTEM).case
    assert (case.notes, case.label, case.sex) == ("ours", None, "female")


def test_who_did_not_see_the_last_change_replaces_nothing(program: Program) -> None:
    case_id = stored(program)
    changed, address = a_patient(sex="MALE"), f"/cases/{case_id}"

    assert program.put(address, json=changed).status_code == 428
    assert program.put(address, json=changed, headers={"If-Match": '"1"'}).headers["ETag"] == '"2"'
    for seen in ('"1"', '"x"', '"99999999999999999999"', "W/1", '"³"', ""):
        late = program.put(address, json=a_patient(), headers={"If-Match": seen})
        assert (late.status_code, late.mimetype) == (412, PROBLEM), seen
    assert program.put(address, json=a_patient(), headers={"If-Match": "*"}).status_code == 200
    unchanged = program.get(address, headers={"If-None-Match": '"3"'})
    assert (unchanged.status_code, unchanged.data) == (304, b"")


def test_withdrawn_case_stays_withdrawn_until_it_is_said_to_be_back(sqlite_mm: Matchmaker, program: Program) -> None:
    case_id = CaseId(stored(program))

    for _ in range(2):
        assert program.post(f"/cases/{case_id}/withdraw").status_code == 204
    program.post("/cases", json=a_patient(sex="MALE"))
    program.put(f"/cases/{case_id}", json=a_patient(sex="OTHER"), headers={"If-Match": "*"})
    assert cases.get(sqlite_mm, case_id, by=SYSTEM).case.status is Status.WITHDRAWN

    program.put(f"/cases/{case_id}", json=a_patient(_status="unsolved"), headers={"If-Match": "*"})
    assert cases.get(sqlite_mm, case_id, by=SYSTEM).case.status is Status.UNSOLVED


def test_list_goes_on_page_by_page_and_may_be_narrowed(program: Program) -> None:
    ids = {stored(program, id=str(number)) for number in range(5)}
    one = min(ids)
    program.post(f"/cases/{one}/withdraw")

    seen, where = [], "/cases?limit=2"
    while where:
        page = program.get(where)
        seen.append([case["id"] for case in page.get_json()["cases"]])
        cursor = page.get_json()["next"]
        assert (cursor is None) == ("Link" not in page.headers)
        where = f"/cases?limit=2&cursor={cursor}" if cursor else ""
    assert [len(some) for some in seen] == [2, 2, 1]
    assert sorted(ids) == [id_ for some in seen for id_ in some]

    def narrowed(query: str) -> list[str]:
        return [case["id"] for case in program.get(f"/cases?{query}").get_json()["cases"]]

    assert narrowed("status=withdrawn") == [one]
    assert set(narrowed("status=unsolved")) == ids - {one}
    assert len(narrowed("local_id=3")) == 1
    assert narrowed("sharing=federated") == narrowed(f"owner={HERS}") == []
    assert narrowed("changed_since=2999-01-01T00:00:00Z") == []
    assert set(narrowed("changed_since=2001-01-01T00:00:00Z")) == ids
    for wrong in ("limit=0", "limit=201", "cursor=1", "status=odd", "changed_since=yesterday", "local_id="):
        refused = program.get(f"/cases?{wrong}")
        assert (refused.status_code, paths(refused)) == (422, {wrong.partition("=")[0]}), wrong


def test_other_centre_is_told_the_same_of_a_case_and_of_none(app: Flask, program: Program) -> None:
    case_id, cork = stored(program), program_of_cork(app)
    nothing = "0" * 32

    for method, path, sent in (
        ("GET", "/cases/{}", {}),
        ("PUT", "/cases/{}", {"json": a_patient(), "headers": {"If-Match": "*"}}),
        ("PUT", "/cases/{}?validate=1", {"json": a_patient()}),
        ("POST", "/cases/{}/withdraw", {}),
    ):
        foreign, none = (cork.call(method, path.format(id_), **sent) for id_ in (case_id, nothing))
        assert (foreign.status_code, foreign.mimetype) == (404, PROBLEM), (method, path)
        assert foreign.text.replace(case_id, nothing) == none.text
    for narrowed in ("", f"?owner={ADDRESS}", "?local_id=P-17"):
        assert cork.get(f"/cases{narrowed}").get_json() == {"cases": [], "next": None}
    assert cork.post("/cases", json=a_patient(_owner=ADDRESS)).status_code == 403
    own = cork.post("/cases", json=a_patient()).get_json()
    given_away = cork.put(f"/cases/{own['id']}", json=a_patient(_owner=ADDRESS), headers={"If-Match": "*"})
    assert given_away.status_code == 403


def test_what_is_no_case_is_answered_with_what_to_do(program: Program) -> None:
    for type_ in ("text/plain", "", "application/xml"):
        answer = program.post("/cases", data=b"{}", headers={"Content-Type": type_})
        assert (answer.status_code, answer.mimetype) == (415, PROBLEM)
    for body in (b"", b"{", b'{"id": NaN}', b"\xff"):
        answer = program.post("/cases", data=body, content_type="application/json")
        assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    nothing: dict[str, Any] = a_patient(features=[], genomicFeatures=[])
    contents: tuple[Any, ...] = (None, [], {}, {"patient": 1}, a_patient(id=1), nothing)
    for content in contents:
        answer = program.post("/cases", data=json.dumps(content), content_type="application/json")
        assert (answer.status_code, answer.mimetype) == (422, PROBLEM), content
        assert all(issue["remedy"] for issue in answer.get_json()["errors"])
    large = program.post("/cases", data=b" " * (MAX_BODY + 1), content_type=MME[0])
    assert (large.status_code, large.mimetype) == (413, PROBLEM)
    several = {"members": [{"id": "1"}, {"id": "2"}]}
    assert program.post("/cases", json=several).get_json()["errors"][0]["message"] == "is not one record"
    assert program.get(f"/cases/{stored(program)}", headers={"Accept": "text/csv"}).status_code == 406
    refused = program.call("BREW", "/cases")
    assert (refused.status_code, refused.mimetype) == (405, PROBLEM)
    assert program.get("/nothing").mimetype == PROBLEM
