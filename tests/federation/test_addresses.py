import threading
from collections.abc import Sequence
from ipaddress import ip_address, ip_network
from pathlib import Path

import pytest

from federation.addresses import Resolver, is_public, permitted, read_base_url
from federation.client import Client
from federation.deadline import Deadline
from matchmaker.errors import Invalid, NodeUnreachable
from matchmaker.model import Node, NodeName
from matchmaker.settings import Mode, Settings
from tests.federation import peers
from tests.federation.peers import answering, peer

GOOD = b'{"results": []}'
PRODUCTION = Settings(mode=Mode.PRODUCTION)


@pytest.mark.parametrize("text", ["193.0.6.139", "8.8.8.8", "2001:67c:2e8:22::c100:68b", "2a00:1450:4001::1"])
def test_public_address_is_public(text: str) -> None:
    assert is_public(ip_address(text))


@pytest.mark.parametrize(
    "text",
    [
        *(
            "127.0.0.1",
            "127.8.9.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "100.64.0.1",
            "169.254.169.254",
        ),
        *("192.0.2.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fd00::2", "fec0::1", "ff02::1", "2001:db8::1", "100::1"),
        *("::ffff:10.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::10.0.0.1", "64:ff9b::10.0.0.1"),
        *("2002:0a00:0001::1", "2002:7f00:0001::", "64:ff9b:1::1", "4000::1"),
    ],
)
def test_address_that_the_internet_does_not_route_is_not_public(text: str) -> None:
    assert not is_public(ip_address(text))
    assert not permitted(ip_address(text), PRODUCTION)


def test_listed_network_is_permitted_in_each_of_its_spellings() -> None:
    settings = Settings(mode=Mode.PRODUCTION, allowed_networks=(ip_network("10.20.0.0/16"), ip_network("fd12::/32")))

    for text in ("10.20.3.4", "::ffff:10.20.3.4", "fd12::5"):
        assert permitted(ip_address(text), settings)
    for text in ("10.21.3.4", "fd13::5", "127.0.0.1"):
        assert not permitted(ip_address(text), settings)


@pytest.mark.parametrize("mode", [Mode.DEVELOPMENT, Mode.DEMO])
def test_loopback_is_permitted_while_trying_out_and_other_private_addresses_are_not(mode: Mode) -> None:
    settings = Settings(mode=mode)

    assert permitted(ip_address("127.0.0.1"), settings)
    assert permitted(ip_address("::1"), settings)
    assert not permitted(ip_address("10.0.0.1"), settings)
    assert not permitted(ip_address("169.254.169.254"), settings)


@pytest.mark.parametrize(
    ("text", "host", "port", "path", "authority"),
    [
        ("https://mme.example.org/mme", "mme.example.org", 443, "/mme", "mme.example.org"),
        ("https://mme.example.org:8443/mme/", "mme.example.org", 8443, "/mme", "mme.example.org:8443"),
        ("https://mme.example.org", "mme.example.org", 443, "", "mme.example.org"),
        ("http://[::1]:8001/mme", "::1", 8001, "/mme", "[::1]:8001"),
        ("https://klinik-münchen.example/mme", "xn--klinik-mnchen-3ob.example", 443, "/mme", None),
    ],
)
def test_base_url_is_read_into_its_parts(text: str, host: str, port: int, path: str, authority: str | None) -> None:
    url = read_base_url(text)

    assert (url.host, url.port, url.path) == (host, port, path)
    assert url.authority == (authority or host)


@pytest.mark.parametrize(
    "text",
    [
        *("", "mme.example.org/mme", "ftp://mme.example.org", "file:///etc/passwd", "https://", "https:///mme"),
        *("https://me:pass@example.org/mme", "https://example.org/mme?a=b", "https://example.org/mme#x"),
        *("https://exam ple.org/mme", "https://example.org/m\nme", "https://example.org:99999/mme", "https://[::1/mme"),
        *("https://example.org:0x50/", "https://" + "a" * 64 + ".org/", "https://a..b/", "https://[fe80::1%25eth0]/"),
    ],
)
def test_base_url_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="https://host/mme"):
        read_base_url(text)


@pytest.mark.parametrize(
    "host",
    [
        *("127.0.0.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"),
        *("[::ffff:7f00:1]", "0.0.0.0", "0", "127.0.0.1.", "127。0。0。1"),
    ],
)
def test_loopback_in_any_spelling_is_not_connected_in_production(tmp_path: Path, host: str) -> None:
    with peer(answering(GOOD)) as trap:
        client = Client(Settings(home=tmp_path, mode=Mode.PRODUCTION))
        node = Node(name=NodeName("Peer"), base_url=f"https://{host}:{trap.port}/mme")
        with pytest.raises(NodeUnreachable):
            client.post_match(node, "secret", b"{}", deadline=Deadline.after(2))

    assert trap.connections == 0


def test_one_private_address_among_public_ones_costs_the_whole_name(tmp_path: Path) -> None:
    client = Client(Settings(home=tmp_path, mode=Mode.PRODUCTION), resolve=lambda _: ["193.0.6.139", "10.0.0.1"])

    with pytest.raises(NodeUnreachable, match=r"10\.0\.0\.1.*MATCHMAKER_ALLOWED_NETWORKS"):
        client.post_match(
            Node(name=NodeName("Peer"), base_url="https://peer.example/mme"), "t", b"{}", deadline=Deadline.after(1)
        )


def test_name_is_resolved_once_and_the_connection_stays_at_that_address(tmp_path: Path) -> None:
    answers = iter([["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]])
    asked = []

    def rebinding(host: str) -> Sequence[str]:
        asked.append(host)
        return next(answers)

    with peer(peers.in_turn(peers.reset, answering(GOOD))) as there:
        client = Client(Settings(home=tmp_path), resolve=rebinding)
        node = Node(name=NodeName("Peer"), base_url=f"http://peer.example:{there.port}/mme")
        answer = client.post_match(node, "secret", b"{}", deadline=Deadline.after(2))

    assert answer.body == GOOD
    assert asked == ["peer.example"]  # once, although the first connection broke
    assert there.asked[0].headers["host"] == f"peer.example:{there.port}"


def test_second_address_is_tried_when_the_first_does_not_answer(tmp_path: Path) -> None:
    with peer(answering(GOOD), host="127.0.0.2") as there:
        client = Client(Settings(home=tmp_path), resolve=lambda _: ["127.0.0.3", "127.0.0.2"])
        node = Node(name=NodeName("Peer"), base_url=f"http://peer.example:{there.port}/mme")
        answer = client.post_match(node, "secret", b"{}", deadline=Deadline.after(2))

    assert answer.body == GOOD


def test_name_server_that_hangs_ends_with_the_deadline_and_holds_one_thread_per_name() -> None:
    release = threading.Event()
    calls = []

    def hanging(host: str) -> Sequence[str]:
        calls.append(host)
        release.wait(5)
        return ["127.0.0.1"]

    resolver = Resolver(hanging)
    for _ in range(3):
        with pytest.raises(NodeUnreachable, match="look-up"):
            resolver.addresses("Peer", "peer.example", Deadline.after(0.05))

    assert calls == ["peer.example"]
    release.set()


def test_unknown_name_and_nonsense_from_the_name_server_are_unreachable() -> None:
    def unknown(_: str) -> Sequence[str]:
        raise OSError("Name or service not known")

    for resolve in (unknown, lambda _: ["not an address"]):
        with pytest.raises(NodeUnreachable, match="not known"):
            Resolver(resolve).addresses("Peer", "peer.example", Deadline.after(1))
