"""One HTTP exchange over one connection, bounded in time and bytes whatever the other side does.

Every call that can wait on the socket first sets the time that is left, so a peer that drips bytes ends at the same
moment as one that is silent. Nothing is read from the environment, no redirect is followed, no connection is kept.
"""

from __future__ import annotations

import http.client
import io
import logging
import socket
import ssl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import urllib3
from urllib3.connection import HTTPConnection

from federation.addresses import Address, BaseUrl
from federation.deadline import Deadline
from matchmaker.errors import NodeMisanswered, NodeTimeout, NodeTooLarge, NodeUnreachable

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

CONNECT_SECONDS = 2.0
FIRST_BYTE_SECONDS = 5.0
MAX_HEADER_BYTES = 64 * 1024
MAX_BODY_BYTES = 2 * 1024 * 1024  # decoded
MAX_WIRE_BYTES = 2 * MAX_BODY_BYTES  # a body in tiny chunks is mostly framing, and framing is read too

# Its one warning repeats what the peer sent in its headers; the fault is named by us instead.
logging.getLogger("urllib3.connection").setLevel(logging.CRITICAL)


class ConnectionBroken(NodeUnreachable):
    """The connection failed before a byte of the answer came, so asking again is safe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A node as it is connected to: by an address that was checked, under the name that its certificate must show."""

    node: str
    url: BaseUrl
    addresses: Sequence[Address]
    tls: ssl.SSLContext | None  # None: http, on loopback


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    method: str
    path: str  # below the base URL
    headers: Mapping[str, str]
    body: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back; the body of a refusal is not read, since nothing in it may be repeated anywhere."""

    status: int
    media_type: str  # without parameters, lower case; empty when not stated
    retry_after: str | None
    body: bytes


def exchange(target: Target, outgoing: Outgoing, deadline: Deadline) -> Reply:
    """Connect, send, read one answer, close.

    Raises
    ------
    ConnectionBroken, NodeUnreachable, NodeTimeout, NodeMisanswered, NodeTooLarge
        Named for the node; a status other than 2xx is no error here.
    """
    meter = _Meter(deadline)
    connection = HTTPConnection(target.url.host, target.url.port, timeout=deadline.remaining)
    with closing(connection):
        connection.sock = _connected(target, meter)
        with _faults_named(target.node, meter):
            headers = {"Host": target.url.authority, "Connection": "close", "Accept-Encoding": "gzip"}
            path = target.url.path + outgoing.path
            connection.request(
                outgoing.method, path, outgoing.body, headers={**headers, **outgoing.headers}, preload_content=False
            )
            meter.sent()
            with closing(connection.getresponse()) as response:
                meter.headers_read()
                return _reply(target.node, response)


class _TooMuchError(Exception):
    """More bytes came off the wire than an answer may have."""


class _Meter:
    """What one exchange may still use: time, and bytes as they come off the wire."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.received = 0
        self._first_byte = deadline.within(FIRST_BYTE_SECONDS)
        # The header is read through a buffer, which may hold the beginning of the body already.
        self._allowance = MAX_HEADER_BYTES + io.DEFAULT_BUFFER_SIZE

    @property
    def seconds(self) -> float:
        remaining = (self.deadline if self.received else self._first_byte).remaining
        if not remaining:
            raise TimeoutError
        return remaining

    def sent(self) -> None:
        self._first_byte = self.deadline.within(FIRST_BYTE_SECONDS)

    def headers_read(self) -> None:
        self._allowance += MAX_WIRE_BYTES

    def count(self, n_bytes: int) -> None:
        self.received += n_bytes
        if self.received > self._allowance:
            raise _TooMuchError


class _PlainSocket(socket.socket):
    meter: _Meter

    def recv_into(self, buffer: WriteableBuffer, nbytes: int = 0, flags: int = 0) -> int:
        self.settimeout(self.meter.seconds)
        n_bytes = super().recv_into(buffer, nbytes, flags)
        self.meter.count(n_bytes)
        return n_bytes

    def sendall(self, data: ReadableBuffer, flags: int = 0) -> None:
        self.settimeout(self.meter.seconds)
        super().sendall(data, flags)


class _TlsSocket(ssl.SSLSocket):
    meter: _Meter

    def recv_into(self, buffer: WriteableBuffer, nbytes: int | None = None, flags: int = 0) -> int:
        self.settimeout(self.meter.seconds)
        n_bytes = super().recv_into(buffer, nbytes, flags)
        self.meter.count(n_bytes)
        return n_bytes

    def send(self, data: ReadableBuffer, flags: int = 0) -> int:
        self.settimeout(self.meter.seconds)  # SSLSocket.sendall is a loop over this
        return super().send(data, flags)


