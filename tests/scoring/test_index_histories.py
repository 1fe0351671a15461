from __future__ import annotations

from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matchmaker.model import CaseId, Sharing
from scoring.index import Change, Filter, Index
from scoring.profile import Profile
from tests.memory import folder_in_memory
from tests.scoring.segments import CORPUS, NAMES, QUERY, SCORER, Meanwhile, a_keeper, an_index, put, settle
from tests.scoring.strategies import profiles


class Histories(RuleBasedStateMachine):
    """Whatever happens to two processes and their files, each index is the one made anew from what is stored."""

    @initialize(least=st.integers(1, 4))
    def start(self, least: int) -> None:
        self.places = ExitStack()
        self.folder = self.places.enter_context(folder_in_memory())
        self.least = least
        self.stored: dict[str, tuple[int, Profile | None]] = {}
        self.revision = 0
        self.indexes = [self.opened(), self.opened()]

    def opened(self) -> Index:
        return an_index(self.folder, keeper=a_keeper(self.folder, least=self.least))

    @rule(data=st.data(), names=st.sets(st.sampled_from(NAMES), min_size=1, max_size=4))
    def store(self, data: st.DataObject, names: set[str]) -> None:
        self.revision += 1
        for name in names:
            self.stored[name] = (self.revision, replace(data.draw(profiles(CORPUS)), case_id=CaseId(name)))

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1, max_size=3))
    def withdraw(self, names: set[str]) -> None:
        self.revision += 1
        self.stored |= dict.fromkeys(names, (self.revision, None))

    @rule(which=st.integers(0, 1))
    def follow(self, which: int) -> None:
        if self.indexes[which].is_overtaken:
            self.indexes[which] = self.opened()
        index = self.indexes[which]
        changes = [
            Change(case_id=CaseId(name), revision=revision, profile=profile)
            for name, (revision, profile) in self.stored.items()
            if revision > index.revision
        ]
        index.apply(changes, revision=self.revision)

    @rule(which=st.integers(0, 1), name=st.sampled_from(NAMES), stays=st.booleans())
    def write(self, which: int, name: str, stays: bool) -> None:
        """Write, while a case is withdrawn or comes back."""

        def change() -> None:
            self.revision += 1
            known = self.stored.get(name, (0, None))[1]
            self.stored[name] = (self.revision, known if stays else None)
            index = self.indexes[which]
            newest = Change(case_id=CaseId(name), revision=self.revision, profile=self.stored[name][1])
            if index.revision == self.revision - 1:
                index.apply([newest], revision=self.revision)

        index = self.indexes[which]
        folder = index._keeper.folder if index._keeper is not None else None
        assert isinstance(folder, Meanwhile)
        folder.happens = change
        settle(index)
        folder.happens = None

    @rule(which=st.integers(0, 1))
    def restart(self, which: int) -> None:
        self.indexes[which] = self.opened()

    @rule(data=st.data(), place=st.integers(0, 5000), value=st.integers(1, 255))
    def damage(self, data: st.DataObject, place: int, value: int) -> None:
        path = self.some_file(data)
        if path is not None and path.stat().st_size:
            changed = bytearray(path.read_bytes())
            changed[place % len(changed)] ^= value
            # Never written in place: a process that has the old file mapped keeps it.
            path.unlink()
            path.write_bytes(changed)

    @rule(data=st.data(), share=st.floats(0.0, 1.0))
    def cut_off(self, data: st.DataObject, share: float) -> None:
        path = self.some_file(data)
        if path is not None:
            whole = path.read_bytes()
            path.unlink()
            path.write_bytes(whole[: int(share * len(whole))])

    @rule(data=st.data())
    def lose(self, data: st.DataObject) -> None:
        path = self.some_file(data)
        if path is not None:
            path.unlink()

    def some_file(self, data: st.DataObject) -> Path | None:
        folder = self.folder / "index"
        files = sorted(path for path in folder.iterdir() if path.name != "lock") if folder.exists() else []
        return data.draw(st.sampled_from(files)) if files else None

    @invariant()
    def is_what_is_made_anew(self) -> None:
        if not hasattr(self, "indexes"):
            return
        anew = Index(SCORER, secret=b"secret")
        put(anew, *(profile for _, profile in self.stored.values() if profile is not None))
        expected = answers(anew)
        for which in (0, 1):
            self.follow(which)
            assert answers(self.indexes[which]) == expected

    def teardown(self) -> None:
        if hasattr(self, "places"):
            self.places.close()


def answers(index: Index) -> tuple[object, ...]:
    """What an index holds and finds."""
    some = Filter(sharing=Sharing.EEA, owner="o2", exclude_cases=frozenset({CaseId("a")}))
    found = [index.search(QUERY, k=4, where=where) for where in (Filter(), some)]
    return len(index), index.checksum(), *found, index.search_apart(QUERY, k=2)


TestHistories = pytest.mark.slow(Histories.TestCase)
TestHistories.settings = settings(deadline=None, max_examples=2000, stateful_step_count=5)
