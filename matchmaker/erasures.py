"""Which cases were erased, in a file outside the database: a backup from before must not bring one back.

A line holds the case's random id and a code that only the node's keys make. Nothing else is left of the case.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path

from matchmaker.keys import Keys
from matchmaker.model import CaseId

FILE = "erasures.jsonl"


def note(home: Path, keys: Keys, case_ids: Iterable[CaseId]) -> None:
    """Add cases, durably; of those in the file already there may be a second line."""
    added = b"".join(_line(keys, case_id) for case_id in case_ids)
    if not added:
        return
    descriptor = os.open(home / FILE, os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    try:
        os.write(descriptor, added)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read(home: Path, keys: Keys) -> set[CaseId]:
    """Read the file; a line that these keys did not make, or that is torn, counts for nothing."""
    try:
        return parse((home / FILE).read_bytes().splitlines(), keys)
    except FileNotFoundError:
        return set()


def parse(lines: Iterable[bytes], keys: Keys) -> set[CaseId]:
    """Read lines of such a file."""
    found = set()
    for line in lines:
        try:
            case_id = CaseId(json.loads(line)["case"])
        except (ValueError, KeyError, TypeError):
            continue
        if _line(keys, case_id).strip() == line.strip():
            found.add(case_id)
    return found


def _line(keys: Keys, case_id: CaseId) -> bytes:
    return json.dumps({"case": case_id, "code": keys.pseudonym("erasure", case_id)}).encode() + b"\n"
