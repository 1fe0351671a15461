"""A machine of its own for what root types: this one's files under a layer that is thrown away."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# $1 is where the layer lies, the rest are folders that both see.
_LAYER = """set -eu
layer=$1; shift
mount -t tmpfs none "$layer" && mkdir "$layer/upper" "$layer/work" "$layer/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$layer/upper,workdir=$layer/work" "$layer/root"
for shared in "$@"; do mkdir -p "$layer/root$shared" && mount --bind "$shared" "$layer/root$shared"; done
mount --rbind /proc "$layer/root/proc" && mount --rbind /dev "$layer/root/dev"
exec chroot "$layer/root" /bin/bash -s
"""


def typed_by_root(
    lines: Sequence[str], folder: Path, *, stand_ins: Mapping[str, str], environment: Mapping[str, str]
) -> str:
    """Run lines one after another in a shell; return what they said. Nothing that they change is left.

    `stand_ins` are programs that come first in the path. Files below the temporary folder are the same inside.
    """
    programs = folder / "stand-ins"
    programs.mkdir()
    for name, text in stand_ins.items():
        (programs / name).write_text(f"#!/bin/bash\n{text}\n")
        (programs / name).chmod(0o755)
    layer = folder / "layer"
    layer.mkdir()
    alone = ["unshare", "--mount", *([] if os.geteuid() == 0 else ["--map-root-user", "--map-auto"])]
    # Without the `||`, a line that fails before its last && would not end the shell.
    typed = "".join(f'{line} || {{ echo "status $? of: $BASH_COMMAND" >&2; exit 1; }}\n' for line in lines)
    done = subprocess.run(
        [*alone, "bash", "-c", _LAYER, "layer", str(layer), tempfile.gettempdir()],
        input=typed,
        check=False,
        env={**environment, "PATH": f"{programs}:{environment['PATH']}:/usr/sbin:/sbin"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout + done.stderr
