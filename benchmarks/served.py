"""A node as an operator runs it: its command line, and `matchmaker serve` in a process of its own."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol
from urllib.parse import urlsplit

PROGRAM = Path(sys.executable).with_name("matchmaker")
MEDIA_TYPE = "application/vnd.ga4gh.matchmaker.v1.1+json"
UNLIMITED = {
    "MATCHMAKER_REQUESTS_PER_MINUTE": "100000000",
    "MATCHMAKER_REQUESTS_PER_DAY": "100000000",
    "MATCHMAKER_CASES_REVEALED_PER_DAY": "100000000",
    "MATCHMAKER_DISTINCT_ANSWERS": "100000000",
}


class Process(Protocol):
    """What runs until it is killed."""

    def kill(self) -> None: ...

    def poll(self) -> int | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """A process that serves, and where."""

    process: Process
    address: str

    def ask(self, token: str, patient: Mapping[str, Any], *, timeout: float = 60.0) -> tuple[int, bytes]:
        """Send one match request over a connection of its own."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=timeout)
        headers = {"X-Auth-Token": token, "Content-Type": MEDIA_TYPE, "Accept": MEDIA_TYPE}
        with contextlib.closing(connection):
            connection.request("POST", "/mme/match", json.dumps({"patient": patient}).encode(), headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def post(self, token: str, path: str, said: Mapping[str, Any], *, timeout: float = 60.0) -> int:
        """Send JSON to an address beside Matchmaker Exchange and return the status."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=timeout)
        with contextlib.closing(connection):
            headers = {"X-Auth-Token": token, "Content-Type": "application/json"}
            connection.request("POST", path, json.dumps(said).encode(), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status


def environment_of(home: Path, **settings: str) -> dict[str, str]:
    """The environment of a node, without what is set for another one."""
    cleared = {name: value for name, value in os.environ.items() if not name.startswith("MATCHMAKER_")}
    return {**cleared, "MATCHMAKER_HOME": str(home), **settings}


def run(environment: Mapping[str, str], *arguments: str, given: str | None = None) -> str:
    """Run a command of the node and return what it printed; SystemExit when it could not be done."""
    command = [str(PROGRAM), *arguments]
    done = subprocess.run(command, check=False, env=dict(environment), stdout=subprocess.PIPE, input=given, text=True)
    if done.returncode:
        sys.exit(f"matchmaker {' '.join(arguments)} ended with {done.returncode}")
    return done.stdout


@contextlib.contextmanager
def serving(environment: Mapping[str, str], *, port: int = 0, log: Path | None = None) -> Iterator[Serving]:
    """Serve until the block ends; `log` gets what the process says on standard error."""
    command = [str(PROGRAM), "serve", "--port", str(port)]
    with (
        contextlib.nullcontext(subprocess.DEVNULL) if log is None else log.open("ab") as errors,
        subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, stderr=errors, text=True) as process,
    ):
        assert process.stdout is not None
        try:
            yield begun(process, process.stdout)
        finally:
            process.kill()


def begun(process: Process, stdout: IO[str]) -> Serving:
    """Wait until a process says where it serves."""
    said = stdout.readline()
    found = re.search(r"http://\S+", said)
    if found is None:
        sys.exit(f"the node did not start: {said}")
    return Serving(process=process, address=found.group())
