"""A case that is local only: its pages offer to share it, with what a peer would see."""

from __future__ import annotations

import pytest
from flask import Flask

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, CaseId, Disclosure, Sharing
from matchmaker.service import Matchmaker
from tests.federation.worlds import register
from tests.web.browsers import ADDRESS, signed_in, submit
from tests.web.test_matches import stored

pytestmark = pytest.mark.slow

OFFERED = 'id="share"'


@pytest.fixture
def case_id(sqlite_mm: Matchmaker) -> CaseId:
    register(sqlite_mm, "Spain", "http://127.0.0.1:9/mme")
    return stored(sqlite_mm, ADDRESS, "Martin", sharing=Sharing.PRIVATE, consent=None, notes="canary")


def the_case(mm: Matchmaker, case_id: CaseId) -> Case:
    return cases.get(mm, case_id, by=SYSTEM).case


def test_sharing_is_offered_beside_the_matches_with_what_a_peer_would_see(
    app: Flask, case_id: CaseId, sqlite_mm: Matchmaker
) -> None:
    browser, address = signed_in(app), f"/cases/{case_id}/share"
    for page in (f"/cases/{case_id}", f"/cases/{case_id}/matches"):
        assert OFFERED in browser.get(page).text
        assert f'href="{address}"' in browser.get(page).text
    offer = browser.get(address).text
    assert offer.count("When somebody finds it, it tells at most") == len(Disclosure)
    assert "Hypsarrhythmia" in offer
    assert "canary" not in offer

    chosen = {"sharing": "federated", "disclosure": "full_profile", "version": "1"}
    refused = submit(browser, address, **chosen, basis="")
    assert refused.status_code == 422
    assert refused.text.count("sharing needs a recorded basis") == 1
    assert the_case(sqlite_mm, case_id).sharing is Sharing.PRIVATE

    answer = submit(browser, address, **chosen, basis="consent")
    assert answer.location == f"/cases/{case_id}/matches#asked"
    case = the_case(sqlite_mm, case_id)
    assert (case.effective_sharing, case.disclosure) == (Sharing.FEDERATED, Disclosure.FULL_PROFILE)
    assert case.notes == "canary"
    after = browser.get(f"/cases/{case_id}/matches").text
    assert OFFERED not in after
    assert "Spain" in after[after.index('id="asked-nodes"') :]


def test_case_that_a_colleague_changed_meanwhile_is_not_shared(
    app: Flask, case_id: CaseId, sqlite_mm: Matchmaker
) -> None:
    chosen = {"sharing": "federated", "disclosure": "gene", "basis": "consent", "version": "7"}

    answer = submit(signed_in(app), f"/cases/{case_id}/share", **chosen)

    assert answer.location == f"/cases/{case_id}/share"
    assert the_case(sqlite_mm, case_id).sharing is Sharing.PRIVATE


def test_withdrawn_case_is_not_offered_for_sharing(app: Flask, case_id: CaseId, sqlite_mm: Matchmaker) -> None:
    cases.withdraw(sqlite_mm, case_id, by=SYSTEM)

    assert OFFERED not in signed_in(app).get(f"/cases/{case_id}").text
