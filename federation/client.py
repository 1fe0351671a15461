"""The one client for every call to another node: verified, bounded, and repeated only where that is safe.

`transport` does one exchange, `addresses` says where it may go; here are the rules of a call: at most two at once per
node, one repeat, the version both sides speak, and the name of the fault when it fails.
"""

from __future__ import annotations

import datetime as dt
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from weakref import WeakKeyDictionary

import certifi
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from federation import signatures
from federation.addresses import Resolve, Resolver, check, read_base_url, system_resolve
from federation.deadline import Deadline
from federation.media_type import vendor_type
from federation.transport import ConnectionBroken, Outgoing, Reply, Target, exchange, tls_context
from matchmaker.errors import Invalid, NodeBusy, NodeMisanswered, NodeRefused, NodeUnreachable
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.store.engine import Engine

CALLS_AT_ONCE = 2  # per node
OLDEST = "1.0"
MME = "/mme"  # where nodes of our own kind serve Matchmaker Exchange
_JSON = "application/json"
PAUSE_SECONDS = 0.1  # before a broken connection is tried again: a server that restarts needs a moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """A node's answer before anybody has read it; `version` is the one that it accepted, for the caller to remember."""

    status: int
    version: str
    body: bytes
    seconds: float


class Client:
    """Asks other nodes; one per process and node of ours, shared by its threads.

    A node's own CA is `<home>/tls/<name>.ca.pem` and replaces the public ones; our certificate for it, with its key, is
    `<home>/tls/<name>.client.pem`.
    """

    def __init__(
        self, settings: Settings, *, resolve: Resolve = system_resolve, key: Ed25519PrivateKey | None = None
    ) -> None:
        """Ask as the settings say; with a `key`, nodes of our own kind get signed requests."""
        self._settings = settings
        self._key = key
        self._resolver = Resolver(resolve)
        self._lock = threading.Lock()
        self._lanes: dict[str, threading.BoundedSemaphore] = {}
        self._public: ssl.SSLContext | None = None

    def post_match(self, node: Node, token: str | None, body: bytes, *, deadline: Deadline) -> Answer:
        """Send a match request; raises a NodeError that names the fault."""
        return self._ask(node, token, Outgoing(method="POST", path="/match", headers={}, body=body), deadline)

    def heartbeat(self, node: Node, token: str | None, *, deadline: Deadline) -> Answer:
        """Ask whether the node is there and what it accepts."""
        return self._ask(node, token, Outgoing(method="GET", path="/heartbeat", headers={}), deadline)

    def metrics(self, node: Node, token: str | None, *, deadline: Deadline) -> Answer:
        """Ask for the node's public figures."""
        return self._ask(node, token, Outgoing(method="GET", path="/metrics", headers={}), deadline)

    def post_beside(self, node: Node, token: str | None, path: str, body: bytes, *, deadline: Deadline) -> Answer:
        """Send JSON to a node of our own kind, at an address beside those of Matchmaker Exchange."""
        started = time.monotonic()
        headers = _authorised({"Accept": _JSON, "Content-Type": _JSON, "User-Agent": "Matchmaker"}, token)
        outgoing = Outgoing(method="POST", path=path, headers=headers, body=body)
        target = self._located(beside(node), deadline)
        reply = self._asked(node, target, outgoing, deadline)
        _require_answer(node.name, reply)
        return Answer(status=reply.status, version="", body=reply.body, seconds=time.monotonic() - started)

    def _ask(self, node: Node, token: str | None, outgoing: Outgoing, deadline: Deadline) -> Answer:
        started = time.monotonic()
        target = self._located(node, deadline)
        version = node.version or OLDEST
        reply = self._asked(node, target, _worded(outgoing, token, version), deadline)
        if reply.status in {406, 415} and version != OLDEST:
            version = OLDEST
            reply = self._asked(node, target, _worded(outgoing, token, version), deadline)
        _require_answer(node.name, reply)
        return Answer(status=reply.status, version=version, body=reply.body, seconds=time.monotonic() - started)

    def _signed(self, node: Node, target: Target, outgoing: Outgoing) -> Outgoing:
        """Sign what goes to a node of our own kind, each try anew; any other would not know what for."""
        if self._key is None or not node.kin:
            return outgoing
        message = signatures.Message.of(outgoing.method, target.url.path + outgoing.path, outgoing.headers)
        return replace(outgoing, headers=signatures.signed(self._key, message, outgoing.body or b""))

    def _located(self, node: Node, deadline: Deadline) -> Target:
        """Resolve the name, once for all that this call may try."""
        if node.base_url is None:
            raise NodeUnreachable(node.name, "has no base URL, so it cannot be asked: add one")
        try:
            url = read_base_url(node.base_url)
        except Invalid as error:
            raise NodeUnreachable(node.name, str(error)) from error
        addresses = self._resolver.addresses(node.name, url.host, deadline)
        allowed = check(node.name, url, addresses, self._settings)
        return Target(node=node.name, url=url, addresses=allowed, tls=self._tls(node.name) if url.https else None)

    def _asked(self, node: Node, target: Target, outgoing: Outgoing, deadline: Deadline) -> Reply:
        """Ask, and once more where nothing was answered or the node itself says when to come back in time."""
        try:
            reply = self._once(node, target, outgoing, deadline)
        except ConnectionBroken:
            if deadline.remaining <= PAUSE_SECONDS:
                raise
            time.sleep(PAUSE_SECONDS)
        else:
            pause = _retry_after(reply) if reply.status == 503 else None
            if pause is None or deadline.remaining <= pause:
                return reply
            time.sleep(pause)
        return self._once(node, target, outgoing, deadline)

    def _once(self, node: Node, target: Target, outgoing: Outgoing, deadline: Deadline) -> Reply:
        with self._lane(target.node, deadline):
            return exchange(target, self._signed(node, target, outgoing), deadline)

    @contextmanager
    def _lane(self, node: str, deadline: Deadline) -> Iterator[None]:
        with self._lock:
            lane = self._lanes.setdefault(node, threading.BoundedSemaphore(CALLS_AT_ONCE))
        if not lane.acquire(timeout=deadline.remaining):
            raise NodeBusy(node, f"{CALLS_AT_ONCE} other calls to it did not end in time")
        try:
            yield
        finally:
            lane.release()

    def _tls(self, name: str) -> ssl.SSLContext:
        """Trust the node's own CA if the operator put one there, the public ones otherwise; never nobody."""
        folder = self._settings.home / "tls"
        own, client = folder / f"{name}.ca.pem", folder / f"{name}.client.pem"
        if not own.exists() and not client.exists():
            with self._lock:
                if self._public is None:
                    self._public = tls_context(certifi.where())
                return self._public
        if self._settings.mode is Mode.PRODUCTION and client.exists() and client.stat().st_mode & 0o077:
            raise NodeUnreachable(name, f"{client} holds a key that others can read: chmod 600")
        try:
            return tls_context(str(own) if own.exists() else certifi.where(), str(client) if client.exists() else None)
        except OSError as error:
            why = f"the files of {name} in {folder} cannot be used: they must be PEM, the key unencrypted"
            raise NodeUnreachable(name, why) from error


