"""Fetching a release from a server on this machine, whole and in every broken way."""

from __future__ import annotations

import gzip
import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from matchmaker.errors import ReleaseError
from ontology.download import DATED, NEWEST, Addresses, Limits, download
from ontology.manifest import sha256_of
from ontology.releases import SOURCES_FILE, compile_release, load
from tests.ontology.files import write_release

FILES = ("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt", "hgnc_complete_set.txt")


class _Server(BaseHTTPRequestHandler):
    """Serves the small release; the first part of an address says in which way."""

    files: ClassVar[dict[str, bytes]] = {}
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        _, way, *_, name = self.path.split("/")
        content = self.files[name]
        if way == "moved":
            self.send_response(302)
            self.send_header("Location", f"/whole/{name}")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        self.close_connection = True
        self.send_response({"missing": 404, "failing": 503}.get(way, 200))
        if way == "gzipped":
            content = gzip.compress(content)
            self.send_header("Content-Encoding", "gzip")
        if way == "empty":
            content = b""
        if way == "chunked-and-cut":
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            self.wfile.write(b"40\r\n" + content[:20])
            return
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self._send(way, content)

    def _send(self, way: str, content: bytes) -> None:
        try:
            if way == "silent":
                time.sleep(1.5)
            elif way == "dripping":
                for position in range(60):
                    self.wfile.write(content[position : position + 1])
                    time.sleep(0.05)
            else:
                self.wfile.write(content[:40] if way == "cut" else content)
        except ConnectionError:
            pass  # the client has had enough, as it should

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name is the library's
        pass


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    files = write_release(tmp_path_factory.mktemp("served"))
    _Server.files = {name: (files / name).read_bytes() for name in FILES}
    with _serving() as address:
        yield address


@contextmanager
def _serving() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Server)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def at(server: str, way: str = "whole") -> Addresses:
    obo, hpoa, gene_links, gene_table = (f"{server}/{way}/{{date}}/{name}" for name in FILES)
    return Addresses(obo=obo, hpoa=hpoa, gene_links=gene_links, gene_table=gene_table)


@pytest.mark.parametrize("way", ["whole", "gzipped", "moved"])
def test_downloaded_release_can_be_compiled(server: str, tmp_path: Path, way: str) -> None:
    download(tmp_path / "new", date="2031-02-03", addresses=at(server, way))
    compile_release(tmp_path / "new", tmp_path / "new.npz")

    release = load(tmp_path / "new.npz")
    assert release.id == "2031-02-03"
    assert [s.url_or_package for s in release.sources] == [f"{server}/{way}/2031-02-03/{name}" for name in FILES]


def test_address_and_checksum_of_every_file_are_recorded(server: str, tmp_path: Path) -> None:
    download(tmp_path, addresses=at(server))

    recorded = json.loads((tmp_path / SOURCES_FILE).read_text())
    assert recorded == {name: [f"{server}/whole//{name}", sha256_of(tmp_path / name)] for name in FILES}


def test_progress_is_told_by_file(server: str, tmp_path: Path) -> None:
    told: dict[str, int] = {}
    download(tmp_path, addresses=at(server), progress=told.__setitem__)

    assert told == {name: len(content) for name, content in _Server.files.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("way", "message"),
    [
        ("missing", "answered 404: check the address or the date"),
        ("failing", "answered 503"),
        ("cut", r"hp\.obo was not received whole .* the transfer broke off; try again"),
        ("chunked-and-cut", r"hp\.obo was not received whole .* the transfer broke off"),
        ("silent", r"hp\.obo was not received whole .* no answer in time"),
        ("empty", "sent an empty file"),
    ],
)
def test_broken_transfer_is_an_error_and_leaves_no_file(server: str, tmp_path: Path, way: str, message: str) -> None:
    with pytest.raises(ReleaseError, match=message):
        download(tmp_path, addresses=at(server, way), limits=Limits(silence=0.5))

    assert list(tmp_path.iterdir()) == []


def test_file_larger_than_allowed_is_stopped(server: str, tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="more than 100 bytes"):
        download(tmp_path, addresses=at(server), limits=Limits(n_bytes=100))

    assert list(tmp_path.iterdir()) == []


def test_compressed_file_counts_with_its_true_size(server: str, tmp_path: Path) -> None:
    size = len(_Server.files["hp.obo"])
    assert len(gzip.compress(_Server.files["hp.obo"])) < size - 1

    with pytest.raises(ReleaseError, match="more than"):
        download(tmp_path, addresses=at(server, "gzipped"), limits=Limits(n_bytes=size - 1))


def test_server_that_sends_drop_by_drop_meets_the_time_limit(server: str, tmp_path: Path) -> None:
    begin = time.monotonic()
    with pytest.raises(ReleaseError, match="took longer than"):
        download(tmp_path, addresses=at(server, "dripping"), limits=Limits(seconds=0.3))

    assert time.monotonic() - begin < 2


def test_server_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{reserved.getsockname()[1]}"
        with pytest.raises(ReleaseError, match="no connection; try again"):
            download(tmp_path, addresses=at(address))


def test_earlier_download_stays_when_the_next_one_fails(server: str, tmp_path: Path) -> None:
    download(tmp_path, addresses=at(server))
    before = sha256_of(tmp_path / "hp.obo")

    with pytest.raises(ReleaseError):
        download(tmp_path, addresses=at(server, "cut"))

    assert sha256_of(tmp_path / "hp.obo") == before


@pytest.mark.parametrize("date", ["yesterday", "2025-1-16", "../../x"])
def test_date_of_another_form_is_refused(tmp_path: Path, date: str) -> None:
    with pytest.raises(ReleaseError, match="write it as 2025-01-16"):
        download(tmp_path, date=date)


def test_folder_that_cannot_be_written_is_named(server: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ReleaseError, match="cannot be written"):
        download(tmp_path / "file", addresses=at(server))


def test_published_addresses_are_encrypted_and_dated_where_a_date_is_asked() -> None:
    for addresses in (NEWEST, DATED):
        assert all(a.startswith("https://") for a in (addresses.obo, addresses.hpoa, addresses.gene_links))
    assert all("{date}" in a for a in (DATED.obo, DATED.hpoa, DATED.gene_links))
