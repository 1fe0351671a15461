"""What must never leave its case: planted once, and looked for in all that a node sends, logs, mails and shows."""

from __future__ import annotations

import logging
import re
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient

from benchmarks._other_nodes import Heard
from federation import contact, handshake, nodes, pairing, strict_json
from federation.handshake import Code
from matchmaker import cases, logs, match_life, worker
from matchmaker.actors import SYSTEM
from matchmaker.api_tokens import Scope
from matchmaker.current import matchmaker_of
from matchmaker.errors import NodeMisanswered
from matchmaker.model import Case, Contact, Disclosure, NodeName, Variant
from matchmaker.registration import Registration
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.loopback import a_node_of, serving
from tests.federation.peers import Peer, peer
from tests.mailbox import Mailbox, mailbox
from tests.web.api.programs import a_patient
from tests.web.browsers import api_token, signed_in, text_of
from web.app import create_app

SPAIN, MALTA = NodeName("Spain"), NodeName("Malta")
OPERATOR = "operator@malta.example"
OURS, OTHERS = "canary.owner@dublin.example.org", "bran@cork.example.org"
THEIR_TOKEN = "canary-token-of-spain"
VARIANT = Variant(
    assembly="GRCh38",
    chromosome="1",
    start=119742889,
    end=119742890,
    reference_bases="G",
    alternate_bases="A",
    hgvs="NM_006623.4:c.1129G>C",
)
CANARIES = {
    "label": "Canary Label",
    "local id": "CANARY-0815",
    "notes": "canary notes",
    "biobank": "canary bank",
    "functioning": "ICF canary",
    "address": OURS,
    "person": "Dr Canary",
    "variant": "119742889",
    "variant by name": "c.1129G",
}
TERMS = ("HP:0000252", "HP:0001250", "HP:0002521")


class World:
    """A node with one case full of canaries and another centre's case like it, between two peers and a mailbox."""

    def __init__(self, mm: Matchmaker, there: Peer, post: Mailbox) -> None:
        self.mm, self.there, self.post = mm, there, post
        self.answers: list[str] = []
        self.our_token = nodes.issue_token(mm, SPAIN, by=SYSTEM)
        nodes.add(mm, SPAIN, base_url=there.url, token=THEIR_TOKEN, country="ES", by=SYSTEM)
        plain = nodes.add(mm, MALTA, base_url="http://127.0.0.1:9/mme", token=THEIR_TOKEN, country="MT", by=SYSTEM)
        nodes.change(mm, replace(plain, operator_mail=OPERATOR), by=SYSTEM)
        worker.ask_heartbeats(mm)  # which is how a node learns that another one takes letters and notices

    def live(self, case: Case) -> None:
        """Enter the case, ask, be asked well and badly, pair, write and be written to, and withdraw it in the end."""
        self.id = cases.submit(self.mm, case, by=SYSTEM).case_id
        cases.submit(self.mm, replace(case, id=a_case().id, **_of_cork()), by=SYSTEM)
        worker.drain(self.mm)
        patient = {
            "id": "1",
            "contact": {"name": "A colleague", "href": "mailto:a@peer.example"},
            "features": [{"id": term} for term in TERMS],
            "genomicFeatures": [{"gene": {"id": "PHGDH"}}],
        }
        broken = [{**patient, "contact": None}, {**patient, "features": "HP"}, [], None]
        with serving(self.mm) as url:
            for token in (self.our_token, "wrong", THEIR_TOKEN):
                headers = {"X-Auth-Token": token, "Content-Type": "application/json"}
                for body in ({"patient": patient}, *({"patient": one} for one in broken), {}):
                    self.post_to(f"{url}/match", body, headers)
                for path in ("heartbeat", "metrics", self.id, f"match/{self.id}"):
                    self.note(requests.get(f"{url}/{path}", headers=headers, timeout=30))
            worker.drain(self.mm)
            beside = url.removesuffix("/mme") + "/federation"
            self.write_and_be_written_to(beside)
            self.pair(beside)
        worker.drain(self.mm)

    def write_and_be_written_to(self, beside: str) -> None:
        """Send the letter that is proposed, and bring one under the alias that the other node was given."""
        pairs = match_life.of_case(self.mm, self.id, by=SYSTEM)
        (ours,) = (p for p in pairs if p.match.finding.node == SPAIN and p.match.finding.other_id != "1")
        contact.write(self.mm, ours.match.id, contact.draft(self.mm, ours.match.id, by=SYSTEM), by=SYSTEM)
        self.aliases = set(re.findall(r"/relay/([0-9a-f]{40})", " ".join(self.answers)))
        headers = {"X-Auth-Token": self.our_token, "Content-Type": "application/json"}
        for number, alias in enumerate((*self.aliases, "0" * 40)):
            letter = {"id": f"l{number}", "to": alias, "from": "1", "reply_to": "", "text": "Shall we compare?"}
            for said in (letter, {**letter, "text": 1}):
                self.post_to(f"{beside}/messages", {"message": said}, headers)
        self.post_to(f"{beside}/notices", {"notice": {"id": "n", "kind": "unheard of", "case": "1"}}, headers)

    def pair(self, beside: str) -> None:
        """Invite a node and be met by it; meet another one that does not answer as it should."""
        code = Code.read(pairing.invite(self.mm, NodeName("Finland"), by=SYSTEM))
        names = ("name", "url", "country", "jurisdiction", "mail", "key")
        finland = dict.fromkeys(names, "") | {"name": "Finland", "url": "http://127.0.0.1:9/mme"}
        _, key = handshake.new_key()
        proof = handshake.proof(code.secret, b"accept", key, strict_json.dumps(finland))
        accept = {"id": code.id, "step": "accept", "key": b64encode(key).decode(), "node": finland, "proof": proof}
        for said in ({**accept, "proof": "0"}, accept, accept, {"id": code.id, "step": "finish", "sealed": ""}):
            self.post_to(f"{beside}/pairing", {"pairing": said}, {"Content-Type": "application/json"})
        with pytest.raises(NodeMisanswered):
            pairing.accept(self.mm, str(replace(code, url=self.there.url)), by=SYSTEM)

    def post_to(self, url: str, body: object, headers: dict[str, str]) -> None:
        self.note(requests.post(url, json=body, headers=headers, timeout=30))

    def note(self, answer: requests.Response) -> None:
        self.answers.append(f"{answer.status_code} {answer.headers}\n{answer.text}")