def beside(node: Node) -> Node:
    """The same node by the address under which it serves all else: without the part that is Matchmaker Exchange."""
    root = None if node.base_url is None else node.base_url.rstrip("/").removesuffix(MME)
    return replace(node, base_url=root)


# By the database: the same for every view of an open node.
_clients: WeakKeyDictionary[Engine, Client] = WeakKeyDictionary()
_making = threading.Lock()


def client_of(mm: Matchmaker) -> Client:
    """Return the one client of an open node, so that its limit of calls at once holds for all who ask."""
    with _making:
        if mm.engine not in _clients:
            _clients[mm.engine] = Client(mm.settings, key=signatures.key_of(mm))
        return _clients[mm.engine]


def _worded(outgoing: Outgoing, token: str | None, version: str) -> Outgoing:
    """Put on the headers that real peers want: both, the bare vendor type, no parameters (MME.md, "version")."""
    media_type = vendor_type(version)
    headers = _authorised({"Accept": media_type, "Content-Type": media_type, "User-Agent": "Matchmaker"}, token)
    return Outgoing(method=outgoing.method, path=outgoing.path, headers=headers, body=outgoing.body)


def _authorised(headers: dict[str, str], token: str | None) -> dict[str, str]:
    if token is None:
        return headers
    if not token.isascii() or not token.isprintable():
        raise ValueError("the token holds characters that no header can carry")  # and never the token itself
    return {**headers, "X-Auth-Token": token}


def _retry_after(reply: Reply) -> float | None:
    """Read Retry-After, seconds or a date (RFC 9110, 10.2.3); None when it is neither."""
    text = (reply.retry_after or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    if when.tzinfo is None:
        when = when.replace(tzinfo=dt.UTC)
    return max(0.0, (when - dt.datetime.now(dt.UTC)).total_seconds())


# What a peer says about its refusal is not repeated: it may hold what we sent.
_REFUSALS = {
    401: "does not accept our token, or our signature: ask its operator for a new one",
    403: "does not allow us to ask: ask its operator",
    404: "has no Matchmaker Exchange at this address: check the base URL",
    406: "does not speak a version of Matchmaker Exchange that we speak",
    413: "finds our request too large",
    415: "does not speak a version of Matchmaker Exchange that we speak",
    429: "has been asked too often for now: try again later",
}


def _require_answer(node: str, reply: Reply) -> None:
    if 300 <= reply.status < 400:
        raise NodeMisanswered(node, f"redirects elsewhere ({reply.status}), and a case follows no redirect")
    if not 200 <= reply.status < 300:
        why = _REFUSALS.get(reply.status, "failed" if reply.status >= 500 else "did not accept our request")
        raise NodeRefused(node, f"{why} (status {reply.status})", status=reply.status)
    if reply.media_type in {"text/html", "application/xhtml+xml"}:
        raise NodeMisanswered(node, "answers with a web page, not Matchmaker Exchange: check the base URL")
