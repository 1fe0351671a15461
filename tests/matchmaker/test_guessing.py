"""Limits on guessing passwords."""

from __future__ import annotations

import datetime as dt
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from matchmaker import guessing, signing_in
from matchmaker.errors import TooOften, Unauthorised
from matchmaker.guessing import ACCOUNT_FROM_ADDRESS
from matchmaker.service import Matchmaker
from matchmaker.signing_in import Browser
from matchmaker.store import attempts
from matchmaker.store.attempts import Limit
from tests.matchmaker.people import ADDRESS, PASSWORD, with_password

THIEF, HOME = Browser(name="curl", address="203.0.113.9"), Browser(name="Firefox", address="198.51.100.7")


@pytest.mark.slow
def test_guessing_from_one_address_is_stopped_and_the_person_elsewhere_is_not(sqlite_mm: Matchmaker) -> None:
    with_password(sqlite_mm)
    for _ in range(ACCOUNT_FROM_ADDRESS.most):
        with pytest.raises(Unauthorised):
            signing_in.sign_in(sqlite_mm, ADDRESS, "wrong", browser=THIEF)

    with pytest.raises(TooOften, match="try again in 15 minutes"):
        signing_in.sign_in(sqlite_mm, ADDRESS, PASSWORD, browser=THIEF)
    assert signing_in.sign_in(sqlite_mm, ADDRESS, PASSWORD, browser=HOME).complete


@pytest.mark.slow
def test_limit_is_the_same_for_an_address_that_nobody_has(sqlite_mm: Matchmaker) -> None:
    for _ in range(ACCOUNT_FROM_ADDRESS.most):
        with pytest.raises(Unauthorised):
            signing_in.sign_in(sqlite_mm, "nobody@example.org", "wrong", browser=THIEF)
    with pytest.raises(TooOften):
        signing_in.sign_in(sqlite_mm, "Nobody@example.org ", "wrong", browser=THIEF)


def test_guesses_at_once_are_not_more_than_guesses_one_after_another(mm: Matchmaker) -> None:
    limit = Limit(kind="tried", most=5, within=dt.timedelta(minutes=1))

    def count(_: int) -> bool:
        try:
            guessing.count(mm, ((limit, "somebody"),))
        except TooOften:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(count, range(20))) == limit.most


def test_counting_begins_anew_when_the_time_is_over_and_after_success(mm: Matchmaker) -> None:
    limit = Limit(kind="tried", most=1, within=dt.timedelta(minutes=1))
    now = dt.datetime.now(dt.UTC)

    with mm.transaction() as db:
        assert attempts.claim(db, limit, "a", at=now) is None
        wait = attempts.claim(db, limit, "a", at=now + dt.timedelta(seconds=20))
        assert wait == dt.timedelta(seconds=40)
        assert attempts.claim(db, limit, "b", at=now) is None
        assert attempts.claim(db, limit, "a", at=now + dt.timedelta(seconds=60)) is None
        attempts.forget(db, limit, "b")
        assert attempts.claim(db, limit, "b", at=now) is None
        attempts.give_back(db, limit, "b")
        assert attempts.claim(db, limit, "b", at=now) is None


@pytest.mark.slow
def test_unknown_address_costs_as_much_work_as_a_wrong_password(sqlite_mm: Matchmaker) -> None:
    with_password(sqlite_mm)

    def seconds(email: str) -> float:
        began = time.process_time()
        with pytest.raises(Unauthorised):
            signing_in.sign_in(sqlite_mm, email, "wrong")
        return time.process_time() - began

    seconds("first@example.org")  # makes the hash that nobody's password is compared with
    known, unknown = (min(seconds(email) for _ in range(3)) for email in (ADDRESS, "nobody@example.org"))
    assert 0.5 < unknown / known < 2.0
