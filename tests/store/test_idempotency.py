from __future__ import annotations

import datetime as dt

import pytest

from matchmaker.errors import Invalid
from matchmaker.service import Matchmaker
from matchmaker.store import idempotency

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)


def test_second_request_gets_the_first_ones_outcome(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        assert idempotency.claim(db, "me", "k1", content="a", at=NOW) is None
        idempotency.settle(db, "me", "k1", outcome="done")

    with mm.transaction() as db:
        assert idempotency.claim(db, "me", "k1", content="a", at=NOW) == "done"


def test_key_is_the_senders_own(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        for who in ("me", "you"):
            assert idempotency.claim(db, who, "k1", content=who, at=NOW) is None


def test_another_content_under_the_same_key_is_invalid(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        idempotency.claim(db, "me", "k1", content="a", at=NOW)

    with pytest.raises(Invalid, match="use a new key"), mm.transaction() as db:
        idempotency.claim(db, "me", "k1", content="b", at=NOW)


def test_key_of_a_transaction_that_failed_is_free_again(mm: Matchmaker) -> None:
    def fail() -> None:
        with mm.transaction() as db:
            idempotency.claim(db, "me", "k1", content="a", at=NOW)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()

    with mm.transaction() as db:
        assert idempotency.claim(db, "me", "k1", content="b", at=NOW) is None


def test_old_keys_are_forgotten(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        idempotency.claim(db, "me", "old", content="a", at=NOW)
        idempotency.claim(db, "me", "new", content="a", at=NOW + dt.timedelta(days=8))

        assert idempotency.forget_before(db, NOW + dt.timedelta(days=1)) == 1
        assert idempotency.claim(db, "me", "old", content="b", at=NOW) is None
