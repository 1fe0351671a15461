"""SIGKILL a serving node again and again under load: what it had acknowledged is there, is done, is mailed.

    python -m benchmarks kills [--kills 200]

Prints one JSON object. In each round `matchmaker serve` and a process that enters cases run until both are killed at
the same moment, while a peer asks over HTTP. What counts as acknowledged: a case whose entry returned, and a request
that was answered 200. Each case must ask the peer, each request tell the owner of the case that it found, each alert go
out by SMTP; in the end nothing is left to do. A mail may come twice only for a kill between sending and noting it.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import hashlib
import http.client
import json
import logging
import random
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from sqlalchemy import update

from benchmarks.peers import a_question
from benchmarks.served import UNLIMITED, Serving, environment_of, run, serving
from matchmaker import audit, cases, logs, worker
from matchmaker.actors import SYSTEM
from matchmaker.disclosure import peer_id
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.store import ledger, matches, work
from matchmaker.store.alert_tables import heard as heard_table
from matchmaker.store.alert_tables import notifications as notifications_table
from matchmaker.store.tables import work as work_table
from tests.builders import a_case, a_feature, a_genomic_feature, a_node
from tests.federation.peers import Asked, Peer, answering, peer
from tests.federation.worlds import an_answer
from tests.mailbox import Mailbox, mailbox

PEER, ASKER = NodeName("Spain"), NodeName("Finland")
TARGETS_PER_KILL = 10  # cases that requests find, one each
PAUSE = 0.2  # seconds between two requests
LIVED = (0.3, 2.5)  # seconds between the first answer and the kill


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    kills: int
    cases_acknowledged: int
    cases_lost: int
    requests_acknowledged: int
    requests_lost: int  # without their line in the ledger, or their match
    questions_to_the_peer_lost: int
    alerts: int
    alerts_lost: int  # without a mail
    mails_doubled: int
    work_left: int
    audit_holds: bool


@dataclass(slots=True)
class Acknowledged:
    """What the killed processes had said yes to."""

    cases: set[str] = field(default_factory=set)  # local ids
    requests: set[CaseId] = field(default_factory=set)  # the case that each one was told of


def measure(home: Path, *, kills: int, seed: int = 1) -> Figures:
    """Kill so often, let the node finish, and look for what is missing."""
    logs.configure(Mode.DEVELOPMENT, level=logging.ERROR)
    chance, acknowledged = random.Random(seed), Acknowledged()
    with mailbox() as post, peer(one_alike) as there:
        environment = environment_of(home, MATCHMAKER_SMTP_URL=post.url, **UNLIMITED)
        run(environment, "init")
        run(environment, "node", "add", PEER, "--url", there.url, "--country", "ES", "--token", "-", given="secret\n")
        token = run(environment, "node", "token", ASKER).strip()
        mm = Matchmaker.open(Settings(home=home, smtp_url=post.url))
        with contextlib.closing(mm):
            left = iter(_targets(mm, kills * TARGETS_PER_KILL))
            for number in range(kills):
                with _entering(home, f"round{number}") as entering, serving(environment) as node:
                    _work_and_kill(node, entering, token, left, acknowledged, after=chance.uniform(*LIVED))
                _let_leases_end(mm)
            for _ in range(3):  # the second and third mail to one person wait for an hour
                worker.drain(mm)
                _let_leases_end(mm)
            worker.drain(mm)
            return _figures(mm, post, acknowledged, kills=kills)


def one_alike(here: Peer, connection: socket.socket, asked: Asked) -> None:
    """Answer each case with one that has the same gene, under an id that depends on the case alone."""
    if asked.method == "GET":
        answering(b'{"heartbeat": {"production": false, "version": "1", "accept": []}}')(here, connection, asked)
        return
    patient = json.loads(asked.body)["patient"]
    name = hashlib.sha256(patient["id"].encode()).hexdigest()[:12]
    found = {**patient, "id": name, "contact": {"name": "A colleague", "href": "mailto:colleague@peer.example"}}
    answering(an_answer({"score": {"patient": 0.9}, "patient": found}))(here, connection, asked)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A case that one request is to find, and the id by which the asking node knows it."""

    case_id: CaseId
    known_as: str
    gene: str


