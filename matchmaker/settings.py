"""Settings of one node: environment variables, and the same names in `$MATCHMAKER_HOME/settings.env`."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self

from matchmaker.errors import SettingsError

PREFIX = "MATCHMAKER_"
Network = IPv4Network | IPv6Network


class Mode(StrEnum):
    DEVELOPMENT = "development"
    PRODUCTION = "production"
    DEMO = "demo"


class SecondFactor(StrEnum):
    """Whether who signs in by password must have one."""

    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every field is the environment variable MATCHMAKER_<NAME>; the environment wins over the file."""

    home: Path = Path("instance")
    database_url: str = ""  # empty: SQLite in the home
    mode: Mode = Mode.DEVELOPMENT
    base_url: str = "http://127.0.0.1:8000"
    node_id: str = "org.example.matchmaker"
    node_name: str = "Matchmaker"
    country: str = ""  # ISO 3166 alpha-2
    mailbox: str = ""  # role mailbox that peers may write to when a case names none
    operator_mail: str = ""  # who hears of alarms, and of notices that other nodes send by mail
    min_score: float = 0.3
    max_results: int = 10
    max_gene_results: int = 50
    score_step: float = 0.05
    requests_per_day: int = 10_000
    requests_per_minute: int = 600
    cases_revealed_per_day: int = 150
    cases_revealed_per_month: int | None = None  # in any 30 days; None: 19 / 15 of a day's
    distinct_answers: int = 20  # about one case to one node, in any 90 days
    prior: float = 1.0  # cases among those searched that are expected to have a query's disease gene
    chain_files: tuple[Path, ...] = ()  # UCSC chain files between GRCh37 and GRCh38
    reference_files: tuple[Path, ...] = ()  # reference sequences, FASTA with a .fai index
    jurisdiction: str = "EEA"
    deadline: float = 10.0  # seconds
    allowed_networks: tuple[Network, ...] = ()
    smtp_url: str = ""
    second_factor: SecondFactor = SecondFactor.OPTIONAL
    oidc_issuer: str = ""  # the hospital's identity provider, beside local accounts
    oidc_client_id: str = ""
    oidc_client_secret: str = dataclasses.field(default="", repr=False)
    oidc_name: str = "your hospital's account"  # on the button
    proxies: int = 0  # reverse proxies in front of us, whose X-Forwarded headers are believed

    @classmethod
    def load(cls, environment: Mapping[str, str] | None = None, **overrides: Any) -> Self:
        """Read the environment and the home's settings file.

        Raises
        ------
        SettingsError
            When a value cannot be read; it names the variable.
        """
        given = dict(os.environ if environment is None else environment)
        home = Path(overrides.get("home") or given.get(f"{PREFIX}HOME") or "instance").absolute()
        merged = {**_read_file(home / "settings.env"), **given}
        values: dict[str, Any] = {"home": home}
        for field in fields(cls):
            name = PREFIX + field.name.upper()
            if field.name != "home" and merged.get(name, "") != "":
                values[field.name] = _parse(name, merged[name], _READERS.get(field.name, str))
        return cls(**{**values, **{k: v for k, v in overrides.items() if k != "home"}})

    @property
    def database(self) -> str:
        """The SQLAlchemy URL."""
        return self.database_url or f"sqlite:///{self.home / 'matchmaker.sqlite'}"


def _prior(text: str) -> float:
    prior = float(text)
    if not 0.0 < prior < math.inf:
        raise ValueError("give a number above 0: how many of the cases searched are expected to have the same gene")
    return prior


def _files(text: str) -> tuple[Path, ...]:
    paths = tuple(Path(part.strip()).expanduser() for part in text.split(",") if part.strip())
    for path in paths:
        if not path.is_file():
            raise ValueError(f"{path} is no file")
    return paths


_READERS: dict[str, Callable[[str], Any]] = {
    "mode": Mode,
    "second_factor": SecondFactor,
    "min_score": float,
    "score_step": float,
    "deadline": float,
    "prior": _prior,
    "chain_files": _files,
    "reference_files": _files,
    "max_results": int,
    "proxies": int,
    "max_gene_results": int,
    "requests_per_day": int,
    "requests_per_minute": int,
    "cases_revealed_per_day": int,
    "cases_revealed_per_month": int,
    "distinct_answers": int,
    "allowed_networks": lambda text: tuple(ip_network(part.strip()) for part in text.split(",") if part.strip()),
}


def _parse(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text.strip())
    except ValueError as error:
        raise SettingsError(name, f"cannot read {text!r}: {error}") from error


def _read_file(path: Path) -> dict[str, str]:
    """Read NAME=VALUE lines; # starts a comment, quotes around a value are taken off."""
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise SettingsError(str(path), f"cannot be read: {why}") from error
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        name, separator, value = stripped.partition("=")
        if not separator:
            raise SettingsError(f"{path}:{number}", "is not NAME=VALUE")
        found[name.strip()] = value.strip().strip("\"'")
    return found
