"""The reader refuses what two readers could read differently; what is written survives URL-decoding."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any
from urllib.parse import unquote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.strict_json import MAX_DEPTH, NotJson, dumps, loads

REFUSED = {
    "nan": b'{"score": NaN}',
    "infinity": b"[Infinity]",
    "minus infinity": b"[-Infinity]",
    "a number that overflows to infinity": b"[1e999]",
    "a duplicate key": b'{"id": 1, "id": 2}',
    "a duplicate key deep inside": b'{"a": [{"b": {"c": 1, "d": 2, "c": 1}}]}',
    "a duplicate key spelled with an escape": b'{"id": 1, "\\u0069d": 2}',
    "invalid utf-8": b'{"id": "\xff"}',
    "an overlong encoding": b'"\xc0\xaf"',
    "latin-1": '"é"'.encode("latin-1"),
    "utf-16": '{"id": "a"}'.encode("utf-16"),
    "a lone surrogate in the bytes": b'"\xed\xa0\x80"',
    "a lone high surrogate, escaped": b'"\\ud83d"',
    "a lone low surrogate, escaped": b'"\\uDE00 "',
    "a lone surrogate in a key": b'{"\\udfff": 1}',
    "surrogates in the wrong order": b'"\\ude00\\ud83d"',
    "an integer of 21 digits": b"[100000000000000000000]",
    "a negative integer of 21 digits": b"[-100000000000000000000]",
    "an integer of a million digits": b"9" * 1_000_000,
    "two documents": b"{} {}",
    "half a document": b'{"id": "a"',
    "nothing": b"",
    "a single quote": b"{'id': 1}",
    "a trailing comma": b"[1,]",
    "an unescaped line break in a string": b'"a\nb"',
    "65 levels of lists": b"[" * 65 + b"]" * 65,
    "65 levels of objects": b'{"a":' * 65 + b"1" + b"}" * 65,
    "a million levels": b"[" * 1_000_000,
    "a hundred thousand closed levels": b"[" * 100_000 + b"]" * 100_000,
}


def test_place_of_the_fault_is_said_once() -> None:
    with pytest.raises(NotJson, match="not JSON: Invalid control character at line 1, column 2"):
        loads(b'"\x00"')


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_ambiguous_or_harmful_json_is_refused_with_a_remedy(body: bytes) -> None:
    with pytest.raises(NotJson) as refused:
        loads(body)

    [issue] = refused.value.issues
    assert issue.message
    assert issue.remedy


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'\xef\xbb\xbf{"id": "a"}', {"id": "a"}),
        (b"99999999999999999999", 99999999999999999999),
        (b"-99999999999999999999", -99999999999999999999),
        (b'"\\ud83d\\ude00"', "😀"),
        ('[1.5, null, true, "é"]'.encode(), [1.5, None, True, "é"]),
        (b'"\\\\ud83d"', "\\ud83d"),
        (b" null\n", None),
    ],
    ids=["byte-order mark", "20 digits", "minus and 20 digits", "a pair of surrogates", "utf-8", "no escape", "blanks"],
)
def test_unusual_but_unambiguous_json_is_read(body: bytes, value: Any) -> None:
    assert loads(body) == value


def test_depth_64_is_read() -> None:
    assert loads(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    assert loads(b'{"a":' * MAX_DEPTH + b"[1]"[1:2] + b"}" * MAX_DEPTH)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    with suppress(NotJson):
        loads(body)


JSON_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**19), 10**19)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


@given(JSON_VALUES)
def test_what_is_written_reads_back_also_after_url_decoding(value: Any) -> None:
    body = dumps(value)

    assert body.isascii()
    assert b"%" not in body
    assert loads(body) == json.loads(body) == value


@given(st.dictionaries(st.text(), st.text() | st.integers(), max_size=4))
def test_url_decoding_the_body_changes_nothing(value: dict[str, Any]) -> None:
    body = dumps(value)

    assert unquote_plus(body.decode()) == body.decode()


def test_plus_and_percent_are_escaped_but_not_in_numbers() -> None:
    assert dumps({"c.10+1G>A": "50 %", "n": 1e20}) == b'{"c.10\\u002b1G>A":"50 \\u0025","n":1e+20}'


def test_not_a_number_is_never_written() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dumps([float("nan")])
