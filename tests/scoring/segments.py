"""Indexes that are kept in files, as tests open and change them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from matchmaker.model import CaseId
from scoring.index import Change, Index
from scoring.index.folder import SegmentFolder, Snapshot
from scoring.index.keeping import Keeper
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.scoring.strategies import GENES, RELEASE, world

CORPUS, _ = world([[], [0], [0], [1], [1, 2], [3], [4], [2, 3]], [[3], [5], [4], [6, 7], [0], [2, 5], [7]])
SCORER = Scorer(CORPUS)
NAMES = "abcdefghij"
QUERY = Profile(case_id=CaseId("q"), release=RELEASE, observed=(5, 7), genes=(GENES[0],), owner="o1")


class Meanwhile(SegmentFolder):
    """A folder in which something else happens while it is written to."""

    happens: Callable[[], None] | None = None

    def write(self, *arguments: Any, **named: Any) -> Snapshot | None:
        if self.happens is not None:
            happens, self.happens = self.happens, None
            happens()
        return super().write(*arguments, **named)


def a_keeper(folder: Path, *, seconds: float = 0.0, least: int = 1, most: int = 1000, scoring: str = "S+x") -> Keeper:
    files = Meanwhile(folder / "index", scoring=scoring, release=RELEASE)
    return Keeper(files, least=least, most=most, seconds=seconds)


def an_index(folder: Path, *, epoch: str = "e", keeper: Keeper | None = None) -> Index:
    """Open an index as a node does."""
    keeper = keeper or a_keeper(folder)
    index = Index(SCORER, epoch=epoch, keeper=keeper, secret=b"secret")
    return index if index.is_sound() else Index(SCORER, epoch=epoch, keeper=keeper, secret=b"secret")


def settle(index: Index) -> None:
    index.tidy()
    index.settle()


def a_case(name: str, *observed: int, **stated: object) -> Profile:
    usual: dict[str, object] = {"case_id": CaseId(name), "release": RELEASE, "observed": tuple(sorted(observed))}
    return Profile(**{**usual, **stated})  # type: ignore[arg-type]


def put(index: Index, *cases: Profile) -> None:
    revision = index.revision + 1
    index.apply([Change(case_id=c.case_id, revision=revision, profile=c) for c in cases], revision=revision)
    settle(index)


def take(index: Index, *names: str) -> None:
    revision = index.revision + 1
    index.apply([Change(case_id=CaseId(n), revision=revision, profile=None) for n in names], revision=revision)
    settle(index)


def segments(folder: Path) -> list[Path]:
    return sorted((folder / "index").glob("*.segment"))


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in (folder / "index").iterdir() if path.is_file())
