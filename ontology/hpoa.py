"""Read HPO's disease annotations (`phenotype.hpoa`) into the arrays of a snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from pathlib import Path

import numpy as np

from matchmaker.errors import ReleaseError
from ontology.annotations import ASPECTS, SEXES, Aspect
from ontology.columns import Columns, Rows
from ontology.hpo import Hpo
from ontology.tables import read_table
from ontology.term_ids import term_number

# The middle of the range that each term states, e.g. "80% to 99% of the cases": HPO, subontology Frequency.
_FREQUENCY_TERMS = {
    "HP:0040280": 1.0,  # obligate
    "HP:0040281": 0.895,  # very frequent, 80-99 %
    "HP:0040282": 0.545,  # frequent, 30-79 %
    "HP:0040283": 0.17,  # occasional, 5-29 %
    "HP:0040284": 0.025,  # very rare, 1-4 %
    "HP:0040285": 0.0,  # excluded
}
_FIELDS = (
    "database_id",
    "disease_name",
    "qualifier",
    "hpo_id",
    "reference",
    "onset",
    "frequency",
    "sex",
    "aspect",
)
_ASPECT_NUMBERS = {str(aspect): number for number, aspect in enumerate(ASPECTS)}
_SEX_NUMBERS = {str(sex): number for number, sex in enumerate(SEXES) if sex is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a term is: its row in the snapshot's table of terms, and its dense id in the graph; -1 for none."""

    row: int
    dense: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One line of phenotype.hpoa."""

    disease: str
    name: str
    term: Place
    frequency: float | None
    onset: int
    sex: int
    references: tuple[str, ...]
    excluded: bool
    aspect: int


@cache
def share_of_patients(frequency: str) -> float | None:
    """Read a frequency: `3/7`, `17%`, or a term of HPO's Frequency; None when nothing usable is stated.

    Examples
    --------
    >>> share_of_patients("3/4"), share_of_patients("17 %"), share_of_patients("HP:0040283"), share_of_patients("1/0")
    (0.75, 0.17, 0.17, None)
    """
    text = frequency.strip()
    if text in _FREQUENCY_TERMS:
        return _FREQUENCY_TERMS[text]
    if counts := re.fullmatch(r"([0-9]+)\s*/\s*([0-9]+)", text):
        n_with, n_examined = int(counts[1]), int(counts[2])
        return n_with / n_examined if n_with <= n_examined and n_examined else None
    if percent := re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)\s*%", text):
        share = float(percent[1]) / 100
        return share if share <= 1 else None
    return None


def read_annotations(path: Path, hpo: Hpo) -> Columns:
    """Read phenotype.hpoa; lines whose term this HPO does not know are left out, so the two should be of one release.

    Raises
    ------
    ReleaseError
        When the file is missing, has another form, or states nothing about any term of this HPO.
    """
    table = read_table(path, _FIELDS)
    columns = Columns()
    columns.put_texts("disease.version", [table.version])
    place = places(hpo)
    lines = [line for record in table.records if (line := _line(record, place)) is not None]
    if not lines:
        raise ReleaseError(f"{path.name} has no annotation that this HPO knows: download both of one release")
    lines.sort(key=lambda line: line.disease)
    _put_lines(columns, lines)
    _put_diseases(columns, [list(group) for _, group in groupby(lines, key=lambda line: line.disease)])
    return columns


def places(hpo: Hpo) -> Callable[[str], Place]:
    """Look terms up once each: their row in the snapshot and their dense id, -1 for none."""
    rows = {number: row for row, number in enumerate(hpo.numbers)}

    @cache
    def place(text: str) -> Place:
        term = hpo.resolve(text).term
        number = None if term is None else term_number(term)
        dense = hpo.index_of(text)
        return Place(row=-1 if number is None else rows[number], dense=-1 if dense is None else dense)

    return place


def _line(record: list[str], place: Callable[[str], Place]) -> _Line | None:
    disease, name, qualifier, term, reference, onset, frequency, sex, aspect = record
    where = place(term)
    if where.row < 0 or aspect not in _ASPECT_NUMBERS:
        return None
    share = share_of_patients(frequency)
    return _Line(
        disease=disease,
        name=name,
        term=where,
        frequency=share,
        onset=place(onset).row if onset else -1,
        sex=_SEX_NUMBERS.get(sex.lower(), 0),
        references=tuple(part for part in reference.split(";") if part),
        # "0/12" is how HPOA says that twelve were examined and none had it.
        excluded=qualifier == "NOT" or share == 0.0,
        aspect=_ASPECT_NUMBERS[aspect],
    )


def _put_lines(columns: Columns, lines: list[_Line]) -> None:
    references = sorted({reference for line in lines for reference in line.references})
    position = {reference: row for row, reference in enumerate(references)}
    columns.put_texts("reference", references)
    columns.put_rows("annotation.references", Rows.of([[position[r] for r in line.references] for line in lines]))
    columns["annotation.term"] = np.array([line.term.row for line in lines], np.int32)
    columns["annotation.frequency"] = np.array(
        [np.nan if line.frequency is None else line.frequency for line in lines], np.float32
    )
    columns["annotation.onset"] = np.array([line.onset for line in lines], np.int32)
    columns["annotation.sex"] = np.array([line.sex for line in lines], np.uint8)
    columns["annotation.excluded"] = np.array([line.excluded for line in lines], np.bool_)
    columns["annotation.aspect"] = np.array([line.aspect for line in lines], np.uint8)


def _put_diseases(columns: Columns, diseases: list[list[_Line]]) -> None:
    columns.put_texts("disease.id", (lines[0].disease for lines in diseases))
    columns.put_texts("disease.name", (lines[0].name for lines in diseases))
    columns["disease.offsets"] = np.cumsum([0, *map(len, diseases)], dtype=np.int32)
    observed = [_observed(lines) for lines in diseases]
    columns.put_rows("disease.terms", Rows.of([list(terms) for terms in observed]))
    columns["disease.terms.frequency"] = np.array(
        [sum(shares) / len(shares) if shares else np.nan for terms in observed for shares in terms.values()], np.float32
    )


def _observed(lines: list[_Line]) -> dict[int, list[float]]:
    """Dense ids of the phenotypic abnormalities seen in a disease, ascending, with the shares that are stated."""
    shares: dict[int, list[float]] = {}
    for line in lines:
        if line.term.dense >= 0 and not line.excluded and ASPECTS[line.aspect] is Aspect.PHENOTYPE:
            shares.setdefault(line.term.dense, []).extend([] if line.frequency is None else [line.frequency])
    return dict(sorted(shares.items()))
