"""Signing in by the hospital's identity provider: whom it names must have an account here, which an operator made."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker import audit, signing_in
from matchmaker.accounts import user_of
from matchmaker.errors import Unauthorised
from matchmaker.service import Matchmaker
from matchmaker.signing_in import NOWHERE, Browser
from matchmaker.store import accounts as stored
from matchmaker.store import identities
from matchmaker.store.accounts import Account
from matchmaker.store.engine import Connection
from matchmaker.texts import gettext as _
from matchmaker.texts import later

ASK = later("Ask the operator of this node.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What a provider says, with its signature checked: its own name for somebody, and perhaps an address."""

    issuer: str
    subject: str
    email: str | None
    email_verified: bool


def sign_in(mm: Matchmaker, identity: Identity, *, browser: Browser = NOWHERE) -> str:
    """Begin a session and return its token; the first time, the verified address says whose account it is.

    The provider's own second factor counts: no code of ours is asked for.

    Raises
    ------
    Unauthorised
        When the address is not verified or has no account, or the account is disabled or somebody else's.
    """
    with mm.transaction() as db:
        account_id = identities.find(db, identity.issuer, identity.subject)
        account = _linked(db, identity) if account_id is None else stored.get(db, account_id)
        if not account.enabled or account.service:
            raise Unauthorised(_("This account is disabled. %(ask)s", ask=_(ASK)))
        return signing_in.begin(db, account, browser=browser, complete=True).token


def _linked(db: Connection, identity: Identity) -> Account:
    if not identity.email or not identity.email_verified:
        raise Unauthorised(_("Your identity provider does not vouch for a mail address of yours. %(ask)s", ask=_(ASK)))
    account = stored.find(db, identity.email)
    if account is None:
        raise Unauthorised(_("There is no account here for %(email)s. %(ask)s", email=identity.email, ask=_(ASK)))
    if identities.is_linked(db, account.id):
        raise Unauthorised(
            _(
                "The account of %(email)s belongs to somebody else at your provider. %(ask)s",
                email=identity.email,
                ask=_(ASK),
            )
        )
    identities.link(db, identity.issuer, identity.subject, account.id)
    audit.record(db, user_of(db, account), "identity linked")
    return account
