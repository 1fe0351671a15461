"""docs/operators.md, from nothing to a paired node: PostgreSQL, gunicorn, nginx with TLS, all in production mode."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.served import environment_of
from tests.federation.certificates import Issued, authority, issued

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
IN_SPAIN = "# in Spain"
PATIENT = """{"patient": {"id": "P-9", "contact": {"name": "Dr Example", "href": "mailto:aoife@hospital.example"},
 "features": [{"id": "HP:0001250"}, {"id": "HP:0000252"}], "_sharing": "eea", "_consent": {"basis": "consent"}}}
"""


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


def test_two_nodes_in_production_are_made_paired_and_backed_up(
    tmp_path: Path, new_postgresql: Callable[[], str]
) -> None:
    host, root = our_address(), authority()
    ireland, spain = (
        a_site(tmp_path, name, country, host=host, database=new_postgresql())
        for name, country in (("Ireland", "IE"), ("Spain", "ES"))
    )
    for site in (ireland, spain):
        trust(site, root)
    (tmp_path / "patient.json").write_text(PATIENT)
    (tmp_path / "words.txt").write_text("seven quiet herons wade\n")
    first, *rest = blocks()
    assert len(rest) == 6
    for site in (ireland, spain):
        assert "https://" in typed(first, site, tmp_path)  # the link, good once

    with ExitStack() as stack:
        for site in (ireland, spain):
            stack.enter_context(served(site))
        stack.enter_context(behind_nginx(tmp_path / "nginx", (ireland, spain), issued(root, host)))
        said, more = [], {"SPAIN": spain.address, "CURL_CA_BUNDLE": str(tmp_path / "authority.pem")}
        (tmp_path / "authority.pem").write_bytes(root.pem)
        for block in rest:
            site = spain if block.startswith(IN_SPAIN) else ireland
            said.append(typed(block, site, tmp_path, **more))
            if words := re.search(r"^Words: (.+)$", said[-1], re.MULTILINE):
                more["WORDS"] = words.group(1)

        with asked_on(spain, tmp_path / "authority.pem") as answers:
            update(spain)
            wait_until(lambda: len(answers) > 20, site=spain)
        assert set(answers) == {200}

    ready, invited, accepted, confirmed, paired, asked = said
    assert ready.startswith('{"status":"ready"}')
    assert invited == ""
    assert spain.address not in accepted
    assert "https://" in accepted
    assert "Confirmed here" in confirmed
    assert "Paired with Ireland: it answered" in paired
    (report,) = (json.loads(line) for line in asked.splitlines() if line.startswith("{"))
    assert [(one["name"], one["state"]) for one in report["nodes"]] == [("Spain", "answered")]
    assert (tmp_path / "node.backup").stat().st_size > 0


def blocks() -> list[str]:
    """The blocks of that section that a user types, in their order."""
    guide = (ROOT / "docs" / "operators.md").read_text("utf-8")
    section = guide[guide.index("## From nothing to a paired node") :]
    section = section[: section.index("\n## ", 3)]
    return re.findall(r"^```sh\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)


def typed(block: str, site: Site, folder: Path, **more: str) -> str:
    """Run a block with the settings of a site; return what it said."""
    environment = {**site.environment, **more, "PATH": f"{BIN}:{os.environ['PATH']}"}
    script = f"set -euo pipefail\n{block}"
    done = subprocess.run(
        ["bash", "-c", script], check=False, cwd=folder, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
    return done.stdout


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
    """Run the web processes and the worker of a site, as its units do."""
    gunicorn = [sys.executable, "-m", "gunicorn", "--config", "deploy/gunicorn.conf.py", "web.wsgi:create()"]
    log = site.folder / f"{site.name}.log"
    with log.open("wb") as errors, ExitStack() as stack:
        for command in (gunicorn, [str(BIN / "matchmaker"), "worker"]):
            stack.enter_context(running(command, site.environment, errors))
        yield


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


@contextmanager
def asked_on(site: Site, trusted: Path) -> Iterator[list[int]]:
    """Ask whether a site is ready, again and again, while the body runs; each status, and 0 for no answer."""
    answers: list[int] = []
    stopping, context = threading.Event(), ssl.create_default_context(cafile=str(trusted))

    def ask() -> None:
        while not stopping.wait(0.05):
            try:
                with urllib.request.urlopen(f"{site.address}/health/ready", context=context, timeout=60) as answer:
                    answers.append(answer.status)
            except OSError as error:
                answers.append(getattr(error, "code", 0))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        yield answers
    finally:
        stopping.set()
        asking.join()


def update(site: Site) -> None:
    """Do what `systemctl reload matchmaker-web` does, and wait until the new processes are there."""
    log = site.folder / f"{site.name}.log"
    n_before = log.read_text().count("Booting worker")
    master = re.search(r"\[(\d+)\] \[INFO\] Starting gunicorn", log.read_text())
    assert master
    os.kill(int(master.group(1)), signal.SIGHUP)
    wait_until(lambda: log.read_text().count("Booting worker") == n_before + 2, site=site)
    wait_until(lambda: log.read_text().count("Worker exiting") == 2, site=site)


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
def running(command: list[str], environment: Mapping[str, str], errors: object) -> Iterator[None]:
    process = subprocess.Popen(command, cwd=ROOT, env=dict(environment), stdout=errors, stderr=errors)  # type: ignore[call-overload]
    try:
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) in {0, -signal.SIGTERM}


def wait_for(site: Site) -> None:
    """Until its web processes are behind the socket."""
    wait_until(Path(site.environment["MATCHMAKER_BIND"].removeprefix("unix:")).exists, site=site)


def wait_until(reached: Callable[[], bool], *, site: Site) -> None:
    until = time.monotonic() + 120
    while not reached():
        assert time.monotonic() < until, (site.folder / f"{site.name}.log").read_text()
        time.sleep(0.1)


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
