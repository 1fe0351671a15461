"""Every page of a node, with objects of one's own on it, for each role that may open it."""

from __future__ import annotations

import datetime as dt
import io
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from federation import handshake, introduction, pairing
from matchmaker import accounts, adoption, match_life, news, recording, releases
from matchmaker.actors import SYSTEM, Role
from matchmaker.current import matchmaker_of
from matchmaker.model import CaseId, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import jobs, pairings, searches
from tests.federation.test_contact import alias_in, asked_by_kin
from tests.matchmaker.people import begun, user_of, with_account
from tests.ontology.files import newer_obo, write_release
from tests.web.browsers import ADDRESS, signed_in, submit
from tests.web.test_matches import HERS, stored
from web.access import ROUTES, Door
from web.auth import TOKEN

SHEET = "id;name;findings;genes;basis\nP-1;Rose;Microcephaly;PHGDH;consent\nP-2;;seizre;;\n"
# What answers with a file, with JSON or by leading on to another page.
NO_PAGES = frozenset(
    {
        *(
            "static",
            "bootstrap.static",
            "health.live",
            "health.ready",
            "health.service_info",
            "health.metrics",
            "api_docs.openapi",
        ),
        *(
            "account.qr_code",
            "imports.report",
            "imports.template",
            "matches.spreadsheet",
            "matches.listed",
            "releases.everything",
        ),
        *("live.progress", "releases.progress", "lookup.terms", "lookup.term", "lookup.genes"),
        *("provider.leave", "provider.back", "matches.of_case", "signing_in.welcome"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnObjects:
    """One of each kind that addresses name, and who may open them."""

    app: Flask
    case_id: CaseId
    named: Mapping[str, str]

    def browser(self, role: Role | None) -> FlaskClient:
        """A browser in which somebody of this role signed in; None: somebody who gave a password, and no code yet."""
        if role is not None:
            return signed_in(self.app, ADDRESS if role is Role.CLINICIAN else f"{role}@example.org", role=role)
        mm, client = matchmaker_of(self.app), self.app.test_client()
        with client.session_transaction() as cookie:
            cookie[TOKEN] = begun(mm, user_of(mm, "code@example.org"), complete=False)
        return client


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """An address that shows a page, and the role in which it is opened."""

    endpoint: str
    address: str
    role: Role | None


def pages(own: OwnObjects) -> list[Page]:
    """Return every page of the table of addresses, for the first role that may open it."""
    rules = [rule for rule in own.app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    return sorted((_page(own, rule) for rule in rules if _shows_a_page(rule)), key=lambda page: page.endpoint)


def a_world(app: Flask, folder: Path) -> OwnObjects:
    """Fill a node: cases, matches, letters, a node, releases and their comparison, an import that is being checked."""
    mm = matchmaker_of(app)
    signed_in(app)
    ours = stored(mm, ADDRESS, "Martin", local_id="M-1", sharing=Sharing.FEDERATED)
    stored(mm, HERS, "hers")
    recording.match_case(mm, ours)
    alias = alias_in(asked_by_kin(mm, ours))
    with_account(mm, "code@example.org")
    (pair, *_) = match_life.of_case(mm, ours, by=SYSTEM)
    with mm.transaction() as db:
        at = dt.datetime.now(dt.UTC)
        searches.begin(db, ours, nodes=[NodeName("ES")], at=at, ends_at=at)
    user = user_of(mm, ADDRESS)
    named: dict[str, str] = {
        "case_id": ours,
        "match_id": pair.match.id,
        "alert_id": news.list_(mm, by=user).alerts[0].notified.id,
        "alias": alias,
        "name": "ES",
        "account_id": str(user_of(mm, "code@example.org").account_id),
        "token": accounts.add(mm, "new@example.org", role=Role.CLINICIAN, centre="Cork", by=SYSTEM),
    }
    own = OwnObjects(app=app, case_id=ours, named=named)
    submit(own.browser(Role.CLINICIAN), "/imports/", files=(io.BytesIO(SHEET.encode()), "cases.csv"), sharing="private")
    _meet_spain(mm)
    named |= _compared(own, mm, folder)
    with mm.transaction() as db:
        running = jobs.begin(db, jobs.Kind.DOWNLOAD, "", at=at + dt.timedelta(hours=1))
    return OwnObjects(app=app, case_id=ours, named={**named, "releases.job:job_id": running.id})


def _meet_spain(mm: Matchmaker) -> None:
    """As if the operator of the other node had accepted our invitation; the words are to be compared."""
    pairing.invite(mm, NodeName("ES"), by=SYSTEM)
    theirs = introduction.spelled({**introduction.description(mm), "name": "Matchmaker Spain"})
    met = {"their_key": handshake.to_text(handshake.new_key()[1]), introduction.DESCRIPTION: theirs.decode()}
    with mm.transaction() as db:
        (invited,) = pairings.under_way(db, at=dt.datetime.now(dt.UTC))
        pairings.change(db, replace(invited, state=pairings.State.ACCEPTED, secrets={**invited.secrets, **met}))


def _compared(own: OwnObjects, mm: Matchmaker, folder: Path) -> dict[str, str]:
    """Bring two small releases in and compare them; one was in use."""
    older, newer = (
        releases.import_files(mm.settings, write_release(folder / name, **files)).checksum
        for name, files in (("older", {}), ("newer", {"obo": newer_obo()}))
    )
    for checksum in (older, releases.shipped().checksum):
        adoption.adopt(mm, checksum, by=SYSTEM)
    mm.follow()
    curator = own.browser(Role.CURATOR)
    job = submit(curator, "/releases/compare", page="/releases/", before=older, after=newer).location
    for _ in range(600):
        if curator.get(f"{job}/progress").get_json()["state"] != "running":
            break
        time.sleep(0.05)
    return {"checksum": newer, "job_id": job.rpartition("/")[2]}


def _shows_a_page(rule: Rule) -> bool:
    return ROUTES[rule.endpoint].door in {Door.SESSION, Door.NONE} and rule.endpoint not in NO_PAGES


def _page(own: OwnObjects, rule: Rule) -> Page:
    with own.app.test_request_context():
        of_page = {name: own.named.get(f"{rule.endpoint}:{name}") for name in rule.arguments}
        built = rule.build({name: found or own.named[name] for name, found in of_page.items()})
    assert built is not None
    roles = ROUTES[rule.endpoint].roles
    role = None if rule.endpoint.startswith("signing_in.") else Role.CLINICIAN
    return Page(endpoint=rule.endpoint, address=built[1], role=next((one for one in Role if one in roles), role))
