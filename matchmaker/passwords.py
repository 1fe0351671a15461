"""Passwords: how they are kept (argon2id), and which ones are good enough."""

from __future__ import annotations

from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

SHORTEST, LONGEST = 10, 200  # characters; what is longer would only make argon2 work
_GOOD_ENOUGH = 3  # of zxcvbn's 4: some 10^8 guesses
_MOST_JUDGED = 72  # zxcvbn's time grows with the square of the length
_hasher = PasswordHasher()  # RFC 9106, second recommended: 3 passes over 64 MiB


def hashed(password: str) -> str:
    """Return what is stored of a password."""
    return _hasher.hash(password)


def fits(stored: str | None, password: str) -> bool:
    """Say whether this is the password; it takes as long when there is none, so that time tells nothing."""
    try:
        _hasher.verify(stored or _nobodys(), password[:LONGEST])
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


def outdated(stored: str) -> bool:
    """Say whether the password should be hashed anew, since the way of hashing has changed."""
    return _hasher.check_needs_rehash(stored)


def require_good(password: str, *, known: tuple[str, ...] = ()) -> None:
    """Refuse what is short or easily guessed, also by who knows the address and the node (`known`).

    Raises
    ------
    Invalid
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise _refused(
            _("must have %(least)s to %(most)s characters", least=SHORTEST, most=LONGEST),
            _("several words in a row are easy to remember"),
        )
    from zxcvbn import zxcvbn  # its word lists take a tenth of a second to load

    judged = zxcvbn(password[:_MOST_JUDGED], user_inputs=[*known])
    if judged["score"] < _GOOD_ENOUGH:
        warning = str(judged["feedback"]["warning"] or "").rstrip(".")
        raise _refused(
            _("is easily guessed") + (f": {warning[0].lower()}{warning[1:]}" if warning else ""), _("add a word")
        )


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")


def _refused(message: str, remedy: str) -> Invalid:
    return Invalid([Issue(path="password", message=message, remedy=remedy)])
