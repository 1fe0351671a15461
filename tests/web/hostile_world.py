"""Hostile text on its way into a node: told by another node, stored by the own centre, written in letters."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from federation import rescoring, standing, strict_json, told
from federation.answers import read_response
from matchmaker import cases, match_life
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Contact, Family, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import matches, messages, received_notices
from matchmaker.store import nodes as registry
from matchmaker.store.case_notices import Kind
from matchmaker.store.matches import OURSELVES
from matchmaker.store.messages import Message
from matchmaker.store.received_notices import Received
from matchmaker.store.relays import Conversation
from tests.federation.worlds import our_node, register
from tests.web import every_page
from tests.web.every_page import OwnObjects
from web.app import create_app

SPAIN = NodeName("spain")


@contextmanager
def opened(folder: Path) -> Iterator[OwnObjects]:
    """A node with something on every page, and Spain beside it."""
    with our_node(folder / "home") as mm:
        register(mm, SPAIN, None)
        yield every_page.a_world(create_app(mm), folder)


def told_by_spain(mm: Matchmaker, case_id: CaseId, hostile: str) -> str | None:
    """Let a node tell one case whose every text is hostile, through our doors; None: it is dropped there."""
    hrefs = (hostile, f"https://peer.example/{hostile}", "mailto:colleague@peer.example")
    stored_case = cases.get(mm, case_id, by=SYSTEM).case
    with mm.transaction() as db:
        node = registry.get(db, SPAIN)
        for answer in (_answer(hostile, href) for href in hrefs):
            response = read_response(strict_json.loads(json.dumps(answer).encode()), release=mm.release, owner="spain")
            told_us = rescoring.read(mm, mm.scorer.prepare(mm.profile(stored_case)), node, response, 0.1)
            for result in told_us.results:
                what = told.of_result(result, told_us)
                for before in matches.of_case(db, case_id):  # one at a time: the page of a match lists them all
                    if before.finding.node == SPAIN:
                        matches.forget_other(db, SPAIN, before.finding.other_id)
                return standing.record_told(mm, db, stored_case, what=what, score=result.score)
    return None


def store_here(mm: Matchmaker, case_id: CaseId, hostile: str) -> None:
    """Write the same text into every field of a case of the own centre."""
    one = cases.get(mm, case_id, by=SYSTEM)
    contact = Contact(name=hostile, institution=hostile, mailbox=one.case.contact.mailbox)
    feature = replace(one.case.features[0], label=hostile)
    changed = replace(
        one.case,
        label=hostile,
        notes=hostile,
        contact=contact,
        family=Family(id=hostile[:100]),
        features=(feature, *one.case.features[1:]),
    )
    cases.edit(mm, changed, version=one.version, by=SYSTEM)


def write(mm: Matchmaker, case_id: CaseId, texts: Sequence[str]) -> str:
    """Let each text be a letter, a note and the name of a node that takes something back; return the match."""
    (pair, *_) = (one for one in match_life.of_case(mm, case_id, by=SYSTEM) if one.match.finding.node == OURSELVES)
    finding, at = pair.match.finding, dt.datetime.now(dt.UTC)
    conversation = Conversation(case_id=case_id, node=OURSELVES, other_id=finding.other_id)
    with mm.transaction() as db:
        for hostile in texts:
            letter = Message(
                id=messages.new_id(),
                conversation=conversation,
                by_us=False,
                at=at,
                text=hostile,
                author=hostile,
                reply_to=hostile,
                expires_at=at + dt.timedelta(days=1),
            )
            messages.add(db, letter)
            taken_back = Received(
                node=NodeName(hostile[:200]),
                id=letter.id,
                kind=Kind.ERASURE,
                other_id=hostile[:255],
                at=at,
                n_matches=1,
            )
            received_notices.keep(db, taken_back, case_ids=[case_id])
    for hostile in texts:
        match_life.note(mm, pair.match.id, f"x{hostile}"[:4000], by=SYSTEM)
    return pair.match.id


def _answer(hostile: str, href: str) -> dict[str, Any]:
    patient = {
        "id": hostile[:200],
        "label": hostile,
        "contact": {"name": hostile, "institution": hostile, "href": href, "email": hostile},
        "features": [{"id": "HP:0000252", "label": hostile}, {"id": hostile}],
        "genomicFeatures": [
            {"gene": {"id": "PHGDH"}, "variant": {"assembly": "GRCh37", "referenceName": hostile, "start": 1}},
            {"gene": {"id": hostile}},
        ],
        "disorders": [{"id": hostile, "label": hostile}],
        "inheritanceMode": hostile,
    }
    return {"results": [{"score": {"patient": 0.7}, "patient": patient}], "disclaimer": hostile, "terms": hostile}