def _of_cork() -> dict[str, Any]:
    genomic = (a_genomic_feature(),)
    contact = Contact(name="Dr Bran", email=OTHERS)
    return {
        "owner": OTHERS,
        "local_id": "C-1",
        "label": "Other",
        "notes": None,
        "registration": None,
        "contact": contact,
        "genomic_features": genomic,
    }


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        post, there = stack.enter_context(mailbox()), stack.enter_context(peer(Heard().behave))
        mm = stack.enter_context(a_node_of("IE", tmp_path / "ie", smtp_url=post.url))
        yield World(mm, there, post)


@pytest.mark.slow
@pytest.mark.parametrize("level", [Disclosure.GENE, Disclosure.MATCHING_TERMS])
def test_canaries_are_in_no_traffic_log_mail_error_or_page_of_another_centre(
    world: World, level: Disclosure, capfd: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Mode.PRODUCTION)
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # of the mail server, which is not ours
    world.live(a_canary_case(level))
    app = create_app(world.mm)
    own = "".join(signed_in(app, OURS).get(f"/cases/{world.id}{page}").text for page in ("", "/edit"))
    own += told_by_the_api(app, OURS)["/api/v1/cases"]
    pages = (
        crawled(signed_in(app, OTHERS, centre="Cork"))
        | told_by_the_api(app, OTHERS, "Cork")
        | told_to_a_client_of_patient_matcher(app, OTHERS, "Cork")
        | shown_to_anybody(app, world)
    )
    cases.withdraw(world.mm, world.id, by=SYSTEM)
    worker.drain(world.mm)
    log = "".join(capfd.readouterr())
    sent = [f"{asked.headers} {asked.path} {asked.body.decode()}" for asked in world.there.asked]
    mails = [mail.as_string() for mail in world.post.mails]
    unaddressed = [re.sub(r"(?m)^(To|X-RcptTo):.*$", "", mail) for mail in mails]

    # All of it happened: the peer was asked with the gene, told of the case, written to, told that it is withdrawn;
    # both owners and an operator were mailed; there is a page that shows it all, which is the owner's.
    assert any("ENSG00000092621" in one for one in sent)
    assert any('"score"' in answer and "ENSG00000092621" in answer for answer in world.answers)
    assert sum(answer.startswith("4") for answer in world.answers) >= 10
    assert {OURS, OTHERS, OPERATOR} <= set(world.post.recipients)
    assert any("Shall we compare?" in mail for mail in mails)
    for path in ("/federation/messages", "/federation/notices", "/federation/pairing"):
        assert any(f" {path} " in one for one in sent)
    assert any('"proof"' in answer for answer in world.answers)
    assert "node asked" in log
    assert any("/matches/" in address for address in pages)
    assert any("/relay/" in address for address in pages)
    assert {name for name in ("label", "local id", "notes", "variant by name") if CANARIES[name] not in own} == set()

    places = {"traffic": [*sent, *world.answers], "log": [log], "mail": unaddressed, "page": list(pages.values())}
    found = {
        (name, where) for where, texts in places.items() for name, canary in CANARIES.items() if canary in str(texts)
    }
    assert found == set()
    assert not any(THEIR_TOKEN in text for where in ("log", "mail", "page") for text in places[where])
    assert not any(world.our_token in text for texts in places.values() for text in texts)
    assert not any(world.id in text for where in ("traffic", "mail") for text in places[where])


