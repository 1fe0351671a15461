"""The commands of docs/api.md are run as they stand, against the delivered server."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from benchmarks.served import environment_of, run, serving

GUIDE = Path(__file__).parent.parent / "docs" / "api.md"
SCOPES = ("terms:read", "cases:read", "cases:write", "matches:read", "matches:write", "searches:write", "submit")


@pytest.mark.slow
def test_commands_of_the_guide_work_in_their_order(tmp_path: Path) -> None:
    settings = environment_of(tmp_path / "home")
    run(settings, "init")
    run(settings, "user", "add", "ehr@hospital.example", "--role", "clinician", "--centre", "Dublin", "--service")
    scopes = [word for scope in SCOPES for word in ("--scope", scope)]
    token = run(settings, "user", "token", "ehr@hospital.example", "--name", "EHR", *scopes).strip()
    blocks = re.findall(r"^```sh\n(.*?)^```$", GUIDE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    script = "set -euo pipefail\n" + "\n".join(f"{block}\necho '\n%%'" for block in blocks)

    with serving(settings) as node:
        environment = {**os.environ, "NODE": node.address, "TOKEN": token}
        done = subprocess.run(
            ["bash", "-c", script], check=False, env=environment, cwd=tmp_path, capture_output=True, text=True
        )

    assert done.returncode == 0, done.stdout[-1000:] + done.stderr
    said = [text.strip() for text in done.stdout.split("%%")]
    assert len(said) == len(blocks) + 1
    assert json.loads(said[0])["email"] == "ehr@hospital.example"
    assert json.loads(said[2])["valid"] is True
    assert '"version":2' in said[5]
    assert said[-2].endswith('{"message":"Patient and its matches were successfully deleted from database"}')
