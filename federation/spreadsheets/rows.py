"""A row as a case: lenient in all that does not decide whether it is one; what is not understood is said and kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from federation.lines import Reader, reader_of
from federation.schemas import IMPORT_LIMITS, Read, read_case, write_case
from federation.spelling import addresses_in, disease_spelling, sex_of
from federation.spreadsheets import registering
from federation.spreadsheets.cells import gene_harm, id_harm
from federation.spreadsheets.pieces import finding_lines, gene_lines
from federation.spreadsheets.sheet import Row
from federation.spreadsheets.words import SAYS_NOTHING, Words
from matchmaker.errors import Invalid, Issue
from matchmaker.model import (
    AgeBand,
    Case,
    CaseId,
    Contact,
    Disclosure,
    DiseaseId,
    Disorder,
    Family,
    GenomicFeature,
    PhenotypicFeature,
    Relation,
    Sharing,
    Status,
    TermId,
)
from matchmaker.texts import gettext as _
from ontology.releases import Release
from ontology.term_ids import INHERITANCE_MODE, ONSET, term_id_of, term_number

Find = Callable[[str, str], Case | None]  # by owner and the owner's id: the case that is stored

_SHORT_MODES = {
    "AD": "HP:0000006",
    "AR": "HP:0000007",
    "XL": "HP:0001417",
    "XLD": "HP:0001423",
    "XLR": "HP:0001419",
    "MT": "HP:0001427",
}
_COLUMN_OF = {"id": "id", "contact": "contact", "features": "findings", "genomicFeatures": "genes"}
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
    reading = _Reading(words=Words(row=row), release=release, reader=reader_of(release), before=before)
    return reading.read(owner, local_id)


@dataclass(slots=True, kw_only=True)
class _Reading:
    """One row being read; `left` is what was written and could not be kept in its place."""

    words: Words
    release: Release
    reader: Reader
    before: Case | None
    left: list[str] = field(default_factory=list)

    def read(self, owner: str, local_id: str) -> Read:
        self.words.issues += self.words.row.issues
        if harm := id_harm(local_id):
            raise Invalid([harm, *self.words.issues])
        contact = Contact(name=owner or "nobody", email=owner or None)
        case = self.before or Case(id=CaseId(""), owner=owner, local_id=local_id, contact=contact)
        case = replace(case, **self._changes(case))
        if self.left:
            kept = "\n".join(filter(None, (case.notes, f"{_NOTE} {'; '.join(self.left)}")))
            case = replace(case, notes=kept)
        self._require_a_case(case)
        return Read(case=case, warnings=tuple(self.words.issues))

    def _changes(self, case: Case) -> dict[str, Any]:
        """What the columns say that are there."""
        has = self.words.row.cells.keys()
        changes: dict[str, Any] = {}
        for column, attribute, read in self._simple():
            if column in has:
                changes[attribute] = read(column)
        if {"findings", "findings not present"} & has:
            changes["features"] = self._features()
        if {"genes", "variant"} & has:
            changes["genomic_features"] = self._genomic_features()
        if self.words.has(*registering.OF_CONSENT):
            changes["consent"] = registering.consent(self.words, case.consent)
        if self.words.has(*registering.OF_REGISTRATION):
            changes["registration"] = registering.registration(self.words, case.registration)
        if {"family", "relation"} & has:
            changes["family"] = self._family(case.family)
        if address := self.words.cell("contact"):
            changes["contact"] = self._contact(address, case.contact)
        return changes

    def _simple(self) -> tuple[tuple[str, str, Callable[[str], Any]], ...]:
        return (
            ("name", "label", lambda column: self.words.cell(column) or None),
            ("sex", "sex", self._sex),
            ("age band", "age_band", lambda column: self.words.choice(column, AgeBand)),
            ("ethnicity", "ethnicity", lambda column: self.words.cell(column) or None),
            ("onset", "onset", lambda column: self._term(column, ONSET)),
            ("inheritance", "inheritance_mode", lambda column: self._term(column, INHERITANCE_MODE)),
            ("diagnoses", "disorders", self._disorders),
            ("sharing", "sharing", lambda column: self.words.choice(column, Sharing) or Sharing.PRIVATE),
            ("disclosure", "disclosure", lambda c: self.words.choice(c, Disclosure) or Disclosure.MATCHING_TERMS),
            ("status", "status", lambda column: self.words.choice(column, Status) or Status.UNSOLVED),
            ("acute", "acute", lambda column: bool(self.words.truth(column))),
            ("notes", "notes", lambda column: self.words.cell(column) or None),
        )

    def _features(self) -> tuple[PhenotypicFeature, ...]:
        lines = finding_lines(self.words.cell("findings"), self.reader)
        absent = finding_lines(self.words.cell("findings not present"), self.reader)
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
        self.words.issues += read.issues
        as_stored = {} if self.before is None else {one.term: n for n, one in enumerate(self.before.features)}
        return tuple(sorted(features.values(), key=lambda one: as_stored.get(one.term, len(as_stored))))

    def _genomic_features(self) -> tuple[GenomicFeature, ...]:
        lines = []
        for line in gene_lines(self.words.cell("genes"), self.reader):
            if harm := gene_harm(line, self.release.genes):
                self.words.issues.append(harm)
                self.left.append(line)
            else:
                lines.append(line)
        lines = self._with_variant(lines)
        read = self.reader.genes("\n".join(lines), before=self.before, place=_quoted, keep_unknown=True)
        self.words.issues += read.issues
        self.left += read.unread
        return read.genomic_features

    def _with_variant(self, lines: list[str]) -> list[str]:
        """What stands in the columns of the variant, behind the gene that it is of."""
        cells = [self.words.cell("variant").replace("\n", "; "), self.words.cell("zygosity")]
        said = "; ".join(filter(None, cells))
        if not said:
            return lines
        if len(lines) > 1:
            remedy = _("write each variant behind its gene, with a semicolon between")
            told = _("it is not said of which gene; left out")
            self.words.issues.append(Issue(path="variant", message=told, remedy=remedy))
            self.left.append(said)
            return lines
        return [f"{lines[0]}; {said}" if lines else said]

    def _family(self, before: Family | None) -> Family | None:
        has = self.words.row.cells.keys()
        name = self.words.cell("family") if "family" in has else before.id if before else ""
        relation = self.words.choice("relation", Relation) if "relation" in has else before.relation if before else None
        if relation is not None and not name:
            remedy = _("name the family with the same word for all its members")
            self.words.issues.append(Issue(path="relation", message=_("names no family; left out"), remedy=remedy))
        return Family(id=name, relation=relation) if name else None

    def _contact(self, text: str, before: Contact) -> Contact:
        address = _address(text)
        if address is None:
            remedy = _("write a mail address, or leave the cell empty")
            told = _("%(text)s reaches nobody; left out", text=repr(text[:80]))
            self.words.issues.append(Issue(path="contact", message=told, remedy=remedy))
            return before
        return before if before.email == address else Contact(name=address, email=address)

    def _disorders(self, column: str) -> tuple[Disorder, ...]:
        known = {} if self.before is None else {one.id: one for one in self.before.disorders}
        found: dict[DiseaseId, Disorder] = {}
        for part in filter(None, (part.strip() for part in re.split(r"[;,|\n]", self.words.cell(column)))):
            id_ = disease_spelling(part)
            if id_ is None:
                message, remedy = (
                    _("%(part)s is no id of a disease; left out", part=repr(part[:80])),
                    _("write OMIM:601815 or ORPHA:79351"),
                )
                self.words.issues.append(Issue(path=column, message=message, remedy=remedy))
                self.left.append(part)
            else:
                found[id_] = known.get(id_, Disorder(id=id_))
        return tuple(found.values())

    def _sex(self, column: str) -> Any:
        text = self.words.cell(column)
        if text.casefold() in SAYS_NOTHING:
            return None
        return sex_of(text) or self.words.left_out(column, text, "female, male or other")

    def _term(self, column: str, below: TermId) -> TermId | None:
        text = self.words.cell(column)
        if text.casefold() in SAYS_NOTHING:
            return None
        found = self.reader.term(_SHORT_MODES.get(text.upper(), text), below=below)
        if isinstance(found, Issue):
            message = _("%(text)s %(message)s; left out", text=repr(text[:80]), message=found.message)
            self.words.issues.append(Issue(path=column, message=message, remedy=found.remedy))
            return None
        return found

    def _require_a_case(self, case: Case) -> None:
        """What decides whether it is one is decided where Matchmaker Exchange decides it."""
        try:
            read_case(write_case(case, self.release), release=self.release, limits=IMPORT_LIMITS)
        except Invalid as error:
            raise Invalid([*(_in_columns(issue, case) for issue in error.issues), *self.words.issues]) from error


def _in_columns(issue: Issue, case: Case) -> Issue:
    column = _COLUMN_OF.get(re.split(r"[.\[]", issue.path)[0], issue.path)
    if column == "findings" and not case.features and not case.genomic_features:
        remedy = _("write at least one finding or one gene")
        return Issue(path=column, message=_("has neither findings nor genes that can be read"), remedy=remedy)
    remedies = {"id": _("give every case its own id"), "contact": _("write a mail address in the column contact")}
    return Issue(path=column, message=issue.message, remedy=remedies.get(column, issue.remedy))


def _address(text: str) -> str | None:
    found = addresses_in(text)
    return found[0] if found else None


def _quoted(_: int, line: str) -> str:
    return repr(line[:80])
