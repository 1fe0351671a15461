"""Ask many nodes at once: one deadline, and from every node an answer or a named fault with its time.

A node that failed is never shown as one without matches. What a node told is scored here again, so that one ordered
list over all nodes makes sense; what it withheld is unknown, not absent, so each result is scored as a partial profile.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from federation import addressing, strict_json
from federation import nodes as registered
from federation.answers import AnsweredCase, MatchResponse, read_response
from federation.breaker import FAILURES, Breaker, breaker_of
from federation.client import OLDEST, Client, client_of
from federation.deadline import Deadline
from federation.writing import write_patient
from matchmaker import audit, consent, disclosure
from matchmaker.actors import SYSTEM, User
from matchmaker.errors import Forbidden, Invalid, NodeBusy, NodeError, Unavailable
from matchmaker.model import Case, Node, NodeName, Score
from matchmaker.service import Matchmaker
from matchmaker.store import exchanges, found, node_health, sent_cases
from matchmaker.store import nodes as registry
from scoring.explanation import Explanation
from scoring.probability import Likelihood, likelihood, weigh
from scoring.profile import Profile

log = logging.getLogger(__name__)

THREADS = 64  # of one search: a node that hangs must not keep the others waiting
GRACE = 0.25  # seconds after the deadline in which what has arrived is still read, and faults get their names


class State(StrEnum):
    """What became of one node in a search: the words of `matchmaker match --json`."""

    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    INVALID = "invalid"
    TOO_LARGE = "too-large"
    PAUSED = "paused"
    NOT_SHARED = "not-shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """A case that a node told of. `score` makes results of several nodes comparable, `told` has the node's own."""

    node: NodeName
    told: AnsweredCase
    score: Score
    explanation: Explanation  # ours, of what was told
    partial: bool  # scored here from what was told; False: the node scores as we do, and knows its whole case
    likelihood: Likelihood | None = None  # None: it is not declared how many cases the node searched

    @property
    def case(self) -> Case:
        return self.told.case


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAnswer:
    """One node's part in a search; `error` says what a person can do about a fault."""

    node: NodeName
    state: State
    seconds: float = 0.0
    results: tuple[NodeResult, ...] = ()
    n_dropped: int = 0
    error: str | None = None
    disclaimer: str | None = None
    terms: str | None = None
    busy: bool = field(default=False, repr=False)  # our own limit was reached, and the node never asked

    def to_dict(self) -> dict[str, Any]:
        """Spell it as `matchmaker match --json` does."""
        return {
            "name": self.node,
            "state": self.state.value,
            "seconds": round(self.seconds, 3),
            "results": len(self.results),
            "error": self.error,
        }


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
    stored = _is_stored(mm, case)
    planned = [
        _plan(mm, case, standing, heed_breaker=heed_breaker, relayed=stored) for standing in _standings(mm, nodes)
    ]
    calls = [plan for plan in planned if isinstance(plan, _Call)]
    with mm.transaction() as db:
        at = dt.datetime.now(dt.UTC)
        if stored and not case.test:
            asked = [call.node.name for call in calls]
            sent_cases.record(db, case.id, nodes=asked, level=case.disclosure, at=at)
        if stored:
            addressing.open_general(mm, db, case.id, [call.node for call in calls], at=at)
        for call in calls:
            audit.record(db, by, "case sent", case_id=case.id, node=call.node.name, details={"level": case.disclosure})
    yield from (plan for plan in planned if isinstance(plan, NodeAnswer))
    if calls:
        yield from _in_parallel(mm, case, calls, deadline)


