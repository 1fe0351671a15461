from __future__ import annotations

import contextlib
import random
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation import nodes
from matchmaker import adoption, archive, audit, cases, erasures, releases, restoring, worker
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.backup import KEYS, LAST_BACKUP, backup
from matchmaker.errors import Forbidden, Invalid, Unavailable
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import clock, dump, marks, matches
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.full_case import FULL_CASE
from tests.ontology.files import write_release

ALIKE = [a_feature("HP:0001250"), a_feature("HP:0011451"), a_feature("HP:0001263")]
PASSPHRASE = "five random words are enough"


def store(mm: Matchmaker, **stated: object) -> CaseId:
    return cases.submit(mm, a_case(**stated), by=SYSTEM).case_id


def rows(mm: Matchmaker) -> dict[str, list[bytes]]:
    """All that the database holds, but for what a restore adds."""
    with mm.reading() as db:
        added = {"clock", "audit", "audit_head", "marks"}
        return {name: list(dump.lines(db, name)) for name in dump.names() if name not in added}


@contextlib.contextmanager
def restored(settings: Settings, path: Path, **options: object) -> Iterator[Matchmaker]:
    restoring.restore(settings, path, by=SYSTEM, **options)  # type: ignore[arg-type]
    with contextlib.closing(Matchmaker.open(settings)) as mm:
        yield mm


@pytest.fixture
def elsewhere(tmp_path: Path) -> Settings:
    """An empty home on SQLite."""
    return Settings(home=tmp_path / "elsewhere")


@pytest.mark.slow
def test_restored_node_holds_what_was_backed_up(mm: Matchmaker, tmp_path: Path, elsewhere: Settings) -> None:
    cases.submit(mm, FULL_CASE, by=SYSTEM)
    one = store(mm, features=ALIKE)
    store(mm, features=ALIKE)
    worker.drain(mm)
    before, stored = rows(mm), cases.get(mm, one, by=SYSTEM)

    made = backup(mm, tmp_path / "node.backup", by=SYSTEM)
    shutil.copytree(mm.settings.home / "keys", elsewhere.home / "keys")

    with restored(elsewhere, tmp_path / "node.backup") as there:
        assert rows(there) == before
        assert replace(cases.get(there, one, by=SYSTEM), revision=0) == replace(stored, revision=0)
        with there.reading() as db:
            assert matches.of_case(db, one)
        assert audit.verify(there).problems == ()
        assert there.index().checksum() == mm.index().checksum()
    assert made.n_rows["cases"] == 3


@pytest.mark.slow
def test_backup_of_either_database_is_restored_on_the_other(
    mm: Matchmaker, tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    store(mm, features=ALIKE, genomic_features=[a_genomic_feature()])
    before = rows(mm)
    backup(mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE)
    other = new_postgresql() if mm.settings.database.startswith("sqlite") else ""

    settings = Settings(home=tmp_path / "other", database_url=other)
    with restored(settings, tmp_path / "node.backup", passphrase=PASSPHRASE) as there:
        assert rows(there) == before
        assert there.index().checksum() == mm.index().checksum()


@pytest.mark.slow
def test_restored_node_talks_to_nobody_and_rebuilds_its_index(
    mm: Matchmaker, tmp_path: Path, elsewhere: Settings
) -> None:
    nodes.add(mm, NodeName("spain"), base_url="https://spain.example.org/mme", token="secret", country="ES", by=SYSTEM)
    store(mm)
    with mm.reading() as db:
        epoch = clock.read(db).epoch
    backup(mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE)

    with restored(elsewhere, tmp_path / "node.backup", passphrase=PASSPHRASE) as there:
        assert [node.enabled for node in nodes.list_(there)] == [False]
        with there.reading() as db:
            assert clock.read(db).epoch != epoch


def test_case_erased_after_the_backup_does_not_come_back(mm: Matchmaker, tmp_path: Path) -> None:
    erased, kept = store(mm, label="Canary Label", features=ALIKE), store(mm, features=ALIKE)
    worker.drain(mm)
    backup(mm, tmp_path / "older.backup", by=SYSTEM)
    cases.erase(mm, erased, by=SYSTEM)

    done = restoring.restore(mm.settings, tmp_path / "older.backup", by=SYSTEM)

    assert done.n_erased_again == 1
    assert [stored.case.id for stored in cases.list_(mm, by=SYSTEM)] == [kept]
    with mm.reading() as db:
        assert matches.of_case(db, kept) == []
    assert erased not in mm.index()
    assert audit.verify(mm).problems == ()


@pytest.mark.slow
def test_erasure_is_known_where_the_database_is_lost(
    sqlite_mm: Matchmaker, tmp_path: Path, elsewhere: Settings
) -> None:
    erased, _ = store(sqlite_mm), store(sqlite_mm)
    backup(sqlite_mm, tmp_path / "older.backup", by=SYSTEM, passphrase=PASSPHRASE)
    cases.erase(sqlite_mm, erased, by=SYSTEM)
    noted = sqlite_mm.settings.home / erasures.FILE

    with restored(elsewhere, tmp_path / "older.backup", passphrase=PASSPHRASE, erased_since=noted) as there:
        assert erased not in [stored.case.id for stored in cases.list_(there, by=SYSTEM)]


@pytest.mark.slow
def test_line_that_the_keys_did_not_make_erases_nothing(
    sqlite_mm: Matchmaker, tmp_path: Path, elsewhere: Settings
) -> None:
    case_id = store(sqlite_mm)
    backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE)
    forged = tmp_path / "forged.jsonl"
    forged.write_text(f'{{"case": "{case_id}", "code": "{"0" * 64}"}}\nnot JSON\n')

    with restored(elsewhere, tmp_path / "node.backup", passphrase=PASSPHRASE, erased_since=forged) as there:
        assert [stored.case.id for stored in cases.list_(there, by=SYSTEM)] == [case_id]


