from __future__ import annotations

import datetime as dt
import hashlib
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import delete, update

from matchmaker.service import Matchmaker
from matchmaker.store import audit
from matchmaker.store.audit import Event
from matchmaker.store.tables import audit as audit_table

NOW = dt.datetime(2026, 3, 1, 12, 30, 15, 999999, tzinfo=dt.UTC)


def an_event(action: str = "seen", **stated: object) -> Event:
    usual = {"at": NOW, "actor": "a" * 64, "object": "b" * 64, "node": "spain", "details": {"n": 3, "state": "ok"}}
    return Event(action=action, **{**usual, **stated})  # type: ignore[arg-type]


def append(mm: Matchmaker, *events: Event) -> None:
    with mm.transaction() as db:
        audit.append(db, events)


def first_broken(mm: Matchmaker) -> int | None:
    with mm.reading() as db:
        return audit.first_broken(db)


def test_empty_chain_holds(mm: Matchmaker) -> None:
    assert first_broken(mm) is None


def test_entries_come_back_in_order_and_hold_each_others_hash(mm: Matchmaker) -> None:
    events = [an_event("first"), an_event("second", object=None, node=None, details={}), an_event("third")]
    append(mm, *events[:2])
    append(mm, events[2])
    append(mm)

    with mm.reading() as db:
        entries = list(audit.entries(db))

    assert [entry.event for entry in entries] == events
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert entries[0].previous == "0" * 64
    assert [entry.previous for entry in entries[1:]] == [entry.hash for entry in entries[:-1]]
    assert first_broken(mm) is None


def test_hash_is_that_of_the_entry_as_a_json_list(mm: Matchmaker) -> None:
    events = [an_event('say "Señor"\n'), an_event(object=None, node=None, details={})]
    append(mm, *events)

    with mm.reading() as db:
        for entry in audit.entries(db):
            event, at = entry.event, "2026-03-01T12:30:15.999999+00:00"
            stated = [entry.number, at, event.actor, event.action, event.object, event.node, event.details]
            text = json.dumps([*stated, entry.previous], sort_keys=True, separators=(",", ":"))
            assert entry.hash == hashlib.sha256(text.encode()).hexdigest()


def test_entries_about_one_case_are_found(mm: Matchmaker) -> None:
    append(mm, an_event("mine", object="c" * 64), an_event("other"))

    with mm.reading() as db:
        assert [entry.event.action for entry in audit.entries(db, audit.Wanted(object="c" * 64))] == ["mine"]


def test_answer_is_one_entry_that_says_of_each_case_that_it_was_told(mm: Matchmaker) -> None:
    answer = an_event("match asked", object=None, told=("c" * 64, "d" * 64))
    append(mm, answer, an_event("other"))

    with mm.reading() as db:
        assert next(audit.entries(db)).event == answer
        assert [entry.event.action for entry in audit.said(db)] == ["match asked", audit.TOLD, audit.TOLD, "other"]
        (told,) = audit.said(db, audit.Wanted(object="d" * 64))
        every_one = [entry.event.object for entry in audit.said(db, audit.Wanted(action=audit.TOLD))]
        (asked,) = audit.said(db, audit.Wanted(action="match asked"))
    assert (told.number, told.event) == (1, an_event(audit.TOLD, object="d" * 64, details={}))
    assert every_one == ["c" * 64, "d" * 64]
    assert asked.event == an_event("match asked", object=None)
    assert first_broken(mm) is None


@pytest.mark.parametrize(
    "changed",
    [
        {"action": "else"},
        {"details": '{"n":4,"state":"ok"}'},
        {"details": '{"n":3,"state":"ok","told":["c"]}'},
        {"at": NOW + dt.timedelta(microseconds=1)},
        {"actor": "c" * 64},
        {"object": None},
        {"node": "finland"},
    ],
    ids=lambda changed: str(*changed),
)
def test_changed_entry_breaks_the_chain(mm: Matchmaker, changed: dict[str, object]) -> None:
    append(mm, *[an_event() for _ in range(4)])
    with mm.transaction() as db:
        db.execute(update(audit_table).where(audit_table.c.number == 2).values(changed))

    assert first_broken(mm) == 2


@pytest.mark.parametrize("number", [1, 2, 4])
def test_missing_entry_breaks_the_chain_also_at_its_end(mm: Matchmaker, number: int) -> None:
    append(mm, *[an_event() for _ in range(4)])
    with mm.transaction() as db:
        db.execute(delete(audit_table).where(audit_table.c.number == number))

    assert first_broken(mm) == number


def test_chain_holds_when_several_write_at_once(mm: Matchmaker) -> None:
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: append(mm, an_event(f"action {n}"), an_event()), range(20)))

    with mm.reading() as db:
        assert [entry.number for entry in audit.entries(db)] == list(range(1, 41))
        assert audit.first_broken(db) is None
