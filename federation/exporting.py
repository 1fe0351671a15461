"""Take cases out into files: JSON Lines with everything, or phenopackets; a file is there whole or not at all."""

from __future__ import annotations

import gzip
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from federation import strict_json
from federation.phenopackets import write_phenopacket
from federation.schemas import write_case
from federation.spreadsheets.writing import as_csv, as_minimal_csv, as_workbook
from matchmaker.errors import Unavailable
from matchmaker.model import Case
from ontology.releases import Release

_UNSAFE = re.compile(r"[^A-Za-z0-9._-]")


def write_lines(cases: Iterable[Case], out: IO[bytes] | gzip.GzipFile, release: Release) -> int:
    """Write each case as one line that `case import` reads back; return how many."""
    count = 0
    for count, case in enumerate(cases, 1):  # noqa: B007 - the last number is the answer
        out.write(strict_json.dumps(write_case(case, release)) + b"\n")
    return count


def export_lines(cases: Iterable[Case], target: Path, release: Release) -> int:
    """Write JSON Lines into a file, compressed when its name ends in .gz.

    Raises
    ------
    Unavailable
        When the file cannot be written; what was there before stays.
    """
    with _replacing(target) as out:
        if target.suffix != ".gz":
            return write_lines(cases, out, release)
        with gzip.GzipFile(fileobj=out, mode="wb") as packed:
            return write_lines(cases, packed, release)


def export_spreadsheet(cases: Iterable[Case], target: Path, release: Release) -> int:
    """Write a spreadsheet, one row a case: CSV when the name ends in .csv, else XLSX.

    Raises
    ------
    Unavailable
        When the file cannot be written; what was there before stays.
    Invalid
        When a case says more in one field than a cell of Excel holds.
    """
    held = list(cases)
    write = as_csv if target.suffix.lower() == ".csv" else as_workbook
    return _write(write(held, release), target, n_cases=len(held))


def export_minimal(cases: Iterable[Case], target: Path, release: Release) -> int:
    """Write the elements of the minimal data set as CSV, one row a case; `Unavailable` as above."""
    held = list(cases)
    return _write(as_minimal_csv(held, release), target, n_cases=len(held))


def _write(body: bytes, target: Path, *, n_cases: int) -> int:
    with _replacing(target) as out:
        out.write(body)
    return n_cases


def export_phenopackets(cases: Iterable[Case], target: Path, release: Release) -> int:
    """Write one phenopacket for each case, into a zip file or a new folder.

    Raises
    ------
    Unavailable
        When it cannot be written, or the folder has something in it.
    """
    count = 0
    if target.suffix.lower() == ".zip":
        with _replacing(target) as out, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in _packets(cases, release):
                archive.writestr(name, body)
                count += 1
        return count
    with _new_folder(target) as folder:
        for name, body in _packets(cases, release):
            (folder / name).write_bytes(body)
            count += 1
    return count


def _packets(cases: Iterable[Case], release: Release) -> Iterator[tuple[str, bytes]]:
    """Name the files after the owners' ids, each once, whatever a file system does with case."""
    named: set[str] = set()
    for number, case in enumerate(cases, 1):
        stem = _UNSAFE.sub("_", case.local_id)[:100].lstrip(".") or "case"
        if stem.lower() in named:
            stem = f"{stem}-{number}"
        named.add(stem.lower())
        yield f"{stem}.json", strict_json.dumps(write_phenopacket(case, release))


@contextmanager
def _replacing(target: Path) -> Iterator[IO[bytes]]:
    """Write beside the target and put it in place at the end; nobody else may read a file of cases."""
    temporary: Path | None = None
    try:
        with tempfile.NamedTemporaryFile(dir=target.parent, prefix=f".{target.name}-", delete=False) as out:
            temporary = Path(out.name)  # made with mode 0600
            yield out.file
            out.flush()
            os.fsync(out.fileno())
        temporary.replace(target)
    except OSError as error:
        raise _not_written(target, error) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    folder: Path | None = None
    try:
        folder = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))  # made with mode 0700
        yield folder
        folder.replace(target)
    except OSError as error:
        raise _not_written(target, error) from error
    finally:
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)


def _not_written(target: Path, error: OSError) -> Unavailable:
    why = error.strerror or str(error)
    return Unavailable(f"export to {target}", why, "choose a place that can be written, or make room")
