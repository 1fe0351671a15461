"""The cryptography of a pairing: the invitation's code, the key that two nodes share, and the words for its operators.

Each side makes an X25519 key for this pairing alone. The code carries the inviter's and a secret; whoever stands
between the two nodes has other keys with each of them, so that the words of the two operators differ.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

_PREFIX = "mm1-"
_ID_BYTES, _SECRET_BYTES, _KEY_BYTES, _NONCE_BYTES = 8, 16, 32, 12
_CONSONANTS, _VOWELS = "bdfghjklmnprstvz", "aiou"  # sixteen and four: five letters are 16 bits, and can be said aloud
_WORD_BITS = 16
_N_WORDS = 4  # 64 bits: too many to be tried while somebody waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """What an invitation says: where we are, which pairing this is, a secret, and our key for it."""

    url: str
    id: str
    secret: bytes
    key: bytes

    def __str__(self) -> str:
        packed = bytes.fromhex(self.id) + self.secret + self.key + self.url.encode()
        return _PREFIX + base64.urlsafe_b64encode(packed).decode().rstrip("=")

    @classmethod
    def read(cls, text: str) -> Self:
        """Read what another operator sent.

        Raises
        ------
        Invalid
            When it is no such code, or not all of it.
        """
        packed = _unpacked("".join(text.split()).removeprefix(_PREFIX))
        ends = (_ID_BYTES, _ID_BYTES + _SECRET_BYTES, _ID_BYTES + _SECRET_BYTES + _KEY_BYTES)
        try:
            url = packed[ends[2] :].decode()
        except UnicodeDecodeError:
            url = ""
        if not url:
            raise Invalid([Issue(path="code", message=_("is no invitation"), remedy=_("copy all of it, from mm1- on"))])
        return cls(url=url, id=packed[: ends[0]].hex(), secret=packed[ends[0] : ends[1]], key=packed[ends[1] : ends[2]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """What the two sides of a pairing have in common, once each knows the other's key and description."""

    key: bytes
    words: str

    def seal(self, text: str, *, what: str) -> str:
        """Encrypt for the other side; `what` must be the same when it is opened."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return base64.b64encode(nonce + AESGCM(self.key).encrypt(nonce, text.encode(), what.encode())).decode()

    def open(self, sealed: str, *, what: str) -> str | None:
        """Decrypt what the other side sealed; None when it did not."""
        try:
            packed = base64.b64decode(sealed, validate=True)
            return AESGCM(self.key).decrypt(packed[:_NONCE_BYTES], packed[_NONCE_BYTES:], what.encode()).decode()
        except (InvalidTag, ValueError, binascii.Error):
            return None


def new_id() -> str:
    """Return the id of a new pairing."""
    return secrets.token_hex(_ID_BYTES)


def new_secret() -> bytes:
    """Return the secret of a new invitation."""
    return secrets.token_bytes(_SECRET_BYTES)


def new_key() -> tuple[bytes, bytes]:
    """Return a private key for one pairing, and its public half."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def to_text(binary: bytes) -> str:
    """Spell a key or a secret."""
    return base64.b64encode(binary).decode()


def from_text(text: object) -> bytes:
    """Read a key or a secret; nothing when it is none."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except ValueError:
        return b""


def proof(secret: bytes, *parts: bytes) -> str:
    """Return what shows that somebody has the secret and says just this."""
    return hmac.digest(secret, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256").hex()


def is_proof(given: object, secret: bytes, *parts: bytes) -> bool:
    """Compare in a time that says nothing."""
    return isinstance(given, str) and hmac.compare_digest(
        given.encode("utf-8", "replace"), proof(secret, *parts).encode()
    )


def share(private: bytes, their_key: bytes, *, secret: bytes, transcript: bytes) -> Shared:
    """Make the key that both sides have, bound to all that was said, and the words by which people compare it.

    Raises
    ------
    Invalid
        When the other side's key is none.
    """
    try:
        agreed = X25519PrivateKey.from_private_bytes(private).exchange(X25519PublicKey.from_public_bytes(their_key))
    except ValueError as error:
        raise Invalid(
            [Issue(path="pairing.key", message=_("is no key"), remedy=_("begin the pairing anew"))]
        ) from error
    said = hashlib.sha256(transcript).digest()
    derived = HKDF(algorithm=SHA256(), length=40, salt=secret, info=b"matchmaker pairing" + said).derive(agreed)
    return Shared(key=derived[:32], words=_words(derived[32:]))


def _words(fingerprint: bytes) -> str:
    """Spell 64 bits in four words that can be read aloud.

    Examples
    --------
    >>> _words(bytes(8)), _words(b"\\xff" * 8)
    ('babab-babab-babab-babab', 'zuzuz-zuzuz-zuzuz-zuzuz')
    """
    numbers = (int.from_bytes(fingerprint[2 * i : 2 * i + 2], "big") for i in range(_N_WORDS))
    return "-".join(_word(number) for number in numbers)


def _word(number: int) -> str:
    letters, left = [], number
    for bits, alphabet in ((4, _CONSONANTS), (2, _VOWELS), (4, _CONSONANTS), (2, _VOWELS), (4, _CONSONANTS)):
        letters.append(alphabet[left & ((1 << bits) - 1)])
        left >>= bits
    return "".join(reversed(letters))


def _unpacked(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (ValueError, binascii.Error):
        return b""
