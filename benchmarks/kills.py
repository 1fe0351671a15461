"""SIGKILL a serving node again and again under load: what it had acknowledged is there, is done, is mailed.

    python -m benchmarks kills [--kills 200]

Prints one JSON object. In each round `matchmaker serve` and a process that works as clinicians do run until both are
killed at the same moment, while another node asks, writes and takes cases back over HTTP. What counts as acknowledged:
a case, a letter or a withdrawal whose call returned, and what was answered 200. Each case must ask the peer; each
request tell the owner of the case that it found; each alert and letter go out by SMTP or to the other node; whoever was
told of a case hear of its withdrawal; in the end nothing is left to do. A mail may come twice only for a kill between
sending and noting it. Most processes are forked from one that has imported everything, so that a round takes seconds.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import json
import logging
import random
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path

from sqlalchemy import update

from benchmarks import _entering
from benchmarks import _other_nodes as others
from benchmarks._after_kills import Figures, figures
from benchmarks._forked import Forked, forked
from benchmarks._other_nodes import Acknowledged, Heard, Target
from benchmarks.served import UNLIMITED, Serving, begun, environment_of, run, serving
from federation import nodes
from matchmaker import cases, logs, worker
from matchmaker.actors import SYSTEM
from matchmaker.cli.main import run as run_command
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.store.alert_tables import heard, notifications
from matchmaker.store.exchange_tables import case_notices, messages
from matchmaker.store.tables import work
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.peers import peer
from tests.mailbox import mailbox

BEFORE = 3  # cases for each kill, of which matches are known when the killing begins
TARGETS = 10  # cases that the requests of a round find, one each
PATIENCE = 60.0  # seconds for the first question of a node that starts
LIVED = 2.5  # seconds between that and the kill, at most


def measure(home: Path, *, kills: int, seed: int = 1) -> Figures:
    """Kill so often, let the node finish, and look for what is missing."""
    logs.configure(Mode.DEVELOPMENT, level=logging.ERROR)
    chance, acknowledged, brought = random.Random(seed), Acknowledged(), Heard()
    with mailbox() as post, peer(brought.behave) as there, peer(others.nothing_alike) as plain:
        environment = environment_of(home, MATCHMAKER_SMTP_URL=post.url, **UNLIMITED)
        run(environment, "init")
        with contextlib.closing(Matchmaker.open(Settings(home=home, smtp_url=post.url))) as mm:
            token = _register(mm, there.url, plain.url)
            _enter_before(mm, kills * BEFORE)
            for number in range(kills):
                left = iter(others.targets(mm, range(number * TARGETS, (number + 1) * TARGETS)))
                at_work = forked(_entering.main, [str(home), others.PEER, str(number)], environment=environment)
                with at_work as clinicians, _served(environment, number) as node:
                    asking = _asking(node, token, left, acknowledged)
                    brought.question.clear()
                    brought.question.wait(PATIENCE)  # then the node works as well as answers
                    time.sleep(chance.uniform(0, LIVED))
                    _kill(node, clinicians, asking, acknowledged)
                _let_leases_end(mm)
            for _ in range(3):  # the second and third mail to one person wait for an hour
                worker.drain(mm)
                _let_leases_end(mm)
            worker.drain(mm)
            return figures(mm, post, brought, acknowledged, kills=kills)


def _register(mm: Matchmaker, url: str, plain_url: str) -> str:
    """Make the other nodes known; the token is that of the one that asks."""
    nodes.add(mm, others.PEER, base_url=url, token="secret", country="ES", by=SYSTEM)
    nodes.add(mm, others.PLAIN, base_url=plain_url, token="secret", country="MT", by=SYSTEM)
    token = nodes.issue_token(mm, others.ASKER, by=SYSTEM)
    for node in nodes.list_(mm):
        mail = others.OPERATOR if node.name == others.PLAIN else None
        told = replace(node, kin=node.name != others.PLAIN, operator_mail=mail, country=node.country or "FI")
        nodes.change(mm, told, by=SYSTEM)
    return token


def _enter_before(mm: Matchmaker, n_cases: int) -> None:
    """Store cases that a match is known for from the first round on."""
    for i in range(n_cases):
        case = a_case(
            owner=f"before{i}@example.org",
            local_id=f"before-{i}",
            features=[a_feature(term) for term in random.Random(i).sample(mm.release.hpo.term_ids, 3)],
            genomic_features=[a_genomic_feature(mm.release.genes.ids[-1 - i])],
        )
        cases.submit(mm, case, by=SYSTEM)
    worker.drain(mm)


@contextlib.contextmanager
def _served(environment: Mapping[str, str], number: int) -> Iterator[Serving]:
    """Serve the node: each tenth time as an operator starts it, which takes seconds, else forked."""
    if number % 10 == 0:
        with serving(environment) as node:
            yield node
        return
    with forked(run_command, ["serve", "--port", "0"], environment=environment) as program:
        yield begun(program, program.stdout)


def _asking(node: Serving, token: str, left: Iterator[Target], acknowledged: Acknowledged) -> threading.Thread:
    asking = threading.Thread(target=others.ask, args=(node, token, left, acknowledged))
    asking.start()
    return asking


def _kill(node: Serving, clinicians: Forked, asking: threading.Thread, acknowledged: Acknowledged) -> None:
    node.process.kill()
    clinicians.kill()
    asking.join()
    for line in clinicians.stdout.read().splitlines(keepends=True):
        if line.endswith("\n"):  # one without was cut by the kill: nobody read it as an acknowledgement
            what, _, name = line.strip().partition(" ")
            acknowledged.here.setdefault(what, set()).add(name)


def _let_leases_end(mm: Matchmaker) -> None:
    """Five minutes later: what the dead process had claimed is free again, and what it had failed at is due."""
    now = dt.datetime.now(dt.UTC)
    with mm.transaction() as db:
        for table in (work, case_notices, messages):
            db.execute(update(table).where(table.c.lease.is_not(None)).values(lease_until=now))
            db.execute(update(table).where(table.c.last_error.is_not(None)).values(due_at=now))
        for table in (notifications, heard):
            db.execute(update(table).values(lease_until=now, due_at=now))


def main(arguments: Sequence[str] | None = None) -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--kills", type=int, default=200)
    options.add_argument("--seed", type=int, default=1, help="of the moments of the kills")
    given = options.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        print(json.dumps(asdict(measure(Path(folder) / "home", kills=given.kills, seed=given.seed)), indent=2))


if __name__ == "__main__":
    main()
