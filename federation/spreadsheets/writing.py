"""Spreadsheets for people to fill in, empty or with cases: XLSX with explanations and lists to choose from, or CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from federation.lines import spell_findings, spell_genes
from federation.spreadsheets.cells import safe
from federation.spreadsheets.columns import ALL_COLUMNS, COLUMNS, MINIMAL, NAMED, Column
from federation.spreadsheets.workbook import SHEET
from matchmaker.errors import Invalid, Issue
from matchmaker.model import Case, Purpose
from matchmaker.registration import Registration
from matchmaker.texts import gettext as _
from ontology.releases import Release

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_LAST_ROW = 1 + 5000  # to which lists and text format go
_AS_TEXT = "@"  # Excel's format that keeps SEPT2 a gene and 0012 an id
_CELL_MOST = 32_767  # characters, of Excel
_HEAD, _MUST = PatternFill("solid", fgColor="E7F1FF"), PatternFill("solid", fgColor="CFE2FF")


def as_workbook(cases: Iterable[Case], release: Release) -> bytes:
    """Write cases into the template; none gives the empty template.

    Raises
    ------
    Invalid
        When a case says more in one field than a cell of Excel holds.
    """
    cases = list(cases)
    columns = ALL_COLUMNS if cases else COLUMNS
    book = Workbook()
    book.remove(book.worksheets[0])
    sheet = book.create_sheet(SHEET)
    for place, column in enumerate(columns, start=1):
        _head(sheet, place, column)
    for number, case in enumerate(cases, start=2):
        for place, text in enumerate(_cells(case, release, columns), start=1):
            cell = sheet.cell(number, place)
            cell.value = _in_a_cell(text, case)
            cell.number_format = _AS_TEXT
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    sheet.freeze_panes = "B2"
    _explain(book.create_sheet("Explanations"), release)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(cases: Iterable[Case], release: Release) -> bytes:
    """Write cases as CSV that Excel opens as UTF-8; lines that begin with # explain, and are not read."""
    cases = list(cases)
    if cases:
        return _csv(cases, release, ALL_COLUMNS)
    explained = "\r\n".join(safe(f"# {column.name}: {_explanation(column)}") for column in COLUMNS)
    return _csv((), release, COLUMNS) + f"{explained}\r\n".encode()


def as_minimal_csv(cases: Iterable[Case], release: Release) -> bytes:
    """Write the elements of the minimal data set alone; imported again they change nothing else of a case."""
    return _csv(cases, release, [NAMED[name] for name in MINIMAL])


def _csv(cases: Iterable[Case], release: Release, columns: Sequence[Column]) -> bytes:
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([column.name for column in columns])
    for case in cases:
        rows.writerow([safe(text) for text in _cells(case, release, columns)])
    return out.getvalue().encode("utf-8-sig")


def _in_a_cell(text: str, case: Case) -> str | None:
    """Text that Excel neither runs nor refuses."""
    text = ILLEGAL_CHARACTERS_RE.sub("", safe(text))
    if len(text) > _CELL_MOST:
        message = _("says more of %(value)s in one field than a cell of Excel holds", value=case.label or case.local_id)
        raise Invalid([Issue(path="", message=message, remedy=_("take CSV instead"))])
    return text or None


def _cells(case: Case, release: Release, columns: Sequence[Column]) -> list[str]:
    findings = spell_findings(case, release).splitlines()
    consent = case.consent
    said = {
        "id": case.local_id,
        "name": case.label,
        "sex": case.sex,
        "age band": case.age_band,
        "findings": "\n".join(line for line in findings if not line.startswith("no ")),
        "findings not present": "\n".join(line.removeprefix("no ") for line in findings if line.startswith("no ")),
        "genes": spell_genes(case, release).replace("\n", " |\n"),
        "onset": _term(case.onset, release),
        "inheritance": _term(case.inheritance_mode, release),
        "diagnoses": "; ".join(disorder.id for disorder in case.disorders),
        "family": case.family.id if case.family else None,
        "relation": case.family.relation if case.family else None,
        "status": case.status,
        "ethnicity": case.ethnicity,
        "sharing": case.sharing,
        "disclosure": case.disclosure,
        "basis": consent.basis if consent else None,
        "consent date": consent.date.isoformat() if consent and consent.date else None,
        "research": _yes_no(Purpose.RESEARCH in consent.purposes) if consent and consent.purposes else None,
        "recontact": _yes_no(consent.recontact) if consent and consent.recontact is not None else None,
        "contact": case.contact.email,
        "owner": case.owner,
        "acute": _yes_no(case.acute),
        "notes": case.notes,
        "birth month": consent.birth_month if consent else None,
        "vital status": consent.vital_status if consent else None,
        **_registered(case.registration),
    }
    return [str(said.get(column.name) or "") for column in columns]


def _registered(registration: Registration | None) -> dict[str, str | None]:
    if registration is None:
        return {}
    return {
        "first contact": registration.first_contact.isoformat() if registration.first_contact else None,
        "age at diagnosis": registration.age_at_diagnosis,
        "death month": registration.death_month,
        "biosample": None if registration.biosample is None else _yes_no(registration.biosample),
        "biobank": registration.biobank,
        "functioning": registration.functioning,
    }


def _term(term: str | None, release: Release) -> str | None:
    return f"{release.hpo.label(term) or ''} ({term})".strip() if term else None


def _yes_no(said: bool | None) -> str:
    return "yes" if said else "no"


def _head(sheet: Worksheet, place: int, column: Column) -> None:
    letter = get_column_letter(place)
    cell = sheet.cell(1, place, column.name)
    cell.font, cell.fill = Font(bold=True), _MUST if column.required else _HEAD
    cell.comment = Comment(_explanation(column), "Matchmaker", width=320, height=140)
    sheet.column_dimensions[letter].width = column.width
    sheet.column_dimensions[letter].number_format = _AS_TEXT
    if column.choices:
        offered = DataValidation(type="list", formula1=f'"{",".join(column.choices)}"', allow_blank=True)
        offered.errorTitle, offered.error = (
            column.name,
            _("Choose one of: %(choices)s", choices=", ".join(column.choices)),
        )
        offered.add(f"{letter}2:{letter}{_LAST_ROW}")
        sheet.add_data_validation(offered)


def _explain(sheet: Worksheet, release: Release) -> None:
    sheet.append([_("column"), _("what belongs there"), _("example"), _("choices")])
    for column in ALL_COLUMNS:
        sheet.append([column.name, _(column.explanation), column.example, ", ".join(column.choices)])
    sheet.append([])
    for text in (
        _("One row is one case. Only the sheet Cases is read. Rows that begin with # are not read."),
        _("A column that you delete leaves what is stored of a case; an empty cell clears it."),
        _("Instead of the column findings, each HPO term may have a column of its own, with yes or no in its cells."),
        _(
            "Findings are named as in HPO %(id)s; genes as HGNC approves them. Formulas are not computed.",
            id=release.id,
        ),
    ):
        sheet.append([text])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for letter, width in (("A", 24), ("B", 80), ("C", 44), ("D", 60)):
        sheet.column_dimensions[letter].width = width
    for row in sheet.iter_rows(min_row=2, max_row=1 + len(ALL_COLUMNS)):
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")


def _explanation(column: Column) -> str:
    parts = (
        _("Needed.") if column.required else "",
        _(column.explanation),
        _("One of: %(choices)s.", choices=", ".join(column.choices)) if column.choices else "",
        _("For example: %(example)s", example=column.example) if column.example else "",
    )
    return " ".join(filter(None, parts))
