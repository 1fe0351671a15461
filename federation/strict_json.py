"""The one reader of JSON that comes in, from clients and from nodes, and the writer of what goes out.

What lets two readers disagree about a body (duplicate keys, NaN, lone surrogates) or hurts the one that reads it
(deep nesting, endless integers) is refused, as MME.md says. The caller limits the size before it reads on.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable
from typing import Any

from matchmaker.errors import Invalid, Issue

MAX_DEPTH = 64
MAX_INTEGER_DIGITS = 20

_SURROGATE_ESCAPE = re.compile(r"\\u[dD][89a-fA-F]")
_ENCODER = json.JSONEncoder(allow_nan=False, separators=(",", ":"))
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')


class NotJson(Invalid):
    """The body is no JSON that can be read safely: 400, where other Invalid is 422."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__([Issue(path="", message=message, remedy=remedy)])


class TooDeep(NotJson):
    """Nested more deeply than anybody means."""

    def __init__(self) -> None:
        super().__init__(f"nested more than {MAX_DEPTH} levels deep", "send a flatter document")


def loads(body: bytes) -> Any:
    """Read one JSON document in UTF-8; a byte-order mark is fine.

    Raises
    ------
    NotJson
        When the body is not JSON, or not JSON that every reader reads the same way.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        message = f"byte {error.start} (0x{body[error.start]:02x}) is not UTF-8"
        raise NotJson(message, "send JSON in UTF-8") from error
    return loads_text(text)


def loads_text(text: str) -> Any:
    """Read one JSON document that is decoded already.

    Raises
    ------
    NotJson
        As `loads` does.
    """
    try:
        value = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise NotJson(
            f"not JSON: {error.msg.removesuffix(' at')} at {where}", "send one complete JSON document"
        ) from error
    except RecursionError as error:
        raise TooDeep from error
    _refuse_depth(value)
    if _SURROGATE_ESCAPE.search(text):
        _refuse_lone_surrogates(value)
    return value


def dumps(value: Any) -> bytes:
    r"""Write JSON in pure ASCII, with no `+` or `%` in any string.

    A peer in the field URL-decodes the body before it reads it (MME.md), which turns `+` into a blank.

    Examples
    --------
    >>> dumps({"hgvs": "c.10+1G>A", "share": 1e20})
    b'{"hgvs":"c.10\\u002b1G>A","share":1e+20}'
    """
    text = _ENCODER.encode(value)
    # Only inside strings: the sign of an exponent is no character that could be escaped.
    escaped = _STRING.sub(_escape, text) if "e+" in text else _escaped(text)
    return escaped.encode("ascii")


def listed(values: Iterable[bytes]) -> bytes:
    """Write a list of what is spelled already.

    Examples
    --------
    >>> listed([b"2", b"3"])
    b'[2,3]'
    """
    return b"[" + b",".join(values) + b"]"


def _escape(string: re.Match[str]) -> str:
    return _escaped(string[0])


def _escaped(text: str) -> str:
    return text.replace("+", "\\u002b").replace("%", "\\u0025")


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise NotJson(f"the key {twice[:80]!r} stands twice in one object", "send every key once")
    return found


def _integer(digits: str) -> int:
    if len(digits.lstrip("-")) > MAX_INTEGER_DIGITS:
        raise NotJson(f"an integer of over {MAX_INTEGER_DIGITS} digits", "send smaller numbers")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise NotJson(f"the number {digits[:40]} is too large", "send smaller numbers")
    return number


def _constant(name: str) -> Any:
    raise NotJson(f"{name} is not JSON", "leave out what is not a number, or send null")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_int=_integer, parse_float=_real, parse_constant=_constant)


def _refuse_depth(value: Any) -> None:
    level, depth = [value], 0
    while level:
        depth += 1
        # A scalar stands inside its container and opens no level of its own.
        level = [v for v in level if isinstance(v, dict | list)]
        if level and depth > MAX_DEPTH:
            raise TooDeep
        level = [inner for v in level for inner in (v.values() if isinstance(v, dict) else v)]


def _refuse_lone_surrogates(value: Any) -> None:
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotJson("half of a surrogate pair stands alone in a string", "send whole characters") from error
