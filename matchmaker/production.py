"""What a node in production refuses to start with: settings and files that would give patients' data away."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, unquote, urlsplit

from matchmaker.errors import Insecure, Issue
from matchmaker.settings import PREFIX, Mode, Settings

_DEFAULT_PASSWORDS = frozenset({"", "admin", "changeme", "matchmaker", "password", "postgres", "secret"})
_CHECKED = frozenset({"verify-ca", "verify-full"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_WIDEST = {4: 8, 6: 16}  # bits: wider networks are no hospital's
_MOST_PROXIES = 5
_TIMES = 10  # so many times a default that was measured, and the measurement says nothing any more
_BUDGETS = (
    "max_results",
    "max_gene_results",
    "requests_per_day",
    "requests_per_minute",
    "cases_revealed_per_day",
    "cases_revealed_per_month",
    "distinct_answers",
)
_DEFAULTS: Mapping[str, Any] = {field.name: field.default for field in fields(Settings)} | {
    "cases_revealed_per_month": 190
}


def require_secure(settings: Settings) -> None:
    """Do nothing outside production, or when all is well.

    Raises
    ------
    Insecure
        With every setting that is refused, and what to do.
    """
    if settings.mode is Mode.PRODUCTION and (refused := refusals(settings)):
        raise Insecure(refused)


def refusals(settings: Settings, environment: Mapping[str, str] | None = None) -> list[Issue]:
    """List the settings and files that production refuses, each by name."""
    given = os.environ if environment is None else environment
    return [
        *_address(urlsplit(settings.base_url)),
        *_database(settings),
        *_networks(settings),
        *_told(settings),
        *_budgets(settings),
        *_files(settings),
        *_debugging(given),
    ]


def _address(url: SplitResult) -> Iterator[Issue]:
    if url.scheme != "https":
        yield _refused("base_url", "must begin with https:", "let a proxy do TLS, and name its address")
    if url.username or url.password:
        yield _refused("base_url", "holds a password, which every page would show", "take it out")


def _database(settings: Settings) -> Iterator[Issue]:
    url = urlsplit(settings.database_url)
    if not url.scheme.startswith("postgresql"):
        return
    stated = dict(part.partition("=")[::2] for part in url.query.split("&"))
    host = unquote(stated.get("host", url.hostname or ""))
    if host.startswith("/") or host in _LOOPBACK or not host:
        return
    if stated.get("sslmode") not in _CHECKED:
        remedy = "add ?sslmode=verify-full&sslrootcert=FILE"
        yield _refused("database_url", "reaches another machine without a checked certificate", remedy)
    if (url.password or "").lower() in _DEFAULT_PASSWORDS and "passfile" not in stated and "sslcert" not in stated:
        yield _refused("database_url", "has no password, or one that everybody tries first", "choose another")


def _networks(settings: Settings) -> Iterator[Issue]:
    for network in settings.allowed_networks:
        if network.prefixlen < _WIDEST[network.version]:
            yield _refused("allowed_networks", f"{network} is nearly everything", "name the networks of your peers")
        elif network.is_loopback or network.is_link_local:
            remedy = "take it out: this machine's own services would be within a peer's reach"
            yield _refused("allowed_networks", f"{network} is no network of peers", remedy)


def _told(settings: Settings) -> Iterator[Issue]:
    if settings.score_step < 0.05:
        yield _refused("score_step", "finer than 0.05 lets hidden findings be worked out", "use 0.05 or more")
    if settings.min_score < 0.2:
        yield _refused("min_score", "below 0.2 returns cases that have nothing in common", "use 0.3")
    if settings.proxies > _MOST_PROXIES:
        yield _refused("proxies", "would believe addresses that anybody can write", "count the proxies in front")


def _budgets(settings: Settings) -> Iterator[Issue]:
    for name in _BUDGETS:
        value, usual = getattr(settings, name), _DEFAULTS[name]
        if value is not None and value > _TIMES * usual:
            yield _refused(name, f"{value:,} is no limit against harvesting", f"use {_TIMES * usual:,} or less")


def _files(settings: Settings) -> Iterator[Issue]:
    if _others_read(settings.home):
        yield _refused("home", f"others can look into {settings.home}", f"run `chmod 700 {settings.home}`")
    file = settings.home / "settings.env"
    if _others_read(file) and _holds_secret(file):
        yield Issue(
            path=str(file), message="holds a password, and others can read it", remedy=f"run `chmod 600 {file}`"
        )
    for name in ("sealing", "pseudonyms"):
        key = settings.home / "keys" / name
        if _others_read(key):
            yield Issue(path=f"key {key}", message="others can read it", remedy=f"run `chmod 600 {key}`")
    if settings.database.startswith("sqlite:///"):
        path = Path(settings.database.removeprefix("sqlite:///"))
        if _others_read(path):
            yield _refused("database_url", f"others can read {path}", f"run `chmod 600 {path}`")


def _debugging(given: Mapping[str, str]) -> Iterator[Issue]:
    for name in ("FLASK_DEBUG", "WERKZEUG_DEBUG_PIN"):
        if given.get(name, "").lower() not in {"", "0", "false", "no"}:
            yield Issue(path=name, message="debugging shows what the node holds", remedy="unset it")


def _others_read(path: Path) -> bool:
    try:
        return bool(path.stat().st_mode & 0o077)
    except OSError:
        return False


def _holds_secret(path: Path) -> bool:
    try:
        return any(
            urlsplit(line.partition("=")[2].strip("\"' ")).password for line in path.read_text("utf-8").splitlines()
        )
    except (OSError, ValueError):
        return True


def _refused(name: str, message: str, remedy: str) -> Issue:
    return Issue(path=PREFIX + name.upper(), message=message, remedy=remedy)
