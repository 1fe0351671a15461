from __future__ import annotations

import logging
import multiprocessing
import resource
import shutil
import signal
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matchmaker.model import CaseId, Sharing
from scoring.index import Change, Filter, Index
from scoring.index.folder import SegmentFolder, Snapshot
from scoring.index.keeping import Keeper
from scoring.index.spelling import decode, encode
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.scoring.strategies import GENES, RELEASE, profiles, world

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


class Histories(RuleBasedStateMachine):
    """Whatever happens to two processes and their files, each index is the one made anew from what is stored."""

    @initialize(least=st.integers(1, 4))
    def start(self, least: int) -> None:
        self.folder = Path(tempfile.mkdtemp())
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
        for which in (0, 1):
            self.follow(which)
            index = self.indexes[which]
            assert len(index) == len(anew)
            assert index.checksum() == anew.checksum()
            for where in (Filter(), Filter(sharing=Sharing.EEA, owner="o2", exclude_cases=frozenset({CaseId("a")}))):
                assert index.search(QUERY, k=4, where=where) == anew.search(QUERY, k=4, where=where)
            assert index.search_apart(QUERY, k=2) == anew.search_apart(QUERY, k=2)

    def teardown(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)


TestHistories = pytest.mark.slow(Histories.TestCase)
TestHistories.settings = settings(deadline=None, max_examples=2000, stateful_step_count=5)


def test_restarted_index_answers_from_the_file(tmp_path: Path):
    put(an_index(tmp_path), a_case("a", 5, 7), a_case("b", 3, genes=(GENES[0],)), a_case("c", 6))
    again = an_index(tmp_path)
    assert (again.revision, len(again)) == (1, 3)
    assert [hit.case_id for hit in again.search(QUERY, k=9)] == ["b", "a", "c"]
    assert again.profile(CaseId("b")) == a_case("b", 3, genes=(GENES[0],))
    assert again.profile(CaseId("d")) is None


def test_files_of_another_epoch_scoring_or_program_are_not_read_and_go(tmp_path: Path):
    for other in (
        lambda: an_index(tmp_path, epoch="f"),
        lambda: an_index(tmp_path, keeper=a_keeper(tmp_path, scoring="S+y")),
    ):
        put(an_index(tmp_path), a_case("a", 5))
        assert len(other()) == 0
        assert [path.name for path in (tmp_path / "index").iterdir()] == ["lock"]


@pytest.mark.parametrize("which", ["the list", "a segment"])
@pytest.mark.parametrize("foreign", [b"", b"MMINDEX2", b"%PDF-1.7 of somebody else" * 20])
def test_foreign_file_is_set_aside_with_one_line(
    tmp_path: Path, which: str, foreign: bytes, caplog: pytest.LogCaptureFixture
):
    put(an_index(tmp_path), a_case("a", 5))
    path = tmp_path / "index" / "segments" if which == "the list" else segments(tmp_path)[0]
    path.unlink()
    path.write_bytes(foreign)
    with caplog.at_level(logging.WARNING):
        index = an_index(tmp_path)
    assert len(index) == 0
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "a file of the index is set aside as damaged, and made anew from the database"
    ]
    put(index, a_case("a", 5))
    assert len(an_index(tmp_path)) == 1
    assert not (tmp_path / "index" / "damaged").exists()


def test_damage_in_a_large_segment_is_found_beside_and_before_the_first_search(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
):
    put(an_index(tmp_path), *(a_case(f"{n}", 5, 1 + n % 6) for n in range(50)))
    path = segments(tmp_path)[0]
    changed = bytearray(path.read_bytes())
    changed[-70] ^= 1
    path.unlink()
    path.write_bytes(changed)
    keeper = Keeper(SegmentFolder(tmp_path / "index", scoring="S+x", release=RELEASE, at_once=0), least=1)
    opened = Index(SCORER, epoch="e", keeper=keeper, secret=b"secret")
    assert not opened.is_sound()
    assert len(Index(SCORER, epoch="e", keeper=keeper, secret=b"secret")) == 0
    assert len(caplog.records) == 1


def test_segments_are_merged_in_tiers_and_few_remain(tmp_path: Path):
    index = an_index(tmp_path, keeper=a_keeper(tmp_path, least=3))
    for n in range(120):
        put(index, a_case(f"{n:03d}", 5, 1 + n % 6))
    sizes = [len(segment) for segment in index.moment.shelf.stored]
    assert len(sizes) == len(segments(tmp_path)) <= 4
    assert sizes == sorted(sizes, reverse=True)
    assert sum(sizes) >= 118
    anew = Index(SCORER, secret=b"secret")
    put(anew, *(a_case(f"{n:03d}", 5, 1 + n % 6) for n in range(120)))
    assert index.checksum() == anew.checksum()
    assert index.search(QUERY, k=50) == anew.search(QUERY, k=50)


def test_case_that_is_gone_leaves_the_files_and_owners_never_stand_in_them(tmp_path: Path):
    index = an_index(tmp_path, keeper=a_keeper(tmp_path, least=2))
    put(index, *(a_case(f"kept{n}", 5, owner="ward-nine", family="ward-nine\nfamily") for n in range(20)))
    put(index, a_case("erased-one", 6), a_case("other", 6))
    assert len(segments(tmp_path)) == 2
    assert b"erased-one" in content(tmp_path)
    take(index, "erased-one")
    assert b"kept7" in content(tmp_path)
    assert b"erased-one" not in content(tmp_path)
    assert b"ward-nine" not in content(tmp_path)
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "index").iterdir())


