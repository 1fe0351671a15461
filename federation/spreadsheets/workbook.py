"""Rows of an XLSX workbook: values as they are stored, formulas named and never computed, no more than fits."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import openpyxl
from openpyxl.utils.exceptions import InvalidFileException

from federation.spreadsheets.cells import LONGEST, text_of
from federation.spreadsheets.columns import column_of
from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

SHEET = "Cases"
MOST_UNPACKED = 200 * 2**20  # bytes
MOST_PARTS = 2000
MOST_COLUMNS = 200
_MOST_PER_BYTE = 200  # the XML of a workbook shrinks to a tenth, of equal rows to a hundredth


def is_workbook(path: Path) -> bool:
    """Whether a zip is a workbook of Excel's kind, of any program."""
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist()[:MOST_PARTS])
    return "[Content_Types].xml" in names and any(name.startswith("xl/") for name in names)


class Workbook:
    """The rows of the sheet that holds the cases; `warnings` says what of the workbook is not read."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self.warnings: list[Issue] = []
        self.issues: dict[int, list[tuple[int, Issue]]] = {}  # by row: the place of a cell, what is wrong with it

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each row with its number.

        Raises
        ------
        Invalid
            When it is damaged, no workbook, or unpacks to more than it may.
        """
        self._refuse_bombs()
        try:
            book = openpyxl.load_workbook(self._stream, read_only=True, data_only=False, keep_links=False)
            try:
                yield from self._rows_of(self._sheet(book))
            finally:
                book.close()
        except Invalid:
            raise
        # Damaged and hostile workbooks make openpyxl fail in every way there is.
        except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, TypeError, AttributeError) as error:
            raise _damaged() from error
        except (EOFError, OSError, SyntaxError, IndexError, AssertionError, RecursionError) as error:
            raise _damaged() from error

    def _refuse_bombs(self) -> None:
        """Unpacking ends at the sizes that the archive states, so that these can be trusted."""
        try:
            with zipfile.ZipFile(self._stream) as archive:
                parts = archive.infolist()
        except (zipfile.BadZipFile, OSError) as error:
            raise _damaged() from error
        unpacked, packed = sum(part.file_size for part in parts), sum(part.compress_size for part in parts)
        if unpacked > MOST_UNPACKED or len(parts) > MOST_PARTS or unpacked > 2**20 + _MOST_PER_BYTE * packed:
            message = _("unpacks to far more than a workbook of cases holds; not read")
            raise Invalid(
                [Issue(path="", message=message, remedy=_("copy the rows into a new workbook, or save as CSV"))]
            )
        self._stream.seek(0)

    def _sheet(self, book: Any) -> Any:
        """The sheet called Cases, or else the first one; what else has columns of cases is said not to be read."""
        sheets = book.worksheets
        if not sheets:
            raise Invalid([Issue(path="", message=_("has no sheet"), remedy=_("use the template"))])
        chosen = next((one for one in sheets if one.title.strip().casefold() == SHEET.casefold()), sheets[0])
        for other in sheets:
            if other is not chosen and _has_cases(other):
                message = _(
                    "sheet %(title)s is not read, only %(chosen)s", title=repr(other.title), chosen=repr(chosen.title)
                )
                self.warnings.append(Issue(path="", message=message, remedy=_("save each sheet as a file of its own")))
        return chosen

    def _rows_of(self, sheet: Any) -> Iterator[tuple[int, list[str]]]:
        sheet.reset_dimensions()  # which programs state wrongly
        for number, row in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS), start=1):
            texts = []
            for place, cell in enumerate(row):
                text, issue = _read(cell)
                if issue is not None:
                    self.issues.setdefault(number, []).append((place, issue))
                texts.append(text)
            yield number, texts


def _has_cases(sheet: Any) -> bool:
    first = next(sheet.iter_rows(max_row=1, max_col=MOST_COLUMNS, values_only=True), ())
    return len({column_of(str(value)) for value in first if value is not None} - {None}) > 1


def _read(cell: Any) -> tuple[str, Issue | None]:
    kind, value = cell.data_type, cell.value
    if kind == "f":
        return "", Issue(
            path="",
            message=_("is a formula, which is not computed here; left out"),
            remedy=_("copy the column, and paste it as values"),
        )
    if kind == "e":
        return "", Issue(
            path="", message=_("holds the error %(value)s; left out", value=value), remedy=_("write the value itself")
        )
    text = text_of(value)
    if len(text) > LONGEST:
        message = _("has %(n)s characters; left out", n=f"{len(text):,}")
        return "", Issue(path="", message=message, remedy=_("shorten it to %(most)s", most=f"{LONGEST:,}"))
    return text, None


def _damaged() -> Invalid:
    remedy = _("open it, save it as .xlsx without a password, and try again")
    return Invalid([Issue(path="", message=_("is no workbook that can be read"), remedy=remedy)])
