from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import select

from matchmaker.errors import NotFound
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes, tokens
from matchmaker.store.engine import Connection
from matchmaker.store.tables import tokens as tokens_table
from tests.builders import a_node

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)
SPAIN = NodeName("spain")


def name_of(db: Connection, token: str, *, at: dt.datetime = NOW, scope: str = "mme") -> str | None:
    node = tokens.node_of_token(db, token, at=at, scope=scope)
    return None if node is None else node.name


def test_token_names_its_node_and_is_not_stored_itself(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"))
        token = tokens.issue(db, SPAIN, at=NOW)

        assert tokens.node_of_token(db, token, at=NOW) == a_node("spain")
        assert token not in repr(db.execute(select(tokens_table)).all())


def test_tokens_are_long_and_different(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"))
        issued = {tokens.issue(db, SPAIN, at=NOW) for _ in range(5)}

    assert len(issued) == 5
    assert min(map(len, issued)) >= 43  # 256 bits in base64


@pytest.mark.parametrize("token", ["", "wrong", "\ud800", "x" * 100_000])
def test_unknown_token_names_nobody(mm: Matchmaker, token: str) -> None:
    with mm.reading() as db:
        assert name_of(db, token) is None


def test_token_ends_with_its_lifetime_its_scope_and_its_node(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"))
        token = tokens.issue(db, SPAIN, at=NOW, lifetime=MINUTE)

        assert name_of(db, token, at=NOW + MINUTE / 2) == "spain"
        assert name_of(db, token, at=NOW + MINUTE) is None
        assert name_of(db, token, scope="api") is None
        nodes.set_enabled(db, SPAIN, enabled=False)
        assert name_of(db, token) is None
        nodes.set_enabled(db, SPAIN, enabled=True)
        assert name_of(db, token) == "spain"
        nodes.remove(db, SPAIN)
        assert name_of(db, token) is None


def test_two_tokens_live_at_once_and_a_third_ends_the_oldest(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"))
        nodes.upsert(db, a_node("finland"))
        other = tokens.issue(db, NodeName("finland"), at=NOW)
        first, second, third = (tokens.issue(db, SPAIN, at=NOW + n * MINUTE) for n in range(3))

        valid = [name_of(db, token, at=NOW + 3 * MINUTE) for token in (first, second, third, other)]

    assert valid == [None, "spain", "spain", "finland"]


def test_expired_token_does_not_count_as_one_of_two(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"))
        lasting = tokens.issue(db, SPAIN, at=NOW)
        tokens.issue(db, SPAIN, at=NOW + MINUTE, lifetime=MINUTE)
        newest = tokens.issue(db, SPAIN, at=NOW + 3 * MINUTE)

        assert name_of(db, lasting, at=NOW + 3 * MINUTE) == name_of(db, newest, at=NOW + 3 * MINUTE) == "spain"


def test_all_tokens_of_a_node_can_be_taken_away(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"))
        token = tokens.issue(db, SPAIN, at=NOW)

        assert tokens.revoke(db, SPAIN) == 1
        assert name_of(db, token) is None
        assert tokens.revoke(db, SPAIN) == 0


def test_node_that_nobody_registered_gets_no_token(mm: Matchmaker) -> None:
    with mm.transaction() as db, pytest.raises(NotFound):
        tokens.issue(db, NodeName("nowhere"), at=NOW)
