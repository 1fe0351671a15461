"""Cases that were read lately, kept open: unsealing and reading one takes longer than comparing it."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from matchmaker.model import Case, CaseId, StoredCase
from matchmaker.store import found
from matchmaker.store.engine import Connection

MOST = 5000  # some 50 MB

_Made = TypeVar("_Made")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Open:
    stored: StoredCase
    made: dict[Hashable, Any] = field(default_factory=dict)


class RecentCases:
    """The cases read last, each only as long as it is stored in that version. Any number of threads may ask.

    Whoever follows the changes of the database calls `forget`, so that what was erased does not stay in memory.
    """

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._cases: OrderedDict[CaseId, _Open] = OrderedDict()

    def load(self, db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, StoredCase]:
        """Read the cases that are there and not withdrawn, as `store.found.load` does."""
        now = found.versions(db, case_ids)
        with self._lock:
            kept = ((id_, self._cases.get(id_)) for id_ in now)
            known = {id_: open_.stored for id_, open_ in kept if open_ and open_.stored.version == now[id_]}
            for case_id in known:
                self._cases.move_to_end(case_id)
        missing = [case_id for case_id in now if case_id not in known]
        if not missing:
            return known
        read = found.load(db, missing)
        with self._lock:
            self._cases.update((id_, _Open(stored=stored)) for id_, stored in read.items())
            while len(self._cases) > self._most:
                self._cases.popitem(last=False)
        return known | read

    def once(self, case: Case, what: Hashable, make: Callable[[], _Made]) -> _Made:
        """Make what follows from a case alone, and keep it as long as this very case is kept."""
        open_ = self._cases.get(case.id)
        if open_ is None or open_.stored.case is not case:
            return make()
        if what not in open_.made:
            open_.made[what] = make()
        made: _Made = open_.made[what]
        return made

    def forget(self, case_id: CaseId) -> None:
        with self._lock:
            self._cases.pop(case_id, None)

    def __len__(self) -> int:
        return len(self._cases)
