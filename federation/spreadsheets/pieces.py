"""A cell that holds several findings or genes, as lines of one each: people put commas, semicolons, bars between."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from federation.lines import Reader, with_detail
from matchmaker.errors import Issue
from matchmaker.model import Variant

_BETWEEN = re.compile(r"\s*[;|\n]\s*")
_GROUPS = re.compile(r"\s*[|\n]\s*")
_DETAIL = re.compile(r"(?:onset|severity)\s*:", re.IGNORECASE)
_IDS = re.compile(r"(?:(?:no\s+)?HPO?\s*[:_]\s*\d{7}[\s,]*)+", re.IGNORECASE)
_ID = re.compile(r"(?:no\s+)?HPO?\s*[:_]\s*\d{7}", re.IGNORECASE)


def finding_lines(cell: str, reader: Reader) -> list[str]:
    """One line for each finding, with what is said of it behind semicolons."""
    lines: list[str] = []
    for piece in filter(None, _BETWEEN.split(cell.strip())):
        if lines and _DETAIL.match(piece):
            lines[-1] += f"; {piece}"
        elif _IDS.fullmatch(piece):
            lines += [found[0] for found in _ID.finditer(piece)]
        else:
            lines += _split(piece, lambda part: not isinstance(reader.finding(part), Issue))
    return lines


def gene_lines(cell: str, reader: Reader) -> list[str]:
    """One line for each gene with the variant that follows it."""
    lines: list[str] = []
    for group in filter(None, _GROUPS.split(cell.strip())):
        lines += _of_group(group, reader)
    return lines


def _of_group(group: str, reader: Reader) -> Iterator[str]:
    line: list[str] = []
    for piece in filter(None, re.split(r"\s*[;\t]\s*", group)):
        if line and with_detail(Variant(), piece) is not None:
            line.append(piece)
            continue
        parts = _split(piece, reader.is_gene) if with_detail(Variant(), piece) is None else [piece]
        if line and not (reader.is_gene(parts[0]) or len(parts) > 1):
            line.append(piece)  # to be said that it cannot be read
            continue
        if line:
            yield "; ".join(line)
        yield from parts[:-1]
        line = parts[-1:]
    if line:
        yield "; ".join(line)


def _split(piece: str, is_known: Callable[[str], bool]) -> list[str]:
    """The parts between commas, where some of them are known and the whole is not: some names hold commas."""
    parts = [part for part in re.split(r"\s*,\s*", piece) if part]
    if len(parts) < 2 or is_known(piece):
        return [piece]
    return parts if any(map(is_known, parts)) else [piece]
