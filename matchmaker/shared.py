"""What is shared where: which nodes may see a case, which hold something of it, and what they were told since.

All of it is what was written down when it happened: asking, answering, notices.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from matchmaker import consent
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.consent import Withheld
from matchmaker.model import Case, CaseId, Disclosure, Node, NodeName, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import case_notices, cases, ledger, sent_cases
from matchmaker.store import nodes as registry
from matchmaker.store.case_notices import ABOUT_PAIRS, CaseNotice


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """How one node stands with one case; `withheld` None: it may see the case. A removed node has no `node`."""

    name: NodeName
    node: Node | None
    withheld: Withheld | None
    n_asked: int = 0  # how often it was asked with the case
    level: Disclosure | None = None  # of the last time
    asked_at: dt.datetime | None = None
    n_told: int = 0  # distinct answers of ours that revealed the case
    told_at: dt.datetime | None = None
    notice: CaseNotice | None = None  # the last one: withdrawn, erased, corrected

    @property
    def holds(self) -> bool:
        """Whether it was asked with the case or told of it."""
        return bool(self.n_asked or self.n_told)


def of_case(mm: Matchmaker, case_id: CaseId, *, by: User) -> list[Holder]:
    """Return every node that is known here or holds something of a case, those that hold something first.

    Raises
    ------
    NotFound
    """
    with mm.reading() as db:
        case = cases.get(db, case_id).case
        require(by, Action.SEE_CASE, case)
        nodes = {node.name: node for node in registry.list_(db)}
        asked = {sent.node: sent for sent in sent_cases.of_case(db, case_id)}
        lines = ledger.of_case(db, case_id)
        notices = [one for one in case_notices.list_(db, case_id=case_id) if one.kind not in ABOUT_PAIRS]
    latest = {one.node: one for one in reversed(notices)}
    holders = []
    for name in sorted({*nodes, *asked, *(line.node for line in lines)}):
        told, sent = [line for line in lines if line.node == name], asked.get(name)
        holders.append(
            Holder(
                name=name,
                node=nodes.get(name),
                withheld=_withheld(mm, case, nodes.get(name)),
                n_asked=sent.times if sent else 0,
                level=sent.level if sent else None,
                asked_at=sent.last_at if sent else None,
                n_told=len(told),
                told_at=max((line.last_at for line in told), default=None),
                notice=latest.get(name),
            )
        )
    return sorted(holders, key=lambda holder: not holder.holds)


def holders(mm: Matchmaker, stored: Collection[StoredCase], *, by: User) -> dict[CaseId, list[NodeName]]:
    """Return which nodes hold something of each of these cases; cases that none has are left out."""
    for one in stored:
        require(by, Action.SEE_CASE, one.case)
    with mm.reading() as db:
        return sent_cases.recipients(db, [one.case.id for one in stored])


def _withheld(mm: Matchmaker, case: Case, node: Node | None) -> Withheld | None:
    if node is None:
        return Withheld.NODE_DISABLED
    return consent.withheld(case, node, jurisdiction=mm.settings.jurisdiction)
