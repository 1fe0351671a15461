"""What is not quite HTTP: bad framing, headers without end, halves of requests, forms that smuggle a second one."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

CHUNKED = b"Transfer-Encoding: chunked\r\n"


def pieces(patient: Any, chance: random.Random) -> Iterator[bytes]:
    """Yield each form once and each good request cut somewhere; TOKEN stands for a token."""
    body = json.dumps({"patient": patient}).encode()
    good = _post(b"Content-Length: %d\r\n" % len(body), body)
    yield from _framing(body)
    yield from _heads(good)
    yield from _smuggling(body)
    for _ in range(40):
        yield good[: chance.randrange(len(good))]
        yield bytes(chance.randrange(256) for _ in range(chance.randrange(1, 400)))
        at = chance.randrange(len(good))
        yield good[:at] + bytes([chance.randrange(256)]) + good[at + 1 :]


def _post(headers: bytes, body: bytes) -> bytes:
    head = b"POST /mme/match HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: TOKEN\r\nContent-Type: application/json\r\n"
    return head + headers + b"\r\n" + body


def _framing(body: bytes) -> Iterator[bytes]:
    """Chunks that lie about themselves, and lengths that are none."""
    size = b"%x" % len(body)
    for chunks in (
        size + b"\r\n" + body + b"\r\n0\r\n\r\n",
        size + b";x=y\r\n" + body + b"\r\n0\r\nTrailer: x\r\n\r\n",
        b"zz\r\n" + body + b"\r\n0\r\n\r\n",
        b"-1\r\n" + body,
        b"ffffffffffffffff\r\n" + body,
        b"1\r\n" + body + b"\r\n0\r\n\r\n",
        size + b"\n" + body + b"\n0\n\n",
        b"0x5\r\nhello\r\n0\r\n\r\n",
        b"0" * 5000 + b"1\r\nx\r\n0\r\n\r\n",
        size + b"\r\n" + body,
        b"",
    ):
        yield _post(CHUNKED, chunks)
    for length in (
        b"-1",
        b"+5",
        b"0x10",
        b"1e3",
        b"99999999999999999999",
        b"5, 5",
        b"5 5",
        b"",
        b" ",
        b"\xb2",
        b"100000",
    ):
        yield _post(b"Content-Length: " + length + b"\r\n", body)


def _heads(good: bytes) -> Iterator[bytes]:
    """Request lines and headers that are too long, too many, or of no form."""
    yield b"GET /" + b"a" * 300_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"a" * 300_000 + b"\r\n\r\n"
    yield b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 60_000 + b"\r\n"
    for line in (
        *(b"", b"GET", b"GET /", b"GET / HTTP/9.9", b"GET / HTTP/0.9", b"GET  / HTTP/1.1", b"get / http/1.1"),
        *(b"GET /\x00 HTTP/1.1", b"GET /%ff%fe HTTP/1.1", b"GET http://[::1 HTTP/1.1", b"GET //evil.example/ HTTP/1.1"),
        *(b"CONNECT a:1 HTTP/1.1", b"PRI * HTTP/2.0", b"\x16\x03\x01\x02\x00\x01\x00", b"GET * HTTP/1.1"),
    ):
        yield line + b"\r\nHost: 127.0.0.1\r\n\r\n"
    for header in (
        *(b"Host", b": x", b"X y: z", b" folded: x", b"X:\r\n folded", b"X: \x00", b"X\x00: y", b"X: \xff\xfe"),
        *(b"Host: evil.example", b"Host: a\r\nHost: b", b"Host: [", b"Expect: 100-continue", b"Expect: nonsense"),
        *(
            b"Connection: upgrade\r\nUpgrade: h2c",
            b"Range: bytes=0-0,-1,x",
            b"Cookie: " + b"a=b;" * 2000,
            b"X_Auth_Token: TOKEN",
        ),
        *(b"Forwarded: for=x", b"X-Forwarded-For: " + b"1," * 500, b"X-HTTP-Method-Override: DELETE", b"TE: trailers"),
        *(
            b'If-None-Match: "',
            b"Accept-Language: " + b"x," * 900,
            b"Content-Encoding: gzip",
            b"Authorization: Bearer \xff",
        ),
    ):
        yield b"GET / HTTP/1.1\r\n" + header + b"\r\n\r\n"
        yield good.replace(b"Host: 127.0.0.1\r\n", header + b"\r\n", 1)


def _smuggling(body: bytes) -> Iterator[bytes]:
    """A second request that one side of a proxy would see and the other not."""
    inner = b"GET /mme/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Auth-Token: TOKEN\r\n\r\n"
    length = b"Content-Length: %d\r\n" % (len(inner) + 5)
    for headers in (
        length + CHUNKED,
        CHUNKED + length,
        b"Transfer-Encoding: identity, chunked\r\n" + length,
        b"Transfer-Encoding:\x0bchunked\r\n" + length,
        b"Transfer-Encoding : chunked\r\n" + length,
        b"Transfer-Encoding: xchunked\r\n" + length,
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n" + length,
        b" Transfer-Encoding: chunked\r\n" + length,
        length + length,
        length + b"Content-Length: 0\r\n",
        b"Content-Length: 0\r\n" + length,
    ):
        yield _post(headers, b"0\r\n\r\n" + inner)
    yield _post(b"Content-Length: %d\r\n" % len(body), body) * 3
    yield _post(b"Content-Length: %d\r\n" % len(body), body) + inner
