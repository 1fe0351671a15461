"""Signed checkpoints of the audit chain, in a file outside the database.

The chain alone shows neither that its end was cut off nor that all of it was written anew. Each line of the file signs
how long the chain was and its last hash, and holds the digest of the line before; lines are only ever appended. The
signing key comes from the node's keys, so whoever has the database alone can make no line.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import hashlib
import json
import logging
import os
import threading
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature

from matchmaker.errors import MatchmakerError
from matchmaker.keys import Keys
from matchmaker.store import audit
from matchmaker.store.engine import Engine, reading

FILE = "audit-checkpoints.jsonl"
ENTRIES = 1000  # signed at the latest after so many
INTERVAL = dt.timedelta(minutes=10)  # or this long after the last ones
_START = "0" * 64
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """The length of the chain and its last hash, when it was signed."""

    number: int
    hash: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """What a file holds: the lines that are as they were signed, and the first one that is not, counted from 1."""

    checkpoints: tuple[Checkpoint, ...]
    broken: int | None


class Signer:
    """Signs the chain of one node when it is due; any number of threads and processes at once."""

    def __init__(self, home: Path, keys: Keys) -> None:
        self._path = home / FILE
        self._keys = keys
        self._lock = threading.Lock()
        self._signed = self._seen = 0
        self._signed_at: dt.datetime | None = None

    def after(self, engine: Engine, number: int, *, at: dt.datetime) -> None:
        """Sign if the chain, now `number` entries long, grew enough since, or if enough time went by."""
        self._seen = number
        late = self._signed_at is None or at - self._signed_at >= INTERVAL
        if number > self._signed and (late or number - self._signed >= ENTRIES):
            self.sign(engine, at=at)

    def finish(self, engine: Engine, *, at: dt.datetime) -> None:
        """Sign what this process wrote since."""
        if self._seen > self._signed:
            self.sign(engine, at=at)

    def sign(self, engine: Engine, *, at: dt.datetime) -> None:
        """Sign what is committed by now, unless it is signed; what was committed stands also when this fails."""
        try:
            with self._lock, reading(engine) as db:
                head = audit.head(db)
                if head.number > self._signed:
                    _append(self._path, self._keys, Checkpoint(number=head.number, hash=head.hash, at=at))
                self._signed, self._signed_at = head.number, at
        except (OSError, MatchmakerError) as error:
            log.warning("audit checkpoint not written: %s", type(error).__name__)


def read(home: Path, keys: Keys) -> File:
    """Read and check all lines; a file that is not there has none."""
    try:
        lines = (home / FILE).read_bytes().splitlines()
    except FileNotFoundError:
        lines = []
    found: list[Checkpoint] = []
    previous = _START
    for line in lines:
        checkpoint = _verified(line, keys, previous=previous)
        if checkpoint is None or (found and checkpoint.number < found[-1].number):
            return File(checkpoints=tuple(found), broken=len(found) + 1)
        found.append(checkpoint)
        previous = hashlib.sha256(line).hexdigest()
    return File(checkpoints=tuple(found), broken=None)


def _append(path: Path, keys: Keys, checkpoint: Checkpoint) -> None:
    """Add a line, durably, after whatever another process added meanwhile."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        lines = file.read().splitlines()
        if lines and _number(lines[-1]) >= checkpoint.number:
            return
        previous = hashlib.sha256(lines[-1]).hexdigest() if lines else _START
        stated = {
            "number": checkpoint.number,
            "hash": checkpoint.hash,
            "at": checkpoint.at.astimezone(dt.UTC).isoformat(timespec="seconds"),
            "previous": previous,
        }
        signature = keys.signing_key("audit checkpoint").sign(_signed_bytes(stated))
        file.write(_dumps({**stated, "signature": signature.hex()}) + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _verified(line: bytes, keys: Keys, *, previous: str) -> Checkpoint | None:
    try:
        stated = json.loads(line)
        signature = bytes.fromhex(stated.pop("signature"))
        keys.signing_key("audit checkpoint").public_key().verify(signature, _signed_bytes(stated))
        checkpoint = Checkpoint(
            number=stated["number"], hash=stated["hash"], at=dt.datetime.fromisoformat(stated["at"])
        )
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature):
        return None
    return checkpoint if stated["previous"] == previous else None


def _number(line: bytes) -> int:
    try:
        number = json.loads(line)["number"]
    except (ValueError, KeyError, TypeError):
        return -1
    return number if isinstance(number, int) else -1


def _signed_bytes(stated: dict[str, object]) -> bytes:
    return b"matchmaker audit checkpoint\n" + _dumps(stated)


def _dumps(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
