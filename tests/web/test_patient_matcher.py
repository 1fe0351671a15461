"""Clients of patientMatcher, such as Scout: they say what they always say, and hear what they go on by."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from matchmaker import api_tokens, cases, recording
from matchmaker.actors import SYSTEM
from matchmaker.api_tokens import NewToken, Scope
from matchmaker.errors import NotFound
from matchmaker.model import Consent, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import searches
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.peers import answering, peer
from tests.federation.worlds import a_result, an_answer, register
from tests.matchmaker.people import user_of
from tests.web.api.programs import a_patient, program_of_cork
from tests.web.browsers import ADDRESS, api_token, signed_in

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scout:
    """A client that calls as Scout does."""

    app: Flask
    token: str

    def call(self, method: str, path: str, **sent: Any) -> TestResponse:
        headers = {"X-Auth-Token": self.token, "Accept": "application/json", **sent.pop("headers", {})}
        return self.app.test_client().open(path, method=method, headers=headers, **sent)

    def add(self, **stated: Any) -> TestResponse:
        return self.call("POST", "/patient/add", json={"patient": a_patient(**stated)}, headers={"Content-Type": V1_0})

    def says(self, method: str, path: str) -> str:
        answer = self.call(method, path)
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        return str(answer.get_json()["message"])


@pytest.fixture
def scout(app: Flask, sqlite_mm: Matchmaker) -> Scout:
    api_token(sqlite_mm, Scope.TERMS)
    new = NewToken(name="Scout", scopes=[Scope.SUBMIT], sharing=Sharing.EEA, basis="consent")
    return Scout(app=app, token=api_tokens.issue(sqlite_mm, new, by=user_of(sqlite_mm, ADDRESS)))


def test_patient_is_added_updated_shown_and_deleted_in_the_sentences_of_patient_matcher(
    scout: Scout, sqlite_mm: Matchmaker
) -> None:
    said = [scout.add().get_json()["message"] for _ in range(2)] + [scout.add(sex="MALE").get_json()["message"]]

    assert said == [
        "Patient was successfully inserted into database.",
        "Database content is unchanged.",
        "Patient was successfully updated.",
    ]
    shown = scout.call("GET", "/patient/P-17").get_json()["patient"]
    assert (shown["id"], shown["sex"], shown["_owner"]) == ("P-17", "MALE", ADDRESS)
    deleted = "Patient and its matches were successfully deleted from database"
    assert scout.says("DELETE", "/patient/delete/P-17") == deleted
    again = "ERROR. Could not delete a patient with ID P-17 from database"
    assert scout.says("DELETE", "/patient/delete/P-17") == again
    gone = scout.call("GET", "/patient/P-17")
    assert (gone.status_code, gone.get_json()) == (
        404,
        {"message": "ERROR. Could not find any patient with ID P-17 in database"},
    )
    assert list(cases.list_(sqlite_mm, by=SYSTEM)) == []


def test_what_the_token_states_applies_to_patients_that_state_nothing(scout: Scout, sqlite_mm: Matchmaker) -> None:
    scout.add()
    (stored,) = cases.list_(sqlite_mm, by=SYSTEM)
    assert (stored.case.effective_sharing, stored.case.consent) == (Sharing.EEA, Consent(basis="consent"))

    plain = Scout(app=scout.app, token=api_token(sqlite_mm, Scope.SUBMIT))
    plain.add(id="2")
    assert cases.named(sqlite_mm, "2", by=user_of(sqlite_mm, ADDRESS)).case.effective_sharing is Sharing.PRIVATE


def test_what_is_no_patient_is_refused_in_the_sentences_of_patient_matcher(scout: Scout, sqlite_mm: Matchmaker) -> None:
    unknown = Scout(app=scout.app, token="nothing")
    elsewhere = Scout(app=scout.app, token=api_token(sqlite_mm, Scope.TERMS))

    def refused(client: Scout, body: bytes, type_: str = V1_0) -> tuple[int, Any]:
        answer = client.call("POST", "/patient/add", data=body, headers={"Content-Type": type_})
        assert answer.mimetype == "application/json"
        return answer.status_code, answer.get_json()

    assert refused(scout, b"{") == (400, "Invalid request JSON")
    for body in (b"[]", b"{}", b'{"patient": {}}', b'{"patient": 1}', b'{"id": "1"}'):
        assert refused(scout, body) == (422, "Request does not conform to API specifications")
    assert refused(unknown, b"{}") == (401, "Not authorized")
    assert refused(scout, b"{}", "text/plain")[0] == 415
    assert refused(elsewhere, b"{}")[0] == 403
    assert scout.call("GET", "/patient/add").status_code == 404
    assert scout.call("PATCH", "/patient/P-17").status_code == 405


def test_matches_come_in_the_form_that_scout_reads(app: Flask, scout: Scout, sqlite_mm: Matchmaker) -> None:
    program_of_cork(app)
    scout.add()
    stored = cases.named(sqlite_mm, "P-17", by=user_of(sqlite_mm, ADDRESS))
    theirs = a_case(
        owner="bran@cork.example.org",
        features=[a_feature("HP:0000252"), a_feature("HP:0001250")],
        genomic_features=[a_genomic_feature(gene="HGNC:8923")],
        sharing=Sharing.NATIONAL,
        consent=Consent(basis="consent"),
    )
    cases.submit(sqlite_mm, theirs, by=SYSTEM)
    assert scout.says("GET", "/matches/P-17") == "Could not find any matches in database for patient ID P-17"
    recording.match_case(sqlite_mm, stored.case.id)

    (found,) = scout.call("GET", "/matches/P-17").get_json()["matches"]

    # Scout reads these places, and the date in this form.
    assert time.strptime(found["created"]["$date"], "%Y-%m-%dT%H:%M:%S.%fZ")
    assert len(found["_id"]["$oid"]) == 24
    assert (found["data"]["patient"]["id"], found["match_type"], found["has_matches"]) == ("P-17", "internal", True)
    (of_node,) = found["results"]
    assert of_node["node"] == {"id": sqlite_mm.settings.node_name, "label": sqlite_mm.settings.node_name}
    (one,) = of_node["patients"]
    assert 0 < one["score"]["patient"] <= 1
    assert {"id", "contact"} <= one["patient"].keys()
    assert "bran@cork.example.org" not in str(found)
    again = scout.call("POST", "/match", json={"patient": a_patient()}, headers={"Content-Type": V1_0, "Accept": V1_0})
    assert again.get_json()["results"] == of_node["patients"]
    unknown = scout.call("POST", "/match", json={"patient": a_patient(id="9")}, headers={"Content-Type": V1_0})
    assert unknown.status_code == 404


def test_matches_of_a_session_stay_a_page(app: Flask, scout: Scout) -> None:
    assert signed_in(app).get("/matches/P-17").mimetype == "text/html"
    assert scout.call("GET", "/patientmatcher/matches/P-17").get_json().keys() == {"message"}


def test_nodes_are_listed_and_asked(app: Flask, scout: Scout, sqlite_mm: Matchmaker) -> None:
    scout.add()
    none = "Could not find any other node connected to this MatchMaker server"
    assert scout.call("GET", "/nodes").get_json() == []
    assert scout.says("POST", "/match/external/P-17") == none
    with peer(answering(an_answer(a_result("S-1", gene="ENSG00000092621")))) as spain:
        register(sqlite_mm, "Madrid", spain.url)
        register(sqlite_mm, "Helsinki", "http://127.0.0.1:9/mme", country="FI")
        assert [node["id"] for node in scout.call("GET", "/nodes").get_json()] == ["Helsinki", "Madrid"]

        (told,) = scout.call("POST", "/match/external/P-17?node=Madrid").get_json()["results"]
        everybody = scout.call("POST", "/match/external/P-17").get_json()["results"]

    assert (told["node"], len(told["patients"])) == ({"id": "Madrid", "label": "Madrid"}, 1)
    assert everybody == [told]
    (kept,) = scout.call("GET", "/matches/P-17").get_json()["matches"]
    assert (kept["match_type"], kept["results"]) == ("external", [told])
    assert scout.says("POST", "/match/external/P-17?node=Oslo").startswith("ERROR. Could not find any connected node")
    assert scout.says("POST", "/match/external/P-99") == "ERROR. Could not find any patient with ID P-99 in database"
    case_id = cases.named(sqlite_mm, "P-17", by=user_of(sqlite_mm, ADDRESS)).case.id
    with sqlite_mm.reading() as db:
        search = searches.latest(db, case_id)
        assert search is not None
        states = {row.node: row.state for row in searches.rows(db, search.id)}
    assert states == {"Madrid": "answered", "Helsinki": "unreachable"}


def test_other_centres_patients_are_not_there(app: Flask, scout: Scout, sqlite_mm: Matchmaker) -> None:
    scout.add()
    token = api_token(sqlite_mm, Scope.SUBMIT, email="bran@cork.example.org", centre="Cork")
    cork = Scout(app=app, token=token)

    for method, path in (("DELETE", "/patient/delete/{}"), ("GET", "/matches/{}"), ("GET", "/patient/{}")):
        foreign, none = (cork.call(method, path.format(one)) for one in ("P-17", "P-99"))
        assert (foreign.status_code, foreign.text) == (none.status_code, none.text.replace("P-99", "P-17"))
    assert len(list(cases.list_(sqlite_mm, by=SYSTEM))) == 1
    assert cork.add().get_json()["message"] == "Patient was successfully inserted into database."


def test_id_that_several_colleagues_use_means_the_own_one(app: Flask, scout: Scout, sqlite_mm: Matchmaker) -> None:
    scout.add()
    ciara = api_token(sqlite_mm, Scope.SUBMIT, email="ciara@dublin.example.org")
    of_ciara = Scout(app=app, token=ciara)
    assert of_ciara.call("GET", "/patient/P-17").status_code == 200
    of_ciara.add(sex="FEMALE")

    assert of_ciara.call("GET", "/patient/P-17").get_json()["patient"]["sex"] == "FEMALE"
    api_token(sqlite_mm, Scope.SUBMIT, email="eoin@dublin.example.org")
    with pytest.raises(NotFound):
        cases.named(sqlite_mm, "P-17", by=user_of(sqlite_mm, "eoin@dublin.example.org"))
