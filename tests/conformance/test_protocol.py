"""The table "The protocol" of MME.md, row by row."""

from __future__ import annotations

import json
import socket
from typing import Any

import pytest

from tests.conformance.conftest import Reply, Served

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
V1_1 = "application/vnd.ga4gh.matchmaker.v1.1+json"
PATIENT: dict[str, Any] = {
    "id": "1",
    "contact": {"name": "Dr Peer", "href": "mailto:peer@example.org"},
    "features": [{"id": "HP:0000252"}, {"id": "HP:0002521"}],
}


def post(node: Served, body: bytes, **headers: str) -> Reply:
    return node.post(body, **{"Content_Type": V1_0} | headers)


# Version


@pytest.mark.parametrize(
    ("content_type", "accept", "answered"),
    [
        (V1_0, None, V1_0),
        (V1_1, None, V1_1),
        ("application/json", V1_0, V1_0),
        ("application/json", V1_1, V1_1),
        (V1_0, "*/*", V1_0),
        ("application/json", None, V1_1),
        ("application/json", "application/json", V1_1),
        ("application/vnd.ga4gh.matchmaker.v1.7+json", None, V1_1),
    ],
)
def test_version_is_that_of_content_type_then_accept_then_the_newest(
    node: Served, content_type: str, accept: str | None, answered: str
) -> None:
    headers = {"Content_Type": content_type} | ({"Accept": accept} if accept else {})

    reply = node.match(PATIENT, **headers)

    assert (reply.status, reply.headers["Content-Type"]) == (200, answered)


def test_every_type_that_the_heartbeat_lists_is_answered(node: Served) -> None:
    for type_ in node.get("/mme/heartbeat").said["heartbeat"]["accept"]:
        reply = node.match(PATIENT, Content_Type=type_, Accept=type_)
        assert (reply.status, reply.headers["Content-Type"]) == (200, type_)


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/vnd.ga4gh.matchmaker.v2.0+json"},
        {"Content_Type": "application/vnd.ga4gh.matchmaker.v0.1+json"},
        {"Content_Type": "application/json", "Accept": "application/vnd.ga4gh.matchmaker.v2.0+json"},
    ],
)
def test_other_major_version_is_406_with_the_versions_we_speak(node: Served, headers: dict[str, str]) -> None:
    reply = node.match(PATIENT, **headers)

    assert (reply.status, reply.headers["Content-Type"]) == (406, V1_1)
    assert reply.said["supportedVersions"] == ["1.0", "1.1"]
    assert reply.said["message"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Content_Type": "application/json"},
        {"Content_Type": "application/json; charset=utf-8"},
        {"Content_Type": "application/vnd.ga4gh.matchmaker+json"},
        {"Content_Type": f"{V1_0}; charset=UTF-8"},
        {"Content_Type": V1_0, "Accept": "*/*"},
        {"Content_Type": V1_0, "Accept": "text/html, application/xhtml+xml;q=0.9, */*;q=0.8"},
        {"Content_Type": V1_0, "Accept": f"{V1_1};q=0.5, {V1_0}"},
        {"Content_Type": V1_0, "Accept": ""},
    ],
)
def test_json_of_any_name_is_answered(node: Served, headers: dict[str, str]) -> None:
    assert node.match(PATIENT, **headers).status == 200


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_other_content_type_is_415(node: Served, content_type: str) -> None:
    assert node.match(PATIENT, Content_Type=content_type).status == 415


def test_no_content_type_is_415(node: Served) -> None:
    assert node.match(PATIENT).status == 415


# Order of the checks

TOO_LARGE = b" " * (64 * 1024 + 1)


def test_address_and_method_come_before_the_token(node: Served) -> None:
    assert node.ask("POST /mme/nothing", b"").status == 404
    assert node.ask("GET /mme/match").status == 405
    assert node.ask("POST /mme/heartbeat", b"").status == 405


@pytest.mark.parametrize("token", [{}, {"X-Auth-Token": "wrong"}, {"X-Auth-Token": ""}])
def test_token_comes_before_type_size_and_content(node: Served, token: dict[str, str]) -> None:
    for body, type_ in ((b"{", V1_0), (b"{}", "text/plain"), (TOO_LARGE, V1_0)):
        assert node.ask("POST /mme/match", body, headers=token | {"Content-Type": type_}).status == 401
    for path in ("/mme/heartbeat", "/mme/metrics"):
        assert node.ask(f"GET {path}", headers=token).status == 401


def test_media_type_comes_before_size(node: Served) -> None:
    assert post(node, TOO_LARGE, Content_Type="text/plain").status == 415


def test_size_comes_before_json_and_json_before_content(node: Served) -> None:
    assert post(node, TOO_LARGE).status == 413
    assert post(node, b"{").status == 400
    assert post(node, b"{}").status == 422