def test_what_was_there_before_is_kept_and_its_audit_log_goes_on(mm: Matchmaker, tmp_path: Path) -> None:
    store(mm)
    backup(mm, tmp_path / "older.backup", by=SYSTEM)
    later = store(mm)
    n_before = audit.verify(mm).n_entries

    done = restoring.restore(mm.settings, tmp_path / "older.backup", by=SYSTEM)

    found = audit.verify(mm)
    assert (found.problems, found.n_entries) == ((), n_before + 2)  # the backup of what was there, and the restore
    assert done.n_audit_entries_missing == 0
    assert later not in [stored.case.id for stored in cases.list_(mm, by=SYSTEM)]
    assert done.kept is not None
    restoring.restore(mm.settings, done.kept, by=SYSTEM)
    assert later in [stored.case.id for stored in cases.list_(mm, by=SYSTEM)]


def test_entries_that_only_the_lost_database_had_are_counted(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    store(sqlite_mm)
    backup(sqlite_mm, tmp_path / "older.backup", by=SYSTEM)
    for _ in range(5):
        store(sqlite_mm)
    sqlite_mm.close()  # signs all entries
    Path(sqlite_mm.settings.database.removeprefix("sqlite:///")).unlink()

    done = restoring.restore(sqlite_mm.settings, tmp_path / "older.backup", by=SYSTEM)

    assert done.n_audit_entries_missing == 6  # the entry of the backup itself is not in it either
    with contextlib.closing(Matchmaker.open(sqlite_mm.settings)) as again:
        assert audit.verify(again).problems == ()


@pytest.mark.slow
def test_release_in_use_comes_along(sqlite_mm: Matchmaker, tmp_path: Path, elsewhere: Settings) -> None:
    releases.import_files(sqlite_mm.settings, write_release(tmp_path / "files"))
    adoption.adopt(sqlite_mm, "2031-02-03", by=SYSTEM)
    backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE)

    with restored(elsewhere, tmp_path / "node.backup", passphrase=PASSPHRASE) as there:
        assert there.release.id == "2031-02-03"


# Keys


def test_without_the_keys_restoring_says_what_would_be_lost_and_does_nothing(
    mm: Matchmaker, tmp_path: Path, elsewhere: Settings
) -> None:
    store(mm), store(mm)
    backup(mm, tmp_path / "node.backup", by=SYSTEM)

    with pytest.raises(Unavailable, match=r"cannot be read: .*2 cases.*put the folder keys/"):
        restoring.restore(elsewhere, tmp_path / "node.backup", by=SYSTEM)
    assert not (elsewhere.home / "matchmaker.sqlite").exists()


def test_the_rest_can_be_restored_without_them(mm: Matchmaker, tmp_path: Path, elsewhere: Settings) -> None:
    nodes.add(mm, NodeName("spain"), base_url="https://spain.example.org/mme", token="secret", country="ES", by=SYSTEM)
    store(mm)
    backup(mm, tmp_path / "node.backup", by=SYSTEM)

    done = restoring.restore(elsewhere, tmp_path / "node.backup", by=SYSTEM, without_keys=True)

    assert done.lost["cases"] == 1
    with contextlib.closing(Matchmaker.open(elsewhere)) as there:
        assert list(cases.list_(there, by=SYSTEM)) == []
        assert [node.name for node in nodes.list_(there)] == ["spain"]
        assert audit.verify(there).n_entries >= 3
        store(there)
        assert len(there.index()) == 1


