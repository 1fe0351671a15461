"""The node's keys under a passphrase, as a backup may hold them."""

from __future__ import annotations

import base64
import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from matchmaker.errors import Invalid, Issue
from matchmaker.keys import KEY_BYTES, Keys

LEAST_CHARACTERS = 12
_COST = 2**16  # with blocks of 8: 64 MB and a fifth of a second for each guess
_NONCE_BYTES = 12
_CONTEXT = b"matchmaker keys"


def seal(keys: Keys, passphrase: str) -> bytes:
    """Encrypt the keys.

    Raises
    ------
    Invalid
        When the passphrase is short enough to be tried out.
    """
    if len(passphrase) < LEAST_CHARACTERS:
        remedy = f"use {LEAST_CHARACTERS} characters or more, such as five random words"
        raise Invalid([Issue(path="passphrase", message="is too short", remedy=remedy)])
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(_NONCE_BYTES)
    sealed = AESGCM(_key(passphrase, salt, _COST)).encrypt(nonce, keys.sealing + keys.pseudonyms, _CONTEXT)
    stated = {
        "kdf": "scrypt",
        "n": _COST,
        "r": 8,
        "p": 1,
        "salt": _text(salt),
        "nonce": _text(nonce),
        "sealed": _text(sealed),
    }
    return json.dumps(stated, indent=1).encode()


def open_(sealed: bytes, passphrase: str) -> Keys:
    """Decrypt what `seal` made.

    Raises
    ------
    Invalid
        When the passphrase is another one.
    """
    stated = json.loads(sealed)
    key = _key(passphrase, base64.b64decode(stated["salt"]), stated["n"])
    try:
        plain = AESGCM(key).decrypt(base64.b64decode(stated["nonce"]), base64.b64decode(stated["sealed"]), _CONTEXT)
    except InvalidTag as error:
        wrong = Issue(path="passphrase", message="does not open the keys of this backup", remedy="try the right one")
        raise Invalid([wrong]) from error
    return Keys(sealing=plain[:KEY_BYTES], pseudonyms=plain[KEY_BYTES:])


def _key(passphrase: str, salt: bytes, cost: int) -> bytes:
    return Scrypt(salt=salt, length=32, n=cost, r=8, p=1).derive(passphrase.encode())


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()
