"""Requests that schemathesis draws from a node's OpenAPI document, and whether each answer is one that it describes."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.served import Serving

PROGRAM = Path(sys.executable).with_name("schemathesis")
# The schema of a patient is what should be sent. What is read is more, and what is rejected depends on more than types.
# An address may be two: GET /patient/add shows the patient `add`, so OPTIONS allows GET where only POST is described.
NOT_CHECKED = ("positive_data_acceptance", "negative_data_rejection", "allow_header_conformance")
TIMEOUT = 60  # seconds for one answer: other work may go on beside


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """How a run went: statuses, types, headers and schemas of all answers were compared with the document."""

    requests: int
    operations: int
    seconds: float
    failures: tuple[str, ...]  # the first few


def draw(
    node: Serving, *, api_token: str, node_token: str, report: Path, per_operation: int, thorough: bool, seed: int = 1
) -> Drawn:
    """Call every operation so often, and sequences of them.

    Parameters
    ----------
    thorough : bool
        Also every boundary of every schema, which is some 6,000 requests.
    """
    phases = ("examples", *(("coverage",) if thorough else ()), "fuzzing", "stateful")
    command = [str(PROGRAM), "run", f"{node.address}/api/v1/openapi.json", "--url", node.address]
    command += ["--header", f"Authorization: Bearer {api_token}", "--header", f"X-Auth-Token: {node_token}"]
    command += ["--phases", ",".join(phases), "--max-examples", str(per_operation), "--seed", str(seed)]
    command += ["--checks", "all", "--exclude-checks", ",".join(NOT_CHECKED), "--request-timeout", str(TIMEOUT)]
    command += ["--report", "json", "--report-json-path", str(report), "--no-shrink", "--continue-on-failure"]
    done = subprocess.run(command, check=False, capture_output=True, text=True, cwd=report.parent)
    if not report.exists():
        sys.exit(f"schemathesis made no report: {(done.stdout + done.stderr)[-2000:]}")
    said: dict[str, Any] = json.loads(report.read_text("utf-8"))
    wrong = [json.dumps(one)[:1000] for one in (*said["failures"], *said["errors"])]
    return Drawn(
        requests=said["test_cases"]["generated"],
        operations=said["operations"]["tested"],
        seconds=round(said["running_time"], 1),
        failures=tuple(wrong[:5]),
    )
