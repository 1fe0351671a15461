"""Exports go back in as they came out, are there whole or not at all, and are for nobody else's eyes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.exporting import export_lines, export_phenopackets
from federation.importing import read_record
from federation.records import records
from matchmaker.errors import Unavailable
from matchmaker.model import Case
from tests.federation.patients import the_release
from tests.full_case import FULL_CASE

CASES = [FULL_CASE, replace(FULL_CASE, local_id="P-18", notes="+ 50 %")]


def back(path: Path, owner: str | None = None) -> list[Case]:
    read = (read_record(record, release=the_release(), owner=owner) for record in records([path]))
    return [replace(found.case, id=FULL_CASE.id) for found in read]


@pytest.mark.parametrize("name", ["cases.jsonl", "cases.jsonl.gz"])
def test_lines_go_back_in_as_they_came_out(tmp_path: Path, name: str) -> None:
    assert export_lines(CASES, tmp_path / name, the_release()) == 2
    assert back(tmp_path / name) == CASES


@pytest.mark.parametrize("name", ["packets", "packets.zip"])
def test_phenopackets_go_back_in_with_their_clinical_part(tmp_path: Path, name: str) -> None:
    assert export_phenopackets(CASES, tmp_path / name, the_release()) == 2

    found = back(tmp_path / name, owner=FULL_CASE.owner)
    assert [case.local_id for case in found] == ["P-17", "P-18"]
    assert found[0].features == FULL_CASE.features


def test_files_are_named_after_ids_whatever_is_in_them(tmp_path: Path) -> None:
    ids = ["../../x", "A", "a", ".", "é/ü", "x" * 300]
    export_phenopackets([replace(FULL_CASE, local_id=id_) for id_ in ids], tmp_path / "packets", the_release())
    names = sorted(path.name for path in (tmp_path / "packets").iterdir())

    assert names == sorted(["_.._x.json", "A.json", "a-3.json", "case.json", "___.json", f"{'x' * 100}.json"])
    assert {json.loads((tmp_path / "packets" / name).read_bytes())["id"] for name in names} == set(ids)


def test_nobody_else_may_read_an_export(tmp_path: Path) -> None:
    export_lines(CASES, tmp_path / "cases.jsonl", the_release())
    export_phenopackets(CASES, tmp_path / "packets", the_release())

    assert (tmp_path / "cases.jsonl").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "packets").stat().st_mode & 0o777 == 0o700


def test_export_that_breaks_leaves_what_was_there(tmp_path: Path) -> None:
    def breaking() -> Iterator[Case]:
        yield FULL_CASE
        raise OSError(28, "No space left on device")

    target = tmp_path / "cases.jsonl"
    target.write_text("before")
    with pytest.raises(Unavailable, match="No space left on device"):
        export_lines(breaking(), target, the_release())
    with pytest.raises(Unavailable):
        export_phenopackets(breaking(), tmp_path / "packets", the_release())

    assert target.read_text() == "before"
    assert list(tmp_path.iterdir()) == [target]


def test_folder_with_something_in_it_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "packets").mkdir()
    (tmp_path / "packets" / "mine.txt").write_text("mine")

    with pytest.raises(Unavailable):
        export_phenopackets(CASES, tmp_path / "packets", the_release())
    assert (tmp_path / "packets" / "mine.txt").read_text() == "mine"


def test_export_into_a_missing_folder_says_where(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="missing"):
        export_lines(CASES, tmp_path / "missing" / "cases.jsonl", the_release())


def test_export_of_nothing_is_an_empty_file(tmp_path: Path) -> None:
    assert export_lines([], tmp_path / "cases.jsonl", the_release()) == 0
    assert (tmp_path / "cases.jsonl").read_bytes() == b""
