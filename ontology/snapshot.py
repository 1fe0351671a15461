"""A compiled release on disk: one `.npz` of plain arrays and a record of what it was made from."""

from __future__ import annotations

import json
import os
import tempfile
import zipfile
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from matchmaker.errors import ReleaseError
from ontology.columns import Columns

FORMAT = 1  # of the arrays: raise it when their names or meaning change
_RECORD = "record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A file that a release was made from."""

    name: str
    url_or_package: str
    checksum: str  # SHA-256, hex
    version: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """Which release a snapshot is; `checksum` is that of its sources, so it is the same wherever it is compiled."""

    id: str
    checksum: str
    sources: tuple[Source, ...]


def write(path: Path, columns: Columns, record: Record) -> None:
    """Put a snapshot in place in one step: who reads meanwhile sees the old one or none. Raises `OSError`."""
    text = json.dumps({"format": FORMAT, **asdict(record)})
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.stem}-", suffix=".tmp", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, allow_pickle=False, **{_RECORD: np.frombuffer(text.encode(), np.uint8)}, **columns.arrays())
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def read(path: Path) -> tuple[Columns, Record]:
    """Read a snapshot; the zip's checksums are verified on the way, texts stay undecoded.

    Raises
    ------
    ReleaseError
        When it is missing, truncated, damaged, or of another format.
    """
    try:
        # Opened here, since numpy leaves the file open when it is no zip.
        with path.open("rb") as content, np.load(content, allow_pickle=False) as file:
            arrays = {name: file[name] for name in file.files}
        stated = json.loads(arrays.pop(_RECORD).tobytes())
        if stated.pop("format") != FORMAT:
            raise ReleaseError(f"{path.name} is a snapshot of another version of this program: {_REMEDY}")
        sources = tuple(Source(**source) for source in stated.pop("sources"))
        return Columns(arrays), Record(sources=sources, **stated)
    except FileNotFoundError as error:
        raise ReleaseError(f"{path.name} is missing: {_REMEDY}") from error
    except (OSError, ValueError, KeyError, TypeError, EOFError, AttributeError) as error:
        raise ReleaseError(f"{path.name} is damaged ({error}): {_REMEDY}") from error
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError) as error:
        raise ReleaseError(f"{path.name} is damaged ({error}): {_REMEDY}") from error


_REMEDY = "import or download the release again"
