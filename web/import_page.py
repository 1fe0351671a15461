"""What an import would do, as its page and its report show it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext as _

from federation.spreadsheets.cells import safe
from matchmaker import cases
from matchmaker.actors import User
from matchmaker.dry_runs import DryRun, Note, Outcome, Tried
from matchmaker.errors import NotFound
from matchmaker.model import Case, CaseId
from matchmaker.service import Matchmaker
from web import match_words, reading
from web.words import word

MOST_SHOWN = 4  # findings of a row; the rest is counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """A stored case that seems to be the same person."""

    id: CaseId
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A record as the table shows it; `ticked` says whether it is stored unless somebody unticks it."""

    number: int
    tried: Tried
    name: str
    findings: tuple[str, ...]
    n_more: int
    genes: tuple[str, ...]
    twins: tuple[Twin, ...]
    changes: tuple[str, ...]
    ticked: bool

    @property
    def case(self) -> Case | None:
        """What would be stored."""
        return self.tried.case

    @property
    def state(self) -> str:
        """In one word what the report says of it."""
        if self.tried.outcome is Outcome.REJECTED:
            return str(_("rejected"))
        return str(_("warned") if self.tried.notes or self.twins or self.tried.repeats else _("kept"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """All rows and how many there are of each kind."""

    id: str
    files: tuple[str, ...]
    notes: tuple[Note, ...]
    rows: tuple[Row, ...]

    @property
    def rejected(self) -> list[Row]:
        """The rows that cannot be stored."""
        return [row for row in self.rows if row.case is None]

    @property
    def kept(self) -> list[Row]:
        """The rows that can be stored."""
        return [row for row in self.rows if row.case is not None]

    @property
    def n_warned(self) -> int:
        """How many rows can be stored, with something to know."""
        return sum(bool(row.tried.notes) for row in self.kept)

    def count(self, outcome: str) -> int:
        """How many rows would be new, changed, or the same."""
        return sum(row.tried.outcome == outcome for row in self.rows)


def page_of(mm: Matchmaker, dry_run: DryRun, *, by: User) -> Page:
    """Prepare a dry run for its page."""
    tried = dry_run.content.tried
    rows = tuple(_row(mm, number, one, by) for number, one in enumerate(tried))
    return Page(id=dry_run.id, files=dry_run.content.files, notes=dry_run.content.notes, rows=rows)


def as_csv(page: Page) -> str:
    """The report as a spreadsheet: a line for each row and each thing to know of it; no cell of it is a formula."""
    out = io.StringIO()
    lines = csv.writer(out)
    lines.writerow([_("record"), _("id"), _("what becomes of it"), _("field"), _("what"), _("what to do")])
    for line in _lines(page):
        lines.writerow(map(safe, line))
    return out.getvalue()


def _lines(page: Page) -> Iterator[tuple[str, ...]]:
    for note in page.notes:
        yield note.field, "", "", "", note.message, note.remedy
    for row in page.rows:
        id_ = row.case.local_id if row.case else ""
        said = [(note.field, note.message, note.remedy) for note in row.tried.notes]
        said += [("", _("seems to be stored already as %(name)s", name=twin.name), "") for twin in row.twins]
        said += [("", _("seems to be the same as %(where)s", where=where), "") for where in row.tried.repeats]
        for field, message, remedy in said or [("", "", "")]:
            yield row.tried.where, id_, f"{row.state}, {word(row.tried.outcome)}", field, message, remedy


def _row(mm: Matchmaker, number: int, tried: Tried, by: User) -> Row:
    case, release = tried.case, reading.release()
    features = [] if case is None else [one for one in case.features if not one.excluded]
    genes = [] if case is None else [one.gene for one in case.genomic_features if one.gene]
    found = tuple(twin for id_ in tried.twins if (twin := _twin(mm, id_, by)) is not None)
    return Row(
        number=number,
        tried=tried,
        name="" if case is None else match_words.name_of(case),
        findings=tuple(release.hpo.label(one.term) or one.term for one in features[:MOST_SHOWN]),
        n_more=max(0, len(features) - MOST_SHOWN),
        genes=tuple(dict.fromkeys(map(release.genes.symbol, genes))),
        twins=found,
        changes=tuple(name.replace("_", " ") for name in tried.changes),
        # Whoever seems to be there already is stored a second time only by somebody who says so.
        ticked=case is not None and not found and not tried.repeats and tried.outcome is not Outcome.SAME,
    )


def _twin(mm: Matchmaker, case_id: CaseId, by: User) -> Twin | None:
    try:
        return Twin(id=case_id, name=match_words.name_of(cases.get(mm, case_id, by=by).case))
    except NotFound:  # erased meanwhile
        return None
