from __future__ import annotations

import datetime as dt

import pytest

from matchmaker import audit, cases
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden
from matchmaker.service import Matchmaker
from matchmaker.store.audit import Wanted
from tests.builders import a_case
from tests.federation.asking import SPAIN, a_patient, an_asker

ANNA = User(email="anna@example.org", role=Role.CLINICIAN)
AUDITOR = User(email="auditor@example.org", role=Role.AUDITOR)


def test_entries_are_found_by_case_also_when_it_is_erased(mm: Matchmaker) -> None:
    one = cases.submit(mm, a_case(owner=ANNA.email), by=ANNA).case_id
    cases.submit(mm, a_case(), by=SYSTEM)
    cases.erase(mm, one, by=SYSTEM)

    found = audit.search(mm, by=AUDITOR, case_id=one)

    assert [seen.entry.event.action for seen in found] == ["case submitted", "case erased"]
    assert {seen.case for seen in found} == {one}


def test_entries_are_found_by_person_without_an_account_too(mm: Matchmaker) -> None:
    cases.submit(mm, a_case(owner=ANNA.email), by=ANNA)
    cases.submit(mm, a_case(), by=SYSTEM)

    (seen,) = audit.search(mm, by=AUDITOR, person=ANNA.email)

    assert seen.actor == ANNA.email
    assert seen.entry.event.actor != ANNA.email  # the log itself names nobody


def test_entries_are_found_by_node_action_and_time(mm: Matchmaker) -> None:
    cases.submit(mm, a_case(), by=SYSTEM)
    an_asker(mm).match(a_patient())
    now = dt.datetime.now(dt.UTC)

    by_node = audit.search(mm, by=AUDITOR, wanted=Wanted(node=SPAIN))
    by_action = audit.search(mm, by=AUDITOR, wanted=Wanted(action="case submitted"))

    assert by_node
    assert {seen.entry.event.node for seen in by_node} == {SPAIN}
    assert len(by_action) == 1
    assert audit.search(mm, by=AUDITOR, wanted=Wanted(since=now + dt.timedelta(minutes=1))) == []
    assert audit.search(mm, by=AUDITOR, wanted=Wanted(until=now - dt.timedelta(minutes=1))) == []
    assert len(audit.search(mm, by=AUDITOR, wanted=Wanted(until=now + dt.timedelta(minutes=1)))) > 1


def test_clinicians_and_curators_do_not_read_the_log(mm: Matchmaker) -> None:
    for role in (Role.CLINICIAN, Role.CURATOR):
        with pytest.raises(Forbidden):
            audit.search(mm, by=User(email="a@example.org", role=role))
