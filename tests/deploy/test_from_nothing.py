"""docs/operators.md, from nothing to a paired node: PostgreSQL, gunicorn, nginx with TLS, all in production mode."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import threading
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.model import Sharing
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import work
from tests.builders import a_case
from tests.deploy.sites import (
    BIN,
    ROOT,
    Site,
    a_site,
    behind_nginx,
    our_address,
    served,
    trust,
    wait_until,
    working,
)
from tests.federation.certificates import authority, issued

pytestmark = pytest.mark.slow

N_TASKS = 80
UPDATED = "this is the new program"
IN_SPAIN = "# in Spain"
PATIENT = """{"patient": {"id": "P-9", "contact": {"name": "Dr Example", "href": "mailto:aoife@hospital.example"},
 "features": [{"id": "HP:0001250"}, {"id": "HP:0000252"}], "_sharing": "eea", "_consent": {"basis": "consent"}}}
"""


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
        old = stack.enter_context(working(spain))
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
            replace_worker(spain, old)
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
    """Install another program, do what `systemctl reload matchmaker-web` does, and wait for the new processes."""
    with (site.program / "web" / "app.py").open("a") as program:
        program.write(f"\nprint({UPDATED!r}, flush=True)\n")
    n_before = site.said("Booting worker")
    master = re.search(r"\[(\d+)\] \[INFO\] Starting gunicorn", site.log.read_text())
    assert master
    os.kill(int(master.group(1)), signal.SIGHUP)
    wait_until(lambda: site.said("Booting worker") == n_before + 2, site=site)
    wait_until(lambda: site.said("Worker exiting") == 2, site=site)
    wait_until(lambda: site.said(UPDATED) == 2, site=site)  # in each of them


def replace_worker(site: Site, old: ExitStack) -> None:
    """Let another worker take over while there is much to do: nothing is lost, nothing done twice."""
    many = [
        a_case(owner="aoife@hospital.example", local_id=f"P-{number}", sharing=Sharing.NATIONAL)
        for number in range(N_TASKS)
    ]
    n_done = tasks_done(site)
    with closing(Matchmaker.open(Settings.load(site.environment))) as mm, working(site):
        cases.submit_many(mm, many, by=SYSTEM)
        wait_until(lambda: n_open(mm) < N_TASKS, site=site)
        assert n_open(mm) > 0  # in the middle
        old.close()
        wait_until(lambda: n_open(mm) == 0, site=site)
    assert tasks_done(site) - n_done == N_TASKS


def n_open(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return sum(work.count(db).values())


def tasks_done(site: Site) -> int:
    """How many tasks the workers of a site say that they began."""
    lines = (json.loads(line) for line in site.log.read_text().splitlines() if line.startswith("{"))
    return sum(line["tasks"] for line in lines if line["event"] == "work done")
