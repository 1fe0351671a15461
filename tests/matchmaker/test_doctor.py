from __future__ import annotations

import datetime as dt
import sqlite3
from dataclasses import replace
from pathlib import Path

import pytest

from federation import nodes
from matchmaker import adoption, cases, releases, worker
from matchmaker.actors import SYSTEM
from matchmaker.backup import LAST_BACKUP, backup
from matchmaker.doctor import Finding, State, disk_space, examine
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.store import exchanges, marks, tokens, work
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.store.work import Kind, Task
from tests.builders import a_case
from tests.mailbox import mailbox
from tests.ontology.files import write_release


def found(settings: Settings, check: str) -> Finding:
    (one,) = [finding for finding in examine(settings) if finding.check == check]
    return one


def test_new_node_is_well(mm: Matchmaker) -> None:
    findings = examine(mm.settings)

    assert {one.state for one in findings} <= {State.WELL, State.WARNING}
    assert {one.check for one in findings} == {
        *("settings", "disk", "keys", "mail", "database", "clock", "release", "index", "work"),
        *("backup", "audit", "peers", "tokens"),
    }


def test_whatever_is_not_well_says_what_to_do(sqlite_mm: Matchmaker) -> None:
    settings = replace(sqlite_mm.settings, mode=Mode.PRODUCTION)

    assert all(one.remedy for one in examine(settings) if one.state is not State.WELL)


def test_home_without_a_node_is_wrong(tmp_path: Path) -> None:
    findings = {one.check: one for one in examine(Settings(home=tmp_path / "nothing"))}

    assert findings["home"].state is State.WRONG
    assert "matchmaker init" in findings["database"].said


def test_insecure_settings_are_named_in_production(sqlite_mm: Matchmaker) -> None:
    settings = replace(sqlite_mm.settings, mode=Mode.PRODUCTION, base_url="http://mm.example.org", score_step=0.0)

    said = [one.said for one in examine(settings) if one.check == "settings" and one.state is State.WRONG]
    assert len([text for text in said if "BASE_URL" in text or "SCORE_STEP" in text]) == 2


def test_keys_that_others_can_read_are_wrong(sqlite_mm: Matchmaker) -> None:
    (sqlite_mm.settings.home / "keys" / "sealing").chmod(0o644)

    assert found(sqlite_mm.settings, "keys").state is State.WRONG


def test_damaged_database_is_wrong(sqlite_mm: Matchmaker) -> None:
    cases.submit_many(sqlite_mm, [a_case() for _ in range(200)], by=SYSTEM)
    sqlite_mm.close()
    path = Path(sqlite_mm.settings.database.removeprefix("sqlite:///"))
    with sqlite3.connect(path) as db:
        (page_size,) = db.execute("PRAGMA page_size").fetchone()
        (root,) = db.execute("SELECT rootpage FROM sqlite_master WHERE name = 'matches'").fetchone()
    db.close()
    content = bytearray(path.read_bytes())
    content[(root - 1) * page_size : (root - 1) * page_size + 8] = b"\xff" * 8
    path.write_bytes(content)

    assert found(sqlite_mm.settings, "database").state is State.WRONG


def test_clock_behind_the_audit_log_is_wrong(sqlite_mm: Matchmaker) -> None:
    cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    path = Path(sqlite_mm.settings.database.removeprefix("sqlite:///"))
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=2)
    with sqlite3.connect(path) as db:
        db.execute("UPDATE audit SET at = ?", (later.strftime("%Y-%m-%d %H:%M:%S.%f"),))
    db.close()

    assert found(sqlite_mm.settings, "clock").state is State.WRONG
    assert found(sqlite_mm.settings, "audit").state is State.WRONG  # and somebody changed it


def test_mail_server_that_answers_is_well_and_one_that_is_not_there_is_wrong(
    sqlite_mm: Matchmaker,
) -> None:
    with mailbox() as post:
        served = replace(sqlite_mm.settings, smtp_url=post.url)
        assert found(served, "mail").state is State.WARNING  # alarms reach nobody
        assert found(replace(served, operator_mail="operator@example.org"), "mail").state is State.WELL
    assert found(replace(sqlite_mm.settings, smtp_url="smtp://127.0.0.1:1"), "mail").state is State.WRONG


def test_production_without_a_mail_server_alerts_nobody(sqlite_mm: Matchmaker) -> None:
    assert found(sqlite_mm.settings, "mail").state is State.WELL
    assert found(replace(sqlite_mm.settings, mode=Mode.PRODUCTION), "mail").state is State.WRONG


