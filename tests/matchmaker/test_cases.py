from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import event

from matchmaker import audit, cases
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, NotFound, Stale
from matchmaker.model import Case, CaseId, Consent, Sharing, Status
from matchmaker.service import Matchmaker
from matchmaker.store import clock, history, work
from matchmaker.store.cases import Wanted
from tests.builders import a_case
from tests.full_case import FULL_CASE

AOIFE = User(email="aoife@example.org", role=Role.CLINICIAN)
BRAN = User(email="bran@example.org", role=Role.CLINICIAN)


def get(mm: Matchmaker, case_id: CaseId) -> Case:
    return cases.get(mm, case_id, by=SYSTEM).case


def n_open(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return work.count(db).get("match", 0)


def revision(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return clock.read(db).revision


def actions(mm: Matchmaker, case_id: CaseId) -> list[str]:
    with mm.reading() as db:
        assert audit.first_broken(db) is None
        return [entry.event.action for entry in audit.about(db, case_id)]


def test_full_case_is_stored_under_an_id_of_ours(mm: Matchmaker) -> None:
    submitted = cases.submit(mm, FULL_CASE, by=SYSTEM)

    assert submitted.created
    assert submitted.case_id != FULL_CASE.id
    assert get(mm, submitted.case_id) == replace(FULL_CASE, id=submitted.case_id)


def test_submission_is_audited_and_causes_matching_in_the_same_transaction(mm: Matchmaker) -> None:
    submitted = cases.submit(mm, a_case(), by=SYSTEM)

    assert actions(mm, submitted.case_id) == ["case submitted"]
    assert n_open(mm) == revision(mm) == 1


def test_same_owner_and_id_again_is_an_update(mm: Matchmaker) -> None:
    case = a_case()
    first = cases.submit(mm, case, by=SYSTEM)

    again = cases.submit(mm, replace(case, label="changed"), by=SYSTEM)

    assert (again.case_id, again.created, again.changed) == (first.case_id, False, True)
    assert cases.get(mm, first.case_id, by=SYSTEM).version == 2
    assert actions(mm, first.case_id) == ["case submitted", "case updated"]
    assert n_open(mm) == 1


def test_same_content_again_changes_nothing(mm: Matchmaker) -> None:
    case = a_case()
    first = cases.submit(mm, case, by=SYSTEM)

    again = cases.submit(mm, replace(case, id=CaseId("any")), by=SYSTEM)

    assert (again.case_id, again.created, again.changed) == (first.case_id, False, False)
    assert revision(mm) == 1
    assert actions(mm, first.case_id) == ["case submitted"]


def test_same_id_of_another_owner_is_another_case(mm: Matchmaker) -> None:
    case = a_case(owner="one@example.org")

    ids = {cases.submit(mm, replace(case, owner=owner), by=SYSTEM).case_id for owner in ("one@x.org", "two@x.org")}

    assert len(ids) == 2


def test_withdrawn_case_does_not_come_back_with_the_next_import(mm: Matchmaker) -> None:
    case = a_case()
    submitted = cases.submit(mm, case, by=SYSTEM)
    cases.withdraw(mm, submitted.case_id, by=SYSTEM)

    assert not cases.submit(mm, case, by=SYSTEM).changed
    assert cases.submit(mm, replace(case, label="corrected"), by=SYSTEM).changed

    stored = get(mm, submitted.case_id)
    assert (stored.status, stored.label) == (Status.WITHDRAWN, "corrected")


def test_edit_takes_a_withdrawn_case_back(mm: Matchmaker) -> None:
    submitted = cases.submit(mm, a_case(), by=SYSTEM)
    cases.withdraw(mm, submitted.case_id, by=SYSTEM)

    cases.edit(mm, replace(get(mm, submitted.case_id), status=Status.UNSOLVED), version=2, by=SYSTEM)

    assert get(mm, submitted.case_id).status is Status.UNSOLVED
    assert n_open(mm) == 1


def test_edit_names_the_version_that_it_saw(mm: Matchmaker) -> None:
    case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id
    seen = get(mm, case_id)

    assert cases.edit(mm, replace(seen, label="first"), version=1, by=SYSTEM) == 2
    with pytest.raises(Stale):
        cases.edit(mm, replace(seen, label="second"), version=1, by=SYSTEM)

    assert get(mm, case_id).label == "first"
    assert actions(mm, case_id) == ["case submitted", "case edited"]


def test_edit_without_a_change_keeps_the_version(mm: Matchmaker) -> None:
    case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id

    assert cases.edit(mm, get(mm, case_id), version=1, by=SYSTEM) == 1
    with pytest.raises(Stale):
        cases.edit(mm, get(mm, case_id), version=7, by=SYSTEM)


def test_edit_cannot_take_the_name_of_another_case(mm: Matchmaker) -> None:
    other = a_case()
    cases.submit(mm, other, by=SYSTEM)
    case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id

    with pytest.raises(Invalid, match="local_id: is another case of this owner"):
        cases.edit(mm, replace(get(mm, case_id), local_id=other.local_id), version=1, by=SYSTEM)

    cases.edit(mm, replace(get(mm, case_id), local_id="a new name"), version=1, by=SYSTEM)
    assert get(mm, case_id).local_id == "a new name"


def test_consent_has_a_history(mm: Matchmaker) -> None:
    case_id = cases.submit(mm, a_case(consent=Consent(basis="consent", form_version="1")), by=SYSTEM).case_id
    cases.edit(mm, replace(get(mm, case_id), consent=Consent(basis="consent", form_version="2")), version=1, by=SYSTEM)

    with mm.reading() as db:
        (before,) = history.of_case(db, case_id)

    assert before.case.consent == Consent(basis="consent", form_version="1")


def test_withdrawing_ends_what_was_still_to_be_done(mm: Matchmaker) -> None:
    case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id

    cases.withdraw(mm, case_id, by=SYSTEM)
    cases.withdraw(mm, case_id, by=SYSTEM)

    assert n_open(mm) == 0
    assert actions(mm, case_id) == ["case submitted", "case withdrawn"]


def test_erased_case_is_gone_and_the_audit_still_holds(mm: Matchmaker) -> None:
    case = a_case()
    case_id = cases.submit(mm, case, by=SYSTEM).case_id

    cases.erase(mm, case_id, by=SYSTEM)

    with pytest.raises(NotFound):
        get(mm, case_id)
    assert actions(mm, case_id) == ["case submitted", "case erased"]
    assert cases.submit(mm, case, by=SYSTEM).case_id != case_id


def test_clinician_has_her_own_cases_and_no_others(mm: Matchmaker) -> None:
    case = a_case(owner=AOIFE.email)
    case_id = cases.submit(mm, case, by=AOIFE).case_id

    with pytest.raises(Forbidden):
        cases.submit(mm, case, by=BRAN)
    with pytest.raises(Forbidden):
        cases.edit(mm, replace(case, id=case_id, owner=BRAN.email), version=1, by=AOIFE)
    for change in (cases.withdraw, cases.erase):
        with pytest.raises(NotFound):
            change(mm, case_id, by=BRAN)
    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=BRAN)
    assert list(cases.list_(mm, by=BRAN)) == []
    assert [stored.case.id for stored in cases.list_(mm, by=AOIFE)] == [case_id]


def test_pages_of_a_list_hold_each_wanted_case_of_the_centre_once(mm: Matchmaker) -> None:
    wanted = {cases.submit(mm, a_case(owner=AOIFE.email), by=AOIFE).case_id for _ in range(5)}
    of_cork = cases.submit(mm, a_case(owner=BRAN.email), by=BRAN).case_id
    withdrawn = min(wanted)
    cases.withdraw(mm, withdrawn, by=AOIFE)

    pages = [cases.page(mm, Wanted(), after=None, limit=2, by=AOIFE)]
    while (after := pages[-1].next) is not None:
        pages.append(cases.page(mm, Wanted(), after=after, limit=2, by=AOIFE))
    seen = [stored.case.id for page in pages for stored in page.cases]

    def found(wanted: Wanted, by: User = AOIFE) -> set[CaseId]:
        return {stored.case.id for stored in cases.page(mm, wanted, after=None, limit=10, by=by).cases}

    assert seen == sorted(wanted)
    assert found(Wanted(status=Status.WITHDRAWN)) == {withdrawn}
    assert found(Wanted(sharing=Sharing.NATIONAL)) == found(Wanted(owner=BRAN.email)) == set()
    assert found(Wanted(), by=SYSTEM) == {*wanted, of_cork}
    assert found(Wanted(owner=BRAN.email), by=SYSTEM) == {of_cork}
    assert found(Wanted(changed_since=dt.datetime.now(dt.UTC) + dt.timedelta(minutes=1))) == set()
    (case,) = cases.page(mm, Wanted(status=Status.WITHDRAWN), after=None, limit=1, by=AOIFE).cases
    assert found(Wanted(local_id=case.case.local_id)) == {withdrawn}


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.CURATOR, Role.OPERATOR])
def test_other_roles_see_no_case(mm: Matchmaker, role: Role) -> None:
    case_id = cases.submit(mm, a_case(), by=SYSTEM).case_id
    user = User(email="owner@example.org", role=role)

    assert list(cases.list_(mm, by=user)) == []
    with pytest.raises(NotFound):
        cases.get(mm, case_id, by=user)


