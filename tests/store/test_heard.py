from __future__ import annotations

import datetime as dt

from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import heard
from matchmaker.store.heard import Heard
from matchmaker.store.work import LEASE

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SPAIN = NodeName("spain")


def keep(mm: Matchmaker, *, at: dt.datetime = NOW) -> None:
    with mm.transaction() as db:
        heard.keep(db, SPAIN, asked='{"id": "Señor"}', told=[CaseId("a"), CaseId("b")], at=at)


def claim(mm: Matchmaker, *, at: dt.datetime = NOW) -> list[Heard]:
    with mm.transaction() as db:
        return heard.claim(db, at=at, limit=10)


def test_request_comes_back_as_it_was_kept_and_to_one_worker(mm: Matchmaker) -> None:
    keep(mm)

    (claimed,) = claim(mm)

    assert (claimed.node, claimed.at, claimed.asked) == (SPAIN, NOW, '{"id": "Señor"}')
    assert (claimed.told, claimed.attempts) == (("a", "b"), 1)
    assert claim(mm) == []


def test_recorded_request_is_gone(mm: Matchmaker) -> None:
    keep(mm)
    (claimed,) = claim(mm)
    with mm.transaction() as db:
        assert heard.complete(db, claimed)
        assert not heard.complete(db, claimed)

    assert claim(mm, at=NOW + 2 * LEASE) == []


def test_request_of_a_worker_that_died_is_another_ones_when_the_lease_ends(mm: Matchmaker) -> None:
    keep(mm)
    (first,) = claim(mm)
    (second,) = claim(mm, at=NOW + LEASE)

    with mm.transaction() as db:
        assert not heard.complete(db, first)
        assert not heard.fail(db, first, error="late", at=NOW)
        assert heard.complete(db, second)


def test_request_that_could_not_be_recorded_comes_later(mm: Matchmaker) -> None:
    keep(mm)
    (claimed,) = claim(mm)
    with mm.transaction() as db:
        assert heard.fail(db, claimed, error="Unavailable", at=NOW)

    assert claim(mm) == []
    assert claim(mm, at=NOW + dt.timedelta(seconds=30))[0].attempts == 2
