"""Real peers on loopback: a raw socket server per peer, and the ways in which peers answer or misbehave."""

from __future__ import annotations

import gzip
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

V10 = "application/vnd.ga4gh.matchmaker.v1.0+json"
V11 = "application/vnd.ga4gh.matchmaker.v1.1+json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request as the peer read it; header names in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Peer:
    port: int
    scheme: str
    stopping: threading.Event = field(default_factory=threading.Event)
    asked: list[Asked] = field(default_factory=list)
    connections: int = 0
    answering_now: set[int] = field(default_factory=set)
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/mme"


Behaviour = Callable[[Peer, socket.socket, Asked], None]


@contextmanager
def peer(behave: Behaviour, *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1") -> Iterator[Peer]:
    """Serve a behaviour until the block ends; every thread that was started has ended then."""
    with socket.create_server((host, 0)) as listener:
        here = Peer(listener.getsockname()[1], "http" if tls is None else "https")
        accepting = threading.Thread(target=_accept, args=(here, listener, behave, tls))
        accepting.start()
        try:
            yield here
        finally:
            here.stopping.set()
            listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits in accept
            accepting.join()


def _accept(here: Peer, listener: socket.socket, behave: Behaviour, tls: ssl.SSLContext | None) -> None:
    threads = []
    with suppress(OSError):
        while not here.stopping.is_set():
            connection, _ = listener.accept()
            here.connections += 1
            threads.append(threading.Thread(target=_serve, args=(here, connection, behave, tls)))
            threads[-1].start()
    for thread in threads:
        thread.join()


def _serve(here: Peer, connection: socket.socket, behave: Behaviour, tls: ssl.SSLContext | None) -> None:
    with connection:
        connection.settimeout(5)
        with suppress(OSError):
            if tls is None:
                _answer(here, connection, behave)
                return
            with tls.wrap_socket(connection, server_side=True) as secured:
                _answer(here, secured, behave)


def _answer(here: Peer, connection: socket.socket, behave: Behaviour) -> None:
    asked = _read(connection)
    if asked is not None:
        here.asked.append(asked)
        behave(here, connection, asked)


def _read(connection: socket.socket) -> Asked | None:
    received = b""
    while b"\r\n\r\n" not in received:
        chunk = connection.recv(65536)
        if not chunk:
            return None
        received += chunk
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", "0")):
        chunk = connection.recv(65536)
        if not chunk:  # whoever asked gave up meanwhile
            return None
        body += chunk
    method, path, _ = first.split(" ")
    return Asked(method=method, path=path, headers=headers, body=body)


def response(body: bytes, *, status: int = 200, media_type: str | None = V10, **headers: str) -> bytes:
    """A whole HTTP answer; a keyword `retry_after` becomes the header Retry-After."""
    lines = [f"HTTP/1.1 {status} Whatever", f"Content-Length: {len(body)}", "Connection: close"]
    if media_type is not None:
        lines.append(f"Content-Type: {media_type}")
    lines += [f"{name.replace('_', '-').title()}: {value}" for name, value in headers.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answering(body: bytes, *, status: int = 200, media_type: str | None = V10, **headers: str) -> Behaviour:
    """Answer like a peer in good order."""
    whole = response(body, status=status, media_type=media_type, **headers)
    return lambda _here, connection, _asked: connection.sendall(whole)


def in_turn(*behaviours: Behaviour) -> Behaviour:
    """Behave one way after the other, connection by connection; the last one stays."""
    return lambda here, connection, asked: behaviours[min(len(here.asked), len(behaviours)) - 1](
        here, connection, asked
    )


def late(seconds: float, behave: Behaviour) -> Behaviour:
    def answer(here: Peer, connection: socket.socket, asked: Asked) -> None:
        if not here.stopping.wait(seconds):
            behave(here, connection, asked)

    return answer


def counting(seconds: float, whole: bytes) -> Behaviour:
    """Answer after a while, and count how many are waiting for it at once."""

    def answer(here: Peer, connection: socket.socket, _asked: Asked) -> None:
        here.answering_now.add(connection.fileno())
        here.most_at_once = max(here.most_at_once, len(here.answering_now))
        here.stopping.wait(seconds)
        here.answering_now.remove(connection.fileno())  # before the answer, since then the next may come
        connection.sendall(whole)

    return answer


def hang(here: Peer, _connection: socket.socket, _asked: Asked) -> None:
    """Take the request and say nothing."""
    here.stopping.wait(30)


def _drip(here: Peer, connection: socket.socket, text: bytes) -> None:
    while not here.stopping.wait(0.02):
        connection.sendall(text)


def drip_header(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
    _drip(here, connection, b"a")


def drip_body(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + V10.encode() + b"\r\nContent-Length: 100000\r\n\r\n")
    _drip(here, connection, b" ")


def drip_chunks(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    _drip(here, connection, b"1\r\n \r\n")


def drip_continue(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    """Say 100 Continue for ever: each one is a complete header, none is the answer."""
    _drip(here, connection, b"HTTP/1.1 100 Continue\r\n\r\n")


def endless_body(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: " + V10.encode() + b"\r\n\r\n")
    while not here.stopping.is_set():
        connection.sendall(b" " * 65536)


def endless_header(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    while not here.stopping.is_set():
        connection.sendall(b"X-More: " + b"a" * 1000 + b"\r\n")


def endless_chunk_line(here: Peer, connection: socket.socket, _asked: Asked) -> None:
    """Begin a chunk whose extension never ends."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;")
    while not here.stopping.is_set():
        connection.sendall(b"a" * 65536)


def gzip_bomb(_here: Peer, connection: socket.socket, _asked: Asked) -> None:
    """Fifty kilobytes that become fifty million."""
    connection.sendall(response(_BOMB, content_encoding="gzip"))


def reset(_here: Peer, connection: socket.socket, _asked: Asked) -> None:
    """Drop the connection the hard way, before a byte of answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def reset_midway(here: Peer, connection: socket.socket, asked: Asked) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
    time.sleep(0.05)
    reset(here, connection, asked)


def garbage(_here: Peer, connection: socket.socket, _asked: Asked) -> None:
    connection.sendall(b"\x00\xff SSH-2.0-nothing that speaks HTTP\r\n\r\n")


_BOMB = gzip.compress(b" " * 50_000_000, compresslevel=9)
