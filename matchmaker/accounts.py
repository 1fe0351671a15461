"""Accounts: adding people, and the one-time link with which somebody sets a password."""

from __future__ import annotations

import datetime as dt
import re

from matchmaker import audit, passwords
from matchmaker.actors import Role, User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import accounts as stored
from matchmaker.store import api_tokens, identities, second_factors, sessions
from matchmaker.store import cases as stored_cases
from matchmaker.store.accounts import Account
from matchmaker.store.engine import Connection
from matchmaker.store.sessions import Purpose, Session
from matchmaker.texts import gettext as _

INVITATION_LASTS = dt.timedelta(days=7)
LONGEST_NAME = 200
_ADDRESS = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def add(mm: Matchmaker, email: str, *, role: Role, centre: str | None = None, by: User, service: bool = False) -> str:
    """Add an account and return the token of the one-time link with which its person sets a password.

    A program's account (`service`) has API tokens and no password: what is returned then is its id.

    Raises
    ------
    Invalid
        When the address cannot be one or has an account, the role is none for people, or the centre's name is too long.
    """
    require(by, Action.MANAGE_ACCOUNTS)
    email = normal(email)
    centre = centre_name(centre) if centre and centre.strip() else None
    _check(role)
    at = _now()
    with mm.transaction() as db:
        centre_id = stored.centre(db, centre, at=at) if centre else None
        account_id = stored.add(db, email, role=role, centre_id=centre_id, service=service, at=at)
        if account_id is None:
            raise _refused("email", _("has an account already"), _("list the accounts with `matchmaker user list`"))
        audit.record(db, by, "account added", details={"account": account_id, "role": role.value})
        if service:
            return account_id
        return sessions.issue_link(db, account_id, Purpose.PASSWORD, expires_at=at + INVITATION_LASTS)


def list_(mm: Matchmaker, *, by: User) -> list[Account]:
    """Return all accounts by address, disabled ones too."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        return stored.list_(db)


def get(mm: Matchmaker, account_id: str, *, by: User) -> Account:
    """Return one account."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        return stored.get(db, account_id)


def find(mm: Matchmaker, email: str, *, by: User) -> Account:
    """Return the account of an address; NotFound when it has none."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        account = stored.find(db, email.strip())
    if account is None:
        raise NotFound("account of", email)
    return account


def set_enabled(mm: Matchmaker, account_id: str, *, enabled: bool, by: User, with_cases: bool = False) -> None:
    """Let somebody in again, or out at once: sessions end, links and API tokens are good no more.

    Raises
    ------
    Invalid
        When it is one's own account, or still owns cases; `with_cases` lets it end all the same, as when a password
        is known to a stranger: the centre's work list shows the cases then.
    """
    require(by, Action.MANAGE_ACCOUNTS)
    _not_oneself(account_id, by=by)
    with mm.transaction() as db:
        if not enabled and not with_cases:
            _without_cases(db, account_id)
        stored.change(db, account_id, enabled=enabled)
        if not enabled:
            sessions.end_all(db, account_id)
            sessions.revoke_links(db, account_id)
            api_tokens.revoke_all(db, account_id)
        audit.record(db, by, "account enabled" if enabled else "account disabled", details={"account": account_id})


def sessions_of(mm: Matchmaker, account_id: str, *, by: User) -> list[Session]:
    """Return where somebody is signed in now."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.reading() as db:
        stored.get(db, account_id)
        return sessions.of_account(db, account_id, at=_now())


def end_sessions(mm: Matchmaker, account_id: str, *, by: User) -> None:
    """Sign somebody out everywhere; the password stays."""
    require(by, Action.MANAGE_ACCOUNTS)
    with mm.transaction() as db:
        stored.get(db, account_id)
        sessions.end_all(db, account_id)
        audit.record(db, by, "sessions ended", details={"account": account_id})


def change_role(mm: Matchmaker, account_id: str, role: Role, *, by: User) -> None:
    """Give somebody another role; every session of the account ends.

    Raises
    ------
    Invalid
        When it is one's own account, or a clinician's that still owns cases.
    """
    require(by, Action.MANAGE_ACCOUNTS)
    _not_oneself(account_id, by=by)
    _check(role)
    with mm.transaction() as db:
        if role is not Role.CLINICIAN:
            _without_cases(db, account_id)
        stored.change(db, account_id, role=role)
        sessions.end_all(db, account_id)
        audit.record(db, by, "account role changed", details={"account": account_id, "role": role.value})


