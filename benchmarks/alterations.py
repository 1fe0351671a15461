"""Alter the audit log at random, as somebody with the database could: is each alteration found?

    python -m benchmarks alterations [--n 1000]

Prints one JSON object. Fields are changed, entries removed, added and swapped, the tail is cut with its head and
without, the head is changed, and the chain is written anew with hashes that fit; each time the log is then compared
with itself and with the checkpoints that were signed outside the database.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import Connection, delete, insert, select, update

from benchmarks.peers import a_node
from matchmaker import audit as log
from matchmaker.service import Matchmaker
from matchmaker.store import audit, checkpoints
from matchmaker.store.audit import Event
from matchmaker.store.tables import audit as entries
from matchmaker.store.tables import audit_head

START = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
N = 60  # entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    entries: int
    alterations: dict[str, int]
    found: int
    missed: tuple[str, ...]


def measure(mm: Matchmaker, *, n: int, seed: int = 1) -> Figures:
    """Write a log with checkpoints, alter it so often, each time from what it was."""
    for start in range(0, N, 20):
        with mm.transaction() as db:
            audit.append(db, [an_event(number) for number in range(start, start + 20)])
        mm._signer.sign(mm.engine, at=dt.datetime.now(dt.UTC))
    file, chance = checkpoints.read(mm.settings.home, mm.keys), random.Random(seed)
    done: Counter[str] = Counter()
    missed = []
    for number in range(n):
        alter = chance.choice(ALTERATIONS)
        name = alter.__name__.strip("_")
        with _undone(mm) as db:
            alter(db, chance)
            done[name] += 1
            if not log.verified(db, file).problems:
                missed.append(f"{number} {name}")
    return Figures(entries=N, alterations=dict(sorted(done.items())), found=n - len(missed), missed=tuple(missed))


def an_event(number: int, **stated: object) -> Event:
    usual = {
        "at": START + dt.timedelta(seconds=number),
        "actor": "a" * 64,
        "action": "case told",
        "object": f"{number:064x}",
        "node": "spain",
        "details": {"n": number},
    }
    return Event(**{**usual, **stated})  # type: ignore[arg-type]


def cut(db: Connection, *, after: int) -> None:
    """Remove what follows an entry, and set the head as if it had never been."""
    hash_ = db.scalar(select(entries.c.hash).where(entries.c.number == after)) or "0" * 64
    db.execute(delete(entries).where(entries.c.number > after))
    db.execute(update(audit_head).values(number=after, hash=hash_))


@contextlib.contextmanager
def _undone(mm: Matchmaker) -> Iterator[Connection]:
    """A transaction that is taken back in the end."""
    with mm.engine.connect() as db:
        yield db
        db.rollback()


def _field(db: Connection, generator: random.Random) -> None:
    values = {
        "at": START - dt.timedelta(microseconds=generator.randrange(1, 10**9)),
        "actor": f"{generator.randrange(2**60):064x}",
        "action": "case sent",
        "object": None,
        "node": "finland",
        "details": f'{{"n":{generator.randrange(1000, 2000)}}}',
        "previous": f"{generator.randrange(2**60):064x}",
        "hash": f"{generator.randrange(2**60):064x}",
    }
    name = generator.choice(sorted(values))
    db.execute(update(entries).where(entries.c.number == generator.randint(1, N)).values({name: values[name]}))


def _removed(db: Connection, generator: random.Random) -> None:
    db.execute(delete(entries).where(entries.c.number == generator.randint(1, N)))


def _tail(db: Connection, generator: random.Random) -> None:
    cut(db, after=generator.randint(0, N - 1))


def _tail_alone(db: Connection, generator: random.Random) -> None:
    db.execute(delete(entries).where(entries.c.number > generator.randint(0, N - 1)))


def _swapped(db: Connection, generator: random.Random) -> None:
    first, second = generator.sample(range(1, N + 1), 2)
    for old, new in ((first, 0), (second, first), (0, second)):
        db.execute(update(entries).where(entries.c.number == old).values(number=new))


def _added(db: Connection, generator: random.Random) -> None:
    row = dict(db.execute(select(entries).where(entries.c.number == generator.randint(1, N))).one()._mapping)
    db.execute(insert(entries).values({**row, "number": N + 1}))


def _rewritten(db: Connection, generator: random.Random) -> None:
    """From some entry on everything anew, with hashes and a head that fit: only a checkpoint tells."""
    after = generator.randint(0, N - 1)
    cut(db, after=after)
    audit.append(db, [an_event(number, node="finland") for number in range(after, N + generator.randint(0, 20))])


def _head(db: Connection, generator: random.Random) -> None:
    values = {"number": N + generator.choice([-1, 1, 7]), "hash": f"{generator.randrange(2**60):064x}"}
    name = generator.choice(sorted(values))
    db.execute(update(audit_head).values({name: values[name]}))


ALTERATIONS: tuple[Callable[[Connection, random.Random], None], ...] = (
    *(_field, _removed, _tail, _tail_alone),
    *(_swapped, _added, _rewritten, _head),
)


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--n", type=int, default=1000)
    given = options.parse_args(arguments)
    with a_node() as mm:
        print(json.dumps(asdict(measure(mm, n=given.n)), indent=2))


if __name__ == "__main__":
    main()
