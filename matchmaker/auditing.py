"""What auditors ask the log: who saw a case, and whether an erased case is really gone."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from matchmaker import audit, cases, erasures
from matchmaker.actors import SYSTEM, User
from matchmaker.audit import Seen
from matchmaker.authorise import Action, require
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import ledger, remains, sent_cases
from matchmaker.store.audit import Wanted
from matchmaker.store.ledger import Line
from matchmaker.store.sent_cases import Sent

ERASED = "case erased"


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """That a case is gone, as far as a machine can say: where was looked, and what was found there."""

    case_id: CaseId
    erased_at: dt.datetime | None  # None: it was not erased here
    entry: int | None  # the number of the audit entry that says so
    chain_holds: bool
    in_list: bool  # of erased cases, which a restore obeys
    in_index: bool
    left: tuple[tuple[str, int], ...]  # columns that still hold its id, where nothing should, and in how many rows
    key_destroyed: bool

    @property
    def holds(self) -> bool:
        """Is all of it as it should be?"""
        said = self.erased_at is not None and self.entry is not None and self.in_list and self.chain_holds
        return said and self.key_destroyed and not self.left and not self.in_index


@dataclass(frozen=True, slots=True, kw_only=True)
class Trail:
    """All that is on record about one case: what people did, what nodes were told, with what they were asked."""

    entries: tuple[Seen, ...]
    told: tuple[Line, ...]
    asked: tuple[Sent, ...]
    proof: Proof | None  # of its erasure

    @property
    def empty(self) -> bool:
        return not (self.entries or self.told or self.asked)


def trail(mm: Matchmaker, case_id: CaseId, *, by: User) -> Trail:
    """Say who did or saw what of a case; of an erased one as well."""
    require(by, Action.READ_AUDIT)
    entries = audit.search(mm, by=by, case_id=case_id)
    with mm.reading() as db:
        told, asked = ledger.of_case(db, case_id), sent_cases.of_case(db, case_id)
    erased = any(seen.entry.event.action == ERASED for seen in entries)
    return Trail(
        entries=tuple(entries),
        told=tuple(told),
        asked=tuple(asked),
        proof=prove(mm, case_id, by=by) if erased else None,
    )


def prove(mm: Matchmaker, case_id: CaseId, *, by: User) -> Proof:
    """Look wherever a case is kept whether it is gone: every table, its key, the index, the list of erased cases.

    What stays is meant to: its random id in the tombstone, in the ledger and with the nodes that are told of the
    erasure, and its pseudonym in the audit log.
    """
    require(by, Action.READ_AUDIT)
    return _prove(mm, case_id)


def erase(mm: Matchmaker, case_id: CaseId, *, by: User) -> Proof:
    """Remove a case and everything held about it, and show that it is gone."""
    cases.erase(mm, case_id, by=by)
    return _prove(mm, case_id)


def _prove(mm: Matchmaker, case_id: CaseId) -> Proof:
    erased = audit.search(mm, by=SYSTEM, case_id=case_id, wanted=Wanted(action=ERASED))
    with mm.reading() as db:
        return Proof(
            case_id=case_id,
            erased_at=remains.erased_at(db, case_id),
            entry=erased[-1].entry.number if erased else None,
            chain_holds=audit.first_broken(db) is None,
            in_list=case_id in erasures.read(mm.settings.home, mm.keys),
            in_index=mm.index().profile(case_id) is not None,
            left=tuple(remains.of_case(db, case_id)),
            key_destroyed=not remains.has_key(db, case_id),
        )