def reset(mm: Matchmaker, account_id: str, *, by: User, second_factor: bool = False) -> str:
    """Return the token of a new one-time link.

    With `second_factor` take that away, as when its device is lost, and with it who the person is at the provider.

    The old password is good until the new one is set: the link may be asked for by mistake.
    """
    require(by, Action.MANAGE_ACCOUNTS)
    at = _now()
    with mm.transaction() as db:
        account = stored.get(db, account_id)
        if account.service or not account.enabled:
            raise _refused(
                "account", _("is disabled or a program's"), _("enable it first; a program has API tokens instead")
            )
        if second_factor:
            second_factors.switch_off(db, account_id)
            identities.unlink(db, account_id)
            sessions.end_all(db, account_id)
        token = sessions.issue_link(db, account_id, Purpose.PASSWORD, expires_at=at + INVITATION_LASTS)
        details = {"account": account_id, "second-factor": "removed" if second_factor else "kept"}
        audit.record(db, by, "account reset", details=details)
    return token


def link(settings: Settings, token: str) -> str:
    """Return the address at which a one-time link is followed."""
    return f"{settings.base_url.rstrip('/')}/password/{token}"


def invited(mm: Matchmaker, token: str) -> Account:
    """Return whose one-time link this is.

    Raises
    ------
    Invalid
        When it was used, replaced, or is too old.
    """
    with mm.reading() as db:
        return _invited(db, token, at=_now())


def set_password(mm: Matchmaker, token: str, password: str) -> Account:
    """Set a password by a one-time link, which is good no more; every session of the account ends.

    Raises
    ------
    Invalid
        When the link is good no more, or the password is short or easily guessed.
    """
    account = invited(mm, token)
    passwords.require_good(password, known=(account.email, mm.settings.node_name))
    hashed = passwords.hashed(password)  # slow on purpose, so before the transaction
    with mm.transaction() as db:
        account = _invited(db, token, at=_now())
        stored.change(db, account.id, password=hashed)
        sessions.revoke_links(db, account.id)
        sessions.end_all(db, account.id)
        audit.record(db, user_of(db, account), "password set")
    return account


def user_of(db: Connection, account: Account) -> User:
    """Return who acts when somebody of this account does."""
    return User(
        email=account.email,
        role=account.role,
        centre=account.centre,
        colleagues=frozenset(stored.colleagues(db, account.centre_id)),
        account_id=account.id,
    )


def normal(email: str) -> str:
    """Return an address as it is kept.

    Raises
    ------
    Invalid
    """
    email = email.strip().lower()
    if not _ADDRESS.fullmatch(email):
        raise _refused("email", _("is no mail address"), _("write it as name@hospital.example"))
    return email


def centre_name(name: str) -> str:
    """Return the name of a centre as it is kept.

    Raises
    ------
    Invalid
    """
    name = " ".join(name.split())
    if not name or not name.isprintable():
        raise _refused("centre", _("is empty or holds characters that cannot be seen"), _("type it anew"))
    if len(name) > LONGEST_NAME:
        raise _refused("centre", _("has more than %(most)s characters", most=LONGEST_NAME), _("shorten it"))
    return name


def _invited(db: Connection, token: str, *, at: dt.datetime) -> Account:
    account_id = sessions.account_of_link(db, token, Purpose.PASSWORD, at=at)
    account = None if account_id is None else stored.get(db, account_id)
    if account is None or not account.enabled:
        raise _refused("link", _("was used already, replaced by a newer one, or is too old"), _("ask for a new one"))
    return account


def _not_oneself(account_id: str, *, by: User) -> None:
    if account_id == by.account_id:
        raise _refused("account", _("is your own"), _("ask another operator, so that one is always left"))


def _without_cases(db: Connection, account_id: str) -> None:
    n_cases = stored_cases.n_owned(db, stored.get(db, account_id).email)
    if n_cases:
        told = _("still owns %(n_cases)s cases, whose alerts would reach nobody", n_cases=f"{n_cases:,}")
        raise _refused("account", told, _("hand them over first: `matchmaker user hand-over EMAIL --to EMAIL`"))


def _check(role: Role) -> None:
    if role is Role.SYSTEM:
        raise _refused("role", _("is not for people"), _("choose clinician, curator, operator or auditor"))


def _refused(path: str, message: str, remedy: str) -> Invalid:
    return Invalid([Issue(path=path, message=message, remedy=remedy)])


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
