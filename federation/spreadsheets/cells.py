"""What stands in a cell, as text; and what a spreadsheet program made of it before we saw it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable

from matchmaker.errors import Issue
from matchmaker.texts import gettext as _
from ontology.genes import GeneTable

# A spreadsheet runs what begins like a formula: we write such text behind an apostrophe, and take it off again.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
LONGEST = 100_000  # characters

_SHOWN_DATE = re.compile(
    r"(?P<day>\d{1,2})[-. /](?P<month>[A-Za-zÄäéû]{3,4})\.?|(?P<month2>[A-Za-zÄäéû]{3,4})\.?[- ](?P<day2>\d{1,2})"
)
_WHOLE_DATE = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:[ T][\d:.]+)?|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_ROUNDED = re.compile(r"\d(?:[.,]\d+)?E\+?\d{1,3}", re.IGNORECASE)
_FIGURES = 15  # that Excel keeps of a number
# The beginnings of gene symbols that Excel, in one language or another, takes for months.
_MONTHS = (
    ("JAN",),
    ("FEB",),
    ("MARCH", "MARC", "MAR"),
    ("APR",),
    ("MAY", "MAI"),
    ("JUN",),
    ("JUL",),
    ("AUG",),
    ("SEPT", "SEP"),
    ("OCT", "OKT"),
    ("NOV",),
    ("DEC", "DEZ"),
)
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, start=1) for name in names}


def safe(text: str) -> str:
    """Text that no spreadsheet program runs as a formula."""
    return f"'{text}" if text.startswith((*FORMULA_STARTS, "'")) else text


def plain(text: str) -> str:
    """Text as it was before `safe`.

    Examples
    --------
    >>> plain(safe("=1+1")), plain(" 'quoted' ")
    ('=1+1', "'quoted'")
    """
    stripped = text.strip()
    return stripped[1:] if stripped[:1] == "'" and stripped[1:].startswith((*FORMULA_STARTS, "'")) else stripped


def text_of(value: object) -> str:
    """What a cell of a workbook says; a date in the one spelling that needs no guessing.

    Examples
    --------
    >>> text_of(17.0), text_of(True), text_of(dt.datetime(2026, 9, 2)), text_of(None)
    ('17', 'yes', '2026-09-02', '')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 10.0**_FIGURES:
        return str(int(value))
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        return value.date().isoformat()
    return plain(str(value))


def gene_harm(text: str, genes: GeneTable) -> Issue | None:
    """Say so when a gene's symbol became a date: Excel turns SEPT2 into the second of September."""
    found = _month_and_day(text)
    if found is None and not _WHOLE_DATE.fullmatch(text):
        return None
    meant = [] if found is None else list(_symbols(*found, genes))
    remedy = (
        _("write the gene anew, perhaps %(names)s", names=" or ".join(meant)) if meant else _("write the gene anew")
    )
    message = _(
        "%(text)s is a date: a spreadsheet program seems to have made it of a gene's symbol; left out", text=repr(text)
    )
    return Issue(
        path="genes", message=message, remedy=_("%(remedy)s, in a column that is formatted as text", remedy=remedy)
    )


def id_harm(text: str) -> Issue | None:
    """Say so when an id was rounded or became a date."""
    if _ROUNDED.fullmatch(text):
        message = _("%(text)s is a rounded number: a spreadsheet program cut off digits of the id", text=repr(text))
    elif text.isdecimal() and len(text) > _FIGURES and text.endswith("0"):
        message = _(
            "%(text)s has more digits than a spreadsheet program keeps: the last ones may be lost", text=repr(text)
        )
    elif _month_and_day(text) is not None or _WHOLE_DATE.fullmatch(text):
        message = _("%(text)s is a date: a spreadsheet program seems to have made it of the id", text=repr(text))
    else:
        return None
    return Issue(path="id", message=message, remedy=_("write the id anew, in a column that is formatted as text"))


def _month_and_day(text: str) -> tuple[int, int] | None:
    if whole := _WHOLE_DATE.fullmatch(text):
        return (int(whole["month"]), int(whole["day"])) if whole["month"] else None
    shown = _SHOWN_DATE.fullmatch(text)
    if shown is None:
        return None
    name = (shown["month"] or shown["month2"]).upper().replace("Ä", "A")
    month = _MONTH_OF.get(name) or _MONTH_OF.get(name[:3])
    return None if month is None else (month, int(shown["day"] or shown["day2"]))


def _symbols(month: int, day: int, genes: GeneTable) -> Iterable[str]:
    """Approved symbols of the genes whose names become this date."""
    found: dict[str, None] = {}
    if not 1 <= month <= len(_MONTHS):
        return ()
    for name in _MONTHS[month - 1]:
        for gene in genes.resolve(f"{name}{day}").candidates:
            found[genes.symbol(gene)] = None
    return found
