"""Spreadsheets of which a test states only what matters, and the cases that are read from them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from federation.importing import Record, read_record, records
from federation.schemas import Read
from matchmaker.errors import Invalid
from matchmaker.model import Case
from tests.federation.patients import the_release

OWNER = "owner@example.org"
Outcome = Read | Invalid


def workbook(*rows: Sequence[Any], title: str = "Cases") -> bytes:
    """A workbook with one sheet of these rows."""
    book = Workbook()
    sheet = book.active
    assert isinstance(sheet, Worksheet)
    sheet.title = title
    for row in rows:
        sheet.append(list(row))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def found(folder: Path, body: bytes | str, name: str = "cases.csv") -> list[Record]:
    """The records of a file with this content."""
    path = folder / name
    path.write_bytes(body.encode() if isinstance(body, str) else body)
    return list(records([path]))


def outcomes(folder: Path, body: bytes | str, name: str = "cases.csv", *, before: Case | None = None) -> list[Outcome]:
    """What becomes of each row: read, or why it is not."""
    read: list[Outcome] = []
    for record in found(folder, body, name):
        if record.note is None:
            try:
                read.append(read_record(record, release=the_release(), owner=OWNER, stored=lambda *_: before))
            except Invalid as error:
                read.append(error)
    return read


def read_rows(folder: Path, body: bytes | str, name: str = "cases.csv", *, before: Case | None = None) -> list[Read]:
    """What is read of a file all of whose rows are good."""
    return [one for one in outcomes(folder, body, name, before=before) if not isinstance(one, Invalid)]
