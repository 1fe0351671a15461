"""Read the tab-separated tables of HPO, whose header has had several forms over the years."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from matchmaker.errors import ReleaseError

# Until 2023 the header was a comment, in phenotype_to_genes.txt one that spells its tabs out.
_OLD_NAMES = {
    "databaseid": "database_id",
    "diseasename": "disease_name",
    "hpo-id": "hpo_id",
    "hpo-term-id": "hpo_id",
    "entrez-gene-id": "ncbi_gene_id",
    "entrez-gene-symbol": "gene_symbol",
    "frequency-raw": "frequency",
    "disease-id for link": "disease_id",
}
_MOST_COMMENTS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The records of a table, values in the order asked for, and the date in its comments (`unknown` without one)."""

    version: str
    records: list[list[str]]


def read_table(path: Path, fields: Sequence[str], *, optional: Sequence[str] = ()) -> Table:
    """Read the named columns, then the optional ones, which are empty texts where the table has them not.

    Raises
    ------
    ReleaseError
        When the file is missing, no text in UTF-8, lacks a column, or ends within a line.
    """
    try:
        with path.open(encoding="utf-8") as file:
            version, header = _head(file)
            missing = [name for name in fields if name not in header]
            if missing:
                raise ReleaseError(f"{path.name} has no column {missing[0]}: download it again")
            positions = [header.index(name) if name in header else -1 for name in (*fields, *optional)]
            return Table(version=version, records=list(_records(file, path, len(header), positions)))
    except FileNotFoundError as error:
        raise ReleaseError(f"{path.name} is missing in {path.parent}: put it there or download the release") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path.name} cannot be read: {error}; download it again") from error


def _head(file: TextIO) -> tuple[str, list[str]]:
    """Read on to the first record: the date that the comments state, and the names of the columns."""
    version = "unknown"
    header: list[str] = []
    for _ in range(_MOST_COMMENTS):
        position = file.tell()
        line = file.readline()
        if found := re.match(r"#\s*(?:version|date):\s*(\d{4}-\d{2}-\d{2})", line):
            version = found[1]
        elif not line.startswith("#") and header:
            file.seek(position)  # the first record: its header was a comment
            break
        elif "\t" in (spelt := line.replace("<tab>", "\t")):
            names = [name.strip().lower() for name in re.sub(r"^#(Format:)?\s*", "", spelt).split("\t")]
            header = [_OLD_NAMES.get(name, name) for name in names]
            if not line.startswith("#"):
                break
    return version, header


def _records(file: TextIO, path: Path, n_columns: int, positions: list[int]) -> Iterator[list[str]]:
    for number, line in enumerate(file, 1):
        values = line.rstrip("\n").split("\t")
        if len(values) < n_columns:
            raise ReleaseError(f"{path.name} ends within record {number}: download it again")
        yield [values[position] if position >= 0 else "" for position in positions]
