"""Send a served node what no peer would: mutated patients, requests drawn from a description, raw HTTP.

    python -m benchmarks fuzz [--requests 100000] [--seed 1] [--patients FILE]

Prints one JSON object. The node is `matchmaker serve` in a process of its own. Nothing may be answered with 5xx or with
a stack trace, every connection must end, and after every part the node must still answer a good request. One 5xx is
right, and counted apart: 501 for a transfer coding that nobody knows (RFC 9112, 6.1).
"""

from __future__ import annotations

import argparse
import contextlib
import copy
import http.client
import json
import random
import re
import socket
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from itertools import cycle, islice
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from benchmarks.http_garbage import pieces
from benchmarks.peers import Patient, made_up
from benchmarks.served import MEDIA_TYPE, UNLIMITED, Serving, environment_of, run, serving

TIMEOUT = 10.0  # seconds in which an answer must come, or the end of the connection
TRACE = re.compile(rb"Traceback \(most recent|File \"[^\"]+\", line \d+|[a-z_]+\.py:\d+|sqlalchemy|site-packages")
SHARES = {"patients": 0.5, "requests": 0.2, "api": 0.2, "raw": 0.1}
PROGRAM_ADDRESS = "fuzzer@example.org"
SCOPES = ("terms:read", "cases:read", "cases:write", "matches:read", "matches:write", "searches:write")
IDS: tuple[str, ...] = (
    "1",
    "0" * 32,
    "-1",
    "%00",
    "..%2f",
    "é".encode().hex(),
    "a" * 3000,
    "HP:0001250",
    "%F0%9F%92%A5",
    "",
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**63, 10**19, 1e308, -0.0, 1.5, "", " ", "\0", "\ud800", "é" * 300),
    *("HP:0001250", "hp_0001250", "HP:9999999", "HP:", "ENSG00000092621", "PHGDH", "p40", "'; DROP TABLE cases;--"),
    *("{{7*7}}", "%s%n", "../../etc/passwd", "<script>alert(1)</script>", "\u202e", "💥", "1" * 4000, [], {}, [[]]),
    *([None], {"id": None}, {"id": {}}, [{"id": "HP:0001250"}] * 101, {"gene": {"id": []}}, {"": ""}),
)
PATHS: tuple[str, ...] = (
    "/mme/match",
    "/mme/match/",
    "/mme/heartbeat",
    "/mme/metrics",
    "/mme",
    "/mme/nothing",
    "/",
    "/health/ready",
)
PATHS += ("/health/live", "/api/v1/me", "/api/v1/openapi.json", "/login", "/cases", "/matches/1", "/static/..%2f..%2fx")
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW")
TYPES: tuple[str, ...] = (
    MEDIA_TYPE,
    "application/vnd.ga4gh.matchmaker.v1.0+json",
    "application/vnd.ga4gh.matchmaker.v9.0+json",
)
TYPES += ("application/json", "text/plain", "", ";", "application/json; charset=utf-16", "*/*", "a/b;q=x", "é/ü")


