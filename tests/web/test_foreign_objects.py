"""Every address that names an object, called with one's own and with somebody else's: nobody reaches a foreign one."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import pytest
from flask import Flask
from werkzeug.routing import Rule

from matchmaker import api_tokens, cases, news, own_account, recording
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.api_tokens import NewToken, Scope
from matchmaker.model import CaseId, Consent, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import matches, searches
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.matchmaker.people import ADDRESS, user_of
from tests.web.browsers import api_token, signed_in, text_of
from web.access import ROUTES, Access, Door

pytestmark = pytest.mark.slow

HERS = "bran@cork.example.org"
CANARY = "canary of cork"
NOT_OF_A_CENTRE = {"account_id", "token"}  # an operator's, whoever owns it; and a secret in the address itself

NOBODYS = {"term_id": "HP:0001250", "gene_id": "PHGDH"}  # the same for everybody
OF_THE_READER = {"entry.discard"}  # drops one's own draft, whatever the case is that it names
IN_WORDS = {
    "patient_matcher.delete",
    "patient_matcher.matches",
    "patient_matcher.match_external",
}  # 200, and that there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Objects:
    """One of each kind that addresses name, all of one person."""

    user: User
    case_id: CaseId
    match_id: str
    session_id: str
    token_id: str
    search_id: str
    patient_id: str  # as a client of patientMatcher names the case
    alert_id: str

    @property
    def about(self) -> CaseId:
        """What a draft is of."""
        return self.case_id

    def named(self, name: str) -> str:
        return NOBODYS.get(name) or str(getattr(self, name, "none"))


def _objects(mm: Matchmaker, email: str, case_id: CaseId) -> Objects:
    user = user_of(mm, email)
    api_tokens.issue(mm, NewToken(name=f"token of {email}", scopes=[Scope.TERMS]), by=user)
    with mm.reading() as db:
        match_id = matches.of_case(db, case_id)[0].id
    with mm.transaction() as db:
        at = dt.datetime.now(dt.UTC)
        search = searches.begin(db, case_id, nodes=[], at=at, ends_at=at + dt.timedelta(minutes=1))
    return Objects(
        user=user,
        case_id=case_id,
        match_id=match_id,
        session_id=own_account.sessions_of(mm, by=user)[0].id,
        token_id=api_tokens.list_(mm, by=user)[0].id,
        search_id=search.id,
        patient_id=cases.get(mm, case_id, by=SYSTEM).case.local_id,
        alert_id=news.list_(mm, by=user).alerts[0].notified.id,
    )


def _case(mm: Matchmaker, owner: str, label: str) -> CaseId:
    case = a_case(
        owner=owner,
        label=label,
        notes=label,
        features=[a_feature("HP:0000252"), a_feature("HP:0001250"), a_feature("HP:0002521")],
        genomic_features=[a_genomic_feature(gene="HGNC:8923")],
        sharing=Sharing.NATIONAL,
        consent=Consent(basis="consent"),
    )
    return cases.submit(mm, case, by=SYSTEM).case_id


@pytest.fixture
def world(app: Flask, sqlite_mm: Matchmaker) -> tuple[Objects, Objects]:
    """The objects of Dublin, and those of Cork, whose cases match each other."""
    signed_in(app), signed_in(app, HERS, centre="Cork")
    ours, theirs = _case(sqlite_mm, ADDRESS, "ours"), _case(sqlite_mm, HERS, CANARY)
    for case_id in (ours, theirs):
        recording.match_case(sqlite_mm, case_id)
    return _objects(sqlite_mm, ADDRESS, ours), _objects(sqlite_mm, HERS, theirs)


def _rules(app: Flask) -> list[tuple[Rule, Access]]:
    """The addresses behind a door that name an object of somebody."""
    found = []
    for rule in app.url_map.iter_rules():
        access = ROUTES[rule.endpoint]
        if access.door in {Door.SESSION, Door.API} and Role.CLINICIAN in access.roles and rule.arguments:
            found.append((rule, access))
    return found


def _address(app: Flask, rule: Rule, objects: Objects) -> str:
    with app.test_request_context():
        built = rule.build({name: objects.named(name) for name in rule.arguments})
    assert built is not None
    return built[1]


def test_every_kind_of_object_in_an_address_is_tried(app: Flask) -> None:
    known = {*Objects.__dataclass_fields__, "about"} | NOT_OF_A_CENTRE | NOBODYS.keys()
    for rule, _ in _rules(app):
        assert rule.arguments <= known, f"say in Objects whose {rule.arguments - known} of {rule.rule} is"


def test_own_objects_are_there(app: Flask, world: tuple[Objects, Objects]) -> None:
    own, _ = world
    browser, token = signed_in(app), api_token(app.extensions["matchmaker"], *Scope)
    for rule, access in _rules(app):
        if "GET" in (rule.methods or ()):
            headers = {"Authorization": f"Bearer {token}"} if access.door is Door.API else {}
            answer = browser.get(_address(app, rule, own), headers=headers)
            assert answer.status_code < 400, rule.rule


def test_foreign_objects_are_out_of_reach_and_stay_as_they_are(
    app: Flask, sqlite_mm: Matchmaker, world: tuple[Objects, Objects]
) -> None:
    own, foreign = world
    before = cases.get(sqlite_mm, foreign.case_id, by=SYSTEM)
    browser, token = signed_in(app), api_token(sqlite_mm, *Scope)
    form = re.search(r'name="csrf-token" content="([^"]+)"', browser.get("/account/").text)
    assert form is not None

    for rule, access in _rules(app):
        if rule.arguments <= NOBODYS.keys():
            continue
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            headers = (
                {"Authorization": f"Bearer {token}"} if access.door is Door.API else {"X-CSRFToken": form.group(1)}
            )
            answer = browser.open(_address(app, rule, foreign), method=method, headers=headers)
            refused = answer.status_code in {400, 403, 404, 415, 422}
            in_words = rule.endpoint in IN_WORDS and "Could not" in answer.text
            assert refused or in_words or rule.endpoint in OF_THE_READER, (method, rule.rule, answer.status_code)
            assert CANARY not in text_of(answer), (method, rule.rule)
            assert HERS not in text_of(answer), (method, rule.rule)

    assert cases.get(sqlite_mm, foreign.case_id, by=SYSTEM) == before
    assert [one.id for one in own_account.sessions_of(sqlite_mm, by=foreign.user)] == [foreign.session_id]
    assert [one.id for one in api_tokens.list_(sqlite_mm, by=foreign.user)] == [foreign.token_id]
    assert own.case_id != foreign.case_id


def test_lists_and_pages_without_an_object_tell_nothing_of_another_centre(
    app: Flask, world: tuple[Objects, Objects]
) -> None:
    browser = signed_in(app)
    for rule in app.url_map.iter_rules():
        access = ROUTES[rule.endpoint]
        if access.door is not Door.NODE_TOKEN and "GET" in (rule.methods or ()) and not rule.arguments:
            answer = browser.get(rule.rule)
            assert CANARY not in text_of(answer), rule.rule
            assert HERS not in text_of(answer), rule.rule
