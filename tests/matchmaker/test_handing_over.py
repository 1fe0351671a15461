"""No account ends while it owns cases: they are handed over, with their history and matches."""

from __future__ import annotations

import pytest

from matchmaker import accounts, cases, curating, handing_over
from matchmaker.actors import SYSTEM, Role
from matchmaker.curating import Kind
from matchmaker.errors import Forbidden, Invalid
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature
from tests.matchmaker.people import ADDRESS, user_of, with_account

HEIR = "bran@dublin.example.org"


def test_account_with_cases_ends_only_after_they_are_handed_over(mm: Matchmaker) -> None:
    aoife, bran = with_account(mm), with_account(mm, HEIR)
    case_id = cases.submit(mm, a_case(owner=ADDRESS, features=[a_feature("HP:0002123")]), by=aoife).case_id
    with pytest.raises(Invalid, match="still owns 1 cases"):
        accounts.set_enabled(mm, aoife.account_id, enabled=False, by=SYSTEM)

    assert handing_over.hand_over(mm, aoife.account_id, HEIR.upper(), by=SYSTEM) == 1

    stored = cases.get(mm, case_id, by=bran)
    assert (stored.case.owner, stored.version) == (HEIR, 2)
    accounts.set_enabled(mm, aoife.account_id, enabled=False, by=SYSTEM)
    assert handing_over.owned(mm, aoife.account_id, by=SYSTEM) == 0


def test_account_that_a_stranger_may_use_ends_at_once_and_its_cases_are_on_the_work_list(
    sqlite_mm: Matchmaker,
) -> None:
    aoife, bran = with_account(sqlite_mm), with_account(sqlite_mm, HEIR)
    cases.submit(sqlite_mm, a_case(owner=ADDRESS, features=[a_feature("HP:0002123")]), by=aoife)

    accounts.set_enabled(sqlite_mm, aoife.account_id, enabled=False, by=SYSTEM, with_cases=True)

    assert [one.kind for one in curating.to_do(sqlite_mm, by=user_of(sqlite_mm, bran.email))] == [Kind.OWNER]


def test_cases_go_only_to_a_clinician_who_can_sign_in_and_has_none_of_the_same_name(sqlite_mm: Matchmaker) -> None:
    aoife, bran = with_account(sqlite_mm), with_account(sqlite_mm, HEIR)
    curator = with_account(sqlite_mm, "curator@dublin.example.org", role=Role.CURATOR)
    for owner in (aoife, bran):
        cases.submit(sqlite_mm, a_case(owner=owner.email, local_id="P-1"), by=owner)

    for to, why in (
        ("nobody@example.org", "is no clinician"),
        (curator.email, "is no clinician"),
        (ADDRESS, "is the same account"),
        (HEIR, "cases of the same name: P-1"),
        ("nobody", "is no mail address"),
    ):
        with pytest.raises(Invalid, match=why):
            handing_over.hand_over(sqlite_mm, aoife.account_id, to, by=SYSTEM)
    with pytest.raises(Forbidden):
        handing_over.hand_over(sqlite_mm, aoife.account_id, HEIR, by=bran)
    assert handing_over.owned(sqlite_mm, aoife.account_id, by=SYSTEM) == 1
