from __future__ import annotations

import logging
import multiprocessing
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from matchmaker.model import CaseId, Sharing
from scoring.index import Change, Filter, Index
from scoring.index.file import IndexFile
from scoring.index.spelling import decode, encode
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.scoring.strategies import GENES, RELEASE, profiles, world

CORPUS, _ = world([[], [0], [0], [1], [1, 2], [3], [4], [2, 3]], [[3], [5], [4], [6, 7], [0], [2, 5], [7]])
SCORER = Scorer(CORPUS)
NAMES = "abcdefghij"
QUERY = Profile(case_id=CaseId("q"), release=RELEASE, observed=(5, 7), genes=(GENES[0],), owner="o1")


def a_file(folder: Path, *, seconds: float = 0.0, least: int = 1, scoring: str = "S+x") -> IndexFile:
    return IndexFile(folder / "cases.index", scoring=scoring, release=RELEASE, least=least, seconds=seconds)


def an_index(folder: Path, *, epoch: str = "e", file: IndexFile | None = None) -> Index:
    return Index(SCORER, epoch=epoch, file=file or a_file(folder), secret=b"secret")


def a_case(name: str, *observed: int, **stated: object) -> Profile:
    usual: dict[str, object] = {"case_id": CaseId(name), "release": RELEASE, "observed": tuple(sorted(observed))}
    return Profile(**{**usual, **stated})  # type: ignore[arg-type]


def put(index: Index, *cases: Profile) -> None:
    revision = index.revision + 1
    index.apply([Change(case_id=c.case_id, revision=revision, profile=c) for c in cases], revision=revision)


def take(index: Index, *names: str) -> None:
    revision = index.revision + 1
    index.apply([Change(case_id=CaseId(n), revision=revision, profile=None) for n in names], revision=revision)


class Histories(RuleBasedStateMachine):
    """Whatever happens to an index and its file, it is the one that is made anew from what is stored."""

    @initialize()
    def start(self) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.stored: dict[str, tuple[int, Profile | None]] = {}
        self.revision = 0
        self.index = an_index(self.folder)

    @rule(data=st.data(), names=st.sets(st.sampled_from(NAMES), min_size=1, max_size=4))
    def store(self, data: st.DataObject, names: set[str]) -> None:
        self.revision += 1
        for name in names:
            self.stored[name] = (self.revision, replace(data.draw(profiles(CORPUS)), case_id=CaseId(name)))

    @rule(names=st.sets(st.sampled_from(NAMES), min_size=1, max_size=3))
    def withdraw(self, names: set[str]) -> None:
        self.revision += 1
        self.stored |= dict.fromkeys(names, (self.revision, None))

    @rule()
    def follow(self) -> None:
        changes = [
            Change(case_id=CaseId(name), revision=revision, profile=profile)
            for name, (revision, profile) in self.stored.items()
            if revision > self.index.revision
        ]
        self.index.apply(changes, revision=self.revision)
        self.index.tidy()

    @rule()
    def restart(self) -> None:
        self.index = an_index(self.folder)

    @rule(place=st.integers(0, 5000), value=st.integers(1, 255))
    def damage(self, place: int, value: int) -> None:
        path = self.folder / "cases.index"
        if path.exists() and path.stat().st_size:
            content = bytearray(path.read_bytes())
            content[place % len(content)] ^= value
            # Never written in place: a process that has the old file mapped keeps it.
            path.unlink()
            path.write_bytes(content)

    @rule(share=st.floats(0.0, 1.0))
    def cut_off(self, share: float) -> None:
        path = self.folder / "cases.index"
        if path.exists():
            content = path.read_bytes()
            path.unlink()
            path.write_bytes(content[: int(share * len(content))])

    @invariant()
    def is_what_is_made_anew(self) -> None:
        if not hasattr(self, "index"):
            return
        self.follow()
        anew = Index(SCORER, secret=b"secret")
        put(anew, *(profile for _, profile in self.stored.values() if profile is not None))
        assert len(self.index) == len(anew)
        assert self.index.checksum() == anew.checksum()
        for where in (Filter(), Filter(sharing=Sharing.EEA, owner="o2", exclude_cases=frozenset({CaseId("a")}))):
            assert self.index.search(QUERY, k=4, where=where) == anew.search(QUERY, k=4, where=where)
        assert self.index.search_apart(QUERY, k=2) == anew.search_apart(QUERY, k=2)

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


def test_file_of_another_epoch_scoring_or_program_is_not_read_and_goes(tmp_path: Path):
    for other in (
        lambda: an_index(tmp_path, epoch="f"),
        lambda: an_index(tmp_path, file=a_file(tmp_path, scoring="S+y")),
    ):
        put(an_index(tmp_path), a_case("a", 5))
        assert len(other()) == 0
        assert not (tmp_path / "cases.index").exists()


@pytest.mark.parametrize("content", [b"", b"MMINDEX1", b"%PDF-1.7 of somebody else" * 20])
def test_foreign_file_is_set_aside_with_one_line(tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture):
    (tmp_path / "cases.index").write_bytes(content)
    with caplog.at_level(logging.WARNING):
        index = an_index(tmp_path)
    assert len(index) == 0
    assert [record.message.split(":")[0] for record in caplog.records] == [
        "the index file is set aside as cases.damaged, and made anew from the database"
    ]
    assert (tmp_path / "cases.damaged").read_bytes() == content
    put(index, a_case("a", 5))
    assert len(an_index(tmp_path)) == 1
    assert not (tmp_path / "cases.damaged").exists()


def test_case_that_is_gone_leaves_the_file_and_owners_never_stand_in_it(tmp_path: Path):
    path = tmp_path / "cases.index"
    index = an_index(tmp_path)
    put(index, a_case("kept", 5, owner="ward-nine", family="ward-nine\nfamily"), a_case("erased-one", 6))
    assert b"erased-one" in path.read_bytes()
    take(index, "erased-one")
    assert b"kept" in path.read_bytes()
    assert b"erased-one" not in path.read_bytes()
    assert b"ward-nine" not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


def test_gone_case_waits_no_longer_than_the_time_between_two_files(tmp_path: Path):
    put(an_index(tmp_path), a_case("a", 5), a_case("b", 6))
    file = a_file(tmp_path, seconds=3600.0, least=100)
    index = an_index(tmp_path, file=file)
    take(index, "a")
    assert len(an_index(tmp_path)) == 1
    assert not file.is_due(n_added=1000, n_cases=1000, holds_gone=True)


def test_what_a_killed_process_left_half_written_goes(tmp_path: Path):
    put(an_index(tmp_path), a_case("a", 5))
    (tmp_path / ".cases.index.x1y2").write_bytes(b"half of it")
    assert len(an_index(tmp_path)) == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cases.index", "cases.lock"]


def test_folder_that_cannot_be_written_leaves_the_index_at_work(tmp_path: Path, caplog: pytest.LogCaptureFixture):
    index = an_index(tmp_path / "missing")
    with caplog.at_level(logging.WARNING):
        put(index, a_case("a", 5, 7))
    assert [hit.case_id for hit in index.search(QUERY, k=3)] == ["a"]
    assert "the old file stays in use" in caplog.text


def _write_often(folder: Path) -> None:
    index = an_index(folder)
    for n in range(20):
        put(index, a_case(f"{n}", 5, 1 + n % 6))


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
