"""Telling other nodes that a case was withdrawn, erased or corrected, and doing what they tell us of theirs.

A node of our own kind is told at `/federation/notices`; the operator of another one by mail. Neither ever holds more
than the id by which that node knows the case, and what became of it. What people make of a pair of cases goes the
same way (`confirmations`).
"""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from typing import Any

from federation import confirmations, notice_wire, strict_json
from federation.notice_wire import Notice
from matchmaker import audit, case_notices, disclosure, letters, mail
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, MatchmakerError, NodeRefused
from matchmaker.model import CaseId, Node
from matchmaker.service import Matchmaker
from matchmaker.store import case_notices as notices
from matchmaker.store import cases, heard, matches, messages, received_notices, relays, work
from matchmaker.store import nodes as registry
from matchmaker.store.case_notices import ABOUT_PAIRS, CaseNotice, Kind, State
from matchmaker.store.engine import Connection
from matchmaker.store.received_notices import Received

_SAID = {
    Kind.WITHDRAWAL: "was withdrawn: it takes no part any more",
    Kind.ERASURE: "was erased at the request of those whom it concerns",
    Kind.CORRECTION: "was corrected: what you were told before does not hold any more",
}
_ASKED = {
    Kind.WITHDRAWAL: "Please remove what you hold of it",
    Kind.ERASURE: "Please erase what you hold of it",
    Kind.CORRECTION: "Please remove what you hold of it, or ask us again",
}


class NoAddressError(MatchmakerError):
    """Nobody can be told: the node takes no notices, and the address of its operator is not registered."""

    def __init__(self, node: str) -> None:
        super().__init__(f"{node}: takes no notices, and its operator's address is not known: node add --operator-mail")


def send(mm: Matchmaker, claimed: CaseNotice) -> State:
    """Tell one node of one case, and settle the notice; what fails is tried again later, and stays on record."""
    with mm.reading() as db:
        node = case_notices.node_of(db, claimed.node)
        token = registry.outbound_token(db, claimed.node)
    state: State
    reply: str | None
    try:
        if claimed.kind in ABOUT_PAIRS:
            state, reply = confirmations.tell(mm, node, token, claimed)
        elif node is None:
            raise NoAddressError(claimed.node)
        else:
            state, reply = _told(mm, node, token, claimed)
    except MatchmakerError as error:
        with mm.transaction() as db:
            notices.fail(db, claimed, error=str(error), at=_now())
        return State.WAITING
    with mm.transaction() as db:
        if notices.settle(db, claimed, state=state, reply=reply, at=_now()):
            details = {"kind": claimed.kind, "state": state}
            audit.record(db, claimed.node, "notice sent", case_id=claimed.case_id, node=claimed.node, details=details)
    return state


def receive(mm: Matchmaker, node: Node, body: bytes) -> dict[str, Any]:
    """Do what a node's notice asks, in one transaction, and acknowledge it; the same one again changes nothing.

    Raises
    ------
    NotJson, Invalid
        When the body is not JSON, or no notice.
    """
    notice = notice_wire.read(strict_json.loads(body))
    heed = confirmations.heed if notice.kind in ABOUT_PAIRS else _heed
    with mm.transaction() as db:
        received = received_notices.get(db, node.name, notice.id) or heed(mm, db, node, notice)
    return {"acknowledged": notice.id, "matches": received.n_matches}


def sent(mm: Matchmaker, *, by: User, case_id: CaseId | None = None) -> list[CaseNotice]:
    """Return whom we told, or are still to tell, what became of cases; of one case for whoever may see it."""
    with mm.reading() as db:
        _require(db, case_id, by=by)
        return notices.list_(db, case_id=case_id)


def received(mm: Matchmaker, *, by: User, case_id: CaseId | None = None) -> list[Received]:
    """Return what nodes told us of their cases; of those that were alike to one case for whoever may see that."""
    with mm.reading() as db:
        _require(db, case_id, by=by)
        return received_notices.list_(db, case_id=case_id)


