"""Signed requests between nodes of our own kind (RFC 9421): a stolen token alone asks nothing.

A signature covers method, path, token and body, and holds for five minutes. Its nonce is good once: who asks us again
with a request that was heard on its way is refused. Other nodes see two more headers, and may ignore them.
"""

from __future__ import annotations

import base64
import datetime as dt
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from http_message_signatures import (
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    InvalidSignature,
    algorithms,
)
from http_message_signatures.exceptions import HTTPMessageSignaturesException

from matchmaker.errors import Unauthorised
from matchmaker.service import Matchmaker

COVERED = ("@method", "@path", "x-auth-token")
TAG = "matchmaker"
_NONCE_BYTES = 16
MAX_AGE = dt.timedelta(minutes=5)
CLOCKS = dt.timedelta(minutes=1)  # that two machines' clocks may differ by
LIVES = MAX_AGE + 2 * CLOCKS  # at the longest, from when it comes until nobody takes it any more
_PURPOSE = "requests to other nodes"


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request as it is signed; the host is that of nobody, since proxies change it."""

    method: str
    url: str
    headers: dict[str, str]

    @classmethod
    def of(cls, method: str, path: str, headers: Mapping[str, str]) -> Message:
        return cls(method=method, url=f"https://host{path}", headers=dict(headers))


def key_of(mm: Matchmaker) -> Ed25519PrivateKey:
    """Return the key with which this node signs; it stays for the life of the node."""
    return mm.keys.signing_key(_PURPOSE)


def public_key_of(mm: Matchmaker) -> str:
    """Return what other nodes check our signatures with."""
    return base64.b64encode(key_of(mm).public_key().public_bytes_raw()).decode()


def is_key(text: str) -> bool:
    """Say whether a text is a public key as `public_key_of` spells it."""
    try:
        Ed25519PublicKey.from_public_bytes(base64.b64decode(text, validate=True))
    except ValueError:
        return False
    return True


def signed(key: Ed25519PrivateKey, message: Message, body: bytes) -> dict[str, str]:
    """Return the headers of a request with its signature among them."""
    if "X-Auth-Token" not in message.headers:
        return message.headers
    signer = HTTPMessageSigner(signature_algorithm=algorithms.ED25519, key_resolver=_Key(private=key))
    nonce = secrets.token_urlsafe(_NONCE_BYTES)
    signer.sign(message, key_id=TAG, tag=TAG, nonce=nonce, covered_component_ids=COVERED, body=body)
    return message.headers


def require(public_key: str, message: Message, body: bytes) -> str:
    """Return the nonce of a request that was signed with this key, a moment ago, with this token and body.

    Raises
    ------
    Unauthorised
    """
    if not is_key(public_key):
        raise Unauthorised("signatures are needed, and no key to check them with is known: pair the two nodes anew")
    raw = Ed25519PublicKey.from_public_bytes(base64.b64decode(public_key))
    verifier = HTTPMessageVerifier(signature_algorithm=algorithms.ED25519, key_resolver=_Key(public=raw))
    verifier.max_clock_skew = CLOCKS
    components = (*COVERED, "content-digest") if body else COVERED
    try:
        found = verifier.verify(message, max_age=MAX_AGE, expect_tag=TAG, require_components=components, body=body)
    except (InvalidSignature, HTTPMessageSignaturesException) as error:
        raise Unauthorised("a valid signature is needed (RFC 9421): pair the two nodes anew") from error
    if len(found) != 1 or not found[0].nonce:
        raise Unauthorised("a signature with a nonce is needed (RFC 9421): bring the other node up to date")
    return found[0].nonce


class _Key(HTTPSignatureKeyResolver):
    """The one key of one node."""

    def __init__(self, *, private: Ed25519PrivateKey | None = None, public: Ed25519PublicKey | None = None) -> None:
        self._private, self._public = private, public

    def resolve_private_key(self, key_id: str) -> Ed25519PrivateKey | None:
        return self._private

    def resolve_public_key(self, key_id: str) -> Ed25519PublicKey | None:
        return self._public
