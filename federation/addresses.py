"""Where a node may be reached: its base URL read strictly, its name resolved once, every address checked.

The connection then goes to the address that was checked, so that a name cannot lead elsewhere between check and use.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit

from federation.deadline import Deadline
from matchmaker.errors import Invalid, Issue, NodeUnreachable
from matchmaker.settings import Mode, Settings
from matchmaker.texts import gettext as _

Address = IPv4Address | IPv6Address
Resolve = Callable[[str], Sequence[str]]

MAX_ADDRESSES = 4  # tried in turn; a name with hundreds must not use up the time of the search

_UNICAST = ip_network("2000::/3")  # all of IPv6 that is given out; what lies outside it is local or reserved
_TRANSLATED = ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_COMPATIBLE = ip_network("::/96")  # RFC 4291, deprecated, and ::1 lies in it


@dataclass(frozen=True, slots=True, kw_only=True)
class BaseUrl:
    """A node's base URL in its parts; `host` is ASCII, without brackets."""

    https: bool
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the Host header says: the port only where it is not the usual one."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.https else 80) else f"{host}:{self.port}"


def read_base_url(text: str) -> BaseUrl:
    """Read `https://host[:port]/path`.

    Raises
    ------
    Invalid
        When it is another scheme, names no host, or carries a user, a query or a fragment.
    """
    if any(c.isspace() or not c.isprintable() for c in text):
        _refuse(_("contains spaces or control characters"))
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        _refuse(_("is not an address"))
    if parts.scheme not in {"https", "http"}:
        _refuse(_("does not begin with https://"))
    if not host or "%" in host:
        _refuse(_("names no host"))
    _check_extras(parts)
    https = parts.scheme == "https"
    return BaseUrl(
        https=https,
        host=_ascii(host),
        port=(443 if https else 80) if port is None else port,
        path=parts.path.rstrip("/"),
    )


def system_resolve(host: str) -> Sequence[str]:
    """Ask the machine's resolver; every address of the name, in its order of preference."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(address[0]) for *_, address in found))


class Resolver:
    """Look names up without waiting longer than the deadline; one look-up at a time per name."""

    def __init__(self, resolve: Resolve = system_resolve) -> None:
        self._resolve = resolve
        self._lock = threading.Lock()
        self._under_way: dict[str, Future[tuple[Address, ...]]] = {}

    def addresses(self, node: str, host: str, deadline: Deadline) -> tuple[Address, ...]:
        """Return the addresses of a host, or NodeUnreachable; a thread waits, since getaddrinfo has no timeout."""
        try:
            return (ip_address(host),)
        except ValueError:
            pass
        try:
            return self._started(host).result(timeout=deadline.remaining)
        except TimeoutError as error:
            raise NodeUnreachable(node, f"the look-up of {host} did not end in time: check the name server") from error
        except (OSError, ValueError) as error:  # UnicodeError of an over-long label is a ValueError
            raise NodeUnreachable(node, f"the name {host} is not known: check the base URL") from error

    def _started(self, host: str) -> Future[tuple[Address, ...]]:
        with self._lock:
            if host in self._under_way:
                return self._under_way[host]
            future = self._under_way[host] = Future()
        threading.Thread(target=self._look_up, args=(host, future), name=f"resolve {host}", daemon=True).start()
        return future

    def _look_up(self, host: str, future: Future[tuple[Address, ...]]) -> None:
        try:
            found = tuple(ip_address(text) for text in self._resolve(host))
        except (OSError, ValueError) as error:
            self._forget(host)
            future.set_exception(error)
        else:
            self._forget(host)
            future.set_result(found)

    def _forget(self, host: str) -> None:
        with self._lock:
            del self._under_way[host]


def check(node: str, url: BaseUrl, addresses: Sequence[Address], settings: Settings) -> tuple[Address, ...]:
    """Return the addresses that may be connected, or NodeUnreachable if there is one among them that may not.

    One private address beside public ones is how rebinding begins, so it costs the whole name.
    """
    if not addresses:
        raise NodeUnreachable(node, f"the name {url.host} has no address: check the base URL")
    for address in addresses:
        if not permitted(address, settings):
            remedy = _("list its network in MATCHMAKER_ALLOWED_NETWORKS if the node lives there")
            raise NodeUnreachable(node, f"{url.host} is at {address}, which is not a public address: {remedy}")
    if not url.https and (settings.mode is Mode.PRODUCTION or not all(_plain(a).is_loopback for a in addresses)):
        raise NodeUnreachable(node, "http would carry the case in clear text: enter a base URL with https://")
    return tuple(addresses[:MAX_ADDRESSES])


def permitted(address: Address, settings: Settings) -> bool:
    """Say whether a node may live there: in public, in a network that the operator listed, or here while trying out."""
    address = _plain(address)
    if any(address in network for network in settings.allowed_networks):
        return True
    if address.is_loopback:
        return settings.mode is not Mode.PRODUCTION
    return is_public(address)


def is_public(address: Address) -> bool:
    """Say whether an address, and any IPv4 address hidden in it, is one that the internet routes."""
    address = _plain(address)
    if not address.is_global or address.is_multicast or address.is_reserved:
        return False
    if isinstance(address, IPv4Address):
        return True
    return address in _UNICAST and all(is_public(inner) for inner in _tunnelled(address))


def _plain(address: Address) -> Address:
    """Take an IPv4 address out of the IPv6 forms that lead to the very same machine."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _TRANSLATED or (address in _COMPATIBLE and int(address) > 0xFFFF):
            return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _tunnelled(address: IPv6Address) -> tuple[IPv4Address, ...]:
    teredo = address.teredo or ()
    return (*teredo, *((address.sixtofour,) if address.sixtofour else ()))


def _check_extras(parts: SplitResult) -> None:
    if parts.username is not None or parts.password is not None:
        _refuse(_("carries a user name"))
    if parts.query or parts.fragment:
        _refuse(_("carries a query or a fragment"))
    if not parts.path.isascii():
        _refuse(_("has a path that is not ASCII"))


def _ascii(host: str) -> str:
    try:
        return host.removesuffix(".").encode("idna").decode("ascii")
    except UnicodeError:
        _refuse(_("names a host that cannot exist"))


def _refuse(why: str) -> NoReturn:
    raise Invalid(
        [Issue(path="url", message=_("the base URL %(why)s", why=why), remedy=_("enter it as https://host/mme"))]
    )
