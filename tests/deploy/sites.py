"""Nodes in production mode: the settings, processes and proxy of each, as `deploy/` has them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.served import environment_of
from tests.federation.certificates import Issued

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One country: its settings, its address, and where its processes meet."""

    name: str
    environment: Mapping[str, str]
    address: str
    folder: Path

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    @property
    def log(self) -> Path:
        """What all its processes say."""
        return self.folder / f"{self.name}.log"

    @property
    def program(self) -> Path:
        """Where its web processes find their part of the program."""
        return self.folder / f"{self.name}-program"

    def said(self, what: str) -> int:
        """Return how often something was said."""
        return self.log.read_text().count(what) if self.log.exists() else 0


def a_site(folder: Path, name: str, country: str, *, host: str, database: str) -> Site:
    """The settings of `deploy/environment.example`, with what is a site's own."""
    address = f"https://{host}:{free_port(host)}"
    example = (ROOT / "deploy" / "environment.example").read_text()
    stated = dict(line.split("=", 1) for line in example.splitlines() if "=" in line and not line.startswith("#"))
    own = {
        "MATCHMAKER_BASE_URL": address,
        "MATCHMAKER_DATABASE_URL": database,
        "MATCHMAKER_NODE_NAME": name,
        "MATCHMAKER_NODE_ID": f"org.example.{name.lower()}",
        "MATCHMAKER_COUNTRY": country,
        "MATCHMAKER_SMTP_URL": "smtp://127.0.0.1:9",  # nobody is there: the doctor says so
        "MATCHMAKER_ALLOWED_NETWORKS": f"{host}/32",
        "MATCHMAKER_BIND": f"unix:{folder / name}.sock",
        "MATCHMAKER_WEB_PROCESSES": "2",
    }
    kept = {name: value for name, value in stated.items() if name.startswith("MATCHMAKER_")}
    environment = environment_of(folder / name, **{**kept, **own, "MATCHMAKER_HOME": str(folder / name)})
    assert environment["MATCHMAKER_MODE"] == "production"
    return Site(name=name, environment=environment, address=address, folder=folder)


def trust(site: Site, root: Issued) -> None:
    """Let a site know the authority of the other one: tests have no certificate that the public trusts."""
    folder = site.folder / site.name / "tls"
    folder.mkdir(mode=0o700, parents=True)
    folder.parent.chmod(0o700)
    for other in ("Ireland", "Spain"):
        (folder / f"{other}.ca.pem").write_bytes(root.pem)


@contextmanager
def served(site: Site) -> Iterator[None]:
    """Run the web processes of a site, as their unit does, from a folder in which an update can be installed."""
    for part in ("deploy", "web"):
        shutil.copytree(ROOT / part, site.program / part)
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "web.wsgi:create()"]
    with site.log.open("ab") as errors, running(gunicorn, site.environment, errors, where=site.program):
        yield


@contextmanager
def working(site: Site) -> Iterator[ExitStack]:
    """Run a worker of a site, as its unit does, until the block ends or what is yielded is closed."""
    n_before = site.said("Working")
    with site.log.open("ab") as errors, ExitStack() as worker:
        worker.enter_context(running([str(BIN / "matchmaker"), "worker"], site.environment, errors))
        wait_until(lambda: site.said("Working") > n_before, site=site)
        yield worker


@contextmanager
def behind_nginx(folder: Path, sites: tuple[Site, Site], certificate: Issued) -> Iterator[None]:
    """Put nginx in front, with our file for each site: the names, ports and certificate are the sites' own."""
    folder.mkdir()
    pem = certificate.write(folder / "certificate.pem")
    for site in sites:
        (folder / f"{site.name}.conf").write_text(of_site(site, pem))
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = " ".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi"))
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}}\n"
        f"http {{ {temporary} scgi_temp_path {folder}/scgi; access_log off; include {folder}/[IS]*.conf; }}\n"
    )
    nginx = shutil.which("nginx") or "/usr/sbin/nginx"
    command = [nginx, "-e", f"{folder}/error.log", "-c", f"{folder}/nginx.conf"]
    with running(command, dict(os.environ), subprocess.DEVNULL):
        for site in sites:
            wait_for(site)
        yield


def of_site(site: Site, pem: Path) -> str:
    """`deploy/nginx.conf` for one site on its own ports."""
    host = site.address.removeprefix("https://").partition(":")[0]
    text = (ROOT / "deploy" / "nginx.conf").read_text()
    text = re.sub(r"^ *listen +\[::\].*\n", "", text, flags=re.MULTILINE)
    for before, after in (
        ("listen 80;", f"listen {host}:{free_port(host)};"),
        ("listen 443 ssl;", f"listen {host}:{site.port} ssl;"),
        ("matchmaker.example.org", host),
        ("/etc/ssl/matchmaker/fullchain.pem", str(pem)),
        ("/etc/ssl/matchmaker/key.pem", str(pem)),
        ("/run/matchmaker/web.sock", f"{site.folder / site.name}.sock"),
        ("upstream matchmaker", f"upstream {site.name}"),
        ("http://matchmaker", f"http://{site.name}"),
    ):
        assert before in text, before
        text = text.replace(before, after)
    return text


@contextmanager
def running(
    command: list[str], environment: Mapping[str, str], errors: object, *, where: Path = ROOT
) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=where, env=dict(environment), stdout=errors, stderr=errors)  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in {0, -signal.SIGTERM}


def wait_for(site: Site) -> None:
    """Until its web processes are behind the socket, and the proxy listens."""
    wait_until(Path(site.environment["MATCHMAKER_BIND"].removeprefix("unix:")).exists, site=site)
    wait_until(lambda: listens(site), site=site)


def listens(site: Site) -> bool:
    try:
        socket.create_connection((urlsplit(site.address).hostname, site.port), timeout=5).close()
    except OSError:
        return False
    return True


def wait_until(reached: Callable[[], bool], *, site: Site) -> None:
    until = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < until, site.log.read_text()
        time.sleep(0.02)


def our_address() -> str:
    """An address of this machine that others could reach: in production a node is never on loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.connect(("192.0.2.1", 9))  # nothing is sent
        found: str = asking.getsockname()[0]
    assert not found.startswith("127."), "this test needs an address beside loopback"
    return found


def free_port(host: str) -> int:
    with socket.create_server((host, 0)) as free:
        port: int = free.getsockname()[1]
    return port