def _connected(target: Target, meter: _Meter) -> socket.socket:
    """Connect to the first address that answers; all of them together have the time of one."""
    limit = meter.deadline.within(CONNECT_SECONDS)
    why = "no address answered"
    for address in target.addresses:
        plain = _PlainSocket(socket.AF_INET if address.version == 4 else socket.AF_INET6, socket.SOCK_STREAM)
        plain.meter = meter
        try:
            plain.settimeout(max(limit.remaining, 0.001))  # 0 would mean not to block
            plain.connect((str(address), target.url.port))
            plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as error:
            plain.close()
            why = _reason(error)
            if limit.passed:
                break
        else:
            return plain if target.tls is None else _secured(plain, target.tls, target, meter)
    if meter.deadline.passed:
        raise NodeTimeout(target.node, "the search ended before it could be connected")
    if limit.passed:
        raise NodeUnreachable(target.node, f"no connection within {CONNECT_SECONDS:g} s: is it running?")
    raise ConnectionBroken(target.node, f"cannot be connected: {why}")


def _secured(plain: _PlainSocket, context: ssl.SSLContext, target: Target, meter: _Meter) -> socket.socket:
    """Shake hands and check the certificate; until this returns nothing of a case has been sent."""
    try:
        plain.settimeout(meter.seconds)
        secured = context.wrap_socket(plain, server_hostname=target.url.host)
    except ssl.SSLCertVerificationError as error:
        raise NodeUnreachable(target.node, f"its certificate is not trusted: {error.verify_message}") from error
    except ssl.SSLError as error:
        raise NodeUnreachable(target.node, f"no secure connection: {error.reason or 'TLS failed'}") from error
    except TimeoutError as error:
        raise NodeTimeout(target.node, "did not finish the TLS handshake in time") from error
    except OSError as error:
        raise ConnectionBroken(target.node, f"broke off the TLS handshake: {_reason(error)}") from error
    finally:
        plain.close()  # wrapping takes the descriptor over; this matters only where it failed
    if not isinstance(secured, _TlsSocket):
        raise TypeError("the TLS context was not made by tls_context")
    secured.meter = meter
    return secured


def tls_context(ca_file: str, client_file: str | None = None) -> ssl.SSLContext:
    """Make a context that verifies chain and name, trusts only the given file, and shows our certificate if any.

    Raises
    ------
    OSError
        When a file cannot be read or is no PEM (`ssl.SSLError` is an OSError).
    """
    context = ssl.create_default_context(cafile=ca_file)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.sslsocket_class = _TlsSocket
    if client_file is not None:
        context.load_cert_chain(client_file, password="")  # an encrypted key is an error, not a prompt
    return context


def _reply(node: str, response: urllib3.BaseHTTPResponse) -> Reply:
    return Reply(
        status=response.status,
        media_type=response.headers.get("Content-Type", "").partition(";")[0].strip().lower(),
        retry_after=response.headers.get("Retry-After"),
        body=_body(node, response) if 200 <= response.status < 300 else b"",
    )


def _body(node: str, response: urllib3.BaseHTTPResponse) -> bytes:
    encoding = response.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in {"identity", "gzip", "x-gzip", ""}:
        raise NodeMisanswered(node, "its answer is compressed in a way that we did not offer")
    body = bytearray()
    # Decoding stops at the size that is asked for: a bomb is noticed at the limit, not after it burst.
    while chunk := response.read(64 * 1024, decode_content=True):
        body += chunk
        if len(body) > MAX_BODY_BYTES:
            raise _TooMuchError
    return bytes(body)


@contextmanager
def _faults_named(node: str, meter: _Meter) -> Iterator[None]:
    """Turn what the libraries raise into the fault that the node is reported with."""
    try:
        yield
    except _TooMuchError as error:
        raise NodeTooLarge(node, "its answer is larger than an answer may be") from error
    except (TimeoutError, urllib3.exceptions.TimeoutError) as error:
        raise NodeTimeout(node, _lateness(meter)) from error
    except ssl.SSLError as error:
        raise NodeUnreachable(node, f"ended the secure connection: {error.reason or 'TLS failed'}") from error
    except http.client.LineTooLong as error:
        raise NodeTooLarge(node, "its header is larger than a header may be") from error
    except (OSError, http.client.HTTPException, urllib3.exceptions.HTTPError) as error:
        if meter.received == 0:
            raise ConnectionBroken(node, "closed the connection without an answer") from error
        raise NodeMisanswered(node, "broke off its answer, or did not speak HTTP") from error


def _lateness(meter: _Meter) -> str:
    if meter.received:
        return "was still answering when the search ended"
    if meter.deadline.passed:
        return "had not begun to answer when the search ended"
    return f"did not begin to answer within {FIRST_BYTE_SECONDS:g} s"


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
