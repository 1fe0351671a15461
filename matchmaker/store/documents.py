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
from enum import StrEnum
from functools import cache
from typing import Any, NewType, TypeVar, Union, get_args, get_origin, get_type_hints

from matchmaker.errors import Unavailable
from matchmaker.model import Case, CaseId

Value = TypeVar("Value")
FORMAT = 1
SEALED = frozenset({"owner", "local_id", "contact", "label", "notes", "family", "consent", "registration"})
_LABELLED = ("features", "disorders")  # a submitter's label is free text, and may say anything


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """Both halves as canonical JSON: the same case always has the same text."""

    profile: str
    hidden: str


def encode(case: Case) -> Document:
    """Spell a case as a document; its id is the row's and not in it."""
    whole: dict[str, Any] = _spelling(Case).write(case)
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
    case: Case = _spelling(Case).read({"id": case_id, **whole, **hidden})
    return case


def dumps(value: object) -> str:
    """Spell any dataclass of values that a case is made of."""
    kind: Any = type(value)
    return json.dumps(_spelling(kind).write(value), separators=(",", ":"))


def loads(kind: type[Value], text: str) -> Value:
    """Make the dataclass that `dumps` spelt."""
    made: Value = _of_dataclass(kind).read(json.loads(text))
    return made


def _dumps(value: Mapping[str, Any]) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spelling:
    """How values of one annotation are written and read."""

    write: Callable[[Any], Any]
    read: Callable[[Any], Any]


def _as_it_is(value: Any) -> Any:
    return value


_PLAIN = _Spelling(write=_as_it_is, read=_as_it_is)


@cache
def _spelling(kind: Any) -> _Spelling:
    """Return the spelling of an annotation; one without any is a TypeError when first asked for."""
    if isinstance(kind, NewType):
        return _spelling(kind.__supertype__)
    if get_origin(kind) in (types.UnionType, Union):
        (stated,) = (argument for argument in get_args(kind) if argument is not type(None))
        return _spelling(stated)
    if get_origin(kind) is tuple:
        return _of_tuple(_spelling(get_args(kind)[0]))  # tuple[X, ...] and tuple[X, X]: all items are of one kind
    if kind is dt.date:
        return _Spelling(write=dt.date.isoformat, read=dt.date.fromisoformat)
    if kind in (str, bool, int, float):
        return _PLAIN
    if isinstance(kind, type) and is_dataclass(kind):
        return _of_dataclass(kind)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _Spelling(write=_as_it_is, read={member.value: member for member in kind}.__getitem__)
    raise TypeError(f"no spelling for {kind}")


def _of_tuple(item: _Spelling) -> _Spelling:
    if item is _PLAIN:
        return _Spelling(write=_as_it_is, read=tuple)
    write, read = item.write, item.read
    return _Spelling(
        write=lambda values: [write(value) for value in values], read=lambda values: tuple(map(read, values))
    )


def _of_dataclass(kind: type) -> _Spelling:
    hints = get_type_hints(kind)
    spellings = {field.name: _spelling(hints[field.name]) for field in fields(kind)}
    writers = [(name, None if spelling is _PLAIN else spelling.write) for name, spelling in spellings.items()]
    readers = {name: spelling.read for name, spelling in spellings.items() if spelling is not _PLAIN}

    def write(value: Any) -> dict[str, Any]:
        stated = {}
        for name, spell in writers:
            part = getattr(value, name)
            if part is not None and part != ():
                stated[name] = part if spell is None else spell(part)
        return stated

    def read(stated: dict[str, Any]) -> Any:
        for name in stated.keys() & readers.keys():
            stated[name] = readers[name](stated[name])
        return kind(**stated)

    return _Spelling(write=write, read=read)
