"""API tokens: who may make them, and for how long they are good."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from matchmaker import api_tokens
from matchmaker.actors import Role
from matchmaker.api_tokens import NewToken, Scope
from matchmaker.errors import Forbidden, Invalid, NotFound
from matchmaker.model import Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from tests.matchmaker.people import with_account


def test_token_calls_for_the_account_as_it_is_now(mm: Matchmaker) -> None:
    aoife = with_account(mm, "aoife@example.org")
    token = api_tokens.issue(mm, NewToken(name="EHR", scopes=[Scope.TERMS]), by=aoife)
    with mm.transaction() as db:
        stored.change(db, aoife.account_id, role=Role.CURATOR)

    caller = api_tokens.caller_of(mm, token)

    assert caller is not None
    assert (caller.user.email, caller.user.role, *caller.scopes) == (aoife.email, Role.CURATOR, "terms:read")
    (known,) = api_tokens.list_(mm, by=aoife)
    assert known.used_at is not None


def test_token_of_a_disabled_account_is_not_good(mm: Matchmaker) -> None:
    aoife = with_account(mm, "aoife@example.org")
    token = api_tokens.issue(mm, NewToken(name="EHR", scopes=[Scope.TERMS]), by=aoife)
    with mm.transaction() as db:
        stored.change(db, aoife.account_id, enabled=False)

    assert api_tokens.caller_of(mm, token) is None


def test_nobody_makes_or_takes_tokens_of_other_people(mm: Matchmaker) -> None:
    aoife, bran = with_account(mm, "aoife@example.org"), with_account(mm, "bran@example.org")
    operator = with_account(mm, "operator@example.org", role=Role.OPERATOR)
    api_tokens.issue(mm, NewToken(name="EHR", scopes=[Scope.TERMS]), by=aoife)
    (known,) = api_tokens.list_(mm, by=aoife)

    with pytest.raises(Forbidden):
        api_tokens.issue(mm, NewToken(name="EHR", scopes=[Scope.TERMS]), by=bran, account_id=aoife.account_id)
    with pytest.raises(Invalid, match="is not a program's"):
        api_tokens.issue(mm, NewToken(name="EHR", scopes=[Scope.TERMS]), by=operator, account_id=aoife.account_id)
    with pytest.raises(NotFound):
        api_tokens.revoke(mm, known.id, by=bran)
    with pytest.raises(Forbidden):
        api_tokens.list_(mm, by=bran, account_id=aoife.account_id)
    api_tokens.revoke(mm, known.id, by=operator, account_id=aoife.account_id)
    assert api_tokens.list_(mm, by=aoife) == []


@pytest.mark.parametrize(
    ("stated", "path"),
    [
        ({"name": " "}, "name"),
        ({"scopes": []}, "scopes"),
        ({"lasts": dt.timedelta(days=400)}, "lasts"),
        ({"sharing": Sharing.EEA, "basis": " "}, "basis"),
        ({"basis": "x" * 256}, "basis"),
    ],
)
def test_token_needs_a_name_a_scope_and_an_end(sqlite_mm: Matchmaker, stated: dict[str, Any], path: str) -> None:
    aoife = with_account(sqlite_mm, "aoife@example.org")

    with pytest.raises(Invalid) as refused:
        api_tokens.issue(sqlite_mm, replace(NewToken(name="EHR", scopes=[Scope.TERMS]), **stated), by=aoife)

    assert [issue.path for issue in refused.value.issues] == [path]
