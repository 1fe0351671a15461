from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from sqlalchemy import update

from benchmarks import alterations
from benchmarks.alterations import START, an_event, cut
from matchmaker import audit as log
from matchmaker.audit import Wrong
from matchmaker.keys import Keys
from matchmaker.service import Matchmaker
from matchmaker.store import audit, checkpoints
from matchmaker.store.tables import audit as entries


def write(mm: Matchmaker, numbers: range) -> None:
    with mm.transaction() as db:
        audit.append(db, [an_event(number) for number in numbers])


def sign(mm: Matchmaker) -> None:
    mm._signer.sign(mm.engine, at=dt.datetime.now(dt.UTC))


def kinds(mm: Matchmaker) -> list[Wrong]:
    return [problem.kind for problem in log.verify(mm).problems]


def test_log_without_entries_is_in_order(mm: Matchmaker) -> None:
    assert log.verify(mm).problems == ()


def test_log_that_was_signed_is_in_order_and_says_how_much_is_signed(mm: Matchmaker) -> None:
    write(mm, range(5))
    sign(mm)
    write(mm, range(5, 7))
    found = log.verify(mm)

    assert (found.n_entries, found.n_signed, found.problems) == (7, 5, ())


def test_thousand_entries_and_ten_minutes_are_signed_by_themselves(mm: Matchmaker) -> None:
    signer = checkpoints.Signer(mm.settings.home, mm.keys)
    write(mm, range(10))
    for seconds, number in ((0, 10), (1, 11), (599, 12), (600, 13)):
        with mm.transaction() as db:
            audit.append(db, [an_event(number)])
        signer.after(mm.engine, number + 1, at=START + dt.timedelta(seconds=seconds))
    write(mm, range(13, 13 + checkpoints.ENTRIES))
    signer.after(mm.engine, 14 + checkpoints.ENTRIES, at=START + dt.timedelta(seconds=601))

    signed = [point.number for point in checkpoints.read(mm.settings.home, mm.keys).checkpoints]

    assert signed[-2:] == [14, 14 + checkpoints.ENTRIES]
    assert log.verify(mm).problems == ()


def test_node_that_is_closed_has_signed_what_it_wrote(mm: Matchmaker) -> None:
    write(mm, range(3))
    write(mm, range(3, 6))
    mm.close()

    assert log.verify(mm).n_signed == 6


def test_altered_entry_is_named(mm: Matchmaker) -> None:
    write(mm, range(5))
    with mm.transaction() as db:
        db.execute(update(entries).where(entries.c.number == 3).values(node="finland"))

    (problem,) = log.verify(mm).problems

    assert (problem.kind, problem.number) == (Wrong.ALTERED, 3)


def test_tail_that_was_cut_with_its_head_is_found(mm: Matchmaker) -> None:
    write(mm, range(5))
    sign(mm)
    with mm.transaction() as db:
        cut(db, after=3)

    assert kinds(mm) == [Wrong.CUT]


def test_log_that_was_written_anew_is_found(mm: Matchmaker) -> None:
    write(mm, range(5))
    sign(mm)
    with mm.transaction() as db:
        cut(db, after=0)
        audit.append(db, [an_event(number, node="finland") for number in range(9)])

    assert kinds(mm) == [Wrong.REWRITTEN]


def test_hours_of_entries_without_a_checkpoint_are_found(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        audit.append(db, [an_event(60 * minutes) for minutes in range(180)])
    (mm.settings.home / checkpoints.FILE).unlink()

    assert kinds(mm) == [Wrong.MISSING]


@pytest.mark.parametrize("change", ["altered", "removed", "reordered", "forged"])
def test_checkpoint_file_that_was_changed_is_found(mm: Matchmaker, change: str) -> None:
    for start in range(0, 40, 10):
        write(mm, range(start, start + 10))
        sign(mm)
    path = mm.settings.home / checkpoints.FILE
    lines = path.read_bytes().splitlines(keepends=True)
    changed = {
        "altered": [lines[0], lines[1].replace(b'"number":', b'"number":1'), *lines[2:]],
        "removed": [lines[0], *lines[2:]],
        "reordered": [lines[0], lines[2], lines[1], *lines[3:]],
        "forged": [lines[0], lines[1][:-10] + b"00000000}\n"[-10:], *lines[2:]],
    }
    path.write_bytes(b"".join(changed[change]))

    assert kinds(mm) == [Wrong.CHECKPOINT]


def test_checkpoint_of_another_nodes_key_is_none(mm: Matchmaker, tmp_path: Path) -> None:
    others = Keys.create(tmp_path / "other keys")
    write(mm, range(3))
    sign(mm)

    assert checkpoints.read(mm.settings.home, mm.keys).broken is None
    assert checkpoints.read(mm.settings.home, others).broken == 1


@pytest.mark.slow
def test_random_alterations_are_all_found(mm: Matchmaker) -> None:
    figures = alterations.measure(mm, n=250)

    assert figures.missed == ()
    assert sum(figures.alterations.values()) == 250
    assert len(figures.alterations) == len(alterations.ALTERATIONS)
    assert log.verify(mm).problems == ()
