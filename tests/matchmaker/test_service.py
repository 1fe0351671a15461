from __future__ import annotations

import random
import shutil
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.errors import Insecure, Unavailable
from matchmaker.model import CaseId, Status, Variant
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.store import clock
from scoring.index import Filter
from scoring.profile import profile_of
from tests.builders import a_case, a_feature, a_genomic_feature

TERMS = ("HP:0001250", "HP:0000252", "HP:0001263", "HP:0000365", "HP:0002521")


@contextmanager
def second_process(mm: Matchmaker) -> Iterator[Matchmaker]:
    """Open the same node once more, as another process would."""
    opened = Matchmaker.open(mm.settings)
    yield opened
    opened.close()


def test_new_home_is_its_owners_alone(settings: Settings) -> None:
    Matchmaker.create(settings).close()

    assert stat.S_IMODE(settings.home.stat().st_mode) == 0o700
    files = [path for path in settings.home.rglob("*") if path.is_file()]
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}


def test_new_sqlite_database_is_in_the_home(tmp_path: Path) -> None:
    mm = Matchmaker.create(Settings(home=tmp_path / "deep" / "home"))
    cases.submit(mm, a_case(), by=SYSTEM)

    assert {path.name for path in (tmp_path / "deep" / "home").iterdir()} >= {"keys", "matchmaker.sqlite"}
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "deep" / "home").glob("*.sqlite*")} == {0o600}
    mm.close()


def test_creating_again_keeps_all_that_is_there(mm: Matchmaker) -> None:
    case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id

    again = Matchmaker.create(mm.settings)

    assert cases.get(again, case_id, by=SYSTEM).version == 1
    assert again.keys == mm.keys
    again.close()


def test_several_processes_may_create_a_node_at_once(settings: Settings) -> None:
    with ThreadPoolExecutor(3) as pool:
        made = list(pool.map(lambda _: Matchmaker.create(settings), range(3)))

    case_id = cases.submit(made[0], a_case(), by=SYSTEM).case_id
    assert cases.get(made[2], case_id, by=SYSTEM).version == 1
    for mm in made:
        mm.close()


def test_home_without_a_node_says_what_to_do(settings: Settings) -> None:
    with pytest.raises(Unavailable, match="matchmaker init"):
        Matchmaker.open(settings)


def test_database_does_not_open_with_other_keys(mm: Matchmaker) -> None:
    shutil.rmtree(mm.settings.home / "keys")

    with pytest.raises(Unavailable, match="other keys"):
        Matchmaker.create(mm.settings)


def test_production_refuses_keys_that_others_can_read(mm: Matchmaker) -> None:
    (mm.settings.home / "keys" / "sealing").chmod(0o644)

    with second_process(mm):
        pass
    with pytest.raises(Insecure, match="chmod 600"):
        Matchmaker.open(replace(mm.settings, mode=Mode.PRODUCTION, base_url="https://mm.example.org"))


def test_index_of_an_empty_node_is_empty(mm: Matchmaker) -> None:
    assert len(mm.index()) == 0


def test_submitted_case_is_found_by_the_next_search_of_every_process(mm: Matchmaker) -> None:
    with second_process(mm) as other:
        assert len(other.index()) == 0
        case = a_case(features=[a_feature("HP:0001250")])
        case_id = cases.submit(mm, case, by=SYSTEM).case_id

        for process in (mm, other):
            (hit,) = process.index().search(profile_of(case, process.release), k=5, where=Filter())
            assert hit.case_id == case_id


@pytest.mark.parametrize("take_away", [cases.withdraw, cases.erase])
def test_case_that_was_taken_away_is_found_by_no_process_any_more(mm: Matchmaker, take_away: object) -> None:
    assert callable(take_away)
    with second_process(mm) as other:
        case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id
        assert case_id in other.index()

        take_away(mm, case_id, by=SYSTEM)

        assert case_id not in other.index()
        assert case_id not in mm.index()


def test_index_that_is_up_to_date_stays_the_same(mm: Matchmaker) -> None:
    cases.submit(mm, a_case(), by=SYSTEM)

    assert mm.index() is mm.index()


def test_index_of_another_epoch_is_rebuilt(mm: Matchmaker) -> None:
    cases.submit(mm, a_case(), by=SYSTEM)
    before = mm.index()
    with mm.transaction() as db:
        clock.new_epoch(db)

    after = mm.index()

    assert after is not before
    assert after.checksum() == before.checksum()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_index_after_any_history_equals_one_built_anew(mm: Matchmaker, seed: int) -> None:
    chance = random.Random(seed)
    known: list[CaseId] = []
    for _ in range(40):
        _change_something(mm, known, chance)
        if chance.random() < 0.3:
            mm.index()

    with second_process(mm) as fresh:
        assert mm.index().checksum() == fresh.index().checksum()
        assert len(mm.index()) == len(fresh.index())


def test_many_threads_may_ask_for_the_index_while_cases_come_in(mm: Matchmaker) -> None:
    def submit_and_look(_: int) -> bool:
        case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id
        return case_id in mm.index()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(submit_and_look, range(24)))

    assert len(mm.index()) == 24


def test_case_that_no_release_understands_breaks_no_search(mm: Matchmaker) -> None:
    odd = a_case(
        features=[a_feature("HP:9999999"), a_feature("nonsense"), a_feature("")],
        genomic_features=[
            a_genomic_feature("no such gene", variants=[Variant(assembly="GRCh99", chromosome="Q", start=-5)]),
            a_genomic_feature(None),
        ],
        onset="P3Y",
        inheritance_mode="sometimes",
    )
    good = a_case(features=[a_feature("HP:0001250")])
    cases.submit_many(mm, [odd, good], by=SYSTEM)

    hits = mm.index().search(profile_of(good, mm.release), k=5, where=Filter())

    assert len(hits) == 1
    assert len(mm.index()) == 2


def _change_something(mm: Matchmaker, known: list[CaseId], chance: random.Random) -> None:
    if not known or chance.random() < 0.4:
        case = a_case(features=[a_feature(term) for term in chance.sample(TERMS, 2)])
        known.append(cases.submit(mm, case, by=SYSTEM).case_id)
        return
    case_id = chance.choice(known)
    stored = cases.get(mm, case_id, by=SYSTEM)
    what = chance.choice(["edit", "withdraw", "take back", "erase"])
    if what == "edit":
        features = tuple(a_feature(term) for term in chance.sample(TERMS, 3))
        cases.edit(mm, replace(stored.case, features=features), version=stored.version, by=SYSTEM)
    elif what == "take back":
        cases.edit(mm, replace(stored.case, status=Status.UNSOLVED), version=stored.version, by=SYSTEM)
    elif what == "withdraw":
        cases.withdraw(mm, case_id, by=SYSTEM)
    else:
        cases.erase(mm, case_id, by=SYSTEM)
        known.remove(case_id)


def test_note_that_cannot_be_written_stops_nothing(sqlite_mm: Matchmaker) -> None:
    path = Path(sqlite_mm.engine.url.database or "")
    written: list[bool] = []
    moved = path.rename(path.with_suffix(".away"))

    sqlite_mm.note(lambda db: written.append(True))
    moved.rename(path)
    sqlite_mm.note(lambda db: written.append(True))

    assert written == [True]
