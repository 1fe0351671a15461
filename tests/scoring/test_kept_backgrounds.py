from __future__ import annotations

import stat
from pathlib import Path

import pytest

from matchmaker.model import CaseId
from scoring.index import Change, Index
from scoring.index.backgrounds import Backgrounds, digest
from scoring.index.kept import BackgroundFile
from scoring.index.kernels import scan as compiled
from scoring.index.plain import scan as plain
from scoring.parameters import shipped_parameters
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.scoring.strategies import RELEASE, world

CORPUS, REFERENCE = world([[], [0], [0], [1], [1, 2], [3]], [[3, 4], [5, 4], [4, 2], [2], [0]])


@pytest.fixture
def file(tmp_path: Path) -> BackgroundFile:
    return BackgroundFile(tmp_path / "backgrounds", "S-1+x")


def an_index(path: Path, *cases: tuple[int, ...]) -> Scorer:
    scorer = Scorer(CORPUS)
    index = Index(scorer, kept=BackgroundFile(path, scorer.version))
    changes = [
        Change(
            case_id=CaseId(str(n)),
            revision=1,
            profile=Profile(case_id=CaseId(str(n)), release=RELEASE, observed=observed),
        )
        for n, observed in enumerate(cases)
    ]
    index.apply(changes, revision=1)
    return scorer


def test_background_is_the_mean_of_the_most_alike_patients_compiled_or_not():
    for scan in (compiled, plain):
        backgrounds = Backgrounds(CORPUS, shipped_parameters(), lambda scan=scan: scan)  # type: ignore[misc]
        for observed in [(3,), (4, 5), (1, 2, 3), (0,), ()]:
            assert backgrounds.of(observed) == pytest.approx(REFERENCE.background(observed), abs=1e-9)


def test_what_was_written_is_read_again(file: BackgroundFile):
    file.replace({1: 0.5, 2**64 - 1: 2.25})
    file.append({7: 1.5})
    assert file.read() == {1: 0.5, 2**64 - 1: 2.25, 7: 1.5}


def test_no_file_and_a_file_of_another_scoring_hold_nothing(file: BackgroundFile, tmp_path: Path):
    assert file.read() == {}
    file.append({1: 1.0})
    assert file.read() == {}
    file.replace({1: 1.0})
    other = BackgroundFile(tmp_path / "backgrounds", "S-2+x")
    other.append({2: 2.0})
    assert other.read() == {}
    assert file.read() == {1: 1.0}


def test_torn_and_damaged_records_are_left_out_and_the_others_stay(file: BackgroundFile, tmp_path: Path):
    file.replace({1: 1.0, 2: 2.0, 3: 3.0})
    path = tmp_path / "backgrounds"
    content = bytearray(path.read_bytes())
    content[32 + 24 + 12] ^= 1
    path.write_bytes(content[:-5])
    assert file.read() == {1: 1.0}


def test_only_the_owner_may_read_it(file: BackgroundFile, tmp_path: Path):
    file.replace({1: 1.0})
    assert stat.S_IMODE((tmp_path / "backgrounds").stat().st_mode) == 0o600


def test_folder_that_cannot_be_written_costs_nothing_but_time(tmp_path: Path):
    file = BackgroundFile(tmp_path / "missing" / "backgrounds", "S-1+x")
    file.replace({1: 1.0})
    file.append({1: 1.0})
    assert file.read() == {}


def test_index_takes_what_is_kept_and_keeps_what_its_cases_need(tmp_path: Path):
    path = tmp_path / "backgrounds"
    version = an_index(path, (3,), (4, 5)).version
    counted = BackgroundFile(path, version).read()
    assert counted.keys() == {digest((3,)), digest((4, 5))}

    BackgroundFile(path, version).replace({**counted, digest((3,)): 0.75, digest((1,)): 0.5})
    again = an_index(path, (3,), (2,))

    assert again.backgrounds.of((3,)) == 0.75  # read, not counted
    assert BackgroundFile(path, version).read().keys() == {digest((3,)), digest((2,))}  # of no case that is gone
