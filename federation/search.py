"""Ask many nodes at once: one deadline, and from every node an answer or a named fault with its time.

A node that failed is never shown as one without matches.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, replace

from federation import nodes as registered
from federation import planning, rescoring, strict_json
from federation.answers import read_response
from federation.client import OLDEST, Client, client_of
from federation.deadline import Deadline
from federation.outcomes import NodeAnswer, State
from federation.planning import Call
from matchmaker.actors import SYSTEM, User
from matchmaker.errors import Invalid, NodeBusy, NodeError, Unavailable
from matchmaker.model import Case, Node
from matchmaker.service import Matchmaker
from matchmaker.store import exchanges
from scoring.scorer import Prepared

log = logging.getLogger(__name__)

THREADS = 64  # of one search: a node that hangs must not keep the others waiting
GRACE = 0.25  # seconds after the deadline in which what has arrived is still read, and faults get their names


def ask_all(
    mm: Matchmaker,
    case: Case,
    nodes: Sequence[Node],
    *,
    deadline: Deadline,
    by: User = SYSTEM,
    heed_breaker: bool = True,
) -> list[NodeAnswer]:
    """Ask nodes with a case and return when all have answered or the deadline is over; in the order of `nodes`."""
    answers = {
        answer.node: answer for answer in ask_each(mm, case, nodes, deadline=deadline, by=by, heed_breaker=heed_breaker)
    }
    return [answers[node.name] for node in nodes]


def ask_each(
    mm: Matchmaker,
    case: Case,
    nodes: Sequence[Node],
    *,
    deadline: Deadline,
    by: User = SYSTEM,
    heed_breaker: bool = True,
) -> Iterator[NodeAnswer]:
    """Yield one answer of each node as it arrives, those that are not asked first.

    That a node is asked is in the audit log before anything leaves; how it went is recorded when the search ends.
    """
    plan = planning.begin(mm, case, nodes, by=by, heed_breaker=heed_breaker)
    yield from plan.not_asked
    if plan.calls:
        yield from _in_parallel(mm, plan.case, plan.calls, deadline)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    answer: NodeAnswer
    version: str | None = None  # that the node accepted


def _in_parallel(mm: Matchmaker, case: Case, calls: Sequence[Call], deadline: Deadline) -> Iterator[NodeAnswer]:
    client = client_of(mm)
    pool = ThreadPoolExecutor(min(len(calls), THREADS) + 1, thread_name_prefix="ask")
    query = pool.submit(_prepared, mm, case)  # once for all answers, and while the nodes are thinking
    asked = {pool.submit(_ask, mm, query, call, client=client, deadline=deadline): call for call in calls}
    outcomes: list[tuple[Call, _Outcome]] = []
    started = deadline.remaining
    try:
        for future in _until(asked, deadline):
            outcomes.append((asked[future], _settled(asked[future], future)))
            yield outcomes[-1][1].answer
        heard = {call.node.name for call, _ in outcomes}
        for call in calls:
            if call.node.name not in heard:
                late = NodeAnswer(
                    node=call.node.name,
                    state=State.TIMEOUT,
                    seconds=started,
                    error=f"{call.node.name}: had not answered when the search ended",
                )
                outcomes.append((call, _Outcome(answer=late)))
                yield late
    finally:
        # What still runs ends by itself: every call carries the deadline.
        pool.shutdown(wait=False, cancel_futures=True)
        _record(mm, case, outcomes)


def _until(asked: Iterable[Future[_Outcome]], deadline: Deadline) -> Iterator[Future[_Outcome]]:
    try:
        yield from as_completed(asked, timeout=deadline.remaining + GRACE)
    except TimeoutError:
        return


def _settled(call: Call, future: Future[_Outcome]) -> _Outcome:
    """Read what a thread came to; what nobody foresaw is a fault of that one node, and ours to look into."""
    error = future.exception()
    if error is None:
        return future.result()
    log.error("asking %s failed: %s", call.node.name, type(error).__name__)
    why = f"{call.node.name}: its answer could not be read"
    return _Outcome(answer=NodeAnswer(node=call.node.name, state=State.INVALID, error=why))


def _prepared(mm: Matchmaker, case: Case) -> Prepared:
    return mm.scorer.prepare(mm.profile(case))


def _ask(mm: Matchmaker, query: Future[Prepared], call: Call, *, client: Client, deadline: Deadline) -> _Outcome:
    """Ask one node, in a thread of its own."""
    name, begun = call.node.name, deadline.remaining
    try:
        if call.probe:
            pulse = registered.heartbeat(mm, call.node, call.token, client=client, deadline=deadline)
            if pulse.state != State.ANSWERED:
                return _Outcome(
                    answer=NodeAnswer(node=name, state=State.PAUSED, seconds=pulse.seconds, error=pulse.error)
                )
        answer = client.post_match(call.node, call.token, call.body, deadline=deadline)
        response = read_response(strict_json.loads(answer.body), release=mm.release, owner=f"node {name}")
    except NodeError as fault:
        state, busy = State(fault.state), isinstance(fault, NodeBusy)
        seconds = begun - deadline.remaining
        return _Outcome(answer=NodeAnswer(node=name, state=state, seconds=seconds, error=str(fault), busy=busy))
    except Invalid as error:
        # Its words are not repeated in full: a page of another server may hold anything.
        why = f"{name}: its answer is not Matchmaker Exchange"
        if not isinstance(error, strict_json.NotJson):
            why = f"{why}: {error.issues[0].path or 'it'} {error.issues[0].message}"
        seconds = begun - deadline.remaining
        return _Outcome(answer=NodeAnswer(node=name, state=State.INVALID, seconds=seconds, error=why))
    return _Outcome(
        answer=rescoring.read(mm, query.result(), call.node, response, answer.seconds), version=answer.version
    )


def _record(mm: Matchmaker, case: Case, outcomes: Sequence[tuple[Call, _Outcome]]) -> None:
    """Keep how each node did. The answers are in hand: a full disk costs the record, and it is said in the log."""
    try:
        with mm.transaction() as db:
            for call, outcome in outcomes:
                if not outcome.answer.busy and outcome.answer.state is not State.PAUSED:
                    content = exchanges.fingerprint(db, call.body.decode("ascii"))
                    exchanges.record(db, _exchange(case, call, outcome.answer, content))
    except Unavailable as error:
        log.warning("the search could not be recorded: %s", error)
        return
    for call, outcome in outcomes:
        if outcome.version not in {None, call.node.version or OLDEST}:
            registered.learn_version(mm, call.node.name, str(outcome.version))


def _exchange(case: Case, call: Call, answer: NodeAnswer, fingerprint: str) -> exchanges.Exchange:
    sent = registered.sent(call.node.name, "match", at=call.at, status=answer.state, seconds=answer.seconds)
    return replace(sent, n_results=len(answer.results), fingerprint=fingerprint, test=case.test)
