"""Who must hear that a case of ours was withdrawn, erased or corrected: every node that holds something of it.

The rows are written in the transaction of the change; `federation.case_notices` delivers them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from matchmaker import consent
from matchmaker.errors import NotFound
from matchmaker.model import Case, Contact, Disclosure, Node, NodeName, Status
from matchmaker.store import case_notices, sent_cases
from matchmaker.store import nodes as registry
from matchmaker.store.case_notices import Kind
from matchmaker.store.engine import Connection

SETTLING = dt.timedelta(minutes=10)  # who corrects one thing often corrects another


def withdrawn(db: Connection, case: Case, *, at: dt.datetime) -> None:
    """Let every recipient hear that the case takes no part any more."""
    _tell_all(db, Kind.WITHDRAWAL, case, at=at)


def erased(db: Connection, case: Case, *, at: dt.datetime) -> None:
    """Let every recipient hear that the case was erased."""
    _tell_all(db, Kind.ERASURE, case, at=at)


def changed(db: Connection, changes: Sequence[tuple[Case, Case]], *, jurisdiction: str, at: dt.datetime) -> None:
    """Let recipients hear of changes (before, after): a correction, or a withdrawal from nodes that may see it no more.

    What a node is never told (label, notes, family ...) makes no correction.
    """
    recipients = sent_cases.recipients(db, [after.id for _, after in changes if not after.test])
    nodes = {node.name: node for node in registry.list_(db)} if recipients else {}
    for before, after in changes:
        told = recipients.get(after.id, [])
        kept = [name for name in told if _may_see(after, nodes.get(name), jurisdiction=jurisdiction)]
        lost = [
            name for name in told if name not in kept and _may_see(before, nodes.get(name), jurisdiction=jurisdiction)
        ]
        case_notices.add(db, Kind.WITHDRAWAL, after.id, nodes=lost, due_at=at, at=at)
        if _visible(before) != _visible(after):
            case_notices.add(db, Kind.CORRECTION, after.id, nodes=kept, due_at=at + SETTLING, at=at)


def node_of(db: Connection, name: NodeName) -> Node | None:
    """Return a node as it is registered now; None when it was removed."""
    try:
        return registry.get(db, name)
    except NotFound:
        return None


def _tell_all(db: Connection, kind: Kind, case: Case, *, at: dt.datetime) -> None:
    if not case.test:
        nodes = sent_cases.recipients(db, [case.id]).get(case.id, [])
        case_notices.add(db, kind, case.id, nodes=nodes, due_at=at, at=at)


def _may_see(case: Case, node: Node | None, *, jurisdiction: str) -> bool:
    """Whether sharing allows it; a node that is paused for a while does not count as one that lost the case."""
    if node is None:
        return False
    return consent.may_share(case, replace(node, enabled=True), jurisdiction=jurisdiction)


def _visible(case: Case) -> tuple[object, ...]:
    """What of the case other nodes may hold, by its level; in no order of findings."""
    shown = case.contact if case.contact.opened else Contact(name="", mailbox=case.contact.mailbox)
    always = (case.disclosure, case.species, case.contact.institution, shown, case.status is Status.WITHDRAWN)
    if case.disclosure is Disclosure.GENE:
        return *always, frozenset(feature.gene for feature in case.genomic_features)
    terms = frozenset((feature.term, feature.excluded) for feature in case.features)
    compared = *always, frozenset(case.genomic_features), terms
    if case.disclosure is Disclosure.MATCHING_TERMS:
        return compared
    details = frozenset(replace(feature, label=None) for feature in case.features)
    return *compared, case.sex, case.onset, case.inheritance_mode, details, frozenset(d.id for d in case.disorders)
