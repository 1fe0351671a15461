"""A row as a case: lenient in all that does not decide whether it is one; what is not understood is said and kept."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, TypeVar

from federation.lines import Reader, reader_of
from federation.schemas import IMPORT_LIMITS, Read, read_case, write_case
from federation.spelling import addresses_in, disease_spelling, sex_of
from federation.spreadsheets.cells import gene_harm, id_harm
from federation.spreadsheets.pieces import finding_lines, gene_lines
from federation.spreadsheets.sheet import Row
from matchmaker.errors import Invalid, Issue
from matchmaker.model import (
    AgeBand,
    Case,
    CaseId,
    Consent,
    Contact,
    Disclosure,
    DiseaseId,
    Disorder,
    Family,
    GenomicFeature,
    PhenotypicFeature,
    Purpose,
    Relation,
    Sharing,
    Status,
    TermId,
)
from ontology.releases import Release
from ontology.term_ids import INHERITANCE_MODE, ONSET, term_id_of, term_number

Find = Callable[[str, str], Case | None]  # by owner and the owner's id: the case that is stored
Choice = TypeVar("Choice", bound=StrEnum)

_SHORT_MODES = {
    "AD": "HP:0000006",
    "AR": "HP:0000007",
    "XL": "HP:0001417",
    "XLD": "HP:0001423",
    "XLR": "HP:0001419",
    "MT": "HP:0001427",
}
_SAYS_NOTHING = {"", "-", "?", "unknown", "na", "n/a", "none", "not known"}
_COLUMN_OF = {"id": "id", "contact": "contact", "features": "findings", "genomicFeatures": "genes"}
_DATES = ("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%Y/%m/%d")
_NOTE = "Not understood when imported:"


def read_row(row: Row, *, release: Release, owner: str | None = None, stored: Find | None = None) -> Read:
    """Read a row; a column that the sheet does not have leaves what is stored of the case.

    Raises
    ------
    Invalid
        When it has no id, nobody to contact, or neither findings nor genes.
    """
    owner = owner or _address(row.cells.get("owner", "")) or _address(row.cells.get("contact", "")) or ""
    local_id = row.cells.get("id", "")
    before = stored(owner, local_id) if stored is not None and local_id else None
    reading = _Reading(row=row, release=release, reader=reader_of(release), before=before)
    return reading.read(owner, local_id)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One row being read; `left` is what was written and could not be kept in its place."""

    row: Row
    release: Release
    reader: Reader
    before: Case | None
    issues: list[Issue] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    def read(self, owner: str, local_id: str) -> Read:
        self.issues += self.row.issues
        if harm := id_harm(local_id):
            raise Invalid([harm, *self.issues])
        contact = Contact(name=owner or "nobody", email=owner or None)
        case = self.before or Case(id=CaseId(""), owner=owner, local_id=local_id, contact=contact)
        case = replace(case, **self._changes(case))
        if self.left:
            kept = "\n".join(filter(None, (case.notes, f"{_NOTE} {'; '.join(self.left)}")))
            case = replace(case, notes=kept)
        self._require_a_case(case)
        return Read(case=case, warnings=tuple(self.issues))

    def _changes(self, case: Case) -> dict[str, Any]:
        """What the columns say that are there."""
        has = self.row.cells.keys()
        changes: dict[str, Any] = {}
        for column, attribute, read in self._simple():
            if column in has:
                changes[attribute] = read(column)
        if {"findings", "findings not present"} & has:
            changes["features"] = self._features()
        if {"genes", "variant"} & has:
            changes["genomic_features"] = self._genomic_features()
        if {"basis", "consent date", "research", "recontact"} & has:
            changes["consent"] = self._consent(case.consent)
        if {"family", "relation"} & has:
            changes["family"] = self._family(case.family)
        if address := self._cell("contact"):
            changes["contact"] = self._contact(address, case.contact)
        return changes

    def _simple(self) -> tuple[tuple[str, str, Callable[[str], Any]], ...]:
        return (
            ("name", "label", lambda column: self._cell(column) or None),
            ("sex", "sex", self._sex),
            ("age band", "age_band", lambda column: self._choice(column, AgeBand)),
            ("ethnicity", "ethnicity", lambda column: self._cell(column) or None),
            ("onset", "onset", lambda column: self._term(column, ONSET)),
            ("inheritance", "inheritance_mode", lambda column: self._term(column, INHERITANCE_MODE)),
            ("diagnoses", "disorders", self._disorders),
            ("sharing", "sharing", lambda column: self._choice(column, Sharing) or Sharing.PRIVATE),
            ("disclosure", "disclosure", lambda c: self._choice(c, Disclosure) or Disclosure.MATCHING_TERMS),
            ("status", "status", lambda column: self._choice(column, Status) or Status.UNSOLVED),
            ("acute", "acute", lambda column: bool(self._truth(column))),
            ("notes", "notes", lambda column: self._cell(column) or None),
        )

    def _features(self) -> tuple[PhenotypicFeature, ...]:
        lines = finding_lines(self._cell("findings"), self.reader)
        absent = finding_lines(self._cell("findings not present"), self.reader)
        lines += [line if line.casefold().startswith("no ") else f"no {line}" for line in absent]
        read = self.reader.findings("\n".join(lines), before=self.before, place=_quoted)
        features = {feature.term: feature for feature in read.features}
        unread = [line for line in lines if isinstance(self.reader.finding(line), Issue)] if read.issues else []
        for line in unread:
            number = term_number(line.removeprefix("no ").strip())
            if number is None:
                self.left.append(line)
            else:  # an id that this release does not know is kept as written
                term = term_id_of(number)
                features.setdefault(term, PhenotypicFeature(term=term, excluded=line.startswith("no ")))
        self.issues += read.issues
        as_stored = {} if self.before is None else {one.term: n for n, one in enumerate(self.before.features)}
        return tuple(sorted(features.values(), key=lambda one: as_stored.get(one.term, len(as_stored))))

    def _genomic_features(self) -> tuple[GenomicFeature, ...]:
        lines = []
        for line in gene_lines(self._cell("genes"), self.reader):
            if harm := gene_harm(line, self.release.genes):
                self.issues.append(harm)
                self.left.append(line)
            else:
                lines.append(line)
        lines = self._with_variant(lines)
        read = self.reader.genes("\n".join(lines), before=self.before, place=_quoted, keep_unknown=True)
        self.issues += read.issues
        unread = [issue.message for issue in read.issues if issue.message.endswith("cannot be read")]
        self.left += [line for line in lines if any(message.startswith(_quoted(0, line)) for message in unread)]
        return read.genomic_features

    def _with_variant(self, lines: list[str]) -> list[str]:
        """What stands in the columns of the variant, behind the gene that it is of."""
        cells = [self._cell("variant").replace("\n", "; "), self._cell("zygosity")]
        said = "; ".join(filter(None, cells))
        if not said:
            return lines
        if len(lines) > 1:
            remedy = "write each variant behind its gene, with a semicolon between"
            self.issues.append(Issue(path="variant", message="it is not said of which gene; left out", remedy=remedy))
            self.left.append(said)
            return lines
        return [f"{lines[0]}; {said}" if lines else said]

    def _consent(self, before: Consent | None) -> Consent | None:
        has = self.row.cells.keys()
        basis = self._cell("basis") if "basis" in has else before.basis if before else ""
        if basis.casefold() in _SAYS_NOTHING | {"no"}:
            return None
        basis = "consent" if basis.casefold() == "yes" else basis
        consent = before if before is not None and before.basis == basis else Consent(basis=basis)
        if "consent date" in has:
            consent = replace(consent, date=self._date("consent date"))
        if "research" in has:
            research = self._truth("research")
            purposes = (Purpose.CARE, Purpose.RESEARCH) if research else (Purpose.CARE,) if research is False else ()
            consent = replace(consent, purposes=purposes)
        if "recontact" in has:
            consent = replace(consent, recontact=self._truth("recontact"))
        return consent

    def _family(self, before: Family | None) -> Family | None:
        has = self.row.cells.keys()
        name = self._cell("family") if "family" in has else before.id if before else ""
        relation = self._choice("relation", Relation) if "relation" in has else before.relation if before else None
        if relation is not None and not name:
            remedy = "name the family with the same word for all its members"
            self.issues.append(Issue(path="relation", message="names no family; left out", remedy=remedy))
        return Family(id=name, relation=relation) if name else None

    def _contact(self, text: str, before: Contact) -> Contact:
        address = _address(text)
        if address is None:
            remedy = "write a mail address, or leave the cell empty"
            self.issues.append(Issue(path="contact", message=f"{text[:80]!r} reaches nobody; left out", remedy=remedy))
            return before
        return before if before.email == address else Contact(name=address, email=address)

    def _disorders(self, column: str) -> tuple[Disorder, ...]:
        known = {} if self.before is None else {one.id: one for one in self.before.disorders}
        found: dict[DiseaseId, Disorder] = {}
        for part in filter(None, (part.strip() for part in re.split(r"[;,|\n]", self._cell(column)))):
            id_ = disease_spelling(part)
            if id_ is None:
                message, remedy = f"{part[:80]!r} is no id of a disease; left out", "write OMIM:601815 or ORPHA:79351"
                self.issues.append(Issue(path=column, message=message, remedy=remedy))
                self.left.append(part)
            else:
                found[id_] = known.get(id_, Disorder(id=id_))
        return tuple(found.values())

    def _sex(self, column: str) -> Any:
        text = self._cell(column)
        if text.casefold() in _SAYS_NOTHING:
            return None
        return sex_of(text) or self._left_out(column, text, "female, male or other")

    def _term(self, column: str, below: TermId) -> TermId | None:
        text = self._cell(column)
        if text.casefold() in _SAYS_NOTHING:
            return None
        found = self.reader.term(_SHORT_MODES.get(text.upper(), text), below=below)
        if isinstance(found, Issue):
            message = f"{text[:80]!r} {found.message}; left out"
            self.issues.append(Issue(path=column, message=message, remedy=found.remedy))
            return None
        return found

    def _choice(self, column: str, kind: type[Choice]) -> Choice | None:
        text = self._cell(column)
        if text.casefold() in _SAYS_NOTHING:
            return None
        word = re.sub(r"[\s-]+", "_", text.casefold())
        found = next((member for member in kind if member.value == word), None)
        return found or self._left_out(column, text, ", ".join(member.value for member in kind))

    def _truth(self, column: str) -> bool | None:
        text = self._cell(column).casefold()
        if text in _SAYS_NOTHING:
            return None
        said = {"yes": True, "true": True, "1": True, "y": True, "no": False, "false": False, "0": False, "n": False}
        return said[text] if text in said else self._left_out(column, text, "yes or no")

    def _date(self, column: str) -> dt.date | None:
        text = self._cell(column)
        if text.casefold() in _SAYS_NOTHING:
            return None
        for form in _DATES:
            try:
                return dt.datetime.strptime(text, form).replace(tzinfo=dt.UTC).date()
            except ValueError:
                continue
        self._left_out(column, text, "a date such as 2026-01-31")
        return None

    def _left_out(self, column: str, text: str, wanted: str) -> Any:
        """Say that a cell is not understood; the answer is that nothing is stated."""
        message = f"{text[:80]!r} is not understood; left out"
        self.issues.append(Issue(path=column, message=message, remedy=f"write {wanted}"))

    def _cell(self, column: str) -> str:
        return self.row.cells.get(column, "").strip()

    def _require_a_case(self, case: Case) -> None:
        """What decides whether it is one is decided where Matchmaker Exchange decides it."""
        try:
            read_case(write_case(case, self.release), release=self.release, limits=IMPORT_LIMITS)
        except Invalid as error:
            raise Invalid([*map(_in_columns, error.issues), *self.issues]) from error


def _in_columns(issue: Issue) -> Issue:
    column = _COLUMN_OF.get(re.split(r"[.\[]", issue.path)[0], issue.path)
    if column == "findings" and "neither" in issue.message:
        remedy = "write at least one finding or one gene"
        return Issue(path=column, message="has neither findings nor genes that can be read", remedy=remedy)
    remedies = {"id": "give every case its own id", "contact": "write a mail address in the column contact"}
    return Issue(path=column, message=issue.message, remedy=remedies.get(column, issue.remedy))


def _address(text: str) -> str | None:
    found = addresses_in(text)
    return found[0] if found else None


def _quoted(_: int, line: str) -> str:
    return repr(line[:80])
