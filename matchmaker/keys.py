"""The keys of one node: what seals personal data at rest, and what turns ids into pseudonyms.

Two independent 256-bit keys live in `<home>/keys`, made once and never in the database: whoever takes the database
alone can neither read a sealed value nor guess whom a pseudonym stands for.
"""

from __future__ import annotations

import hmac
import os
import secrets
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from matchmaker.errors import Unavailable

KEY_BYTES = 32
_PSEUDONYMS = 20_000  # kept in memory: an answer needs those of its sixty cases
SALT_BYTES = 16
_NONCE_BYTES = 12  # AES-GCM's own size; random nonces are safe far beyond the number of versions of one case


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The two keys, read once per process; `repr` does not show them."""

    sealing: bytes = field(repr=False)
    pseudonyms: bytes = field(repr=False)

    @classmethod
    def create(cls, directory: Path) -> Self:
        """Make the keys that are not there yet, readable by the owner alone; existing ones are never replaced."""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            for name in ("sealing", "pseudonyms"):
                _write_once(directory / name, secrets.token_bytes(KEY_BYTES))
        except OSError as error:
            raise Unavailable(str(directory), f"keys cannot be made ({error.strerror})", "make it writable") from error
        return cls.load(directory)

    def save(self, directory: Path) -> None:
        """Put these keys into a folder that holds none, readable by the owner alone."""
        try:
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            _write_once(directory / "sealing", self.sealing)
            _write_once(directory / "pseudonyms", self.pseudonyms)
        except OSError as error:
            raise Unavailable(str(directory), f"keys cannot be kept ({error.strerror})", "make it writable") from error

    @classmethod
    def load(cls, directory: Path, *, strict: bool = False) -> Self:
        """Read the keys; `strict` refuses files that others on this machine can read.

        Raises
        ------
        Unavailable
            When a key is missing, damaged, unreadable, or (`strict`) readable by others.
        """
        return cls(
            sealing=_read(directory / "sealing", strict=strict),
            pseudonyms=_read(directory / "pseudonyms", strict=strict),
        )

    def pseudonym(self, *parts: str) -> str:
        """Return 64 hex digits that stand for the parts; the first part says what for, so that uses never collide.

        Stable for the life of the node; without the key neither reversible nor guessable.
        """
        return _digest(self.pseudonyms, parts)

    def seal(self, plain: bytes, *, salt: bytes = b"", context: str) -> bytes:
        """Encrypt under a key of this salt's own; `context`, which row it belongs to, must be the same when opening."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher(salt).encrypt(nonce, plain, context.encode())

    def open(self, sealed: bytes, *, salt: bytes = b"", context: str) -> bytes:
        """Decrypt what `seal` made.

        Raises
        ------
        Unavailable
            When the bytes were changed, belong to another row, or were sealed by another node's key.
        """
        nonce, body = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher(salt).decrypt(nonce, body, context.encode())
        except (InvalidTag, ValueError) as error:
            raise Unavailable(
                "a sealed value",
                "it does not open with this node's key",
                "restore the keys that belong to the database",
            ) from error

    def signing_key(self, purpose: str) -> Ed25519PrivateKey:
        """Return the Ed25519 key for one purpose: the same for the life of the node, of no use for any other."""
        return Ed25519PrivateKey.from_private_bytes(hmac.digest(self.sealing, b"sign" + purpose.encode(), "sha256"))

    def _cipher(self, salt: bytes) -> AESGCM:
        # HMAC of a uniformly random key is the extract step of HKDF (RFC 5869), and one block is all that is needed.
        return AESGCM(hmac.digest(self.sealing, b"seal" + salt, "sha256"))


def _unambiguous(parts: tuple[str, ...]) -> bytes:
    """Join so that ("a", "bc") and ("ab", "c") differ."""
    encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
    return b"".join(len(part).to_bytes(4, "big") + part for part in encoded)


def _write_once(path: Path, content: bytes) -> None:
    """Write a whole, durable file or none; a file that is there stays."""
    if path.exists():
        return
    # mkstemp makes it 0600; a link appears at once and whole, and never replaces a key that another process made.
    descriptor, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(temporary, path)
    except FileExistsError:
        pass
    finally:
        Path(temporary).unlink()
    directory = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def _read(path: Path, *, strict: bool) -> bytes:
    try:
        content = path.read_bytes()
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise Unavailable(f"key {path}", "it is not there", "run `matchmaker init`, or restore it") from error
    except OSError as error:
        raise Unavailable(
            f"key {path}", error.strerror or "it cannot be read", "make it readable to this user"
        ) from error
    if len(content) != KEY_BYTES:
        raise Unavailable(f"key {path}", "it is damaged", "restore it from a backup")
    if strict and mode & 0o077:
        raise Unavailable(f"key {path}", "others can read it", f"run `chmod 600 {path}`")
    return content


@lru_cache(maxsize=_PSEUDONYMS)
def _digest(key: bytes, parts: tuple[str, ...]) -> str:
    return hmac.digest(key, _unambiguous(parts), "sha256").hex()