def test_case_that_goes_while_its_file_is_written_leaves_it_soon_after(tmp_path: Path):
    index = an_index(tmp_path, keeper=a_keeper(tmp_path, least=2))
    put(index, a_case("a", 5), a_case("goes-now", 6))
    put(index, a_case("c", 5))
    folder = index._keeper.folder if index._keeper else None
    assert isinstance(folder, Meanwhile)
    gone = Change(case_id=CaseId("goes-now"), revision=4, profile=None)
    folder.happens = lambda: index.apply([gone], revision=4)
    put(index, a_case("d", 5))
    assert (len(index), index.profile(CaseId("goes-now"))) == (3, None)
    settle(index)
    assert b"goes-now" not in content(tmp_path)
    assert (len(an_index(tmp_path)), an_index(tmp_path).revision) == (3, 4)


def test_gone_case_waits_no_longer_than_the_time_between_two_writings(tmp_path: Path):
    keeper = a_keeper(tmp_path, seconds=3600.0, least=2)
    index = an_index(tmp_path, keeper=keeper)
    put(index, a_case("a", 5), a_case("b", 6))
    take(index, "a")
    assert not keeper.is_due(index.moment.shelf)
    assert len(an_index(tmp_path, keeper=a_keeper(tmp_path, least=9))) == 2


def test_what_a_killed_process_left_half_written_goes(tmp_path: Path):
    put(an_index(tmp_path), a_case("a", 5))
    (tmp_path / "index" / ".x.segment.x1y2").write_bytes(b"half of it")
    (tmp_path / "index" / "unlisted.segment").write_bytes(b"all of it, and killed before the list")
    assert len(an_index(tmp_path)) == 1
    names = sorted(path.name for path in (tmp_path / "index").iterdir())
    assert names == sorted(["lock", "segments", segments(tmp_path)[0].name])


def test_folder_that_cannot_be_written_leaves_the_index_at_work(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    index = an_index(tmp_path / "missing")
    with caplog.at_level(logging.WARNING):
        put(index, a_case("a", 5, 7))
    assert [hit.case_id for hit in index.search(QUERY, k=3)] == ["a"]
    assert "the old files stay in use" in caplog.text


def test_full_disk_while_merging_leaves_the_old_segments_in_use(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    index = an_index(tmp_path)
    put(index, a_case("a", 5, 7), a_case("b", 6))
    before = content(tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handled = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (512, hard))
    try:
        put(index, a_case("c", 5))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handled)
    assert "the old files stay in use" in caplog.text
    assert content(tmp_path) == before
    assert {hit.case_id for hit in index.search(QUERY, k=3)} == {"a", "b", "c"}
    assert len(an_index(tmp_path)) == 2
    settle(index)
    assert len(an_index(tmp_path)) == 3


def test_process_that_was_overtaken_says_so_and_writes_nothing(tmp_path: Path):
    one, two = an_index(tmp_path), an_index(tmp_path)
    put(one, a_case("a", 5))
    put(two, a_case("a", 5), a_case("b", 6))
    assert (one.is_overtaken, two.is_overtaken) == (False, True)
    assert len(an_index(tmp_path)) == 1
    assert len(two) == 2


def test_many_changes_at_once_are_written_before_they_fill_the_memory(tmp_path: Path):
    cases = [a_case(f"{n:03d}", 5, 1 + n % 6) for n in range(60)]
    index = an_index(tmp_path, keeper=a_keeper(tmp_path, most=10))
    index.apply((Change(case_id=c.case_id, revision=n, profile=c) for n, c in enumerate(cases, 1)), revision=60)
    assert index.moment.shelf.n_added < 20
    started = an_index(tmp_path)
    # Killed now, the next process reads all changes again.
    assert started.revision == 0
    started.apply((Change(case_id=c.case_id, revision=n, profile=c) for n, c in enumerate(cases, 1)), revision=60)
    assert started.checksum() == index.checksum()


def _write_often(folder: Path) -> None:
    index = an_index(folder)
    while (n := index.revision) < 20:
        put(index, a_case(f"{n}", 5, 1 + n % 6))
        if index.is_overtaken:
            index = an_index(folder)


@pytest.mark.slow
def test_two_processes_that_write_at_once_leave_a_sound_file(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    context = multiprocessing.get_context("spawn")
    both = [context.Process(target=_write_often, args=(tmp_path,)) for _ in range(2)]
    for process in both:
        process.start()
    for process in both:
        process.join()
    assert [process.exitcode for process in both] == [0, 0]
    index = an_index(tmp_path)
    assert index.revision == len(index) > 0
    assert not caplog.records


def test_search_of_an_earlier_moment_still_leaves_the_query_itself_out():
    index = Index(SCORER)
    put(index, a_case("a", 5, 7), a_case("b", 5))
    before = index.on(index.engine)
    put(index, a_case("a", 7))
    where = Filter(exclude_cases=frozenset({CaseId("a")}))
    assert [hit.case_id for hit in before.search(QUERY, k=5, where=where)] == ["b"]
    take(index, "a")
    assert [hit.case_id for hit in before.search(QUERY, k=5, where=where)] == ["b"]
    assert [hit.case_id for hit in before.search(QUERY, k=5)] == ["a", "b"]


@settings(max_examples=50, deadline=None)
@given(profiles(CORPUS))
def test_profile_is_spelled_and_read_without_who_it_belongs_to(profile: Profile):
    back = decode(
        encode(profile),
        case_id=profile.case_id,
        release=RELEASE,
        observed=list(profile.observed),
        excluded=list(profile.excluded),
    )
    assert back == replace(profile, owner="", family=None)
