"""What must never leave its case: planted once, and looked for in all that a node sends, logs, mails and shows."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from benchmarks.kills import one_alike
from federation import nodes
from matchmaker import cases, logs, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, Contact, Disclosure, NodeName, Variant
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.loopback import a_node_of, serving
from tests.federation.peers import Peer, peer
from tests.mailbox import Mailbox, mailbox
from tests.web.browsers import signed_in
from web.app import create_app

SPAIN = NodeName("Spain")
OURS, OTHERS = "canary.owner@dublin.example.org", "bran@cork.example.org"
THEIR_TOKEN = "canary-token-of-spain"
VARIANT = Variant(
    assembly="GRCh38",
    chromosome="1",
    start=119742889,
    end=119742890,
    reference_bases="G",
    alternate_bases="A",
    hgvs="NM_006623.4:c.1468G>A",
)
CANARIES = {
    "label": "Canary Label",
    "local id": "CANARY-0815",
    "notes": "canary notes",
    "address": OURS,
    "person": "Dr Canary",
    "variant": "119742889",
    "variant by name": "c.1468G",
}
TERMS = ("HP:0000252", "HP:0001250", "HP:0002521")


class World:
    """A node with one case full of canaries and another centre's case like it, at work between a peer and a mailbox."""

    def __init__(self, mm: Matchmaker, there: Peer, post: Mailbox) -> None:
        self.mm, self.there, self.post = mm, there, post
        self.answers: list[str] = []
        self.our_token = nodes.issue_token(mm, SPAIN, by=SYSTEM)
        nodes.add(mm, SPAIN, base_url=there.url, token=THEIR_TOKEN, country="ES", by=SYSTEM)

    def live(self, case: Case) -> None:
        """Enter the case, ask, be asked well and badly."""
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
                    self.note(requests.post(f"{url}/match", json=body, headers=headers, timeout=30))
                for path in ("heartbeat", "metrics", self.id, f"match/{self.id}"):
                    self.note(requests.get(f"{url}/{path}", headers=headers, timeout=30))
        worker.drain(self.mm)

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
        "contact": contact,
        "genomic_features": genomic,
    }


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        post, there = stack.enter_context(mailbox()), stack.enter_context(peer(one_alike))
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
    pages = crawled(signed_in(create_app(world.mm), OTHERS, centre="Cork"))
    log = "".join(capfd.readouterr())
    sent = [f"{asked.headers} {asked.path} {asked.body.decode()}" for asked in world.there.asked]
    mails = [mail.as_string() for mail in world.post.mails]
    unaddressed = [re.sub(r"(?m)^(To|X-RcptTo):.*$", "", mail) for mail in mails]

    # All of it happened: the peer was asked with the gene, told of the case, and both owners were mailed.
    assert any("ENSG00000092621" in one for one in sent)
    assert any('"score"' in answer and "ENSG00000092621" in answer for answer in world.answers)
    assert sum(answer.startswith("4") for answer in world.answers) >= 10
    assert {OURS, OTHERS} <= set(world.post.recipients)
    assert "node asked" in log
    assert any("/matches/" in address for address in pages)

    places = {"traffic": [*sent, *world.answers], "log": [log], "mail": unaddressed, "page": list(pages.values())}
    found = {
        (name, where) for where, texts in places.items() for name, canary in CANARIES.items() if canary in str(texts)
    }
    assert found == set()
    assert not any(THEIR_TOKEN in text for where in ("log", "mail", "page") for text in places[where])
    assert not any(world.our_token in text for texts in places.values() for text in texts)
    assert not any(world.id in text for text in places["traffic"])


def a_canary_case(level: Disclosure) -> Case:
    return a_case(
        owner=OURS,
        local_id=CANARIES["local id"],
        label=CANARIES["label"],
        notes=CANARIES["notes"],
        contact=Contact(name=CANARIES["person"], email=OURS),
        features=[a_feature(term) for term in TERMS],
        genomic_features=[a_genomic_feature(variants=[VARIANT])],
        disclosure=level,
    )


def crawled(browser: FlaskClient) -> dict[str, str]:
    """Every page that links lead to, by its address."""
    pages: dict[str, str] = {}
    left = ["/", "/cases", "/matches", "/nowhere"]
    while left and len(pages) < 200:
        address = left.pop()
        if address in pages:
            continue
        answer = browser.get(address, follow_redirects=True)
        pages[address] = pages[answer.request.path] = answer.text
        left += [link for link in re.findall(r'href="(/[^"#]*)"', answer.text) if "static" not in link]
    return pages
