"""docs/asvs.csv: every requirement of levels 1 and 2 is there once, and what shows it exists."""

from __future__ import annotations

import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parent.parent
STATES = {"met", "met in part", "not met", "by the operator"}
# Of the standard, version 5.0.0, by chapter: how many of its requirements are of level 1 or 2.
BY_CHAPTER = {1: 27, 2: 11, 3: 19, 4: 10, 5: 9, 6: 35, 7: 18, 8: 7, 9: 7, 10: 29, 11: 14, 12: 9, 13: 13, 14: 9, 15: 13}
BY_CHAPTER |= {16: 16, 17: 7}


def rows() -> list[dict[str, str]]:
    with (ROOT / "docs" / "asvs.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_requirement_of_levels_1_and_2_is_there_once_and_in_order() -> None:
    numbers = [tuple(map(int, row["requirement"].split("."))) for row in rows()]

    assert numbers == sorted(set(numbers))
    assert Counter(row["level"] for row in rows()) == {"1": 70, "2": 183}
    assert Counter(chapter for chapter, _, _ in numbers) == BY_CHAPTER


def test_what_applies_has_a_state_and_what_shows_it_and_what_does_not_says_why() -> None:
    for row in rows():
        if row["applies"] == "yes":
            assert row["state"] in STATES, row
            assert row["shown by"], row
            assert row["note"] or row["state"] in {"met", "by the operator"}, row
        else:
            assert (row["applies"], row["state"], row["shown by"]) == ("no", "", ""), row
            assert row["note"], row


def test_every_test_and_document_that_is_named_exists() -> None:
    missing = [
        named for row in rows() for named in row["shown by"].split("; ") if named and not _exists(*named.split("::"))
    ]

    assert missing == []


def _exists(path: str, test: str | None = None) -> bool:
    file = ROOT / path
    if test is None or not file.is_file():
        return file.is_file()
    return test in _tests_of(file)


@cache
def _tests_of(file: Path) -> frozenset[str]:
    return frozenset(re.findall(r"^def (test_\w+)", file.read_text("utf-8"), re.MULTILINE))
