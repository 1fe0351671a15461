"""After an erasure nothing of the case is left: byte by byte on SQLite, by its destroyed key on PostgreSQL."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from matchmaker import audit, cases, restoring, worker
from matchmaker.actors import SYSTEM
from matchmaker.backup import backup
from matchmaker.errors import NotFound, Unavailable
from matchmaker.model import CaseId, Consent, Contact, Disorder, Family
from matchmaker.service import Matchmaker
from matchmaker.store import dump
from matchmaker.store.tables import case_keys
from matchmaker.store.tables import cases as case_table
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.asking import a_patient, an_asker, answer_of

CANARY = "CANARYBIRD"
ALIKE = [a_feature("HP:0001250"), a_feature("HP:0011451"), a_feature("HP:0001263")]


def stored_and_worked_with(mm: Matchmaker) -> CaseId:
    """A case that says the canary wherever it can, and left traces wherever a case can."""
    case = a_case(
        owner="owner@example.org",
        local_id=f"{CANARY}-1",
        label=CANARY,
        notes=f"notes of {CANARY}",
        contact=Contact(name=CANARY, institution=CANARY),
        features=[*ALIKE, a_feature(f"{CANARY}:0001", label=CANARY)],
        genomic_features=[a_genomic_feature(), a_genomic_feature(f"{CANARY}1")],
        disorders=(Disorder(id=f"OMIM:{CANARY}", label=CANARY),),  # type: ignore[arg-type]
        ethnicity=CANARY,
        family=Family(id=CANARY),
        consent=Consent(basis="consent", form_version=CANARY),
    )
    case_id = cases.submit(mm, case, by=SYSTEM, idempotency_key=f"key of {CANARY}").case_id
    stored = cases.get(mm, case_id, by=SYSTEM)
    cases.edit(mm, replace(stored.case, notes=f"other notes of {CANARY}"), version=stored.version, by=SYSTEM)
    cases.submit(mm, a_case(features=ALIKE, genomic_features=[a_genomic_feature()]), by=SYSTEM)
    worker.drain(mm)
    assert answer_of(an_asker(mm).match(a_patient(features=[{"id": feature.term} for feature in ALIKE])))["results"]
    worker.drain(mm)
    return case_id


def files_with_the_canary(*folders: Path) -> list[str]:
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file())
    return [path.name for path in files if CANARY.encode() in path.read_bytes()]


def test_no_byte_of_an_erased_case_is_left(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    case_id = stored_and_worked_with(sqlite_mm)
    sqlite_mm.index()
    assert files_with_the_canary(tmp_path)  # the gene that no table knows is stored in clear: the search would find it
    (sealed,) = sealed_values(sqlite_mm, case_id)

    cases.erase(sqlite_mm, case_id, by=SYSTEM)
    sqlite_mm.index()
    sqlite_mm.close()

    assert files_with_the_canary(tmp_path) == []
    assert not [path for path in tmp_path.rglob("*") if path.is_file() and sealed in path.read_bytes()]


def test_what_is_left_is_a_tombstone_the_audit_log_and_who_was_told(mm: Matchmaker) -> None:
    case_id = stored_and_worked_with(mm)

    cases.erase(mm, case_id, by=SYSTEM)

    with mm.reading() as db:
        mentioning = {name for name in dump.names() for line in dump.lines(db, name) if case_id.encode() in line}
    # Who was told of it must hear of the erasure, so these keep the random id and nothing else of it.
    assert mentioning <= {"tombstones", "idempotency", "ledger", "revealed", "sent_cases", "case_notices"}
    assert "tombstones" in mentioning
    assert audit.verify(mm).problems == ()
    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=SYSTEM)
    assert case_id not in mm.index()


def test_key_of_the_case_is_destroyed_so_that_no_copy_of_its_row_opens(mm: Matchmaker) -> None:
    case_id = stored_and_worked_with(mm)
    (sealed,) = sealed_values(mm, case_id)
    with mm.reading() as db:
        salt = db.scalar(select(case_keys.c.salt).where(case_keys.c.case_id == case_id))
    context = f"case {case_id} 2"
    assert salt is not None
    assert CANARY.encode() in mm.keys.open(sealed, salt=salt, context=context)

    cases.erase(mm, case_id, by=SYSTEM)

    with mm.reading() as db:
        assert db.scalar(select(case_keys.c.salt).where(case_keys.c.case_id == case_id)) is None
        left = [found for (found,) in db.execute(select(case_keys.c.salt))]
    for other in (b"", *left):
        with pytest.raises(Unavailable):
            mm.keys.open(sealed, salt=other, context=context)


@pytest.mark.slow
def test_older_backup_does_not_bring_a_byte_back(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    case_id = stored_and_worked_with(sqlite_mm)
    older = backup(sqlite_mm, tmp_path / "older.backup", by=SYSTEM).path
    cases.erase(sqlite_mm, case_id, by=SYSTEM)

    done = restoring.restore(sqlite_mm.settings, older, by=SYSTEM)
    older.unlink()
    sqlite_mm.close()

    assert done.n_erased_again == 1
    assert files_with_the_canary(tmp_path) == []


def sealed_values(mm: Matchmaker, case_id: CaseId) -> list[bytes]:
    with mm.reading() as db:
        return list(db.scalars(select(case_table.c.sealed).where(case_table.c.id == case_id)))
