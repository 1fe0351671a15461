"""Settings of one node: environment variables, and the same names in `$MATCHMAKER_HOME/settings.env`."""

from __future__ import annotations

import dataclasses
import math
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Self, TypeVar
from urllib.parse import urlsplit

from matchmaker.countries import COUNTRIES
from matchmaker.errors import SettingsError

PREFIX = "MATCHMAKER_"
_MAIL = r"[^@\s,;<>]+@[^@\s,;<>]+"
Network = IPv4Network | IPv6Network
T = TypeVar("T")


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


def _number(least: float, most: float = math.inf, *, remedy: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        number = float(text)
        if not least <= number <= most or math.isinf(number):
            raise ValueError(remedy)
        return number

    return _saying(remedy, read)


def _count(least: int, most: int, *, remedy: str) -> Callable[[str], int]:
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(remedy)
        return number

    return _saying(remedy, read)


def _matching(pattern: str, *, remedy: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError(remedy)
        return text

    return read


def _saying(remedy: str, read: Callable[[str], T]) -> Callable[[str], T]:
    """Say what to write also of what is no number at all."""

    def said(text: str) -> T:
        try:
            return read(text)
        except ValueError as error:
            raise ValueError(remedy) from error

    return said


def _one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    return _saying(f"write one of {', '.join(kind)}", kind)


def _country(text: str) -> str:
    code = text.upper()
    if code not in COUNTRIES:
        raise ValueError("write the two letters of ISO 3166 alpha-2, such as IE")
    return code


def _address(schemes: str, *, example: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        parts = urlsplit(text)
        _ = parts.port  # a port that is no number raises
        if parts.scheme not in schemes.split() or not parts.hostname or parts.query or parts.fragment:
            raise ValueError
        return text

    return _saying(f"write an address such as {example}", read)


def _networks(text: str) -> tuple[Network, ...]:
    return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())


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


def _jurisdiction(text: str) -> str:
    if text != "EEA" and text not in COUNTRIES:
        raise ValueError("write EEA, or the two letters of a country (ISO 3166 alpha-2)")
    return text


_SECRET = {PREFIX + "SMTP_URL", PREFIX + "DATABASE_URL"}
_READERS: dict[str, Callable[[str], Any]] = {
    "mode": _one_of(Mode),
    "second_factor": _one_of(SecondFactor),
    "base_url": _address("http https", example="https://matchmaker.hospital.example"),
    "oidc_issuer": _address("http https", example="https://id.hospital.example"),
    "smtp_url": _address("smtp smtps", example="smtps://user:password@mail.hospital.example"),
    "country": _country,
    "jurisdiction": _jurisdiction,
    "mailbox": _matching(_MAIL, remedy="write one mail address, such as genetics@hospital.example"),
    "operator_mail": _matching(_MAIL, remedy="write one mail address, such as operator@hospital.example"),
    "min_score": _number(0.0, 1.0, remedy="write a number from 0 to 1, such as 0.3"),
    "score_step": _number(0.0, 0.5, remedy="write a number from 0 (full precision) to 0.5, such as 0.05"),
    "deadline": _number(0.1, 600.0, remedy="write seconds from 0.1 to 600, such as 10"),
    "prior": _prior,
    "chain_files": _files,
    "reference_files": _files,
    "max_results": _count(0, 1000, remedy="write a whole number from 0 to 1000, such as 10"),
    "max_gene_results": _count(0, 1000, remedy="write a whole number from 0 to 1000, such as 50"),
    "proxies": _count(0, 10, remedy="write how many reverse proxies stand in front, from 0 to 10"),
    **dict.fromkeys(
        (
            "requests_per_day",
            "requests_per_minute",
            "cases_revealed_per_day",
            "cases_revealed_per_month",
            "distinct_answers",
        ),
        _count(0, 10**9, remedy="write a whole number, 0 or more"),
    ),
    "allowed_networks": _saying("write networks such as 10.0.0.0/8, with commas between them", _networks),
}


def _parse(name: str, text: str, read: Callable[[str], Any]) -> Any:
    try:
        return read(text.strip())
    except ValueError as error:
        said = "it" if name in _SECRET else repr(text)
        raise SettingsError(name, f"cannot read {said}: {error}") from error


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