def test_node_that_failed_each_of_its_last_calls_is_a_warning(sqlite_mm: Matchmaker) -> None:
    spain = nodes.add(sqlite_mm, NodeName("spain"), base_url="https://spain.example.org/mme", token="t", by=SYSTEM)

    def called(status: str) -> None:
        with sqlite_mm.transaction() as db:
            exchanges.record(
                db,
                Exchange(
                    node=spain.name,
                    direction=Direction.SENT,
                    kind="heartbeat",
                    at=dt.datetime.now(dt.UTC),
                    status=status,
                    n_results=0,
                    fingerprint=None,
                    seconds=0.1,
                    test=False,
                ),
            )

    called("answered")
    assert found(sqlite_mm.settings, "peers").state is State.WELL
    for _ in range(3):
        called("unreachable")
    assert "spain: the last 3 calls failed: unreachable" in found(sqlite_mm.settings, "peers").said


def test_token_that_ends_soon_is_a_warning(sqlite_mm: Matchmaker) -> None:
    nodes.add(sqlite_mm, NodeName("spain"), base_url="https://spain.example.org/mme", token="t", by=SYSTEM)
    with sqlite_mm.transaction() as db:
        tokens.issue(db, NodeName("spain"), at=dt.datetime.now(dt.UTC) - dt.timedelta(days=350))

    assert "spain" in found(sqlite_mm.settings, "tokens").said


def test_old_release_is_a_warning(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    assert found(sqlite_mm.settings, "release").state is State.WARNING  # 2025-01-16 ships
    releases.import_files(sqlite_mm.settings, write_release(tmp_path / "files"))
    adoption.adopt(sqlite_mm, "2031-02-03", by=SYSTEM)

    assert found(sqlite_mm.settings, "release").state is State.WELL


def test_release_that_is_not_here_is_wrong(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    releases.import_files(sqlite_mm.settings, write_release(tmp_path / "files"))
    adoption.adopt(sqlite_mm, "2031-02-03", by=SYSTEM)
    for path in (sqlite_mm.settings.home / "releases").glob("*.npz"):
        path.unlink()

    assert found(sqlite_mm.settings, "release").state is State.WRONG


@pytest.mark.parametrize(("mode", "state"), [(Mode.DEVELOPMENT, State.WARNING), (Mode.PRODUCTION, State.WRONG)])
def test_old_or_missing_backup_of_cases_is_wrong_in_production(
    sqlite_mm: Matchmaker, tmp_path: Path, mode: Mode, state: State
) -> None:
    settings = replace(sqlite_mm.settings, mode=mode)
    cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    assert found(settings, "backup").state is state

    backup(sqlite_mm, tmp_path / "node.backup", by=SYSTEM)
    assert found(settings, "backup").state is State.WELL

    with sqlite_mm.transaction() as db:
        marks.put(db, LAST_BACKUP, (dt.datetime.now(dt.UTC) - dt.timedelta(days=8)).isoformat())
    assert found(settings, "backup").state is state


def test_work_that_nobody_does_is_wrong(sqlite_mm: Matchmaker) -> None:
    case_id = cases.submit(sqlite_mm, a_case(acute=True), by=SYSTEM).case_id
    assert found(sqlite_mm.settings, "work").state is State.WELL
    with sqlite_mm.transaction() as db:
        since = dt.datetime.now(dt.UTC) - dt.timedelta(days=2)
        work.add(db, [Task(kind=Kind.MATCH, case_id=case_id, version=1)], at=since)
    assert found(sqlite_mm.settings, "work").state is State.WRONG

    worker.drain(sqlite_mm)
    assert found(sqlite_mm.settings, "work").state is State.WELL


def test_index_holds_the_cases_that_are_not_withdrawn(sqlite_mm: Matchmaker) -> None:
    cases.submit(sqlite_mm, a_case(), by=SYSTEM)
    cases.withdraw(sqlite_mm, cases.submit(sqlite_mm, a_case(), by=SYSTEM).case_id, by=SYSTEM)

    assert found(sqlite_mm.settings, "index").said == "1 cases"


def test_disk_without_room_is_wrong(tmp_path: Path) -> None:
    (enough,), (too_little,) = disk_space(tmp_path, least=1), disk_space(tmp_path, least=1 << 60)

    assert enough.said == too_little.said
    assert too_little.state is State.WRONG
