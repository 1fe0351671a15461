from __future__ import annotations

import logging
import multiprocessing
import resource
import signal
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings

from matchmaker.model import CaseId
from scoring.index import Change, Filter, Index
from scoring.index.folder import SegmentFolder
from scoring.index.keeping import Keeper
from scoring.index.spelling import decode, encode
from scoring.profile import Profile
from tests.scoring.segments import (
    CORPUS,
    QUERY,
    SCORER,
    Meanwhile,
    a_case,
    a_keeper,
    an_index,
    content,
    put,
    segments,
    settle,
    take,
)
from tests.scoring.strategies import GENES, RELEASE, profiles


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
