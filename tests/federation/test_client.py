import gzip
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from federation.client import Client
from federation.deadline import Deadline
from matchmaker.errors import (
    NodeBusy,
    NodeError,
    NodeMisanswered,
    NodeRefused,
    NodeTimeout,
    NodeTooLarge,
    NodeUnreachable,
)
from matchmaker.model import Node, NodeName
from matchmaker.settings import Mode, Settings
from tests.federation import peers
from tests.federation.peers import Behaviour, answering, in_turn, late, peer

BODY = b'{"patient": {"id": "P1"}}'
GOOD = b'{"results": []}'


@pytest.fixture
def client(tmp_path: Path) -> Client:
    return Client(Settings(home=tmp_path))


def a_node(url: str | None, *, version: str | None = None) -> Node:
    return Node(name=NodeName("Peer"), base_url=url, version=version)


def fault_of(client: Client, behave: Behaviour, seconds: float = 0.6) -> NodeError:
    """Ask a peer that misbehaves, and check that the deadline held."""
    with peer(behave) as there:
        started = time.monotonic()
        with pytest.raises(NodeError) as caught:
            client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(seconds))
        assert time.monotonic() - started < seconds + 0.4
    return caught.value


def test_request_carries_token_both_version_headers_and_the_body_unchanged(client: Client) -> None:
    with peer(answering(GOOD)) as there:
        answer = client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    (asked,) = there.asked
    assert (asked.method, asked.path, asked.body) == ("POST", "/mme/match", BODY)
    assert asked.headers["x-auth-token"] == "secret"
    assert asked.headers["content-type"] == asked.headers["accept"] == peers.V10
    assert asked.headers["host"] == f"127.0.0.1:{there.port}"
    assert (answer.status, answer.version, answer.body) == (200, "1.0", GOOD)
    assert 0 < answer.seconds < 2


@pytest.mark.parametrize("what", ["heartbeat", "metrics"])
def test_heartbeat_and_metrics_are_asked_with_get(client: Client, what: str) -> None:
    with peer(answering(b"{}", media_type="application/json")) as there:
        answer = getattr(client, what)(a_node(there.url), "secret", deadline=Deadline.after(2))

    assert [(a.method, a.path, a.body) for a in there.asked] == [("GET", f"/mme/{what}", b"")]
    assert answer.body == b"{}"


def test_node_known_to_speak_1_1_is_asked_in_1_1(client: Client) -> None:
    with peer(answering(GOOD)) as there:
        answer = client.post_match(a_node(there.url, version="1.1"), None, BODY, deadline=Deadline.after(2))

    assert there.asked[0].headers["accept"] == peers.V11
    assert "x-auth-token" not in there.asked[0].headers
    assert answer.version == "1.1"


@pytest.mark.parametrize("status", [406, 415])
def test_refused_version_is_asked_once_more_in_1_0_and_told_to_the_caller(client: Client, status: int) -> None:
    with peer(in_turn(answering(b"", status=status), answering(GOOD))) as there:
        answer = client.post_match(a_node(there.url, version="1.1"), "secret", BODY, deadline=Deadline.after(2))

    assert [a.headers["content-type"] for a in there.asked] == [peers.V11, peers.V10]
    assert answer.version == "1.0"


def test_node_that_refuses_1_0_too_is_not_asked_again(client: Client) -> None:
    with peer(answering(b"", status=406)) as there, pytest.raises(NodeRefused) as caught:
        client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    assert caught.value.status == 406
    assert len(there.asked) == 1


@pytest.mark.slow
@pytest.mark.parametrize(
    "behave",
    [peers.hang, peers.drip_header, peers.drip_body, peers.drip_chunks, peers.drip_continue],
    ids=["hang", "header", "body", "chunks", "continue"],
)
def test_peer_that_takes_its_time_ends_with_the_deadline(client: Client, behave: Behaviour) -> None:
    assert type(fault_of(client, behave)) is NodeTimeout


@pytest.mark.parametrize(
    "behave",
    [peers.endless_body, peers.endless_header, peers.gzip_bomb],
    ids=["body", "header", "gzip bomb"],
)
def test_answer_without_end_is_cut_off_at_the_limit(client: Client, behave: Behaviour) -> None:
    assert type(fault_of(client, behave, seconds=3)) is NodeTooLarge


def test_body_at_the_limit_is_read_and_one_byte_more_is_not(client: Client) -> None:
    limit = 2 * 1024 * 1024
    with peer(answering(b" " * limit)) as there:
        answer = client.post_match(a_node(there.url), None, BODY, deadline=Deadline.after(3))
    assert len(answer.body) == limit

    assert type(fault_of(client, answering(b" " * (limit + 1)), seconds=3)) is NodeTooLarge


def test_compressed_answer_is_decoded(client: Client) -> None:
    with peer(answering(gzip.compress(GOOD), content_encoding="gzip")) as there:
        answer = client.post_match(a_node(there.url), None, BODY, deadline=Deadline.after(2))

    assert answer.body == GOOD


@pytest.mark.parametrize(
    "behave",
    [
        peers.garbage,
        peers.reset_midway,
        peers.endless_chunk_line,
        answering(GOOD, content_encoding="gzip"),
        answering(GOOD, content_encoding="br"),
        answering(b"<html>Sign in</html>", media_type="text/html; charset=utf-8"),
    ],
    ids=["garbage", "reset midway", "chunk line", "not gzip", "brotli", "web page"],
)
def test_answer_that_is_not_matchmaker_exchange_is_invalid_and_not_asked_for_again(
    client: Client, behave: Behaviour
) -> None:
    with peer(behave) as there, pytest.raises(NodeMisanswered):
        client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(1))

    assert len(there.asked) == 1


