"""What `kills` looks for when the node has finished: everything acknowledged, everything sent, nothing left."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from dataclasses import dataclass

from sqlalchemy import func, select

from benchmarks._other_nodes import ASKER, PEER, PLAIN, Acknowledged, Heard
from matchmaker import audit, cases
from matchmaker.actors import SYSTEM
from matchmaker.disclosure import peer_id_of
from matchmaker.model import CaseId, Status
from matchmaker.service import Matchmaker
from matchmaker.store import ledger, matches, sent_cases, work
from matchmaker.store.engine import Connection
from matchmaker.store.exchange_tables import case_notices, messages
from matchmaker.store.matches import Match
from tests.mailbox import Mailbox

_ALERT = re.compile(r"/matches/([0-9a-f]{32})")
_LETTER = re.compile(r"^> (letter to target\d+)", re.MULTILINE)
_NOTICE = re.compile(r"^The case, as your node knows it: (\S+)", re.MULTILINE)


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
    letters_written: int
    letters_written_lost: int  # that the other node never got
    letters_written_doubled: int  # that it got under two ids: the same one again is no other
    letters_received: int
    letters_received_lost: int  # without a mail to the owner
    withdrawals_acknowledged: int
    withdrawals_lost: int
    notices: int  # of a withdrawn case, one for each node that was told of it
    notices_lost: int  # that neither the node nor its operator got
    recalls_acknowledged: int  # withdrawals of the other node
    recalls_lost: int  # whose match is still there
    mails_doubled: int
    work_left: int
    audit_holds: bool


def figures(mm: Matchmaker, post: Mailbox, brought: Heard, acknowledged: Acknowledged, *, kills: int) -> Figures:
    """Count what is there, what went out, and what is missing."""
    stored = {one.case.local_id: one.case for one in cases.list_(mm, by=SYSTEM)}
    ids = {case.id for case in stored.values()}
    withdrawn = {name: case.id for name, case in stored.items() if case.status is Status.WITHDRAWN}
    texts = [mail.get_content() for mail in post.mails]
    links, letters, noticed = (
        Counter(hit for text in texts for hit in what.findall(text)) for what in (_ALERT, _LETTER, _NOTICE)
    )
    with mm.reading() as db:
        of_nodes = {case_id: _of_nodes(db, case_id) for case_id in ids}
        told = {id_ for id_ in acknowledged.requests if any(line.node == ASKER for line in ledger.of_case(db, id_))}
        due_to = sent_cases.recipients(db, withdrawn.values())
        left = _left(db)
        holds = audit.first_broken(db) is None
    heard = {id_ for id_ in told if sum(match.finding.node == ASKER for match in of_nodes[id_]) == 1}
    asked = {id_ for id_, some in of_nodes.items() if sum(match.finding.node == PEER for match in some) == 1}
    alerts = {match.id for id_ in ids - set(withdrawn.values()) for match in of_nodes[id_]}
    written = {f"letter about {name}" for name in acknowledged.here.get("letter", ())}
    due = [(node, peer_id_of(mm, case_id, node)) for case_id, nodes in due_to.items() for node in nodes]
    got = {PEER: brought.notices, PLAIN: noticed}
    said = acknowledged.here
    return Figures(
        kills=kills,
        cases_acknowledged=len(said.get("case", ())),
        cases_lost=len(said.get("case", set()) - set(stored)),
        requests_acknowledged=len(acknowledged.requests),
        requests_lost=len(acknowledged.requests - heard - acknowledged.recalls),
        questions_to_the_peer_lost=len(ids - asked),
        alerts=len(alerts),
        alerts_lost=len(alerts - set(links)),
        letters_written=len(written),
        letters_written_lost=len(written - set(brought.letters)),
        letters_written_doubled=sum(len(ids) - 1 for ids in brought.letters.values()),
        letters_received=len(acknowledged.letters),
        letters_received_lost=len(acknowledged.letters - set(letters)),
        withdrawals_acknowledged=len(said.get("withdrawn", ())),
        withdrawals_lost=len(said.get("withdrawn", set()) - set(withdrawn)),
        notices=len(due),
        notices_lost=sum(known_as not in got.get(node, ()) for node, known_as in due),
        recalls_acknowledged=len(acknowledged.recalls),
        recalls_lost=sum(any(match.finding.node == ASKER for match in of_nodes[id_]) for id_ in acknowledged.recalls),
        mails_doubled=sum(n - 1 for counted in (links, letters, noticed) for n in counted.values()),
        work_left=left,
        audit_holds=holds,
    )


def _of_nodes(db: Connection, case_id: CaseId) -> list[Match]:
    return [match for match in matches.of_case(db, case_id) if match.finding.node in {PEER, ASKER}]


def _left(db: Connection) -> int:
    """Count what is still to be done; what asks a node again in a month is not."""
    due = work.next_due(db, [work.Kind.ASK])
    soon = due is None or due < dt.datetime.now(dt.UTC) + dt.timedelta(hours=20)
    waiting = [db.scalar(select(func.count()).where(table.c.state == "waiting")) for table in (case_notices, messages)]
    return sum(n for kind, n in work.count(db).items() if kind != "ask") + sum(n or 0 for n in waiting) + soon
