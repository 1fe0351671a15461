"""The other nodes of `kills`: two that are asked, with and without letters, and one that asks, writes and takes back.

They are never killed, and remember what came.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from benchmarks.peers import a_question
from benchmarks.served import Serving
from federation.counters import KIN
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.disclosure import peer_id
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature, a_genomic_feature, a_node
from tests.federation.peers import Asked, Peer, answering
from tests.federation.worlds import an_answer

PEER = NodeName("Spain")  # of our kind: asked, written to, told what is withdrawn
PLAIN = NodeName("Malta")  # of Matchmaker Exchange: asked; its operator is mailed what is withdrawn
ASKER = NodeName("Finland")  # of our kind: asks, writes, and takes a case of its own back
OPERATOR = "operator@malta.example"
PAUSE = 0.2  # seconds between two requests
_RELAY = re.compile(r"/relay/([0-9a-f]{40})$")


@dataclass(slots=True)
class Heard:
    """What the node of our kind was brought: letters by their text, with ids; and notices by the id of the case."""

    letters: dict[str, set[str]] = field(default_factory=dict)
    notices: Counter[str] = field(default_factory=Counter)
    question: threading.Event = field(default_factory=threading.Event)  # that one came

    def behave(self, here: Peer, connection: socket.socket, asked: Asked) -> None:
        """Answer each case with one that has the same gene, under an id that depends on the case alone."""
        said = json.loads(asked.body) if asked.body else {}
        answer = next((self._take(kind, said[kind]) for kind in ("patient", "message", "notice") if kind in said), None)
        answering(answer or _heartbeat())(here, connection, asked)

    def _take(self, kind: str, said: dict[str, Any]) -> bytes:
        if kind == "message":
            self.letters.setdefault(said["text"], set()).add(said["id"])
            return json.dumps({"accepted": said["id"]}).encode()
        if kind == "notice":
            self.notices[said["case"]] += 1
            return json.dumps({"acknowledged": said["id"], "matches": 1}).encode()
        self.question.set()
        name = hashlib.sha256(said["id"].encode()).hexdigest()
        contact = {"name": "A colleague", "href": f"https://peer.example/relay/{name[:40]}"}
        return an_answer({"score": {"patient": 0.9}, "patient": {**said, "id": name[:12], "contact": contact}})


def nothing_alike(here: Peer, connection: socket.socket, asked: Asked) -> None:
    """Answer like a node of Matchmaker Exchange that finds nothing and takes nothing else."""
    if asked.path.endswith("/match"):
        answering(an_answer())(here, connection, asked)
        return
    answering(_heartbeat(of_our_kind=False), status=200 if asked.method == "GET" else 404)(here, connection, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A case that one request is to find, and the id by which the asking node knows it."""

    number: int
    case_id: CaseId
    known_as: str
    gene: str

    @property
    def text(self) -> str:
        """What the asking node writes about it."""
        return f"letter to target{self.number}"


@dataclass(slots=True)
class Acknowledged:
    """What somebody was told yes to: clinicians `here`, by the words of `_entering`, and the asking node."""

    here: dict[str, set[str]] = field(default_factory=dict)  # local ids
    requests: set[CaseId] = field(default_factory=set)  # the case that each one was told of
    letters: set[str] = field(default_factory=set)  # texts
    recalls: set[CaseId] = field(default_factory=set)  # the case that was like the one taken back


def targets(mm: Matchmaker, numbers: range) -> list[Target]:
    """Store cases of an owner and a gene of their own, acute so that no mail waits for another."""
    chance, asker = random.Random(numbers.start), a_node(ASKER)
    stored = [
        a_case(
            owner=f"target{number}@example.org",
            local_id=f"target{number}",
            features=[a_feature(term) for term in chance.sample(mm.release.hpo.term_ids, 3)],
            genomic_features=[a_genomic_feature(mm.release.genes.ids[number])],
            acute=True,
        )
        for number in numbers
    ]
    found = []
    for number, case, done in zip(numbers, stored, cases.submit_many(mm, stored, by=SYSTEM), strict=True):
        known_as = peer_id(mm, replace(case, id=done.case_id), asker)
        gene = case.genomic_features[0].gene or ""
        found.append(Target(number=number, case_id=done.case_id, known_as=known_as, gene=gene))
    return found


def ask(node: Serving, token: str, left: Iterator[Target], acknowledged: Acknowledged) -> None:
    """Ask until the node is dead; to every fourth target write a letter, and from another fourth take the case back."""
    for target in left:
        try:
            alias = _alias(node, token, target)
            if alias is not None:
                acknowledged.requests.add(target.case_id)
                _go_on(node, token, target, alias, acknowledged)
        except (OSError, http.client.HTTPException):
            return
        time.sleep(PAUSE)


def _alias(node: Serving, token: str, target: Target) -> str | None:
    """Ask for one target; the alias for letters about it, None if it was not among the results."""
    status, body = node.ask(token, {**a_question(0, genes=[target.gene]), "id": target.known_as})
    if status != 200:
        return None
    told = {one["patient"]["id"]: one["patient"]["contact"]["href"] for one in json.loads(body)["results"]}
    found = _RELAY.search(told.get(target.known_as, ""))
    return found.group(1) if found else None


def _go_on(node: Serving, token: str, target: Target, alias: str, acknowledged: Acknowledged) -> None:
    said: dict[str, Any] = {"id": f"m{target.number}"}
    if target.number % 4 == 1:
        said |= {"to": alias, "from": target.known_as, "reply_to": "", "text": target.text}
        if node.post(token, "/federation/messages", {"message": said}) == 200:
            acknowledged.letters.add(target.text)
    if target.number % 4 == 3:
        said |= {"kind": "withdrawal", "case": target.known_as}
        if node.post(token, "/federation/notices", {"notice": said}) == 200:
            acknowledged.recalls.add(target.case_id)


def _heartbeat(*, of_our_kind: bool = True) -> bytes:
    said: dict[str, Any] = {"heartbeat": {"production": False, "version": "1", "accept": []}}
    return json.dumps(said | ({KIN: {"notices": True}} if of_our_kind else {})).encode()
