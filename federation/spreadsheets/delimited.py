"""Rows of text with delimiters: commas, semicolons, tabs or bars; UTF-8, UTF-16, or what Windows writes."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import IO

from federation.spreadsheets.cells import plain
from federation.spreadsheets.columns import column_of
from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

SUFFIXES = (".csv", ".tsv", ".tab", ".txt")
MOST_BYTES = 100 * 2**20
_DELIMITERS = (",", ";", "\t", "|")
_HEAD = 2**16
_WINDOWS = "cp1252"


class Delimited:
    """The rows of a stream; `warnings` says what had to be guessed to read them, once the first row was read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.warnings: list[Issue] = []

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with the number of its line.

        Raises
        ------
        Invalid
            When it is no text, or a cell has no end.
        """
        body = self._stream.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            message = _("is larger than %(value)s MiB", value=MOST_BYTES // 2**20)
            raise Invalid([Issue(path="", message=message, remedy=_("split it into several files"))])
        text = body.decode(self._encoding(body), errors="replace")
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
        try:
            while (row := next(reader, None)) is not None:
                yield reader.line_num, [plain(cell) for cell in row]
        except csv.Error as error:
            message = _(
                "line %(line_num)s cannot be read (%(error)s); not read on", line_num=reader.line_num, error=error
            )
            remedy = _("look for a quotation mark without an end there")
            raise Invalid([Issue(path="", message=message, remedy=remedy)]) from error

    def _encoding(self, body: bytes) -> str:
        """By the mark at the beginning, else UTF-8 if it is that, else Windows'."""
        if body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        if b"\x00" in body[:_HEAD]:
            raise Invalid([Issue(path="", message=_("is no text"), remedy=_("save it as CSV UTF-8 or as .xlsx"))])
        try:
            body.decode("utf-8-sig")
        except UnicodeDecodeError:
            message = _("is not UTF-8; read as Windows-1252, so check letters with accents")
            self.warnings.append(Issue(path="", message=message, remedy=_("save it as CSV UTF-8 or as .xlsx")))
            return _WINDOWS
        return "utf-8-sig"


def _delimiter(text: str) -> str:
    """That by which the first row has most columns that we know, and then most cells."""
    lines = list(islice((line for line in io.StringIO(text[:_HEAD]) if line.strip()), 1))
    if not lines:
        return ","

    def fits(delimiter: str) -> tuple[int, int]:
        cells = next(csv.reader(lines, delimiter=delimiter))
        return sum(column_of(cell) is not None for cell in cells), len(cells)

    return max(_DELIMITERS, key=fits)