def test_body_that_is_declared_too_large_is_refused_before_it_is_sent(node: Served) -> None:
    request = (
        f"POST /mme/match HTTP/1.1\r\nHost: localhost\r\nX-Auth-Token: {node.token}\r\n"
        f"Content-Type: {V1_0}\r\nContent-Length: {64 * 1024}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", node.port), timeout=10) as connection:
        connection.sendall(request.encode() + b" " * (64 * 1024))
        assert b" 400 " in connection.recv(100)  # exactly the limit is read, and is no JSON


# Errors


@pytest.mark.parametrize(
    ("line", "headers", "body", "status"),
    [
        ("GET /mme/nothing", {}, None, 404),
        ("GET /", {}, None, 404),
        ("PUT /mme/match", {}, b"{}", 405),
        ("OPTIONS /mme/match", {}, None, 405),
        ("POST /mme/match", {"X_Auth_Token": "wrong"}, b"{}", 401),
        ("POST /mme/match", {"Content_Type": "application/vnd.ga4gh.matchmaker.v3.0+json"}, b"{}", 406),
        ("POST /mme/match", {"Content_Type": "text/plain"}, b"{}", 415),
        ("POST /mme/match", {}, TOO_LARGE, 413),
        ("POST /mme/match", {}, b"nonsense", 400),
        ("POST /mme/match", {}, b"[]", 422),
    ],
)
def test_error_is_always_an_object_with_a_message(
    node: Served, line: str, headers: dict[str, str], body: bytes | None, status: int
) -> None:
    reply = node.ask(line, body, headers=node.known(**{"Content_Type": V1_0} | headers))

    assert reply.status == status
    assert reply.headers["Content-Type"].split(";")[0].endswith("json")
    assert isinstance(reply.said["message"], str)


def test_422_says_what_to_mend_and_where(node: Served) -> None:
    reply = node.match({"id": "", "contact": {"name": "x"}}, Content_Type=V1_0)

    assert reply.status == 422
    assert {"patient.id", "patient.contact.href"} <= {issue["path"] for issue in reply.said["errors"]}
    assert all(issue["message"] and issue["remedy"] for issue in reply.said["errors"])


def test_405_names_the_methods_that_are_allowed(node: Served) -> None:
    assert node.ask("GET /mme/match").headers["Allow"] == "POST"
    assert set(node.ask("DELETE /mme/metrics").headers["Allow"].split(", ")) == {"GET", "HEAD"}


# Addresses and types of answers


def test_trailing_slash_works(node: Served) -> None:
    body = json.dumps({"patient": PATIENT}).encode()

    assert node.ask("POST /mme/match/", body, headers=node.known(Content_Type=V1_0)).status == 200
    assert node.get("/mme/heartbeat/").status == 200
    assert node.get("/mme/metrics/").status == 200


@pytest.mark.parametrize("path", ["/mme/heartbeat", "/mme/metrics"])
def test_heartbeat_and_metrics_are_plain_json_unless_the_vendor_type_is_asked(node: Served, path: str) -> None:
    for accept, answered in (("*/*", "application/json"), ("application/json", "application/json"), (V1_0, V1_0)):
        reply = node.get(path, Accept=accept)
        assert (reply.status, reply.headers["Content-Type"]) == (200, answered)
    assert node.get(path).headers["Content-Type"] == "application/json"


def test_plus_and_percent_are_escaped_in_every_body(node: Served) -> None:
    bodies = [
        node.match(PATIENT, Content_Type=V1_0).body,
        node.get("/mme/heartbeat").body,
        node.match(PATIENT, Content_Type="application/vnd.ga4gh.matchmaker.v2.0+json").body,
    ]

    assert all(b"+" not in body and b"%" not in body for body in bodies)


# JSON


@pytest.mark.parametrize(
    "body",
    [
        b'{"patient": NaN}',
        b'{"patient": Infinity}',
        b'{"patient": {}, "patient": {}}',
        b"[" * 65 + b"]" * 65,
        b"[" * 30_000,
        b'{"patient": "\xff"}',
        b'{"patient": "\\ud800"}',
        b'{"patient": ' + b"9" * 21 + b"}",
        b"",
        b"patient",
    ],
)
def test_what_two_readers_could_read_differently_is_400(node: Served, body: bytes) -> None:
    assert post(node, body).status == 400


def test_byte_order_mark_is_fine(node: Served) -> None:
    assert post(node, b"\xef\xbb\xbf" + json.dumps({"patient": PATIENT}).encode()).status == 200


def test_body_of_64_kib_is_read_and_one_byte_more_is_413(node: Served) -> None:
    body = json.dumps({"patient": PATIENT}).encode()

    assert post(node, body + b" " * (64 * 1024 - len(body))).status == 200
    assert post(node, body + b" " * (64 * 1024 - len(body) + 1)).status == 413
