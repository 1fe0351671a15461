"""Read a gene table of HGNC, whole (`hgnc_complete_set.txt`) or as shipped, into the arrays of a snapshot."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np

from matchmaker.errors import ReleaseError
from ontology.columns import Columns
from ontology.genes import NAME_KINDS, ResolvedBy

Record = dict[str, str]

FIELDS = (
    "hgnc_id",
    "symbol",
    "name",
    "locus_type",
    "location",
    "alias_symbol",
    "prev_symbol",
    "entrez_id",
    "ensembl_gene_id",
)
_DATES = ("date_approved_reserved", "date_modified")


def read_gene_table(path: Path) -> Columns:
    """Read the approved genes of a table, gzipped or not.

    Raises
    ------
    ReleaseError
        When the file is missing, damaged, or has not the columns of HGNC.
    """
    text = _text(path)
    version, records = parse_gene_table(text, name=path.name)
    columns = Columns()
    columns.put_texts("genes.version", [version])
    columns["genes.number"] = np.array([_number(record["hgnc_id"]) for record in records], np.int32)
    for column, field in _TEXTS.items():
        columns.put_texts(f"genes.{column}", (record[field] for record in records))
    locus_types = sorted({record["locus_type"] for record in records})
    columns.put_texts("genes.locus_type", locus_types)
    columns["genes.locus_type.row"] = np.array([locus_types.index(r["locus_type"]) for r in records], np.uint8)
    _put_numbers(columns, "genes.ensembl", (_number(record["ensembl_gene_id"]) for record in records))
    _put_numbers(columns, "genes.entrez", (_number(record["entrez_id"]) for record in records))
    _put_names(columns, records)
    return columns


_TEXTS = {
    "symbol": "symbol",
    "name": "name",
    "aliases": "alias_symbol",
    "previous": "prev_symbol",
    "location": "location",
}


def parse_gene_table(text: str, *, name: str) -> tuple[str, list[Record]]:
    """The version and the approved genes of a table, sorted by HGNC number.

    The version is what a `#version:` line states, else the newest date in the table.

    Raises
    ------
    ReleaseError
        When the columns are not HGNC's, a line is cut off, or there is no gene.
    """
    stated = re.match(r"#version: (\S+)\n", text)
    reader = csv.DictReader(io.StringIO(text[stated.end() :] if stated else text), delimiter="\t")
    missing = [field for field in FIELDS if field not in (reader.fieldnames or ())]
    if missing:
        raise ReleaseError(f"{name} has no column {missing[0]}: it is not HGNC's complete set")
    records = []
    for record in reader:
        if None in record.values() or not re.fullmatch(r"HGNC:[0-9]{1,7}", record["hgnc_id"]):
            raise ReleaseError(f"{name} is damaged in line {reader.line_num}: download it again")
        if record.get("status", "Approved") == "Approved":
            records.append(record)
    if not records:
        raise ReleaseError(f"{name} has no gene: download it again")
    newest = max(record.get(date, "") for record in records for date in _DATES)
    return stated[1] if stated else newest or "unknown", sorted(records, key=lambda r: _number(r["hgnc_id"]))


def _text(path: Path) -> str:
    try:
        content = path.read_bytes()
        return (gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content).decode()
    except FileNotFoundError as error:
        raise ReleaseError(f"{path.name} is missing in {path.parent}: install the package again") from error
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path.name} cannot be read: {error}; download it again") from error


def _number(id_: str) -> int:
    digits = re.sub(r"\D", "", id_)
    return int(digits) if digits else 0


def _put_numbers(columns: Columns, name: str, numbers: Iterable[int]) -> None:
    """An id column with its order, so that a number is found by bisection; 0 stands for none."""
    array = np.fromiter(numbers, np.int64)
    order = np.argsort(array, kind="stable").astype(np.int32)
    columns[name], columns[f"{name}.order"], columns[f"{name}.sorted"] = array, order, array[order]


def _put_names(columns: Columns, records: Sequence[Record]) -> None:
    """All names in capitals, sorted, with the gene and the kind of name of each."""
    names: list[tuple[str, int, int]] = []
    for row, record in enumerate(records):
        by_kind = {
            ResolvedBy.SYMBOL: [record["symbol"]],
            ResolvedBy.PREVIOUS: record["prev_symbol"].split("|"),
            ResolvedBy.ALIAS: record["alias_symbol"].split("|"),
        }
        names += [(name.upper(), row, NAME_KINDS.index(k)) for k, given in by_kind.items() for name in given if name]
    names.sort()
    columns.put_texts("genes.names", (name for name, _, _ in names))
    columns["genes.names.row"] = np.array([row for _, row, _ in names], np.int32)
    columns["genes.names.kind"] = np.array([kind for _, _, kind in names], np.uint8)
