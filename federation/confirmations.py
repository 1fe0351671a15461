"""Telling a node of our own kind that our side confirmed the match of two cases, and taking such a word from it.

Nothing of either case travels: two ids that both nodes know, and that the match is confirmed, or is no more.
"""

from __future__ import annotations

import datetime as dt
import hashlib

from federation import notice_wire
from federation.notice_wire import Notice
from matchmaker import audit, confirming, consent, disclosure, match_life, notifications
from matchmaker.actors import User
from matchmaker.confirming import Word
from matchmaker.errors import Forbidden, NodeMisanswered, NodeRefused
from matchmaker.model import Case, CaseId, Node
from matchmaker.service import Matchmaker
from matchmaker.store import case_notices, found, ledger, matches, received_notices
from matchmaker.store.case_notices import CaseNotice, Kind, State
from matchmaker.store.engine import Connection
from matchmaker.store.matches import OURSELVES, MatchStatus
from matchmaker.store.received_notices import Received

TRIES = 6  # about half an hour, in which that node may still be recording the match
_UNKNOWN = {404, 405, 422}  # of a node that knows no such notice


def said(mm: Matchmaker, match_id: str, *, by: User) -> CaseNotice | None:
    """Return what the other node was last told, or is to be told, of a match; None when there was nothing to tell."""
    finding = match_life.get(mm, match_id, by=by).match.finding
    with mm.reading() as db:
        return case_notices.latest_about_pair(db, finding.case_id, node=finding.node, other_id=finding.other_id)


def tell(mm: Matchmaker, node: Node | None, token: str | None, claimed: CaseNotice) -> tuple[State, str]:
    """Tell a node what our side makes of a pair, if that still holds and the case is still shared with it.

    Raises
    ------
    NodeError, Forbidden
        When that is to be tried again later.
    """
    if node is None or not node.kin or node.base_url is None:
        return State.NOT_TAKEN, "that node takes no such word: say it in a letter"
    if not node.enabled:
        raise Forbidden("told while it is switched off", node.name)
    with mm.transaction() as db:
        if not _holds(mm, db, node, claimed):
            return State.NOT_TAKEN, "the case is not shared with that node any more, or the match is gone"
        # Before anything leaves; one line for a case and node, however many of its matches are confirmed.
        fingerprint = hashlib.sha256(claimed.kind.encode()).hexdigest()
        line = ledger.Told(case_id=claimed.case_id, fingerprint=fingerprint, extent=claimed.kind)
        ledger.record(db, node.name, told=[line], at=_now())
    case = disclosure.peer_id_of(mm, claimed.case_id, node.name)
    notice = Notice(id=claimed.id, kind=claimed.kind, case=case, other=claimed.other_id)
    try:
        n_matches = notice_wire.post(mm, node, token, notice)
    except NodeRefused as refused:
        if refused.status in _UNKNOWN:
            return State.NOT_TAKEN, "that node takes no such word: say it in a letter"
        raise
    if n_matches:
        return State.ACKNOWLEDGED, "the node took it"
    if claimed.attempts < TRIES:
        raise NodeMisanswered(node.name, "has no such match yet")
    return State.NOT_TAKEN, "that node keeps no such match: say it in a letter"


def heed(mm: Matchmaker, db: Connection, node: Node, notice: Notice) -> Received:
    """Keep what a node makes of a pair; of a match that we do not have (yet) nothing is kept, and it may ask again."""
    at = _now()
    ours = _ours(mm, db, node, notice)
    confirmed = notice.kind is Kind.CONFIRMATION
    other = notifications.of_node(node.name, notice.case)
    word = Word(confirmed=confirmed, by=node.name, other=other, at=at)
    for case_id in ours:
        match, stored = matches.find(db, case_id, node.name, notice.case), found.load(db, [case_id])[case_id]
        if match is not None:
            confirming.take(db, stored.case, match, word)
    received = Received(
        node=node.name, id=notice.id, kind=notice.kind, other_id=notice.case, at=at, n_matches=len(ours)
    )
    if ours:
        received_notices.keep(db, received, case_ids=ours)
        events = [audit.Event(action="word on a match", case_id=id_, details={"kind": notice.kind}) for id_ in ours]
        audit.record_all(db, node.name, events, node=node.name)
    return received


def _holds(mm: Matchmaker, db: Connection, node: Node, claimed: CaseNotice) -> bool:
    """Consent is checked again when something leaves."""
    stored = found.load(db, [claimed.case_id]).get(claimed.case_id)
    match = matches.find(db, claimed.case_id, node.name, claimed.other_id or "")
    if stored is None or match is None or match.finding.node == OURSELVES:
        return False
    as_told = (match.status is MatchStatus.CONFIRMED) is (claimed.kind is Kind.CONFIRMATION)
    return as_told and _shared(mm, stored.case, node)


def _shared(mm: Matchmaker, case: Case, node: Node) -> bool:
    return consent.may_share(case, node, jurisdiction=mm.settings.jurisdiction)


def _ours(mm: Matchmaker, db: Connection, node: Node, notice: Notice) -> list[CaseId]:
    """Our case of the pair, if it has this match and is still shared with the node."""
    alike = matches.cases_alike(db, node.name, notice.case)
    named = [id_ for id_ in alike if disclosure.peer_id_of(mm, id_, node.name) == notice.other]
    stored = found.load(db, named)
    return [id_ for id_, one in stored.items() if _shared(mm, one.case, node)]


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