def test_redirect_is_not_followed(client: Client) -> None:
    with peer(answering(GOOD)) as trap:
        behave = answering(b"", status=307, location=f"http://127.0.0.1:{trap.port}/mme/match")
        assert isinstance(fault_of(client, behave), NodeMisanswered)

    assert trap.connections == 0


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500])
def test_refusal_carries_its_status_and_nothing_that_the_peer_said(client: Client, status: int) -> None:
    fault = fault_of(client, answering(b'{"message": "secret P1"}', status=status))

    assert isinstance(fault, NodeRefused)
    assert fault.status == status
    assert str(status) in str(fault)
    assert "secret" not in str(fault)


def test_broken_connection_is_tried_once_more(client: Client) -> None:
    with peer(in_turn(peers.reset, answering(GOOD))) as there:
        answer = client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    assert answer.body == GOOD
    assert len(there.asked) == 2


def test_connection_that_breaks_twice_is_given_up(client: Client) -> None:
    with peer(peers.reset) as there, pytest.raises(NodeUnreachable):
        client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    assert len(there.asked) == 2


def test_port_where_nobody_listens_is_unreachable(client: Client) -> None:
    with peer(peers.hang) as there:
        url = there.url

    with pytest.raises(NodeUnreachable, match="refused"):
        client.post_match(a_node(url), "secret", BODY, deadline=Deadline.after(1))


def test_unavailable_node_that_says_when_is_asked_once_more(client: Client) -> None:
    busy = answering(b"", status=503, retry_after="0")
    with peer(in_turn(busy, answering(GOOD))) as there:
        answer = client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    assert answer.body == GOOD
    assert len(there.asked) == 2


@pytest.mark.parametrize("retry_after", ["60", "Fri, 31 Dec 2100 23:59:59 GMT", "soon", "-1", "9" * 400, ""])
def test_unavailable_node_that_says_too_late_or_nothing_of_use_is_not_asked_again(
    client: Client, retry_after: str
) -> None:
    with (
        peer(answering(b"", status=503, retry_after=retry_after)) as there,
        pytest.raises(NodeRefused) as caught,
    ):
        client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(1))

    assert caught.value.status == 503
    assert len(there.asked) == 1


def test_slow_answer_inside_the_deadline_is_an_answer(client: Client) -> None:
    with peer(late(0.3, answering(GOOD))) as there:
        answer = client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    assert answer.body == GOOD
    assert answer.seconds >= 0.3


def test_no_more_than_two_calls_at_once_reach_a_node(client: Client) -> None:
    with peer(peers.counting(0.1, peers.response(GOOD))) as there, ThreadPoolExecutor(5) as pool:
        asked = [
            pool.submit(client.post_match, a_node(there.url), "secret", BODY, deadline=Deadline.after(3))
            for _ in range(5)
        ]
        assert [future.result().body for future in asked] == [GOOD] * 5

    assert there.most_at_once == 2


@pytest.mark.slow
def test_call_that_finds_no_place_is_told_apart_from_a_slow_node(client: Client) -> None:
    with peer(peers.hang) as there, ThreadPoolExecutor(2) as pool:
        for _ in range(2):
            pool.submit(client.post_match, a_node(there.url), "secret", BODY, deadline=Deadline.after(1))
        while there.connections < 2:
            time.sleep(0.01)
        with pytest.raises(NodeBusy):
            client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(0.2))

        assert there.connections == 2


def test_proxies_and_credentials_of_the_environment_are_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password canary\n")
    with peer(answering(b"", status=502)) as proxy, peer(answering(GOOD)) as there:
        monkeypatch.setenv("NETRC", str(netrc))
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        answer = client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(2))

    assert answer.body == GOOD
    assert proxy.connections == 0
    assert "authorization" not in there.asked[0].headers


@pytest.mark.parametrize("token", ["two\nlines", "tab\there", "überall"])
def test_token_that_no_header_can_carry_is_not_repeated_in_the_error(client: Client, token: str) -> None:
    with peer(answering(GOOD)) as there, pytest.raises(ValueError) as caught:
        client.post_match(a_node(there.url), token, BODY, deadline=Deadline.after(1))

    assert token not in str(caught.value)
    assert there.asked == []


def test_node_without_base_url_is_unreachable(client: Client) -> None:
    with pytest.raises(NodeUnreachable, match="base URL"):
        client.heartbeat(a_node(None), None, deadline=Deadline.after(1))


def test_http_is_refused_in_production_even_to_loopback(tmp_path: Path) -> None:
    with peer(answering(GOOD)) as there:
        settings = Settings(home=tmp_path, mode=Mode.PRODUCTION)
        with pytest.raises(NodeUnreachable):
            Client(settings).post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(1))

    assert there.connections == 0


def test_deadline_that_has_passed_asks_nobody(client: Client) -> None:
    with peer(answering(GOOD)) as there, pytest.raises(NodeTimeout):
        client.post_match(a_node(there.url), "secret", BODY, deadline=Deadline.after(0))

    assert there.asked == []


@pytest.mark.slow
def test_peer_that_never_begins_costs_five_seconds_of_a_longer_deadline(client: Client) -> None:
    assert "5 s" in str(fault_of(client, peers.hang, seconds=20))


@pytest.mark.slow
def test_machine_that_lets_nobody_in_costs_two_seconds_of_a_longer_deadline(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as stack:
        for _ in range(4):  # the queue of a server that accepts nobody is full after one or two
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        started = time.monotonic()
        url = f"http://127.0.0.1:{full.getsockname()[1]}/mme"
        with pytest.raises(NodeUnreachable, match="within 2 s"):
            client.post_match(a_node(url), "secret", BODY, deadline=Deadline.after(20))

    assert 1.9 < time.monotonic() - started < 3