def _targets(mm: Matchmaker, n: int) -> list[Target]:
    """Store cases of an owner and a gene of their own, acute so that no mail waits for another."""
    chance, asker = random.Random(n), a_node(ASKER)
    stored = [
        a_case(
            owner=f"target{number}@example.org",
            local_id=f"target{number}",
            features=[a_feature(term) for term in chance.sample(mm.release.hpo.term_ids, 3)],
            genomic_features=[a_genomic_feature(gene)],
            acute=True,
        )
        for number, gene in enumerate(mm.release.genes.ids[:n])
    ]
    targets = []
    for case, done in zip(stored, cases.submit_many(mm, stored, by=SYSTEM), strict=True):
        known_as = peer_id(mm, replace(case, id=done.case_id), asker)
        targets.append(Target(case_id=done.case_id, known_as=known_as, gene=case.genomic_features[0].gene or ""))
    return targets


@contextlib.contextmanager
def _entering(home: Path, prefix: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks._entering", str(home), prefix]
    folder = Path(__file__).parents[1]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=folder) as process:
        try:
            yield process
        finally:
            process.kill()


def _work_and_kill(
    node: Serving,
    entering: subprocess.Popen[str],
    token: str,
    targets: Iterator[Target],
    acknowledged: Acknowledged,
    *,
    after: float,
) -> None:
    """Ask until the node is dead, which it is a while after its first answer."""
    answered = threading.Event()

    def ask() -> None:
        for target in targets:
            question = {**a_question(0, genes=[target.gene]), "id": target.known_as}
            try:
                status, body = node.ask(token, question)
            except (OSError, http.client.HTTPException):
                return
            if status == 200 and target.known_as in {one["patient"]["id"] for one in json.loads(body)["results"]}:
                acknowledged.requests.add(target.case_id)
                answered.set()
            time.sleep(PAUSE)

    asking = threading.Thread(target=ask)
    asking.start()
    answered.wait(timeout=60)
    time.sleep(after)
    node.process.kill()
    entering.kill()
    asking.join()
    assert entering.stdout is not None
    said = entering.stdout.read()
    # A line without its end was cut by the kill: nobody read it as an acknowledgement.
    acknowledged.cases |= {line.strip() for line in said.splitlines(keepends=True) if line.endswith("\n")}


def _let_leases_end(mm: Matchmaker) -> None:
    """Five minutes later: what the dead process had claimed is free again, and what it had failed at is due."""
    now = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        db.execute(update(work_table).where(work_table.c.lease.is_not(None)).values(lease_until=now))
        db.execute(update(work_table).where(work_table.c.last_error.is_not(None)).values(due_at=now))
        for table in (notifications_table, heard_table):
            db.execute(update(table).values(lease_until=now, due_at=now))


def _figures(mm: Matchmaker, post: Mailbox, acknowledged: Acknowledged, *, kills: int) -> Figures:
    stored = {one.case.local_id: one.case.id for one in cases.list_(mm, by=SYSTEM)}
    links = Counter(re.findall(r"/matches/([0-9a-f]{32})", "".join(mail.get_content() for mail in post.mails)))
    with mm.reading() as db:
        found = {case_id: matches.of_case(db, case_id) for case_id in stored.values()}
        of_nodes = {
            case_id: [match for match in some if match.finding.node in {PEER, ASKER}] for case_id, some in found.items()
        }
        told = {id_ for id_ in acknowledged.requests if any(line.node == ASKER for line in ledger.of_case(db, id_))}
        heard = {id_ for id_ in told if sum(match.finding.node == ASKER for match in of_nodes[id_]) == 1}
        asked = {id_ for id_, some in of_nodes.items() if sum(match.finding.node == PEER for match in some) == 1}
        due = work.next_due(db, [work.Kind.ASK])
        left = {kind: n for kind, n in work.count(db).items() if kind != "ask"}
        holds = audit.first_broken(db) is None
    is_later = due is not None and due > dt.datetime.now(dt.UTC) + dt.timedelta(hours=20)
    alerts = {match.id for some in of_nodes.values() for match in some}
    return Figures(
        kills=kills,
        cases_acknowledged=len(acknowledged.cases),
        cases_lost=len(acknowledged.cases - set(stored)),
        requests_acknowledged=len(acknowledged.requests),
        requests_lost=len(acknowledged.requests - heard),
        questions_to_the_peer_lost=len(set(stored.values()) - asked),
        alerts=len(alerts),
        alerts_lost=len(alerts - set(links)),
        mails_doubled=sum(n - 1 for n in links.values()),
        work_left=sum(left.values()) + (not is_later),
        audit_holds=holds,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1, help="of the moments of the kills")
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(measure(Path(folder) / "home", kills=given.kills, seed=given.seed)), indent=2))


if __name__ == "__main__":
    main()
