"""Requests that no peer would send, drawn at random: mutated patients, any method anywhere, odd calls of the API."""

from __future__ import annotations

import copy
import json
import random
import re
import urllib.request
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.peers import Patient
from benchmarks.served import MEDIA_TYPE, Serving

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
SMALL: tuple[Any, ...] = ({"status": "confirmed"}, {"status": "dismissed", "reason": "x"}, {"text": "x"}, {})
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


def mutated(patients: Sequence[Patient], token: str, chance: random.Random) -> Iterator[bytes]:
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
                value[chance.choice(["id", "gene", "observed", "_x", "", key + "s"])] = copy.deepcopy(
                    chance.choice(VALUES)
                )
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


def requests(patients: Sequence[Patient], token: str, chance: random.Random) -> Iterator[bytes]:
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


def described(node: Serving) -> dict[str, Any]:
    """What the node says of its own API."""
    with urllib.request.urlopen(f"{node.address}/api/v1/openapi.json", timeout=60) as answer:
        found: dict[str, Any] = json.load(answer)["paths"]
        return found


def own_ids(node: Serving, token: str) -> list[str]:
    """Cases that the program of a token may see, and matches of them, by their ids."""

    def listed(path: str, of: str) -> list[str]:
        request = urllib.request.Request(f"{node.address}/api/v1{path}", headers={"Authorization": f"Bearer {token}"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            return [one["id"] for one in json.load(answer)[of]]

    cases = listed("/cases?limit=10", "cases")
    return [*cases, *(id_ for case_id in cases for id_ in listed(f"/cases/{case_id}/matches?limit=2", "matches"))]


def api_calls(
    described: dict[str, Any], ids: Sequence[str], token: str, patients: Sequence[Patient], chance: random.Random
) -> Iterator[bytes]:
    """Every described operation with odd and real ids and parameters and mutated bodies, by a program of all scopes."""
    operations = [(method, path) for path, item in described.items() for method in item if method.upper() in METHODS]
    while True:
        method, path = chance.choice(operations)
        given = re.sub(r"{[^}]+}", lambda _: chance.choice(chance.choice([IDS, ids])), path)
        query = chance.choice(
            ["", "?q=%00", "?limit=-1", "?limit=99999999999999999999", "?cursor=x&page=0", "?q=" + "a" * 999]
        )
        body: Any = copy.deepcopy(chance.choice([chance.choice(patients), chance.choice(VALUES), *SMALL]))
        for _ in range(chance.randint(0, 3)):
            _mutate(body, chance)
        headers = {"Authorization": f"Bearer {token}", "If-Match": chance.choice(["*", "*", '"1"', "x"])}
        if chance.random() < 0.5:
            headers["Idempotency-Key"] = str(chance.randrange(50))
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
