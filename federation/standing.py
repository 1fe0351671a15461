"""One node asked for one case, as a row of work: again until it answers, and then again when the next time has come.

Whatever happens in between (a kill, a full disk), the row is there; asking twice records the same matches once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from federation import told
from federation.deadline import Deadline
from federation.outcomes import NodeAnswer, State
from federation.search import ask_all
from matchmaker import notifications
from matchmaker.errors import NotFound
from matchmaker.model import Case, CaseId, Node, NodeName, Score, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.standing import next_asking
from matchmaker.store import found, matches, work
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.matches import Finding, MatchStatus
from matchmaker.store.work import Claim
from scoring.probability import shipped_calibration


def ask(mm: Matchmaker, claimed: Claim) -> State | None:
    """Ask the node of a claimed task, and settle the task; None when there is nobody to ask, or nothing to ask with.

    Whether the case may ask this node is decided by `search` from what is stored now, not when the task was written.
    """
    stored, node = _now(mm, claimed.task.case_id, claimed.task.node)
    if stored is None or node is None:
        _dropped(mm, claimed)
        return None
    (answer,) = ask_all(mm, stored.case, [node], deadline=Deadline.after(mm.settings.deadline))
    if answer.state is State.NOT_SHARED:
        _dropped(mm, claimed)
    elif answer.state is not State.ANSWERED:
        with mm.transaction() as db:
            work.fail(db, claimed, error=answer.state.value, at=_clock())
    else:
        _record(mm, claimed, stored, answer)
    return answer.state


def record_told(mm: Matchmaker, db: Connection, case: Case, *, what: told.Told, score: Score) -> str:
    """Record a case of another node as a match of ours, let our case's owner hear of it, and return its id."""
    other_id, node, likely = what.case.local_id, what.node, what.likelihood
    finding = Finding(
        case_id=case.id,
        other_id=other_id,
        node=node,
        asked_by_us=what.asked_by_us,
        score=score,
        release=mm.release.id,
        scoring=mm.scorer.version,
        calibration=shipped_calibration().name,
        phenotype_ratio=likely.evidence.phenotype if likely else None,
        gene_ratio=likely.evidence.genes if likely else None,
        n_searched=likely.n_searched if likely else None,
        told=told.write(what, mm.release),
    )
    before = matches.find(db, case.id, node, other_id)
    match = matches.record(db, finding, at=_clock())
    if before is not None and before.status is MatchStatus.DISMISSED and not told.same_case(before.finding, finding):
        match = replace(match, status=MatchStatus.NEW)
        matches.set_status(db, match.id, match.status)
    if not what.case.test:
        other = notifications.of_node(node, other_id)
        notifications.tell(db, mm.settings, case, match=match, other=other, score=score)
    return match.id


def _now(mm: Matchmaker, case_id: CaseId, name: NodeName) -> tuple[StoredCase | None, Node | None]:
    with mm.reading() as db:
        stored = found.load(db, [case_id]).get(case_id)
        try:
            return stored, registry.get(db, name)
        except NotFound:
            return stored, None


def _dropped(mm: Matchmaker, claimed: Claim) -> None:
    with mm.transaction() as db:
        work.complete(db, claimed)


def _record(mm: Matchmaker, claimed: Claim, stored: StoredCase, answer: NodeAnswer) -> None:
    """Keep the results, if the case is still what the node was asked with; otherwise newer work waits."""
    with mm.transaction() as db:
        unchanged = found.versions(db, [stored.case.id]).get(stored.case.id) == stored.version
        if not unchanged or not work.again(db, claimed, due_at=next_asking(stored, at=_clock())):
            return
        if claimed.attempts > 1:  # it failed before, and is back: the others need not wait for their next time
            work.hasten(db, answer.node, at=_clock())
        begun = _clock()
        for result in answer.results:
            record_told(mm, db, stored.case, what=told.of_result(result, answer), score=result.score)
        # What the node corrected and did not tell again is not alike any more.
        matches.forget_outdated(db, case_id=stored.case.id, node=answer.node, before=begun)


def _clock() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
