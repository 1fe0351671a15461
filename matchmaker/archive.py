"""The file of a backup: one line with the SHA-256 of all that follows, and then a zip.

The line makes any changed, missing or added bit show; the zip can be looked into with any program for zips.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, cast

from matchmaker.errors import Unavailable

MANIFEST = "manifest.json"
FORMAT = 1
_MAGIC = b"matchmaker backup 1 sha256 "
_HEADER_BYTES = len(_MAGIC) + 64 + 1
_CHUNK = 1 << 20


class Writer:
    """An archive that is being made; it takes its place, whole and checked, when `finish` returns."""

    def __init__(self, file: BinaryIO) -> None:
        file.write(b"\0" * _HEADER_BYTES)
        self._file = file
        self._zip = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6)

    def add_lines(self, name: str, lines: Iterable[bytes]) -> int:
        """Write a member of lines; return how many."""
        n_lines = 0
        with self._zip.open(name, "w", force_zip64=True) as member:
            for line in lines:
                member.write(line + b"\n")
                n_lines += 1
        return n_lines

    def add(self, name: str, content: bytes) -> None:
        self._zip.writestr(name, content)

    def finish(self, manifest: dict[str, Any]) -> str:
        """Write the manifest and the line in front; return the SHA-256."""
        self.add(MANIFEST, json.dumps({"format": FORMAT, **manifest}, indent=1).encode())
        self._zip.close()
        self._file.seek(_HEADER_BYTES)
        digest = hashlib.file_digest(cast(Any, self._file), "sha256").hexdigest()
        self._file.seek(0)
        self._file.write(_MAGIC + digest.encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        return digest


class Reader:
    """An archive that was found whole."""

    def __init__(self, members: zipfile.ZipFile, digest: str) -> None:
        self._zip = members
        self.digest = digest
        self.manifest: dict[str, Any] = json.loads(members.read(MANIFEST))

    def lines(self, name: str) -> Iterator[bytes]:
        with self._zip.open(name) as member:
            yield from (line.rstrip(b"\n") for line in member)

    def read(self, name: str) -> bytes:
        return self._zip.read(name)

    def names(self, folder: str = "") -> list[str]:
        return [name for name in self._zip.namelist() if name.startswith(folder)]


@contextlib.contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Make an archive beside its place, readable by its owner alone, and put it there at the end.

    Raises
    ------
    Unavailable
        When there is a file already, or it cannot be written.
    """
    if path.exists():
        raise Unavailable(f"backup {path}", "there is a file already", "give another name")
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        temporary = Path(name)
        with os.fdopen(descriptor, "w+b") as file:
            yield Writer(file)
        with reading(temporary):
            pass  # what the disk gives back is what was written
        os.link(temporary, path)
    except OSError as error:
        raise Unavailable(
            f"backup {path}", error.strerror or "cannot be written", "make room, or choose another place"
        ) from error
    finally:
        if temporary is not None:
            temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open an archive after comparing all of it with its hash.

    Raises
    ------
    Unavailable
        When it is missing, damaged, or none.
    """
    with contextlib.ExitStack() as open_files:
        yield _opened(path, open_files)


def _opened(path: Path, open_files: contextlib.ExitStack) -> Reader:
    try:
        file = open_files.enter_context(path.open("rb"))
        digest = _verified(path, file)
        reader = Reader(open_files.enter_context(zipfile.ZipFile(file)), digest)
    except OSError as error:
        raise Unavailable(f"backup {path}", error.strerror or "cannot be read", "check its name") from error
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise Unavailable(f"backup {path}", "it is damaged", "use another one") from error
    if reader.manifest["format"] != FORMAT:
        raise Unavailable(f"backup {path}", "a newer program made it", "update this one")
    return reader


def _verified(path: Path, file: BinaryIO) -> str:
    header = file.read(_HEADER_BYTES)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    if header == _MAGIC + digest.encode() + b"\n":
        return digest
    why = "it is damaged: not what was written" if header.startswith(_MAGIC) else "it is no backup, or damaged"
    raise Unavailable(f"backup {path}", why, "use another one, or the copy on another machine")
