"""SIGKILL at any moment: no case, no question to a node, no alert is lost; a mail is doubled once per kill at most.

`MATCHMAKER_KILLS=200 pytest tests/federation/test_killing_work.py -s` is the long form, and prints the figures.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sqlalchemy import update

from matchmaker import audit, cases, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import matches, notifications, work
from matchmaker.store.alert_tables import notifications as notifications_table
from matchmaker.store.tables import work as work_table
from tests.federation.peers import Asked, Peer, answering, peer
from tests.federation.worlds import an_answer, register
from tests.mailbox import Mailbox, mailbox

KILLS = int(os.environ.get("MATCHMAKER_KILLS", "4"))
PEER = NodeName("Spain")


@pytest.mark.slow
def test_killing_a_node_at_work_loses_nothing_and_doubles_one_mail_per_kill_at_most(tmp_path: Path) -> None:
    with mailbox() as post, peer(one_alike) as there:
        settings = Settings(home=tmp_path / "home", smtp_url=post.url)
        mm = Matchmaker.create(settings)
        register(mm, PEER, there.url)
        chance, acknowledged = random.Random(20260301), set[str]()
        for round_ in range(KILLS):
            acknowledged |= work_and_kill(mm, f"round{round_}", after=chance.uniform(0.5, 4.0))
            let_leases_end(mm)
        worker.drain(mm)

        n_tasks, n_mails = check_nothing_lost(mm, acknowledged), check_mails(mm, post)
        cases_said = f"{len(acknowledged)} cases acknowledged, {n_tasks} questions answered"
        sys.stdout.write(f"\n{KILLS} kills, {cases_said}, {n_mails}\n")
        mm.close()


def one_alike(here: Peer, connection: socket.socket, asked: Asked) -> None:
    """Answer each case with one that has the same gene, under an id that depends on the case alone."""
    patient = json.loads(asked.body)["patient"]
    name = hashlib.sha256(patient["id"].encode()).hexdigest()[:12]
    found = {**patient, "id": name, "contact": {"name": "A colleague", "href": "mailto:colleague@peer.example"}}
    answering(an_answer({"score": {"patient": 0.9}, "patient": found}))(here, connection, asked)


def work_and_kill(mm: Matchmaker, prefix: str, *, after: float) -> set[str]:
    """Let a process work, kill it a while after its first acknowledgement, return what it acknowledged."""
    given = (mm.settings.home, mm.settings.database, mm.settings.smtp_url, prefix)
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.federation.working_process", *given],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=Path(__file__).parents[2],
    )
    assert process.stdout is not None
    first = process.stdout.readline()
    time.sleep(after)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.stdout.close()
    assert process.wait() == -signal.SIGKILL
    return {line.decode().strip() for line in (first + rest).splitlines(keepends=True) if line.endswith(b"\n")}


def let_leases_end(mm: Matchmaker) -> None:
    """Five minutes later: what the dead process had claimed is free again, and what it had failed at is due."""
    now = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        db.execute(update(work_table).where(work_table.c.lease.is_not(None)).values(lease_until=now))
        db.execute(update(work_table).where(work_table.c.last_error.is_not(None)).values(due_at=now))
        db.execute(update(notifications_table).values(lease_until=now, due_at=now))


def check_nothing_lost(mm: Matchmaker, acknowledged: set[str]) -> int:
    """Every case is there, was matched, has asked the node, and has recorded its answer once."""
    stored = {one.case.local_id: one.case.id for one in cases.list_(mm, by=SYSTEM)}
    assert acknowledged
    assert acknowledged <= set(stored)
    with mm.reading() as db:
        assert audit.first_broken(db) is None
        assert work.count(db) == {"ask": len(stored)}  # put off to next month, and nothing else is left to do
        due = work.next_due(db, [work.Kind.ASK])
        assert due is not None
        assert due > dt.datetime.now(dt.UTC) + dt.timedelta(days=25)
        for case_id in stored.values():
            assert [match.finding.node for match in matches.of_case(db, case_id)].count(PEER) == 1
    return len(stored)


def check_mails(mm: Matchmaker, post: Mailbox) -> str:
    """Every alert that was due has gone out, each in one mail but for the kills."""
    links = Counter(re.findall(r"/matches/([0-9a-f]{32})", "".join(mail.get_content() for mail in post.mails)))
    with mm.reading() as db:
        told = {
            one.notice.match_id for person in notifications.persons(db) for one in notifications.of_person(db, person)
        }
        assert set(notifications.count(db)) <= {"mailed", "waiting"}
        asked = {
            match.id
            for one in cases.list_(mm, by=SYSTEM)
            for match in matches.of_case(db, one.case.id)
            if match.finding.node
        }
    assert asked <= told
    assert asked <= set(links)  # the same gene and the same findings: strong, so mailed at once
    doubled = sum(n - 1 for n in links.values())
    assert doubled <= KILLS
    return f"{len(post.mails)} mails of {len(links)} alerts, {doubled} doubled"
