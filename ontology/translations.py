"""Read translations of HPO's labels and synonyms: a babelon table, or `hp-international.obo` with all languages.

https://monarch-initiative.github.io/babelon/ describes the table. What its translators have not agreed on yet
(UNDER_REVIEW) is left out; what has no status is a candidate, as babelon says.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from matchmaker.errors import ReleaseError
from matchmaker.model import TermId
from matchmaker.texts import gettext as _
from ontology.term_ids import term_id_of, term_number

OFFICIAL, CANDIDATE = "OFFICIAL", "CANDIDATE"
STATUSES = {OFFICIAL, CANDIDATE, "UNDER_REVIEW"}
LABEL = "rdfs:label"
COLUMNS = ("subject_id", "predicate_id", "translation_language", "translation_value")
MOST_CHARACTERS = 1000  # of one label
_SYNONYM = re.compile(r"(?:oboInOwl|oio):(?:has)?(?:Exact|Related|Narrow|Broad)Synonym", re.IGNORECASE)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*")
# Qualifiers were spelled translation:language at first, and are babelon:translation_language now.
_CLAUSE = re.compile(r'(?:name: (?P<name>.*?)|synonym: "(?P<synonym>(?:[^"\\]|\\.)*)" .*?) \{(?P<said>.*)\}')
_SAID = re.compile(r'translation[:_](language|status)="([^"]*)"')


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Translation:
    """What terms are called in one language; a term that is not here has its English label."""

    language: str
    labels: Mapping[TermId, str]
    synonyms: Mapping[TermId, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Translations:
    """What a file holds, by language; `n_left_out` are labels and synonyms under review."""

    languages: tuple[Translation, ...]
    n_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One label or synonym in one language."""

    term: TermId
    language: str
    text: str
    is_label: bool
    status: str


def read_translations(path: Path) -> Translations:
    """Read a file of either form, which its first line tells.

    Raises
    ------
    ReleaseError
        When it is neither, no text in UTF-8, holds no translation, or a line is wrong: it says which, and where.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            first = file.readline()
            file.seek(0)
            lines = list(_of_obo(file) if first.startswith("format-version:") else _of_table(file, path.name))
    except UnicodeDecodeError as error:
        raise ReleaseError(_("%(name)s is no text in UTF-8: download it again", name=path.name)) from error
    except (OSError, csv.Error) as error:
        raise ReleaseError(_("%(name)s cannot be read: %(why)s", name=path.name, why=error)) from error
    kept = [line for line in lines if line.status in {OFFICIAL, CANDIDATE}]
    if not kept:
        raise ReleaseError(_("%(name)s holds no translated label: check that it is the right file", name=path.name))
    languages = sorted({line.language for line in kept})
    found = tuple(_gathered(language, [line for line in kept if line.language == language]) for language in languages)
    return Translations(languages=found, n_left_out=len(lines) - len(kept))


def _gathered(language: str, lines: list[_Line]) -> Translation:
    """The official label of each term before a candidate; every other text is a synonym."""
    labels: dict[TermId, str] = {}
    synonyms: dict[TermId, dict[str, None]] = {}
    for line in sorted(lines, key=lambda line: (not line.is_label, line.status != OFFICIAL)):
        if line.is_label and line.term not in labels:
            labels[line.term] = line.text
        elif line.text != labels.get(line.term):
            synonyms.setdefault(line.term, {})[line.text] = None
    return Translation(
        language=language, labels=labels, synonyms={term: tuple(texts) for term, texts in synonyms.items()}
    )


def _of_table(file: TextIO, name: str) -> Iterator[_Line]:
    rows = csv.reader(file, delimiter="\t", strict=True)
    header = [cell.strip() for cell in next(rows, [])]
    if missing := [column for column in COLUMNS if column not in header]:
        expected = ", ".join(COLUMNS)
        raise ReleaseError(
            _(
                "%(name)s, line 1: there is no column %(column)s; a babelon table has %(expected)s",
                name=name,
                column=missing[0],
                expected=expected,
            )
        )
    for cells in rows:
        if not any(cells):
            continue

        def wrong(column: str, why: str, line: int = rows.line_num) -> ReleaseError:
            return ReleaseError(
                _("%(name)s, line %(line)s, column %(column)s: %(why)s", name=name, line=line, column=column, why=why)
            )

        if len(cells) != len(header):
            raise wrong(header[min(len(cells), len(header)) - 1], _("the line has another number of cells"))
        said = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        if (line := _line(said, wrong)) is not None:
            yield line


def _line(said: Mapping[str, str], wrong: Callable[[str, str], ReleaseError]) -> _Line | None:
    """What a row says; None for a definition or another annotation, which is not shown, and for other ontologies."""
    is_label = said["predicate_id"] == LABEL
    if not is_label and not _SYNONYM.fullmatch(said["predicate_id"]):
        if not said["predicate_id"]:
            raise wrong("predicate_id", _("is empty; write rdfs:label or oboInOwl:hasExactSynonym"))
        return None
    number = term_number(said["subject_id"])
    if number is None:
        raise wrong("subject_id", _("%(id)s is no HPO id; write it as HP:0001250", id=repr(said["subject_id"][:80])))
    status = said.get("translation_status", "").upper() or CANDIDATE
    if status not in STATUSES:
        raise wrong("translation_status", _("is not one of %(names)s", names=", ".join(sorted(STATUSES))))
    language, text = said["translation_language"], said["translation_value"]
    if not _LANGUAGE.fullmatch(language):
        raise wrong("translation_language", _("%(code)s is no language; write it as es", code=repr(language[:20])))
    if not text or len(text) > MOST_CHARACTERS or not text.isprintable():
        raise wrong("translation_value", _("is empty, too long, or holds what cannot be printed"))
    return _Line(term=term_id_of(number), language=language, text=text, is_label=is_label, status=status)


def _of_obo(file: TextIO) -> Iterator[_Line]:
    """Names and synonyms whose qualifiers state a language; HPO's own have none."""
    number: int | None = None
    for line in file:
        if line.startswith("id: "):
            number = term_number(line.removeprefix("id: ").strip())
        if number is None or (found := _CLAUSE.match(line.rstrip())) is None:
            continue
        said = dict(_SAID.findall(found["said"]))
        text = re.sub(r"\\(.)", r"\1", found["name"] or found["synonym"]).strip()
        if _LANGUAGE.fullmatch(said.get("language", "")) and text and text.isprintable():
            yield _Line(
                term=term_id_of(number),
                language=said["language"],
                text=text,
                is_label=found["name"] is not None,
                status=said.get("status", CANDIDATE).upper(),
            )
