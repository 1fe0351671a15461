"""A case as a document in two halves: the profile in clear, and what names anybody, to be sealed.

The spelling follows the dataclasses: a field added to the model is stored without a line here, and a test walks over
`FULL_CASE`. `None` and empty lists are left out; whatever else is stated is written, so that changing a default never
changes a stored case.
"""

from __future__ import annotations

import datetime as dt
import json
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Any, NewType, Union, get_args, get_origin, get_type_hints

from matchmaker.errors import Unavailable
from matchmaker.model import Case, CaseId

FORMAT = 1
SEALED = frozenset({"owner", "local_id", "contact", "label", "notes", "family", "consent"})
_LABELLED = ("features", "disorders")  # a submitter's label is free text, and may say anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Both halves as canonical JSON: the same case always has the same text."""

    profile: str
    hidden: str


def encode(case: Case) -> Document:
    """Spell a case as a document; its id is the row's and not in it."""
    whole: dict[str, Any] = _encode(case)
    del whole["id"]
    hidden = {name: whole.pop(name) for name in SEALED & whole.keys()}
    for name in _LABELLED:
        labels = [item.pop("label", None) for item in whole.get(name, ())]
        if any(label is not None for label in labels):
            hidden[f"labels of {name}"] = labels
    return Document(profile=_dumps({"format": FORMAT, **whole}), hidden=_dumps(hidden))


def decode(case_id: CaseId, document: Document) -> Case:
    """Make the case that was encoded.

    Raises
    ------
    Unavailable
        When a newer version of this program wrote it.
    """
    whole: dict[str, Any] = json.loads(document.profile)
    if whole.pop("format") > FORMAT:
        raise Unavailable(f"case {case_id}", "a newer version of this program wrote it", "update this one")
    hidden: dict[str, Any] = json.loads(document.hidden)
    for name in _LABELLED:
        for item, label in zip(whole.get(name, ()), hidden.pop(f"labels of {name}", ()), strict=False):
            if label is not None:
                item["label"] = label
    case: Case = _decoder(Case)({"id": case_id, **whole, **hidden})
    return case


def _dumps(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


@cache
def _names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def _encode(value: Any) -> Any:
    if isinstance(value, tuple):
        return [_encode(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if not is_dataclass(value):
        return value
    kind: type = type(value)
    stated = ((name, getattr(value, name)) for name in _names(kind))
    return {name: _encode(part) for name, part in stated if part is not None and part != ()}


_Decoder = Callable[[Any], Any]


@cache
def _decoder(kind: Any) -> _Decoder:
    """Return what reads a value of this annotation; one that it does not know is a TypeError when first asked for."""
    if isinstance(kind, NewType):
        return _decoder(kind.__supertype__)
    if get_origin(kind) in (types.UnionType, Union):
        (stated,) = (argument for argument in get_args(kind) if argument is not type(None))
        return _decoder(stated)
    if get_origin(kind) is tuple:
        return _tuple_decoder(get_args(kind))
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass_decoder(kind)
    if kind is dt.date:
        return dt.date.fromisoformat
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind
    if kind in (str, bool, int, float):
        return _as_it_is
    raise TypeError(f"no spelling for {kind}")


def _as_it_is(value: Any) -> Any:
    return value


def _tuple_decoder(arguments: tuple[Any, ...]) -> _Decoder:
    item = _decoder(arguments[0])  # tuple[X, ...] and tuple[X, X]: all items are of one kind
    if item is _as_it_is:
        return tuple
    return lambda values: tuple(map(item, values))


def _dataclass_decoder(kind: type) -> _Decoder:
    hints = get_type_hints(kind)
    readers = {name: _decoder(hints[name]) for name in _names(kind)}
    return lambda stated: kind(**{name: readers[name](part) for name, part in stated.items()})