def test_idempotency_key_answers_the_same_request_once(mm: Matchmaker) -> None:
    case = a_case()
    first = cases.submit(mm, case, by=SYSTEM, idempotency_key="k1")

    assert cases.submit(mm, replace(case, id=CaseId("read again")), by=SYSTEM, idempotency_key="k1") == first
    with pytest.raises(Invalid, match="use a new key"):
        cases.submit(mm, a_case(), by=SYSTEM, idempotency_key="k1")
    assert revision(mm) == 1


def test_batch_is_stored_whole_or_not_at_all(mm: Matchmaker) -> None:
    good, theirs = a_case(owner=AOIFE.email), a_case(owner=BRAN.email)

    with pytest.raises(Forbidden):
        cases.submit_many(mm, [good, theirs], by=AOIFE)

    assert list(cases.list_(mm, by=SYSTEM)) == []


def test_batch_of_nothing_is_nothing(mm: Matchmaker) -> None:
    assert cases.submit_many(mm, [], by=SYSTEM) == []
    assert revision(mm) == 0


def test_batch_may_name_a_case_twice_and_the_later_one_stands(mm: Matchmaker) -> None:
    case, other = a_case(label="early"), a_case()

    first, _, third, fourth = cases.submit_many(
        mm, [case, other, replace(case, label="late"), replace(case, label="late")], by=SYSTEM
    )

    assert first.case_id == third.case_id == fourth.case_id
    assert [(one.created, one.changed) for one in (first, third, fourth)] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert get(mm, first.case_id).label == "late"


def test_batch_of_new_changed_and_unchanged_cases_says_which_is_which(mm: Matchmaker) -> None:
    same, changed, new = a_case(), a_case(), a_case()
    cases.submit_many(mm, [same, changed], by=SYSTEM)

    submitted = cases.submit_many(mm, [same, replace(changed, label="x"), new], by=SYSTEM)

    assert [(one.created, one.changed) for one in submitted] == [(False, False), (False, True), (True, True)]


def test_two_that_bring_the_same_new_cases_at_once_make_one_of_each(mm: Matchmaker) -> None:
    batch = [a_case() for _ in range(30)]

    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda n: cases.submit_many(mm, batch[:: 1 - 2 * (n % 2)], by=SYSTEM), range(4)))

    assert len({one.case_id for result in results for one in result}) == 30
    assert len(list(cases.list_(mm, by=SYSTEM))) == 30


def test_batch_is_one_commit(mm: Matchmaker) -> None:
    """What makes an import fast while each acknowledged case is durable."""
    commits: list[object] = []
    event.listen(mm.engine, "commit", commits.append)

    cases.submit_many(mm, [a_case() for _ in range(cases.BATCH)], by=SYSTEM)

    assert len(commits) == 1
