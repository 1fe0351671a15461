"""Other people's programs, each in an environment of its own, which is kept in the user's cache folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from platformdirs import user_cache_path


class RegistryUnreachableError(Exception):
    """A program could not be installed, so nothing was measured."""


def environment(name: str, *requirements: str) -> Path:
    """Return the Python of an environment, which is made when it is not there.

    Raises
    ------
    RegistryUnreachableError
        When the package index cannot be reached and it is not installed yet.
    """
    running = f"py{sys.version_info.major}.{sys.version_info.minor}"
    folder = user_cache_path("matchmaker") / f"{name}-{running}"
    python, complete = folder / "bin" / "python", folder / "complete"
    if complete.exists():
        return python
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    install = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements]
    done = subprocess.run(install, check=False, capture_output=True, text=True)
    if done.returncode:
        said = [line for line in done.stderr.splitlines() if line.startswith("ERROR")]
        raise RegistryUnreachableError(f"{' '.join(requirements)} could not be installed: {' '.join(said)[:500]}")
    complete.touch()
    return python
