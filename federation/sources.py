"""The files of an import: single ones, folders, gzip and zip, each opened as a stream that cannot grow without end."""

from __future__ import annotations

import gzip
import io
import os
import stat
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO

from federation.spreadsheets.workbook import is_workbook
from matchmaker.errors import Issue
from matchmaker.texts import gettext as _

SUFFIXES = (".json", ".jsonl", ".ndjson", ".phenopacket", ".pxf")
DAMAGED = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)

# Text of patients shrinks to a tenth, of nearly the same ones to a hundredth; deflate at its best to a thousandth.
_MOST_PER_BYTE = 500
_ALWAYS_ALLOWED = 2**20
_MAX_MEMBERS = 1_000_000
_GZIP, _ZIPS = b"\x1f\x8b", (b"PK\x03\x04", b"PK\x05\x06")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"


class TooMuch(Exception):
    """A compressed file that holds far more than its size can mean."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One stream of records: where it is, what it is called, and how it is opened."""

    where: str
    name: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    is_workbook: bool = False  # of Excel's kind: a zip that is one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """What cannot even be opened."""

    where: str
    issue: Issue


def sources(paths: Iterable[Path]) -> Iterator[Source | Unreadable]:
    """Find what there is to read, in the order given; the content of folders and archives by name."""
    for path in paths:
        try:
            yield from _sources_at(path)
        except DAMAGED as error:
            yield _unreadable(str(path), _reason(error), _("check the file, and whether it may be read"))


def damage(error: Exception) -> Issue:
    """Say what broke off a stream, and what to do."""
    if isinstance(error, TooMuch):
        return Issue(
            path="", message=_("unpacks to far more than its size can mean; not read on"), remedy=_("unpack it first")
        )
    return Issue(
        path="", message=_("is damaged: %(error)s", error=_reason(error)), remedy=_("copy or write the file again")
    )


def _sources_at(path: Path) -> Iterator[Source | Unreadable]:
    if path.is_dir():
        found = list(_files_in(path))
        for file in found:
            yield from sources([file])
        if not found:
            yield _unreadable(str(path), "holds no JSON file", f"put files ending in {', '.join(SUFFIXES)} there")
        return
    if stat.S_ISREG(path.stat().st_mode):
        with path.open("rb") as stream:
            head = stream.read(4)
        if head in _ZIPS and is_workbook(path):
            yield Source(where=str(path), name=path.name, open=lambda: path.open("rb"), is_workbook=True)
            return
        if head in _ZIPS:
            yield from _members(path)
            return
        if head == _OLD_OFFICE:
            message = _("is an old .xls workbook, or one with a password")
            yield _unreadable(str(path), message, _("save it as .xlsx without a password, or as CSV"))
            return
        if head[:2] == _GZIP:
            name = path.name.removesuffix(".gz")
            yield Source(where=str(path), name=name, open=lambda: _unzipped(path))
            return
    yield Source(where=str(path), name=path.name, open=lambda: path.open("rb"))


def _files_in(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            if not name.startswith(".") and name.lower().removesuffix(".gz").endswith((*SUFFIXES, ".zip")):
                file = Path(parent) / name
                # A pipe or a socket among the files would be waited for without end; a broken link is reported.
                if file.is_file() or not file.exists():
                    yield file


def _members(path: Path) -> Iterator[Source | Unreadable]:
    with zipfile.ZipFile(path) as archive:
        allowance = _Allowance(path.stat().st_size)
        members = [member for member in archive.infolist()[:_MAX_MEMBERS] if _is_wanted(member)]
        for member in members:
            where = f"{path}!{member.filename}"
            if problem := _problem_of(member):
                yield _unreadable(where, *problem)
            else:
                yield Source(
                    where=where,
                    name=PurePosixPath(member.filename).name.removesuffix(".gz"),
                    open=_opener(archive, member, allowance),
                )
        if not members:
            yield _unreadable(str(path), "holds no JSON file", f"pack files ending in {', '.join(SUFFIXES)}")


def _is_wanted(member: zipfile.ZipInfo) -> bool:
    path = PureWindowsPath(member.filename)  # which takes both kinds of slashes
    if member.is_dir() or path.name.startswith(".") or "__MACOSX" in path.parts:
        return False
    return path.name.lower().removesuffix(".gz").endswith((*SUFFIXES, ".zip"))


def _problem_of(member: zipfile.ZipInfo) -> tuple[str, str] | None:
    """Refuse members that no honest archive of records has; nothing is ever unpacked to disk."""
    posix, windows = PurePosixPath(member.filename), PureWindowsPath(member.filename)
    if posix.is_absolute() or windows.drive or ".." in posix.parts or ".." in windows.parts:
        return "has a path that leads out of the archive", "pack the files with plain names"
    if member.filename.lower().endswith(".zip"):
        return "is an archive inside an archive", "unpack it first"
    if member.flag_bits & 0x1:
        return "is encrypted", "unpack it first"
    return None


def _opener(
    archive: zipfile.ZipFile, member: zipfile.ZipInfo, allowance: _Allowance
) -> Callable[[], AbstractContextManager[IO[bytes]]]:
    @contextmanager
    def opened() -> Iterator[IO[bytes]]:
        with archive.open(member) as packed:
            if member.filename.lower().endswith(".gz"):
                with gzip.GzipFile(fileobj=_counted(packed, allowance)) as inner:
                    yield _counted(inner, allowance)
            else:
                yield _counted(packed, allowance)

    return opened


@contextmanager
def _unzipped(path: Path) -> Iterator[IO[bytes]]:
    with gzip.open(path, "rb") as stream:
        yield _counted(stream, _Allowance(path.stat().st_size))


class _Allowance:
    """How many bytes may still come out of one compressed file."""

    def __init__(self, packed_size: int) -> None:
        self.left = _ALWAYS_ALLOWED + _MOST_PER_BYTE * packed_size

    def spend(self, n_bytes: int) -> None:
        self.left -= n_bytes
        if self.left < 0:
            raise TooMuch


class _Counted(io.RawIOBase):
    """A stream that spends an allowance as it is read."""

    def __init__(self, stream: IO[bytes] | io.BufferedIOBase, allowance: _Allowance) -> None:
        self._stream, self._allowance = stream, allowance

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        read = self._stream.read(len(buffer))
        self._allowance.spend(len(read))
        buffer[: len(read)] = read
        return len(read)


def _counted(stream: IO[bytes] | io.BufferedIOBase, allowance: _Allowance) -> IO[bytes]:
    return io.BufferedReader(_Counted(stream, allowance), 2**16)


def _unreadable(where: str, message: str, remedy: str) -> Unreadable:
    return Unreadable(where=where, issue=Issue(path="", message=message, remedy=remedy))


def _reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    return (error.strerror if isinstance(error, OSError) else None) or str(error) or type(error).__name__
