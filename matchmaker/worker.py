"""Background work: matching cases, asking nodes, telling people; and asking nodes whether they are there.

A task is a row that is claimed with a lease. It may run twice, and what it does must not mind.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import structlog

from federation import case_notices as notifying
from federation import deliveries, hearing, nodes
from federation import standing as asking
from federation.client import client_of
from matchmaker import alarming, forgotten, notifications, recording, standing, upkeep
from matchmaker.actors import SYSTEM
from matchmaker.errors import MatchmakerError, NotFound, ReleaseError
from matchmaker.following import following
from matchmaker.hands import Hands
from matchmaker.model import NodeName
from matchmaker.recalling import recalling
from matchmaker.service import Matchmaker
from matchmaker.store import (
    case_notices,
    checkpointing,
    heard,
    messages,
    node_health,
    work,
)
from matchmaker.store.engine import Connection
from matchmaker.store.work import Claim, Kind
from matchmaker.traffic import Traffic

AT_ONCE = 10  # claimed together: far less than a lease of work
HEARTBEAT_MINUTES = 5
_LATEST = 50  # calls to a node, among which its last heartbeat is looked for
T = TypeVar("T")
log = structlog.get_logger(__name__)


@contextlib.contextmanager
def background(mm: Matchmaker, *, traffic: Traffic | None = None) -> Iterator[None]:
    """Work while the body runs; at its end, finish what was begun. Matching lets the requests in `traffic` go first."""
    stopping = threading.Event()
    hands = Hands(mm, drain=lambda: _drained(mm, stopping, traffic))
    hands.every(1, "look", hands.drain)
    hands.every(HEARTBEAT_MINUTES, "heartbeats", lambda: ask_heartbeats(mm, stopping=stopping))
    hands.every(HEARTBEAT_MINUTES, "standing", lambda: upkeep.keep_looking(mm))
    hands.every(60, "forget", lambda: upkeep.forget(mm))
    hands.every(60, "pause", lambda: upkeep.pause(mm))
    consumer = hands.consumer()
    upkeep.keep_looking(mm)
    hands.nudge()  # what was due when the last worker stopped
    consumer.start()
    try:
        with checkpointing.beside(mm.engine), following(mm, then=hands.nudge), recalling(mm, traffic=traffic):
            yield
    finally:
        stopping.set()
        consumer.stop(graceful=True)


def drain(
    mm: Matchmaker,
    *,
    stopping: threading.Event | None = None,
    traffic: Traffic | None = None,
    rounds: int | None = None,
) -> int:
    """Do the work that is due until there is none or we are asked to stop; return how many tasks were begun.

    Each round does some of everything, so that nothing waits for an import to end. A node that hangs costs a round the
    deadline of a search, until its breaker opens.
    """
    n_begun = 0
    for _ in itertools.count() if rounds is None else range(rounds):
        if _is_over(stopping):
            break
        notifications.send_due(mm)
        forgotten.send_due(mm)
        alarming.send_due(mm)
        n_now = _match(mm, stopping, traffic) + _hear(mm, stopping, traffic)
        n_now += sum(do(mm, stopping) for do in (_ask, _notify, _carry))
        if not n_now:
            break
        n_begun += n_now
    return n_begun


def ask_heartbeats(mm: Matchmaker, *, stopping: threading.Event | None = None) -> None:
    """Ask every node that we may ask whether it is there; how it went is recorded with the node."""
    client = client_of(mm)
    for node in nodes.list_(mm):
        if stopping is not None and stopping.is_set():
            return
        if node.enabled and node.base_url is not None:
            with contextlib.suppress(NotFound):  # removed meanwhile
                was_there = _was_there(mm, node.name)
                found = nodes.ask_heartbeat(mm, node.name, client=client, by=SYSTEM)
                log.info("heartbeat", state=found.state, seconds=round(found.seconds, 3))
                if found.state == "answered" and not was_there:
                    _hasten(mm, node.name)


def _was_there(mm: Matchmaker, name: NodeName) -> bool:
    """Say whether a node's latest heartbeat was one; True when none is on record, so that nothing is hurried."""
    with mm.reading() as db:
        latest = node_health.latest(db, name, limit=_LATEST)
    return next((call.status == "answered" for call in latest if call.kind == "heartbeat"), True)


def _hasten(mm: Matchmaker, name: NodeName) -> None:
    """A node is back: what waits for it need not wait for its next time."""
    with mm.transaction() as db:
        work.hasten(db, name, at=_now())
        case_notices.hasten(db, name, at=_now())


def _drained(mm: Matchmaker, stopping: threading.Event, traffic: Traffic | None) -> None:
    """Drain for huey, where an error would only end in its log."""
    try:
        n_done = drain(mm, stopping=stopping, traffic=traffic)
    except MatchmakerError as error:
        log.error("work cannot be read", error=type(error).__name__)
        return
    if n_done:
        log.info("work done", tasks=n_done)


