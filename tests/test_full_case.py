"""FULL_CASE states everything: a field added to the model and forgotten here fails at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from typing import Any

from matchmaker import model
from tests.full_case import FULL_CASE

NOT_PART_OF_A_CASE = {model.StoredCase, model.Score, model.Node}


def test_every_field_of_every_value_of_a_case_is_stated() -> None:
    left_at_default = [
        f"{kind.__name__}.{field.name}"
        for kind, found in _values_by_kind(FULL_CASE).items()
        for field in fields(kind)
        if not any(_is_stated(field, getattr(value, field.name)) for value in found)
    ]

    assert left_at_default == []


def test_one_value_of_each_kind_states_all_its_fields_together() -> None:
    for kind, found in _values_by_kind(FULL_CASE).items():
        assert any(_states_all(value) for value in found), kind


def test_every_kind_of_value_in_the_model_occurs() -> None:
    kinds = {kind for kind in vars(model).values() if isinstance(kind, type) and is_dataclass(kind)}

    assert set(_values_by_kind(FULL_CASE)) == kinds - NOT_PART_OF_A_CASE


def _states_all(value: Any) -> bool:
    return all(_is_stated(field, getattr(value, field.name)) for field in fields(value))


def _is_stated(field: Field[Any], value: Any) -> bool:
    default = field.default if field.default_factory is MISSING else field.default_factory()
    return value is not None and value not in ("", ()) and (default is MISSING or value != default)


def _values_by_kind(value: Any) -> dict[type, list[Any]]:
    found: dict[type, list[Any]] = defaultdict(list)
    for nested in _walk(value):
        found[type(nested)].append(nested)
    return found


def _walk(value: Any) -> Iterator[Any]:
    if isinstance(value, tuple):
        for item in value:
            yield from _walk(item)
    elif is_dataclass(value):
        yield value
        for field in fields(value):
            yield from _walk(getattr(value, field.name))
