from __future__ import annotations

import pytest

from matchmaker import audit
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from tests.builders import a_case

CLINICIAN = User(email="aoife@example.org", role=Role.CLINICIAN)


def test_entry_says_who_did_what_to_which_case_through_which_node(mm: Matchmaker) -> None:
    case = a_case()
    with mm.transaction() as db:
        audit.record(db, CLINICIAN, "case seen", case_id=case.id)
        audit.record(db, SYSTEM, "case seen", case_id=case.id, node=NodeName("spain"))
        audit.record(db, NodeName("spain"), "match", details={"status": 200, "level": "matching_terms"})

    with mm.reading() as db:
        first, second = (entry.event for entry in audit.about(db, case.id))
        assert audit.first_broken(db) is None

    assert (first.action, first.node, second.actor, second.node) == ("case seen", None, "system", "spain")
    assert first.actor != second.actor


def test_entry_holds_no_personal_data(mm: Matchmaker) -> None:
    case = a_case()
    with mm.transaction() as db:
        audit.record(db, CLINICIAN, "case seen", case_id=case.id)
        (entry,) = audit.about(db, case.id)

    assert "aoife" not in repr(entry)
    assert case.id not in repr(entry)


@pytest.mark.parametrize("named", ["Aoife", "aoife@example.org", "the boy of the third floor", "", "x" * 41])
def test_detail_in_which_a_name_would_fit_is_refused(mm: Matchmaker, named: str) -> None:
    with pytest.raises(ValueError, match="not a count or a word"), mm.transaction() as db:
        audit.record(db, SYSTEM, "case seen", details={"note": named})
