"""The second factor: codes of an app (TOTP, RFC 6238), each good once, and recovery codes for when it is lost."""

from __future__ import annotations

import base64
import datetime as dt
import hmac
import re
import secrets

import pyotp

from matchmaker import audit, guessing
from matchmaker.actors import User
from matchmaker.errors import Invalid, Issue
from matchmaker.service import Matchmaker
from matchmaker.store import second_factors, sessions
from matchmaker.store.engine import Connection
from matchmaker.store.sessions import Session
from matchmaker.texts import gettext as _

N_RECOVERY_CODES = 10
GROUPS, OF_EACH = 6, 4  # 118 random bits: nobody who reads their hashes can try them all (NIST SP 800-63B, 112)
STEP_SECONDS = 30
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is read for something else
_SECRET_BYTES = 20


def offer(mm: Matchmaker, session: Session) -> str:
    """Return the secret to set up in an app; it is stored when a code shows that the app has it.

    Until then it is derived from the session: there is nothing to store, to steal or to clean up.
    """
    derived = bytes.fromhex(mm.keys.pseudonym("second factor", session.id))
    return base64.b32encode(derived[:_SECRET_BYTES]).decode()


def address(mm: Matchmaker, user: User, secret: str) -> str:
    """Return what the QR code says."""
    return pyotp.TOTP(secret).provisioning_uri(name=user.email, issuer_name=mm.settings.node_name)


def switch_on(mm: Matchmaker, session: Session, code: str, *, by: User) -> list[str]:
    """Ask for codes from now on; return the recovery codes, which nothing shows again. Other sessions end.

    Raises
    ------
    Invalid
        When the code is not the app's.
    """
    secret = offer(mm, session)
    guessing.count(mm, ((guessing.CODE, by.account_id),))
    step = _step_of(secret, code)
    if step is None:
        raise _wrong()
    codes = _new_codes()
    with mm.transaction() as db:
        second_factors.switch_on(db, by.account_id, secret, used=step)
        second_factors.replace_recovery_codes(db, by.account_id, [_plain(one) for one in codes])
        sessions.end_all(db, by.account_id, but=session.id)
        guessing.succeeded(db, ((guessing.CODE, by.account_id),))
        audit.record(db, by, "second factor switched on")
    return codes


def switch_off(mm: Matchmaker, code: str, *, by: User) -> None:
    """Ask for no more codes; it takes one more.

    Raises
    ------
    Invalid
        When the code is wrong.
    """
    check(mm, by.account_id, code)
    with mm.transaction() as db:
        remove(db, by.account_id)
        audit.record(db, by, "second factor switched off")


def renew_recovery_codes(mm: Matchmaker, code: str, *, by: User) -> list[str]:
    """Return new recovery codes, in place of all earlier ones; it takes a code.

    Raises
    ------
    Invalid
        When the code is wrong.
    """
    check(mm, by.account_id, code)
    codes = _new_codes()
    with mm.transaction() as db:
        second_factors.replace_recovery_codes(db, by.account_id, [_plain(one) for one in codes])
        audit.record(db, by, "recovery codes made anew")
    return codes


def remove(db: Connection, account_id: str) -> None:
    """Take the second factor of an account away, as when its device and the recovery codes are lost."""
    second_factors.switch_off(db, account_id)


def check(mm: Matchmaker, account_id: str, code: str) -> None:
    """Take a code of the app or a recovery code, which then is good no more.

    Raises
    ------
    Invalid
        When it is neither.
    TooOften
    """
    claims = ((guessing.CODE, account_id),)
    guessing.count(mm, claims)
    with mm.transaction() as db:
        if not _taken(db, account_id, code):
            raise _wrong()
        guessing.succeeded(db, claims)


def _taken(db: Connection, account_id: str, code: str) -> bool:
    secret = second_factors.secret_of(db, account_id)
    step = None if secret is None else _step_of(secret, code)
    if step is not None:
        return second_factors.use(db, account_id, step)
    return secret is not None and second_factors.use_recovery_code(db, account_id, _plain(code))


def _step_of(secret: str, code: str) -> int | None:
    """Return the time step that the code is of: this one, the one before or the one after."""
    digits = re.sub(r"\s", "", code)
    now = int(dt.datetime.now(dt.UTC).timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    fitting = [step for step in (now - 1, now, now + 1) if hmac.compare_digest(_code(totp, step), digits.encode())]
    return fitting[0] if fitting else None


def _code(totp: pyotp.TOTP, step: int) -> bytes:
    return totp.generate_otp(step).encode()


def _plain(code: str) -> str:
    """Return a recovery code without what is only there to read and type it."""
    return re.sub(r"[\s-]", "", code).lower()


def _new_codes() -> list[str]:
    return ["-".join(_random(OF_EACH) for _ in range(GROUPS)) for _ in range(N_RECOVERY_CODES)]


def _random(n: int) -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(n))


def _wrong() -> Invalid:
    remedy = _("write the one that the app shows now, or a recovery code")
    return Invalid([Issue(path="code", message=_("is not right, or was used"), remedy=remedy)])