def ranked(answers: Iterable[NodeAnswer]) -> list[NodeResult]:
    """Order the results of all nodes, the best first; equal ones by node and by the id that the node gave."""
    results = (result for answer in answers for result in answer.results)
    return sorted(results, key=lambda result: (-result.score.total, result.node, result.case.local_id))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """A node as it is registered at this moment."""

    node: Node
    token: str | None
    latest: tuple[exchanges.Exchange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Call:
    """What one node is asked with."""

    node: Node
    token: str | None
    body: bytes
    probe: bool  # it failed often: ask for its heartbeat first
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    answer: NodeAnswer
    version: str | None = None  # that the node accepted


def _standings(mm: Matchmaker, nodes: Sequence[Node]) -> list[_Standing]:
    """Read the registry as it is now: a node that was paused or removed a moment ago is not asked."""
    with mm.reading() as db:
        registered_now = {node.name: node for node in registry.list_(db)}
        return [
            _Standing(
                node=registered_now.get(node.name, replace(node, enabled=False)),
                token=registry.outbound_token(db, node.name),
                latest=tuple(node_health.latest(db, node.name, limit=FAILURES)),
            )
            for node in nodes
        ]


def _is_stored(mm: Matchmaker, case: Case) -> bool:
    """A case that is only in a file asks too; but nobody can write to it here, and there is nothing to withdraw."""
    with mm.reading() as db:
        return case.id in found.versions(db, [case.id])


def _plan(mm: Matchmaker, case: Case, standing: _Standing, *, heed_breaker: bool, relayed: bool) -> _Call | NodeAnswer:
    """Decide whether a node is asked, and with what it may see; `relayed` lets it write to the case through us."""
    node, at = standing.node, dt.datetime.now(dt.UTC)
    if not node.enabled:
        return NodeAnswer(node=node.name, state=State.PAUSED, error=f"{node.name}: an operator paused or removed it")
    try:
        view = disclosure.request_view(mm, case, node if relayed else replace(node, kin=None))
    except Forbidden:
        reason = consent.withheld(case, node, jurisdiction=mm.settings.jurisdiction)
        error = f"{node.name}: the case is not shared with it ({reason})"
        return NodeAnswer(node=node.name, state=State.NOT_SHARED, error=error)
    breaker = breaker_of(standing.latest, at=at) if heed_breaker else Breaker.CLOSED
    if breaker is Breaker.OPEN:
        why = f"{node.name}: failed {FAILURES} times in a row, and is tried once a minute"
        return NodeAnswer(node=node.name, state=State.PAUSED, error=why)
    body = strict_json.dumps({"patient": write_patient(view, mm.release)})
    return _Call(node=node, token=standing.token, body=body, probe=breaker is Breaker.PROBE, at=at)


def _in_parallel(mm: Matchmaker, case: Case, calls: Sequence[_Call], deadline: Deadline) -> Iterator[NodeAnswer]:
    query, client = mm.profile(case), client_of(mm)
    pool = ThreadPoolExecutor(min(len(calls), THREADS), thread_name_prefix="ask")
    asked = {pool.submit(_ask, mm, query, call, client=client, deadline=deadline): call for call in calls}
    outcomes: list[tuple[_Call, _Outcome]] = []
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


def _settled(call: _Call, future: Future[_Outcome]) -> _Outcome:
    """Read what a thread came to; what nobody foresaw is a fault of that one node, and ours to look into."""
    error = future.exception()
    if error is None:
        return future.result()
    log.error("asking %s failed: %s", call.node.name, type(error).__name__)
    why = f"{call.node.name}: its answer could not be read"
    return _Outcome(answer=NodeAnswer(node=call.node.name, state=State.INVALID, error=why))


def _ask(mm: Matchmaker, query: Profile, call: _Call, *, client: Client, deadline: Deadline) -> _Outcome:
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
    return _Outcome(answer=_read(mm, query, call.node, response, answer.seconds), version=answer.version)


def _read(mm: Matchmaker, query: Profile, node: Node, response: MatchResponse, seconds: float) -> NodeAnswer:
    answer = NodeAnswer(
        node=node.name,
        state=State.ANSWERED,
        seconds=seconds,
        n_dropped=len(response.dropped),
        disclaimer=response.disclaimer,
        terms=response.terms,
    )
    if response.dropped and not response.results:
        why = f"{node.name}: none of its {len(response.dropped)} results can be used"
        return replace(answer, state=State.INVALID, error=why)
    return replace(answer, results=tuple(_scored(mm, query, node, told) for told in response.results))


def _scored(mm: Matchmaker, query: Profile, node: Node, told: AnsweredCase) -> NodeResult:
    profile = mm.profile(told.case)
    explanation = mm.scorer.explain(query, profile, partial=True)
    likely = _likelihood(mm, query, profile, explanation, n_searched=node.declared_cases)
    result = NodeResult(
        node=node.name, told=told, score=explanation.score, explanation=explanation, partial=True, likelihood=likely
    )
    if told.score is not None and told.scoring == mm.scorer.version:
        # It scored its whole case by the very same rules, which is better than what we make of a part of it.
        return replace(result, score=replace(explanation.score, total=told.score), partial=False)
    return result


def _likelihood(
    mm: Matchmaker, query: Profile, told: Profile, explanation: Explanation, *, n_searched: int | None
) -> Likelihood | None:
    """How likely a case of another node has the query's disease gene, by the part of it that was told."""
    if not n_searched:
        return None
    evidence = weigh(
        query,
        told,
        phenotype=explanation.phenotype,
        evidence=explanation.evidence,
        parameters=mm.scorer.parameters,
        partial=True,
    )
    return likelihood(evidence, n_searched=n_searched, prior=mm.settings.prior)


def _record(mm: Matchmaker, case: Case, outcomes: Sequence[tuple[_Call, _Outcome]]) -> None:
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


def _exchange(case: Case, call: _Call, answer: NodeAnswer, fingerprint: str) -> exchanges.Exchange:
    sent = registered.sent(call.node.name, "match", at=call.at, status=answer.state, seconds=answer.seconds)
    return replace(sent, n_results=len(answer.results), fingerprint=fingerprint, test=case.test)