@dataclass(slots=True)
class Tally:
    """What came back; `wrong` has the first few that should not have."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    stack_traces: int = 0
    hanging: int = 0  # neither an answer nor an end in time
    wrong: list[str] = field(default_factory=list)

    def note(self, sent: bytes, answer: bytes, *, hangs: bool = False) -> None:
        """Count one exchange by the status line of each answer in it."""
        self.requests += 1
        found = [status.decode() for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", answer, re.MULTILINE)]
        self.statuses.update(found or ["closed"])
        traced = bool(TRACE.search(answer))
        self.stack_traces += traced
        self.hanging += hangs
        if (traced or hangs or any(map(_is_fault, found))) and len(self.wrong) < 5:
            self.wrong.append(f"{sent[:300]!r} -> {answer[:300]!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    requests: int
    seconds: float
    statuses: dict[str, int]
    server_errors: int
    unknown_transfer_codings: int  # answered 501
    stack_traces: int
    hanging: int
    good_requests_refused: int  # that were sent in between
    restarts: int  # of the process: 0 or the node died
    traces_in_log: int
    wrong: tuple[str, ...]


def measure(patients: Sequence[Patient], home: Path, *, n_requests: int, seed: int = 1) -> Figures:
    """Fuzz one node that has these patients stored."""
    chance, tally, began = random.Random(seed), Tally(), time.perf_counter()
    environment = environment_of(home, **UNLIMITED)
    run(environment, "init")
    stored, log = home / "patients.jsonl", home / "fuzz.log"
    stored.write_text("".join(json.dumps(patient) + "\n" for patient in patients), "utf-8")
    run(environment, "case", "import", str(stored), "--sharing", "federated", "--basis", "consent", "--json")
    token = run(environment, "node", "token", "fuzzer").strip()
    run(environment, "user", "add", PROGRAM_ADDRESS, "--role", "clinician", "--centre", "Dublin", "--service")
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    api_token = run(environment, "user", "token", PROGRAM_ADDRESS, "--name", "fuzz", *scopes).split()[-1]
    parts: dict[str, Callable[[], Iterator[bytes]]] = {
        "patients": lambda: _mutated(patients, token, chance),
        "requests": lambda: _requests(patients, token, chance),
        "api": lambda: _api(_described(node), api_token, patients, chance),
        "raw": lambda: (piece.replace(b"TOKEN", token.encode()) for piece in cycle(pieces(patients[0], chance))),
    }
    refused = 0
    with serving(environment, log=log) as node:
        for name, make in parts.items():
            _send_all(node, islice(make(), int(n_requests * SHARES[name])), tally, in_pieces=name == "raw")
            refused += node.ask(token, patients[0])[0] != 200
        died = node.process.poll() is not None
    return Figures(
        requests=tally.requests,
        seconds=round(time.perf_counter() - began, 1),
        statuses=dict(sorted(tally.statuses.items())),
        server_errors=sum(n for status, n in tally.statuses.items() if _is_fault(status)),
        unknown_transfer_codings=tally.statuses["501"],
        stack_traces=tally.stack_traces,
        hanging=tally.hanging,
        good_requests_refused=refused,
        restarts=int(died),
        traces_in_log=len(re.findall(rb"Traceback|request failed", log.read_bytes())),
        wrong=tuple(tally.wrong),
    )


def _is_fault(status: str) -> bool:
    return status[0] == "5" and status != "501"


def _send_all(node: Serving, requests: Iterator[bytes], tally: Tally, *, in_pieces: bool) -> None:
    """Send each; whole requests over kept connections, pieces over one of their own each."""
    where = urlsplit(node.address)
    address = (where.hostname or "", where.port or 80)
    kept: socket.socket | None = None
    for sent in requests:
        if in_pieces:
            with contextlib.suppress(OSError), socket.create_connection(address, timeout=TIMEOUT) as own:
                answer, hangs = _to_the_end(own, sent)
                tally.note(sent, answer, hangs=hangs)
            continue
        kept = kept or socket.create_connection(address, timeout=TIMEOUT)
        answer, goes_on = _one_answer(kept, sent)
        tally.note(sent, answer, hangs=not answer)
        if not goes_on:
            kept.close()
            kept = None
    if kept is not None:
        kept.close()


def _to_the_end(connection: socket.socket, sent: bytes) -> tuple[bytes, bool]:
    """Send bytes, say that no more will come, and read until the node closes; whether it did not is the second."""
    received = b""
    try:
        connection.sendall(sent)
        connection.shutdown(socket.SHUT_WR)
        while chunk := connection.recv(65536):
            received += chunk
    except TimeoutError:
        return received, True
    except OSError:
        pass  # closed by the node: it need not hear garbage out
    return received, False


def _one_answer(connection: socket.socket, sent: bytes) -> tuple[bytes, bool]:
    """Send a request and read its answer; False when the connection cannot be used again."""
    try:
        connection.sendall(sent)
        response = http.client.HTTPResponse(connection, method=sent.split(b" ", 1)[0].decode("latin-1"))
        response.begin()
        body = response.read()
    except (OSError, http.client.HTTPException):
        return b"", False
    head = f"HTTP/1.1 {response.status}\r\n".encode()
    return head + body, not response.will_close


def _mutated(patients: Sequence[Patient], token: str, chance: random.Random) -> Iterator[bytes]:
    """Good patients with one to four things wrong, now and then in the bytes themselves."""
    while True:
        body: Any = {"patient": copy.deepcopy(chance.choice(patients))}
        for _ in range(chance.randint(1, 4)):
            _mutate(body, chance)
        written = json.dumps(body).encode()
        if chance.random() < 0.1:
            written = _bitten(written, chance)
        yield _request("POST", "/mme/match", written, token=token, media_type=MEDIA_TYPE)


def _mutate(value: Any, chance: random.Random) -> None:
    """Change one thing somewhere below."""
    while isinstance(value, dict | list) and value:
        key: Any = chance.choice(list(value)) if isinstance(value, dict) else chance.randrange(len(value))
        if isinstance(value[key], dict | list) and value[key] and chance.random() < 0.8:
            value = value[key]
            continue
        match chance.randrange(5):
            case 0:
                del value[key]
            case 1 if isinstance(value, dict):
                value[chance.choice(["id", "gene", "observed", "_x", "", key + "s"])] = chance.choice(VALUES)
            case 2 if isinstance(value, list):
                value.extend(copy.deepcopy(value) * chance.choice([1, 8]))
            case _:
                value[key] = copy.deepcopy(chance.choice(VALUES))
        return


def _bitten(written: bytes, chance: random.Random) -> bytes:
    at = chance.randrange(len(written))
    return chance.choice(
        [
            written[:at],
            written[:at] + bytes([chance.randrange(256)]) + written[at + 1 :],
            written + written,
            b"\xef\xbb\xbf" + written,
            written.decode().encode("utf-16"),
            b"[" * chance.choice([63, 65, 20_000]) + written,
            written.replace(b'"', b"NaN", 1),
            b'{"patient":' * 3 + written + b"}" * 3,
        ]
    )


def _requests(patients: Sequence[Patient], token: str, chance: random.Random) -> Iterator[bytes]:
    """Any method at any address, with types, tokens and bodies that may or may not belong there."""
    good = [json.dumps({"patient": patient}).encode() for patient in patients[:20]]
    while True:
        body = chance.choice([b"", b"null", b"[]", b"{}", b"\xff", b'"x"', chance.choice(good)])
        yield _request(
            chance.choice(METHODS),
            chance.choice(PATHS) + chance.choice(["", "?", "?x=%00", "?next=//evil.example", "#f", "%"]),
            body,
            token=chance.choice([token, token, "", "x" * 500, "a b"]),
            media_type=chance.choice(TYPES),
            accept=chance.choice(TYPES),
        )


def _described(node: Serving) -> dict[str, Any]:
    """What the node says of its own API."""
    with urllib.request.urlopen(f"{node.address}/api/v1/openapi.json", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)["paths"]
        return found


def _api(described: dict[str, Any], token: str, patients: Sequence[Patient], chance: random.Random) -> Iterator[bytes]:
    """Every described operation with odd ids, odd parameters and mutated bodies, by a program with all scopes."""
    operations = [(method, path) for path, item in described.items() for method in item if method.upper() in METHODS]
    while True:
        method, path = chance.choice(operations)
        given = re.sub(r"{[^}]+}", lambda _: chance.choice(IDS), path)
        query = chance.choice(
            ["", "?q=%00", "?limit=-1", "?limit=99999999999999999999", "?cursor=x&page=0", "?q=" + "a" * 999]
        )
        body: Any = copy.deepcopy(chance.choice([chance.choice(patients), chance.choice(VALUES), {"items": []}]))
        for _ in range(chance.randint(0, 3)):
            _mutate(body, chance)
        headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": str(chance.randrange(50))}
        yield _request(
            method.upper(),
            given + query,
            json.dumps(body).encode(),
            token="",
            media_type="application/json",
            accept="application/json",
            more=headers,
        )


def _request(
    method: str,
    path: str,
    body: bytes,
    *,
    token: str,
    media_type: str,
    accept: str = MEDIA_TYPE,
    more: dict[str, str] | None = None,
) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"X-Auth-Token: {token}", f"Content-Type: {media_type}", f"Accept: {accept}"]
    lines += [f"{name}: {value}" for name, value in (more or {}).items()]
    return "\r\n".join(lines).encode("utf-8") + b"\r\n\r\n" + body


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--requests", type=int, default=100_000)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--patients", type=Path, help="JSON list of patients to begin with; made up ones otherwise")
    given = options.parse_args(arguments)
    patients: list[Patient] = json.loads(given.patients.read_text("utf-8")) if given.patients else made_up(50)
    with tempfile.TemporaryDirectory() as folder:
        found = measure(patients, Path(folder) / "home", n_requests=given.requests, seed=given.seed)
    print(json.dumps(asdict(found), indent=2))


if __name__ == "__main__":
    main()