def told_by_the_api(app: Flask, email: str, centre: str = "Dublin") -> dict[str, str]:
    """Every list that the node's own API has, as a program of somebody reads it."""
    headers = {"Authorization": f"Bearer {api_token(matchmaker_of(app), *Scope, email=email, centre=centre)}"}
    rules = [
        rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/api/") and "GET" in (rule.methods or ())
    ]
    paths = [rule.rule for rule in rules if not rule.arguments]
    assert "/api/v1/cases" in paths
    return {path: app.test_client().get(path, headers=headers).text for path in paths}


def told_to_a_client_of_patient_matcher(app: Flask, email: str, centre: str) -> dict[str, str]:
    """The case like it, its matches, and a search with it here and at the other nodes."""
    token = api_token(matchmaker_of(app), *Scope, email=email, centre=centre)
    program, headers = app.test_client(), {"X-Auth-Token": token}
    asked = [program.get(path, headers=headers) for path in ("/patient/C-1", "/matches/C-1", "/nodes")]
    asked.append(program.post("/match", json={"patient": a_patient(id="C-1")}, headers=headers))
    asked.append(program.post("/match/external/C-1", headers=headers))
    assert [answer.status_code for answer in asked] == [200] * 5
    assert '"internal"' in asked[1].text
    return {answer.request.path: answer.text for answer in asked}


def shown_to_anybody(app: Flask, world: World) -> dict[str, str]:
    """What needs no account: the node's state, and the pages of those who were given an alias."""
    paths = ["/health/live", "/health/ready", "/health/metrics", "/service-info", "/login", "/about"]
    paths += [f"/relay/{alias}" for alias in world.aliases]
    return {path: app.test_client().get(path).text for path in paths}


def a_canary_case(level: Disclosure) -> Case:
    return a_case(
        owner=OURS,
        local_id=CANARIES["local id"],
        label=CANARIES["label"],
        notes=CANARIES["notes"],
        registration=Registration(biobank=CANARIES["biobank"], functioning=CANARIES["functioning"]),
        contact=Contact(name=CANARIES["person"], email=OURS),
        features=[a_feature(term) for term in TERMS],
        genomic_features=[a_genomic_feature(variants=[VARIANT])],
        disclosure=level,
    )


def crawled(browser: FlaskClient) -> dict[str, str]:
    """Every page that links lead to, by its address."""
    pages: dict[str, str] = {}
    left = ["/", "/cases", "/matches", "/nowhere"]
    while left and len(pages) < 100:
        address = left.pop(0)
        if address in pages:
            continue
        answer = browser.get(address, follow_redirects=True)
        pages[address] = pages[answer.request.path] = text = text_of(answer)
        left += [link for link in re.findall(r'href="(/[^"#]*)"', text) if "static" not in link]
    return pages
