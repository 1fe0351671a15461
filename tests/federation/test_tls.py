import ssl
from pathlib import Path

import pytest

from federation.client import Client
from federation.deadline import Deadline
from matchmaker.errors import NodeError, NodeTimeout, NodeUnreachable
from matchmaker.model import Node, NodeName
from matchmaker.settings import Mode, Settings
from tests.federation import peers
from tests.federation.certificates import Issued, authority, issued, server_context
from tests.federation.peers import Behaviour, Peer, answering, peer

HOST = "peer.example"
BODY = b'{"patient": {"id": "P1"}}'
GOOD = b'{"results": []}'


def ask(home: Path, there: Peer, *, seconds: float = 2) -> bytes:
    """Ask the peer under its name; the name server, which lies beyond this machine, is the one thing made up."""
    client = Client(Settings(home=home), resolve=lambda _: ["127.0.0.1"])
    node = Node(name=NodeName("Peer"), base_url=f"https://{HOST}:{there.port}/mme")
    return client.post_match(node, "secret", BODY, deadline=Deadline.after(seconds)).body


def trust(home: Path, ca: Issued) -> None:
    folder = home / "tls"
    folder.mkdir(exist_ok=True)
    (folder / "Peer.ca.pem").write_bytes(ca.pem)


def test_certificate_of_the_nodes_own_authority_is_accepted_for_its_name(tmp_path: Path) -> None:
    ca = authority()
    trust(tmp_path, ca)
    names: list[str | None] = []
    context = server_context(tmp_path, issued(ca, HOST))
    context.sni_callback = lambda _socket, name, _context: names.append(name)

    with peer(answering(GOOD), tls=context) as there:
        assert ask(tmp_path, there) == GOOD

    assert names == [HOST]
    assert there.asked[0].body == BODY


@pytest.mark.parametrize("what", ["expired", "not yet valid", "wrong host", "unknown CA", "self-signed"])
def test_certificate_that_does_not_hold_is_refused_before_a_byte_of_the_patient_is_sent(
    tmp_path: Path, what: str
) -> None:
    ca = authority()
    trust(tmp_path, ca)
    certificate = {
        "expired": issued(ca, HOST, days=(-10, -1)),
        "not yet valid": issued(ca, HOST, days=(1, 10)),
        "wrong host": issued(ca, "other.example"),
        "unknown CA": issued(authority("Somebody else"), HOST),
        "self-signed": issued(None, HOST),
    }[what]

    with (
        peer(answering(GOOD), tls=server_context(tmp_path, certificate)) as there,
        pytest.raises(NodeUnreachable, match="certificate is not trusted"),
    ):
        ask(tmp_path, there)

    assert there.connections == 1  # and not tried again
    assert there.asked == []


def test_without_an_authority_of_its_own_a_node_needs_a_public_one(tmp_path: Path) -> None:
    ca = authority()

    with (
        peer(answering(GOOD), tls=server_context(tmp_path, issued(ca, HOST))) as there,
        pytest.raises(NodeUnreachable, match="certificate is not trusted"),
    ):
        ask(tmp_path, there)

    assert there.asked == []


def test_client_certificate_is_shown_to_the_node_that_wants_one(tmp_path: Path) -> None:
    ca = authority()
    trust(tmp_path, ca)
    issued(ca, "we.example").write(tmp_path / "tls" / "Peer.client.pem")
    context = server_context(tmp_path, issued(ca, HOST), clients_of=ca)

    with peer(answering(GOOD), tls=context) as there:
        assert ask(tmp_path, there) == GOOD


@pytest.mark.parametrize("newest", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_node_that_wants_a_client_certificate_refuses_us_without_one(tmp_path: Path, newest: ssl.TLSVersion) -> None:
    ca = authority()
    trust(tmp_path, ca)
    context = server_context(tmp_path, issued(ca, HOST), clients_of=ca)
    context.maximum_version = newest

    with peer(answering(GOOD), tls=context) as there, pytest.raises(NodeUnreachable):
        ask(tmp_path, there)

    assert there.asked == []


def test_key_that_others_can_read_is_not_used_in_production(tmp_path: Path) -> None:
    ca = authority()
    issued(ca, "we.example").write(tmp_path / "tls" / "Peer.client.pem").chmod(0o640)
    client = Client(Settings(home=tmp_path, mode=Mode.PRODUCTION), resolve=lambda _: ["193.0.6.139"])

    with pytest.raises(NodeUnreachable, match="chmod 600"):
        client.heartbeat(Node(name=NodeName("Peer"), base_url=f"https://{HOST}/mme"), None, deadline=Deadline.after(1))


def test_damaged_authority_file_trusts_nobody(tmp_path: Path) -> None:
    ca = authority()
    trust(tmp_path, ca)
    (tmp_path / "tls" / "Peer.ca.pem").write_text("not a certificate")

    with (
        peer(answering(GOOD), tls=server_context(tmp_path, issued(ca, HOST))) as there,
        pytest.raises(NodeUnreachable, match="PEM"),
    ):
        ask(tmp_path, there)

    assert there.connections == 0


@pytest.mark.slow
@pytest.mark.parametrize("behave", [peers.hang, peers.drip_header, peers.drip_body], ids=["hang", "header", "body"])
def test_peer_that_takes_its_time_ends_with_the_deadline_over_tls_too(tmp_path: Path, behave: Behaviour) -> None:
    ca = authority()
    trust(tmp_path, ca)

    with peer(behave, tls=server_context(tmp_path, issued(ca, HOST))) as there, pytest.raises(NodeTimeout):
        ask(tmp_path, there, seconds=0.6)


@pytest.mark.slow
def test_peer_that_does_not_speak_tls_is_unreachable_or_late_but_never_told(tmp_path: Path) -> None:
    with peer(answering(GOOD)) as there, pytest.raises(NodeError):
        ask(tmp_path, there, seconds=0.6)

    assert all(b"P1" not in asked.body for asked in there.asked)
