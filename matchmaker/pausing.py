"""A case whose person came of age is paused until somebody confirms the consent anew; warned of six months before."""

from __future__ import annotations

import datetime as dt

from matchmaker import audit
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.store import lapsing, work

_AT_ONCE = 500


def pause_due(mm: Matchmaker, *, on: dt.date | None = None) -> int:
    """Pause the cases whose consent has lapsed; return how many.

    From the first moment of that day they are told to nobody (`Case.effective_sharing`); here their rows, every index
    and what was still to be asked follow. The case itself is not changed, and nothing is lost by it.
    """
    today, n_paused = on or dt.datetime.now(dt.UTC).date(), 0
    with mm.transaction() as db:
        lapsing.fill_in(db, limit=_AT_ONCE)
    while True:
        with mm.transaction() as db:
            found = lapsing.due(db, on=today, limit=_AT_ONCE)
            if not found:
                return n_paused
            lapsing.pause(db, found)
            for case_id in found:
                work.cancel(db, case_id)
            audit.record_all(db, SYSTEM, [audit.Event(action="case paused", case_id=case_id) for case_id in found])
        n_paused += len(found)
