from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from federation import subjects
from matchmaker import audit, cases, worker
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import NotFound, Unavailable
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature
from tests.federation.asking import SPAIN, a_patient, an_asker

BRAIN = [a_feature(term) for term in ("HP:0000252", "HP:0002521", "HP:0001263")]


@pytest.fixture
def case_id(mm: Matchmaker) -> CaseId:
    """A case with an earlier version and a match, of which a node was told."""
    submitted = cases.submit(mm, a_case(owner="a@example.org", notes="first", features=BRAIN), by=SYSTEM).case_id
    stored = cases.get(mm, submitted, by=SYSTEM)
    cases.edit(mm, replace(stored.case, notes="second"), version=stored.version, by=SYSTEM)
    cases.submit(mm, a_case(owner="b@example.org", notes="of somebody else", features=BRAIN), by=SYSTEM)
    worker.drain(mm)
    an_asker(mm).match(a_patient())
    return submitted


def test_export_holds_all_of_the_case_and_nothing_of_others(mm: Matchmaker, case_id: CaseId) -> None:
    held = subjects.export(mm, case_id, by=SYSTEM)

    text = json.dumps(held)
    assert "second" in json.dumps(held["case"])
    assert ["first" in json.dumps(old["case"]) for old in held["earlier_versions"]] == [True]
    assert [told["node"] for told in held["told_to_nodes"]] == [SPAIN]
    assert len(held["matches"]) == 1
    assert {entry["what"] for entry in held["audit"]} >= {"case submitted", "case edited"}
    assert "of somebody else" not in text
    assert "b@example.org" not in text


def test_that_it_was_handed_out_is_in_the_audit_log(mm: Matchmaker, case_id: CaseId) -> None:
    subjects.export(mm, case_id, by=SYSTEM)

    with mm.reading() as db:
        assert audit.about(db, case_id)[-1].event.action == "subject data exported"


@pytest.mark.parametrize("role", [Role.CURATOR, Role.OPERATOR, Role.AUDITOR])
def test_only_the_clinicians_of_a_case_export_it(mm: Matchmaker, case_id: CaseId, role: Role) -> None:
    with pytest.raises(NotFound):
        subjects.export(mm, case_id, by=User(email="a@example.org", role=role))
    with pytest.raises(NotFound):
        subjects.export(mm, case_id, by=User(email="b@example.org", role=Role.CLINICIAN))
    assert subjects.export(mm, case_id, by=User(email="a@example.org", role=Role.CLINICIAN))


def test_file_is_its_owners_alone_and_replaces_none(tmp_path: Path) -> None:
    subjects.write({"id": "1"}, tmp_path / "subject.json")

    assert (tmp_path / "subject.json").stat().st_mode & 0o777 == 0o600
    with pytest.raises(Unavailable):
        subjects.write({"id": "2"}, tmp_path / "subject.json")
    assert json.loads((tmp_path / "subject.json").read_text()) == {"id": "1"}
