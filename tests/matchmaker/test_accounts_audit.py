"""Everything about accounts is in the audit log, in pseudonyms."""

from __future__ import annotations

import pytest

from matchmaker import accounts, api_tokens, audit, forgotten, own_account, second_factor, signing_in
from matchmaker.actors import SYSTEM, Role
from matchmaker.api_tokens import NewToken, Scope
from matchmaker.errors import Unauthorised
from matchmaker.identities import Identity
from matchmaker.identities import sign_in as sign_in_by_provider
from matchmaker.service import Matchmaker
from matchmaker.store import audit as stored_audit
from tests.matchmaker.people import ADDRESS, PASSWORD, code_of, user_of, with_password, with_second_factor

pytestmark = pytest.mark.slow

EXPECTED = [
    "account added",
    "password set",
    "sign-in refused",
    "signed in",
    "api token issued",
    "api token revoked",
    "password reset asked",
    "password changed",
    "second factor switched on",
    "second factor switched off",
    "sessions ended",
    "identity linked",
    "signed in",
    "account role changed",
    "account reset",
    "account disabled",
    "account enabled",
]


def test_whatever_happens_to_an_account_is_in_the_log_and_nobody_is_named(mm: Matchmaker) -> None:
    user = with_password(mm)
    with pytest.raises(Unauthorised):
        signing_in.sign_in(mm, ADDRESS, "wrong")
    found = signing_in.signed_in(mm, signing_in.sign_in(mm, ADDRESS, PASSWORD).token)
    assert found is not None
    api_tokens.issue(mm, NewToken(name="EHR", scopes=[Scope.TERMS]), by=user)
    api_tokens.revoke(mm, api_tokens.list_(mm, by=user)[0].id, by=user)
    forgotten.ask(mm, ADDRESS)
    own_account.change_password(mm, found.session, old=PASSWORD, new="another eight calm otters", by=user)
    secret, _ = with_second_factor(mm, found)
    second_factor.switch_off(mm, code_of(secret), by=user)
    own_account.end_other_sessions(mm, found.session, by=user)
    sign_in_by_provider(mm, Identity(issuer="https://idp", subject="1", email=ADDRESS, email_verified=True))
    accounts.change_role(mm, user.account_id, Role.AUDITOR, by=SYSTEM)
    accounts.reset(mm, user.account_id, by=SYSTEM)
    accounts.set_enabled(mm, user.account_id, enabled=False, by=SYSTEM)
    accounts.set_enabled(mm, user.account_id, enabled=True, by=SYSTEM)

    with mm.reading() as db:
        entries = list(stored_audit.entries(db))
    assert [entry.event.action for entry in entries] == EXPECTED
    assert ADDRESS not in repr(entries)
    assert user_of(mm, ADDRESS).role is Role.AUDITOR
    assert audit.verify(mm).problems == ()
