import contextlib
import json
import re
import signal
import socket
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import PROGRAM, Command
from tests.cli.records import a_file, a_patient


@contextlib.contextmanager
def serving() -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A serving node on a free port, and its address."""
    command = [str(PROGRAM), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout is not None
        try:
            said = process.stdout.readline()
            found = re.search(r"http://\S+", said)
            assert found is not None, said
            yield process, found.group()
        finally:
            process.kill()


def ask(url: str, **headers: str) -> tuple[int, dict[str, str], str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=60) as answer:
            return answer.status, dict(answer.headers), answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), error.read().decode()


def stopped(process: subprocess.Popen[str], by: signal.Signals) -> int:
    process.send_signal(by)
    return process.wait(timeout=30)


@pytest.mark.slow
def test_node_is_ready_answers_and_stops_when_told(node: Command) -> None:
    token = node("node", "token", "spain").out.strip()
    with serving() as (process, address):
        assert ask(f"{address}/health/ready")[0] == 200
        assert ask(f"{address}/health/live")[0] == 200
        status, headers, body = ask(f"{address}/mme/heartbeat", **{"X-Auth-Token": token})
        assert (status, "heartbeat" in json.loads(body)) == (200, True)
        status, headers, body = ask(f"{address}/")
        assert status == 200
        assert "not for decisions on diagnosis or treatment" in body.lower()
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert "Server" not in headers

        assert stopped(process, signal.SIGTERM) == 0


@pytest.mark.slow
def test_serving_node_matches_what_another_process_imports(node: Command, home: Path, tmp_path: Path) -> None:
    with serving() as (process, address):
        assert ask(f"{address}/health/ready")[0] == 200
        node("case", "import", a_file(tmp_path / "two.jsonl", a_patient("P-1"), a_patient("P-2")))

        assert _drained(home)
        assert stopped(process, signal.SIGTERM) == 0


@pytest.mark.slow
def test_port_in_use_is_one_line(node: Command, a_process: Command) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        outcome = a_process("serve", "--port", taken.getsockname()[1])

    assert outcome.status == 1
    assert outcome.err.startswith("matchmaker: 127.0.0.1:")
    assert "choose another with --port" in outcome.err


def _drained(home: Path) -> bool:
    """Wait until no work is left; False when that takes too long."""
    for _ in range(300):
        with contextlib.closing(sqlite3.connect(home / "matchmaker.sqlite")) as db:
            [[left]] = db.execute("SELECT count(*) FROM work")
            [[found]] = db.execute("SELECT count(*) FROM matches")
        if left == 0 and found > 0:
            return True
        time.sleep(0.1)
    return False
