"""The records in a stream: one JSON document, a list of them, JSON Lines, or a spreadsheet, read piece by piece.

A file of any size is read in bounded memory, and what is wrong with one record costs only that one where its end can
still be found.
"""

from __future__ import annotations

import codecs
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO, Any

from federation import strict_json
from federation.phenopackets import Packet, is_phenopacket, packets_of
from federation.sources import DAMAGED, Source, TooMuch, Unreadable, damage, sources
from federation.spreadsheets.delimited import SUFFIXES
from federation.spreadsheets.sheet import Row, sheet
from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

MAX_RECORD = 16 * 2**20  # bytes; the largest published phenopackets have a twentieth of one
_CHUNK = 2**18
_BETWEEN = re.compile(r"[\s,]*")
_LINE_NAMES = (".jsonl", ".ndjson")
_UTF_16_OR_32 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)

_CUT_OFF = "the file seems to be cut off: write it again; the records before this one are kept"
_TO_UTF_8 = "save the file as UTF-8, e.g. with iconv -f latin1 -t utf-8"


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A patient, packet or row and where it stands (`file:line`, `file[index]`, `zip!member`), or why there is none.

    A `note` is about the file that the records after it come from, and no record.
    """

    where: str
    content: Mapping[str, Any] | Packet | Row | None = None
    error: Issue | None = None
    note: Issue | None = None


def records(paths: Iterable[Path]) -> Iterator[Record]:
    """Read every record of files, folders, gzip and zip archives, in order."""
    for source in sources(paths):
        if isinstance(source, Unreadable):
            yield Record(where=source.where, error=source.issue)
            continue
        try:
            with source.open() as stream:
                if source.is_workbook or (source.name.lower().endswith(SUFFIXES) and not _is_json(stream)):
                    yield from _rows(stream, source)
                    continue
                for found in _values(stream, source.where, by_lines=source.name.lower().endswith(_LINE_NAMES)):
                    yield from _contents(found)
        except (*DAMAGED, TooMuch) as error:
            yield Record(where=source.where, error=damage(error))


def records_of(value: Any, where: str = "") -> Iterator[Record]:
    """Unwrap `{"patient": ...}`, and take the packets out of a family."""
    if not isinstance(value, dict):
        yield Record(where=where, error=_issue(_("is no object"), _("send patients or phenopackets as JSON objects")))
    elif isinstance(value.get("patient"), dict):
        yield Record(where=where, content=value["patient"])
    elif is_phenopacket(value):
        for packet in packets_of(value):
            yield Record(where=f"{where}#{packet.path}" if packet.path else where, content=packet)
    else:
        yield Record(where=where, content=value)


def _is_json(stream: IO[bytes]) -> bool:
    """Whether a text file holds JSON, whatever it is called."""
    start = stream.peek(64) if isinstance(stream, io.BufferedReader) else b""
    return start.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in {b"{", b"["}


def _rows(stream: IO[bytes], source: Source) -> Iterator[Record]:
    try:
        for found in sheet(stream, is_workbook=source.is_workbook):
            if isinstance(found, Issue):
                yield Record(where=source.where, note=found)
            else:
                yield Record(where=f"{source.where} row {found.number}", content=found)
    except Invalid as error:
        yield Record(where=source.where, error=error.issues[0])


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    where: str
    value: Any = None
    error: Issue | None = None


def _contents(found: _Value) -> Iterator[Record]:
    if found.error is not None:
        yield Record(where=found.where, error=found.error)
    else:
        yield from records_of(found.value, found.where)


def _values(stream: IO[bytes], where: str, *, by_lines: bool) -> Iterator[_Value]:
    """Tell by the beginning of a stream how its records follow one another."""
    body = stream.read(_CHUNK)
    start = body.removeprefix(codecs.BOM_UTF8).lstrip()
    rest = _Rejoined(body, stream)
    if not start and len(body) < _CHUNK:
        yield _Value(where=where, error=_issue("is empty", "check how the file was written"))
    elif body.startswith(_UTF_16_OR_32) or b"\x00" in body[:200]:
        yield _Value(where=where, error=_issue("is UTF-16 or no text", "save the file as UTF-8"))
    elif by_lines and not _is_one_document(body):
        yield from _lines(rest, where)
    elif start.startswith(b"["):
        yield from _elements(rest, where)
    elif start.startswith(b"{"):
        yield from _lines(rest, where) if _is_lines(body) else _document(rest, where)
    else:
        yield _Value(where=where, error=_issue("is no JSON", "import JSON, JSON Lines, or phenopackets in JSON"))


class _Rejoined:
    """A stream whose first bytes were read already."""

    def __init__(self, head: bytes, tail: IO[bytes]) -> None:
        self._head, self._tail = io.BytesIO(head), tail

    def read(self, size: int) -> bytes:
        return self._head.read(size) or self._tail.read(size)

    def readline(self, size: int) -> bytes:
        line = self._head.readline(size)
        if line.endswith(b"\n") or len(line) >= size:
            return line
        return line + self._tail.readline(size - len(line))


def _is_lines(body: bytes) -> bool:
    """JSON Lines have an object on each line; a document over several lines has none on its first."""
    lines = list(islice((line.strip() for line in io.BytesIO(body) if line.strip()), 2))
    return len(lines) == 2 and all(len(line.removeprefix(codecs.BOM_UTF8)) > 1 and b"{" in line[:4] for line in lines)


def _is_one_document(body: bytes) -> bool:
    """Whether a file that is called JSON Lines is one document over several lines: its first line opens and no more."""
    first, *others = [line.strip() for line in body.removeprefix(codecs.BOM_UTF8).splitlines() if line.strip()] or [b""]
    if not others or not re.fullmatch(rb"\[\s*\{?|\{", first):
        return False
    return first.startswith(b"[") or others[0].startswith((b'"', b"}"))


def _lines(stream: _Rejoined, where: str) -> Iterator[_Value]:
    number, n_found = 0, 0
    while line := stream.readline(MAX_RECORD + 1):
        number += 1
        place = f"{where}:{number}"
        if len(line) > MAX_RECORD:
            yield _Value(where=place, error=_too_large())
            while line and not line.endswith(b"\n"):
                line = stream.readline(MAX_RECORD)
        elif line.removeprefix(codecs.BOM_UTF8).strip():
            n_found += 1
            yield _read(line, place, complete=line.endswith(b"\n"))
    if number and not n_found:
        yield _Value(where=where, error=_issue("is empty", "check how the file was written"))


def _document(stream: _Rejoined, where: str) -> Iterator[_Value]:
    parts, size = [], 0
    while size <= MAX_RECORD and (part := stream.read(_CHUNK)):
        parts.append(part)
        size += len(part)
    body = b"".join(parts)
    yield _Value(where=where, error=_too_large()) if size > MAX_RECORD else _read(body, where, complete=False)


def _read(body: bytes, where: str, *, complete: bool) -> _Value:
    try:
        return _Value(where=where, value=strict_json.loads(body))
    except strict_json.NotJson as error:
        [issue] = error.issues
        if not _is_utf_8(body):
            return _Value(where=where, error=_issue(issue.message, _TO_UTF_8))
        too_deep = isinstance(error, strict_json.TooDeep)
        cut_off = not complete and not too_deep and body.count(b"{") > body.count(b"}")
        return _Value(where=where, error=_issue(issue.message, _CUT_OFF if cut_off else issue.remedy))


def _elements(stream: _Rejoined, where: str) -> Iterator[_Value]:
    """Read a list element by element; a plain decoder finds where each ends, the strict one reads it."""
    text, number = _Text(stream), 0
    try:
        text.skip(re.compile(r"\s*\["))
        while True:
            text.skip(_BETWEEN)
            if text.at("]"):
                break
            place = f"{where}[{number}]"
            element = text.element()
            if element is None:
                yield _Value(where=place, error=text.fault())
                return
            yield _read(element.encode(), place, complete=True)
            number += 1
    except UnicodeDecodeError:
        yield _Value(where=f"{where}[{number}]", error=_issue("is not UTF-8; not read on", _TO_UTF_8))
        return
    if not number:
        yield _Value(where=where, error=_issue("is an empty list", "check how the file was written"))


class _Text:
    """The part of a long text that is being looked at."""

    def __init__(self, stream: _Rejoined) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self._decoder = json.JSONDecoder()
        self._text, self._ended, self._too_deep = "", False, False

    def __len__(self) -> int:
        return len(self._text)

    def skip(self, pattern: re.Pattern[str]) -> None:
        """Drop what the pattern matches at the front, over as many chunks as it takes."""
        while True:
            found = pattern.match(self._text)
            self._text = self._text[found.end() :] if found else self._text
            if self._text or not self._more():
                return

    def at(self, character: str) -> bool:
        return self._text.startswith(character)

    def element(self) -> str | None:
        """Take the JSON value at the front; None when there is no end to it."""
        while True:
            try:
                _, end = self._decoder.raw_decode(self._text)
            except RecursionError:
                self._too_deep = True
                return None
            except json.JSONDecodeError:
                if len(self._text) > MAX_RECORD or not self._more():
                    return None
                continue
            element, self._text = self._text[:end], self._text[end:]
            return element

    def fault(self) -> Issue:
        """Say why no end of the element at the front was found."""
        if self._too_deep:
            [issue] = strict_json.TooDeep().issues
            return _issue(f"{issue.message}; not read on", issue.remedy)
        return _too_large() if len(self) > MAX_RECORD else _issue("is no JSON", _CUT_OFF)

    def _more(self) -> bool:
        """Read on, twice as much as there is, so that a long element is not tried too often."""
        size = max(_CHUNK, len(self._text))
        chunk = b"" if self._ended else self._stream.read(size)
        self._ended = not chunk
        self._text += self._decode(chunk, not chunk)
        return not self._ended


def _is_utf_8(body: bytes) -> bool:
    try:
        # A character that is cut off at the end is no sign of another encoding.
        codecs.getincrementaldecoder("utf-8")().decode(body)
    except UnicodeDecodeError:
        return False
    return True


def _too_large() -> Issue:
    return _issue(_("is larger than %(value)s MiB", value=MAX_RECORD // 2**20), _("send one patient in one record"))


def _issue(message: str, remedy: str) -> Issue:
    return Issue(path="", message=message, remedy=remedy)