def record_reply(mm: Matchmaker, notice_id: str, reply: str, *, by: User) -> None:
    """Write down what the operator of another node answered to a mail."""
    require(by, Action.MANAGE_NODES)
    if not reply.strip():
        raise Invalid([Issue(path="reply", message="is empty", remedy="say in a sentence what was answered")])
    with mm.transaction() as db:
        notices.record_reply(db, notice_id, " ".join(reply.split()), at=_now())
        audit.record(db, by, "notice answered")


def _require(db: Connection, case_id: CaseId | None, *, by: User) -> None:
    if case_id is None:
        require(by, Action.SEE_NODES)
    else:
        require(by, Action.SEE_CASE, cases.get(db, case_id).case)


def _told(mm: Matchmaker, node: Node, token: str | None, claimed: CaseNotice) -> tuple[State, str | None]:
    """Tell the node itself where it listens, its operator otherwise; a node that is paused is left alone."""
    case = disclosure.peer_id_of(mm, claimed.case_id, node.name)
    if node.kin and node.enabled:
        try:
            n_matches = notice_wire.post(mm, node, token, Notice(id=claimed.id, kind=claimed.kind, case=case))
            return State.ACKNOWLEDGED, "the node took it" + ("" if n_matches is None else f", {n_matches} matches")
        except NodeRefused as refused:
            if refused.status not in {404, 405} or node.operator_mail is None:
                raise
    if node.operator_mail is None:
        raise NoAddressError(node.name)
    mail.send(mm.settings, _letter(mm, node.operator_mail, claimed, case))
    return State.MAILED, None


def _letter(mm: Matchmaker, to: str, claimed: CaseNotice, case: CaseId) -> EmailMessage:
    ours = letters.plain(mm.settings.node_name)
    lines = [
        f"To the operator of the node {letters.plain(claimed.node)}.",
        "",
        f"A case of {ours}, of which your node was told, {_SAID[claimed.kind]}.",
        f"{_ASKED[claimed.kind]}, and let those know to whom you passed it on (GDPR, article 19).",
        "",
        f"The case, as your node knows it: {case}",
        f"Reference: {claimed.id}",
        "",
        "Please answer this mail when it is done, with the reference.",
    ]
    subject = "a case was withdrawn, erased or corrected"
    return letters.written(mm.settings, to, subject, lines, key=claimed.id, at=_now())


def _heed(mm: Matchmaker, db: Connection, node: Node, notice: Notice) -> Received:
    """Remove what we hold about a node's case; of a corrected one only until the node has told it anew."""
    at = _now()
    alike = matches.cases_alike(db, node.name, notice.case)
    heard.forget(db, node.name, notice.case)
    if notice.kind is Kind.CORRECTION:
        _ask_again(db, node, notice.case, alike, at=at)
    else:
        matches.forget_other(db, node.name, notice.case)
        messages.forget_other(db, node.name, notice.case)
        relays.forget_other(db, node.name, notice.case)
    received = Received(
        node=node.name, id=notice.id, kind=notice.kind, other_id=notice.case, at=at, n_matches=len(alike)
    )
    received_notices.keep(db, received, case_ids=alike)
    recalled = [
        audit.Event(action="match recalled", case_id=case_id, details={"kind": notice.kind}) for case_id in alike
    ]
    taken = audit.Event(action="notice received", details={"kind": notice.kind, "matches": len(alike)})
    audit.record_all(db, node.name, [*recalled, taken], node=node.name)
    return received


def _ask_again(db: Connection, node: Node, other_id: str, alike: list[CaseId], *, at: dt.datetime) -> None:
    """Let our cases ask about a corrected one; what cannot be asked again is forgotten at once."""
    for case_id in alike:
        if work.ask_now(db, case_id, node.name, at=at):
            matches.mark_outdated(db, case_id, node.name, other_id, at=at)
        else:
            matches.forget_one(db, case_id, node.name, other_id)


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
