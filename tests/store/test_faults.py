"""What the machine cannot do is one line, and what was accepted is still there."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from federation import health
from federation.importing import import_paths
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.errors import Unavailable, Unwritable
from matchmaker.hands import Hands, nudge
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests.builders import a_case


def submit_until_it_fails(mm: Matchmaker) -> tuple[set[str], Unavailable]:
    """Submit ever larger batches; return the local ids that were accepted, and the error that ended it."""
    accepted: set[str] = set()
    for _ in range(500):
        batch = [a_case(notes="x" * 5000) for _ in range(10)]
        try:
            cases.submit_many(mm, batch, by=SYSTEM)
        except Unavailable as error:
            return accepted, error
        accepted |= {case.local_id for case in batch}
    raise AssertionError("the disk never filled up")


def stored(mm: Matchmaker) -> set[str]:
    return {one.case.local_id for one in cases.list_(mm, by=SYSTEM)}


def assert_one_line(error: Unavailable, *words: str) -> None:
    assert "\n" not in str(error)
    for word in words:
        assert word in str(error)


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount a small disk of its own; a later call changes its options. Skips where that is not allowed."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(options: str) -> Path:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True)
        if done.returncode:
            pytest.skip("this machine lets us mount nothing")
        return folder

    yield mounted
    subprocess.run(["umount", "--lazy", folder], capture_output=True)


def test_full_disk_is_said_and_nothing_accepted_is_lost(mount: Callable[[str], Path]) -> None:
    disk = mount("size=4m")
    mm = Matchmaker.create(Settings(home=disk / "home"))

    accepted, error = submit_until_it_fails(mm)

    assert_one_line(error, "the disk is full", "free some space", "nothing accepted is lost")
    assert accepted
    assert stored(mm) == accepted

    mount("remount,size=40m")
    more = a_case()
    cases.submit(mm, more, by=SYSTEM)
    assert stored(mm) == accepted | {more.local_id}
    mm.close()


@pytest.mark.slow
def test_import_that_a_full_disk_ends_says_how_many_records_were_kept(
    mount: Callable[[str], Path], tmp_path: Path
) -> None:
    file = tmp_path / "many.jsonl"
    contact = {"name": "Dr Grey", "href": "mailto:grey@hospital.example"}
    with file.open("w") as lines:
        for n in range(20_000):
            record = {"id": f"P-{n}", "label": "x" * 500, "contact": contact, "features": [{"id": "HP:0001250"}]}
            lines.write(json.dumps(record) + "\n")
    with closing(Matchmaker.create(Settings(home=mount("size=8m") / "home"))) as mm:
        with pytest.raises(Unwritable) as caught:
            import_paths(mm, [file])

        n_kept = len(stored(mm))
        assert n_kept > 0
        assert_one_line(caught.value, "the disk is full", f"{n_kept:,} records were kept", "import all of it again")


@pytest.mark.slow
def test_node_on_a_full_or_read_only_disk_is_not_ready(mount: Callable[[str], Path]) -> None:
    with closing(Matchmaker.create(Settings(home=mount("size=6m") / "home"))) as mm:
        app = Flask("health")
        app.register_blueprint(health.blueprint(mm))
        assert app.test_client().get("/health/ready").status_code == 200

        submit_until_it_fails(mm)
        free = os.statvfs(mm.settings.home)
        (mm.settings.home / "filled").write_bytes(b"x" * (free.f_bavail * free.f_bsize))
        answer = app.test_client().get("/health/ready")
        assert (answer.status_code, "the disk is full" in answer.get_json()["message"]) == (503, True)

        (mm.settings.home / "filled").unlink()
        mount("remount,size=40m")
        assert app.test_client().get("/health/ready").status_code == 200


def test_read_only_disk_is_said_and_reading_goes_on(mount: Callable[[str], Path]) -> None:
    disk = mount("size=8m")
    mm = Matchmaker.create(Settings(home=disk / "home"))
    case = a_case()
    cases.submit(mm, case, by=SYSTEM)
    mm.close()
    mount("remount,ro")

    for home in (disk / "home", disk / "new"):
        with pytest.raises(Unavailable) as caught:
            Matchmaker.create(Settings(home=home))
        assert_one_line(caught.value, "ead-only")

    opened = Matchmaker.open(mm.settings)
    assert stored(opened) == {case.local_id}
    with pytest.raises(Unavailable) as caught:
        cases.submit(opened, a_case(), by=SYSTEM)
    assert_one_line(caught.value, "the database: it is read-only; make it writable")
    opened.close()
    mount("remount,rw")


def test_queue_on_a_full_disk_is_said(mount: Callable[[str], Path]) -> None:
    with closing(Matchmaker.create(Settings(home=mount("size=3m") / "home"))) as mm:
        submit_until_it_fails(mm)
        free = os.statvfs(mm.settings.home)
        (mm.settings.home / "filled").write_bytes(b"x" * (free.f_bavail * free.f_bsize))

        with pytest.raises(Unavailable) as caught:
            Hands(mm)
        assert_one_line(caught.value, "the queue", "the disk is full", "free some space")
        nudge(mm)  # which is a hint: its loss is no error


@pytest.mark.slow
def test_file_that_may_not_grow_is_said_and_nothing_accepted_is_lost(tmp_path: Path) -> None:
    mm = Matchmaker.create(Settings(home=tmp_path / "home"))
    mm.close()

    script = """if True:
        import sys
        from pathlib import Path
        from matchmaker.service import Matchmaker
        from matchmaker.settings import Settings
        from tests.store.test_faults import submit_until_it_fails
        mm = Matchmaker.open(Settings(home=Path(sys.argv[1])))
        accepted, error = submit_until_it_fails(mm)
        print(error)
        print(*accepted)
    """
    limited = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "home"],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)),
    )
    error, accepted = limited.stdout.splitlines()

    assert error.startswith("the database: its disk cannot be read or written")
    opened = Matchmaker.open(mm.settings)
    assert stored(opened) == set(accepted.split()) != set()
    opened.close()


def test_sqlite_database_that_is_gone_is_said(sqlite_mm: Matchmaker) -> None:
    Path(sqlite_mm.settings.database.removeprefix("sqlite:///")).unlink()
    sqlite_mm.close()

    with pytest.raises(Unavailable) as caught:
        Matchmaker.open(sqlite_mm.settings)

    assert_one_line(caught.value, "it is not there", "matchmaker init")


def test_file_that_is_no_database_is_said(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.close()
    Path(sqlite_mm.settings.database.removeprefix("sqlite:///")).write_bytes(b"something else entirely" * 100)

    with pytest.raises(Unavailable) as caught:
        Matchmaker.open(sqlite_mm.settings)

    assert_one_line(caught.value, "it is damaged", "restore a backup")


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_postgresql_database_that_is_gone_is_said(mm: Matchmaker, database_url: str) -> None:
    cases.submit(mm, a_case(), by=SYSTEM)
    server, _, name = database_url.partition("?")[0].rpartition("/")
    maintenance = create_engine(f"{server}/postgres?{database_url.partition('?')[2]}", isolation_level="AUTOCOMMIT")
    with maintenance.connect() as db:
        db.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    maintenance.dispose()

    with pytest.raises(Unavailable) as caught:
        cases.submit(mm, a_case(), by=SYSTEM)

    assert_one_line(caught.value, "the database: it cannot be reached", "nothing accepted is lost")


def test_server_that_does_not_answer_is_said(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home", database_url="postgresql+psycopg://nobody:secret@127.0.0.1:1/none")

    with pytest.raises(Unavailable) as caught:
        Matchmaker.create(settings)

    assert_one_line(caught.value, "the database: it cannot be reached")
    assert "secret" not in str(caught.value)


def test_home_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(Unavailable) as caught:
        Matchmaker.create(Settings(home=tmp_path / "file" / "home"))

    assert_one_line(caught.value, str(tmp_path / "file" / "home"), "MATCHMAKER_HOME")


def test_home_without_permission_is_said(settings_for_anybody: Settings) -> None:
    with without_rights(), pytest.raises(Unavailable) as caught:
        Matchmaker.create(settings_for_anybody)

    assert_one_line(caught.value, "make it writable")


@pytest.fixture
def settings_for_anybody() -> Iterator[Settings]:
    """A home in a folder that everybody may read and only its owner, who may not either, write."""
    with tempfile.TemporaryDirectory(prefix="matchmaker-") as folder:
        Path(folder).chmod(0o555)
        yield Settings(home=Path(folder) / "home")
        Path(folder).chmod(0o700)


@contextmanager
def without_rights() -> Iterator[None]:
    """Be nobody for a while: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
