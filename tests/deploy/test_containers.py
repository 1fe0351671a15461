"""Dockerfile and compose file: no image is built here, so what they name is compared with what there is."""

from __future__ import annotations

import re
import shlex
from dataclasses import fields
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]

from matchmaker.cli.main import COMMANDS
from matchmaker.settings import Settings

DEPLOY = Path(__file__).parents[2] / "deploy"
SETTINGS = {f"MATCHMAKER_{field.name.upper()}" for field in fields(Settings)}
OF_GUNICORN = set(re.findall(r"MATCHMAKER_\w+", (DEPLOY / "gunicorn.conf.py").read_text()))
OTHERS = {"PATH", "NUMBA_CACHE_DIR", "XDG_CACHE_HOME"}


def composed() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    return read


def instructions() -> list[tuple[str, list[str]]]:
    """Those of the Dockerfile: the name of each, and its words."""
    text = (DEPLOY / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [shlex.split(line) for line in text.splitlines() if line and not line.startswith("#")]
    return [(name, words) for name, *words in lines]


def test_image_copies_what_is_there_and_sets_what_is_read() -> None:
    copies = [words for name, words in instructions() if name == "COPY" and not words[0].startswith("--from")]
    copied = [word for words in copies for word in words[:-1]]
    variables = {word.partition("=")[0] for name, words in instructions() if name == "ENV" for word in words}

    assert len(copied) >= 5
    assert [one for one in copied if not (DEPLOY.parent / one).exists()] == []
    assert variables <= SETTINGS | OF_GUNICORN | OTHERS


def test_image_starts_what_the_unit_of_systemd_starts() -> None:
    unit = (DEPLOY / "matchmaker-web.service").read_text()
    started = re.search(r"^ExecStart=\S*/(.+)$", unit, re.MULTILINE)
    (command,) = (words for name, words in instructions() if name == "CMD")

    assert started is not None
    assert [word.strip("[],") for word in command] == shlex.split(started.group(1))


def test_services_name_settings_commands_volumes_and_each_other() -> None:
    found = composed()
    ours = {name: service for name, service in found["services"].items() if service["image"] == "matchmaker"}

    assert ours.keys() == {"init", "web", "worker"}
    for service in ours.values():
        assert service["environment"].keys() <= SETTINGS
        assert (DEPLOY / service["build"]["context"] / service["build"]["dockerfile"]).is_file()
        assert service["depends_on"].keys() <= found["services"].keys()
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= found["volumes"].keys()
        program, word = service.get("command", ["matchmaker", "serve"])
        assert program == "matchmaker"
        assert word in COMMANDS


def test_compose_starts_nothing_without_an_address_and_a_password() -> None:
    stated = re.findall(r"\$\{(\w+)(:\?)?", (DEPLOY / "compose.yaml").read_text())

    assert {name for name, needed in stated if needed} == {"MATCHMAKER_BASE_URL", "POSTGRES_PASSWORD"}