@pytest.mark.slow
def test_wrong_passphrase_opens_nothing(sqlite_mm: Matchmaker, tmp_path: Path, elsewhere: Settings) -> None:
    backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE)

    with pytest.raises(Invalid, match="does not open"):
        restoring.restore(elsewhere, tmp_path / "node.backup", by=SYSTEM, passphrase="another few words")
    with pytest.raises(Unavailable, match="give the passphrase"):
        restoring.restore(elsewhere, tmp_path / "node.backup", by=SYSTEM)


def test_short_passphrase_is_refused_and_nothing_is_left(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="too short"):
        backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM, passphrase="secret")
    assert list(tmp_path.glob("*.backup*")) == []


@pytest.mark.slow
def test_keys_of_another_node_are_kept_aside(sqlite_mm: Matchmaker, tmp_path: Path, elsewhere: Settings) -> None:
    store(sqlite_mm)
    backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE)
    Matchmaker.create(elsewhere).close()

    with restored(elsewhere, tmp_path / "node.backup", passphrase=PASSPHRASE) as there:
        assert there.keys == sqlite_mm.keys
    assert len(list(elsewhere.home.glob("keys-before-*"))) == 1


def test_keys_are_in_no_backup_that_was_made_without_a_passphrase(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    made = backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM)

    assert made.with_keys is False
    with archive.reading(made.path) as file:
        everything = {name: file.read(name) for name in file.names()}
    assert KEYS not in everything
    assert not any(sqlite_mm.keys.sealing in content for content in everything.values())


# The file


def test_all_of_fifty_flipped_bits_are_found(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    store(sqlite_mm)
    path = backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM).path
    whole = path.read_bytes()
    chance = random.Random(50)

    found = 0
    for bit in [0, 8 * len(whole) - 1, *(chance.randrange(8 * len(whole)) for _ in range(48))]:
        damaged = bytearray(whole)
        damaged[bit // 8] ^= 1 << bit % 8
        path.write_bytes(damaged)
        with contextlib.suppress(Unavailable):
            restoring.verify(path)
            continue
        found += 1

    assert found == 50
    path.write_bytes(whole)
    assert restoring.verify(path).manifest["rows"]["cases"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("spoil", [lambda whole: whole[:-1], lambda whole: whole + b"\0", lambda whole: b""])
def test_file_that_is_cut_longer_or_empty_is_refused_and_nothing_is_touched(
    sqlite_mm: Matchmaker, tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    case_id = store(sqlite_mm)
    path = backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM).path
    path.write_bytes(spoil(path.read_bytes()))

    with pytest.raises(Unavailable, match="damaged"):
        restoring.restore(sqlite_mm.settings, path, by=SYSTEM)
    assert cases.get(sqlite_mm, case_id, by=SYSTEM).version == 1


def test_backup_replaces_no_file_and_is_its_owners_alone(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    path = backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM).path
    whole = path.read_bytes()

    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(Unavailable, match="a file already"):
        backup(sqlite_mm, path, by=SYSTEM)
    assert path.read_bytes() == whole


def test_last_backup_is_remembered_and_in_the_audit_log(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM)

    with sqlite_mm.reading() as db:
        assert marks.get(db, LAST_BACKUP) is not None
    with pytest.raises(Forbidden):
        backup(sqlite_mm, tmp_path / "b", by=User(email="a@example.org", role=Role.CLINICIAN))


@pytest.mark.slow
def test_backup_during_two_hundred_writes_a_second_is_one_moment(
    mm: Matchmaker, tmp_path: Path, elsewhere: Settings
) -> None:
    stopping, written = threading.Event(), [0]

    def write() -> None:
        while not stopping.is_set():
            batch = [a_case(features=ALIKE[:1]) for _ in range(50)]
            cases.submit_many(mm, batch, by=SYSTEM)
            written[0] += len(batch)

    writers = [threading.Thread(target=write) for _ in range(2)]
    began = time.monotonic()
    for writer in writers:
        writer.start()
    time.sleep(1.0)
    path = backup(mm, tmp_path / "node.backup", by=SYSTEM, passphrase=PASSPHRASE).path
    time.sleep(0.5)
    stopping.set()
    for writer in writers:
        writer.join()
    seconds = time.monotonic() - began

    assert written[0] / seconds >= 200
    stated = restoring.verify(path).manifest["rows"]
    with restored(elsewhere, path, passphrase=PASSPHRASE) as there:
        found = list(cases.list_(there, by=SYSTEM))
        assert len(found) == stated["cases"] == stated["case_keys"] == stated["work"]
        assert len(found) % 50 == 0  # whole transactions alone
        assert audit.verify(there).problems == ()