def _match(mm: Matchmaker, stopping: threading.Event | None, traffic: Traffic | None) -> int:
    """Match changed cases with the others here."""
    n_begun = 0
    for claimed in _in_turn(mm, _claimed(mm, Kind.MATCH), work.give_back, stopping, traffic):
        _match_one(mm.pinned(), claimed)
        n_begun += 1
    return n_begun


def _match_one(mm: Matchmaker, claimed: Claim) -> None:
    """Match one case; what fails is tried again later, and costs no other task."""
    try:
        recording.match_case(mm, claimed.task.case_id, claimed=claimed)
    except ReleaseError as error:
        _put_off(mm, claimed, error)
        return
    except Exception as error:
        log.exception("case not matched", attempts=claimed.attempts)
        _put_off(mm, claimed, error)


def _hear(mm: Matchmaker, stopping: threading.Event | None, traffic: Traffic | None) -> int:
    """Make matches of requests that found something here."""
    with mm.transaction() as db:
        claims = heard.claim(db, at=_now(), limit=AT_ONCE)
    n_begun = 0
    for claimed in _in_turn(mm, claims, heard.give_back, stopping, traffic):
        n_begun += 1
        try:
            hearing.record(mm.pinned(), claimed)
        except Exception as error:
            log.exception("request not recorded", attempts=claimed.attempts)
            with mm.transaction() as db:
                heard.fail(db, claimed, error=type(error).__name__, at=_now())
    return n_begun


def _in_turn(
    mm: Matchmaker,
    claims: Sequence[T],
    give_back: Callable[[Connection, Sequence[T]], None],
    stopping: threading.Event | None,
    traffic: Traffic | None,
) -> Iterator[T]:
    """Yield what was claimed, after the requests that came before; once we are to stop the rest is free for others."""
    for number, claimed in enumerate(claims):
        if _is_over(stopping):
            with mm.transaction() as db:
                give_back(db, claims[number:])
            return
        if traffic is not None:
            traffic.let_pass(stopping)
        yield claimed


def _ask(mm: Matchmaker, stopping: threading.Event | None) -> int:
    """Ask nodes, several at a time."""
    claims = [] if _is_over(stopping) else _claimed(mm, Kind.ASK)
    if not claims:
        return 0
    with ThreadPoolExecutor(len(claims), thread_name_prefix="standing") as pool:
        for claimed in claims:
            pool.submit(_ask_one, mm, claimed)
    return len(claims)


def _notify(mm: Matchmaker, stopping: threading.Event | None) -> int:
    """Tell nodes of cases that were withdrawn, erased or corrected; notices about one case may wait for a slow node."""
    with mm.transaction() as db:
        claims = [] if _is_over(stopping) else case_notices.claim(db, at=_now(), limit=AT_ONCE)
    if not claims:
        return 0
    with ThreadPoolExecutor(len(claims), thread_name_prefix="notice") as pool:
        for claimed in claims:
            pool.submit(_notify_one, mm, claimed)
    return len(claims)


def _notify_one(mm: Matchmaker, claimed: case_notices.CaseNotice) -> None:
    try:
        state = notifying.send(mm, claimed)
    except Exception as error:
        log.exception("notice not sent", attempts=claimed.attempts)
        with mm.transaction() as db:
            case_notices.fail(db, claimed, error=type(error).__name__, at=_now())
        return
    log.info("notice", state=state, attempts=claimed.attempts)


def _carry(mm: Matchmaker, stopping: threading.Event | None) -> int:
    """Hand letters on, to other nodes and to owners of cases."""
    with mm.transaction() as db:
        claims = [] if _is_over(stopping) else messages.claim(db, at=_now(), limit=AT_ONCE)
    for claimed in claims:
        try:
            state = deliveries.deliver(mm, claimed)
            log.info("letter", state=state, attempts=claimed.attempts)
        except Exception as error:
            log.exception("letter not delivered", attempts=claimed.attempts)
            with mm.transaction() as db:
                messages.fail(db, claimed, error=type(error).__name__, at=_now())
    return len(claims)


def _ask_one(mm: Matchmaker, claimed: Claim) -> None:
    try:
        state = asking.ask(mm.pinned(), claimed)
    except Exception as error:
        log.exception("node not asked", attempts=claimed.attempts)
        _put_off(mm, claimed, error)
        return
    log.info("node asked", state=state, attempts=claimed.attempts)


def _claimed(mm: Matchmaker, kind: Kind) -> list[Claim]:
    with mm.transaction() as db:
        if kind is Kind.MATCH and not standing.is_up_to_date(mm, db):
            return []  # soon this process has the release too
        return work.claim(db, [kind], at=_now(), limit=AT_ONCE)


def _put_off(mm: Matchmaker, claimed: Claim, error: Exception) -> None:
    with mm.transaction() as db:
        work.fail(db, claimed, error=type(error).__name__, at=_now())


def _is_over(stopping: threading.Event | None) -> bool:
    return stopping is not None and stopping.is_set()


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
