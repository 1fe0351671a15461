from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from matchmaker.errors import Insecure
from matchmaker.production import refusals
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings

REMOTE = "postgresql+psycopg://mm:{password}@db.example.org/mm{options}"
CHECKED = "?sslmode=verify-full"

INSECURE: dict[str, dict[str, Any]] = {
    "http": {"base_url": "http://mm.example.org"},
    "password in the address": {"base_url": "https://me:word@mm.example.org"},
    "database without TLS": {"database_url": REMOTE.format(password="k3-u8-zz", options="")},
    "database with TLS that checks nothing": {
        "database_url": REMOTE.format(password="k3-u8-zz", options="?sslmode=require")
    },
    "default password": {"database_url": REMOTE.format(password="postgres", options=CHECKED)},
    "no password": {"database_url": REMOTE.format(password="", options=CHECKED)},
    "all networks": {"allowed_networks": (ip_network("0.0.0.0/0"),)},
    "the machine itself": {"allowed_networks": (ip_network("127.0.0.0/8"),)},
    "metadata of a cloud": {"allowed_networks": (ip_network("169.254.169.254/32"),)},
    "scores at full precision": {"score_step": 0.001},
    "no threshold": {"min_score": 0.0},
    "answers that list everybody": {"max_results": 5000},
    "answers that list all of a gene": {"max_gene_results": 5000},
    "requests without end": {"requests_per_day": 10_000_000},
    "bursts without end": {"requests_per_minute": 100_000},
    "any number of cases a day": {"cases_revealed_per_day": 100_000},
    "any number of cases a month": {"cases_revealed_per_month": 100_000},
    "any number of answers about a case": {"distinct_answers": 10_000},
    "everybody is a proxy": {"proxies": 99},
}
NAMES = {name: f"MATCHMAKER_{next(iter(stated)).upper()}" for name, stated in INSECURE.items()}


@pytest.fixture
def secure(sqlite_mm: Matchmaker) -> Settings:
    """Settings of a node that may go into production."""
    settings = replace(sqlite_mm.settings, mode=Mode.PRODUCTION, base_url="https://mm.example.org", proxies=1)
    Path(settings.database.removeprefix("sqlite:///")).chmod(0o600)
    return settings


def test_secure_node_starts(secure: Settings) -> None:
    assert refusals(secure, {}) == []
    Matchmaker.open(secure).close()


@pytest.mark.parametrize("case", INSECURE)
def test_insecure_setting_is_refused_by_its_name_and_nothing_else_is(secure: Settings, case: str) -> None:
    settings = replace(secure, **INSECURE[case])

    with pytest.raises(Insecure) as refused:
        Matchmaker.open(settings)

    assert [issue.path for issue in refused.value.issues] == [NAMES[case]]
    assert all(issue.remedy for issue in refused.value.issues)
    assert len(str(refused.value).splitlines()) == 1


@pytest.mark.parametrize("case", INSECURE)
def test_elsewhere_than_in_production_it_is_taken(sqlite_mm: Matchmaker, case: str) -> None:
    stated = {name: value for name, value in INSECURE[case].items() if name != "database_url"}
    Matchmaker.open(replace(sqlite_mm.settings, **stated)).close()


def test_all_refusals_are_told_at_once(secure: Settings) -> None:
    settings = replace(secure, base_url="http://mm.example.org", score_step=0.0, min_score=0.0)

    with pytest.raises(Insecure, match=r"BASE_URL.*SCORE_STEP.*MIN_SCORE"):
        Matchmaker.create(settings)


def _home(settings: Settings) -> None:
    settings.home.chmod(0o755)


def _key(settings: Settings) -> None:
    (settings.home / "keys" / "sealing").chmod(0o640)


def _database(settings: Settings) -> None:
    Path(settings.database.removeprefix("sqlite:///")).chmod(0o644)


def _settings_file(settings: Settings) -> None:
    file = settings.home / "settings.env"
    file.write_text("MATCHMAKER_SMTP_URL=smtps://mm:k3-u8-zz@mail.example.org\n")
    file.chmod(0o644)


@pytest.mark.parametrize("open_up", [_home, _key, _database, _settings_file])
def test_file_that_others_can_read_is_refused(secure: Settings, open_up: Callable[[Settings], None]) -> None:
    open_up(secure)

    with pytest.raises(Insecure, match=r"others can.*chmod"):
        Matchmaker.open(secure)


def test_settings_file_without_a_password_may_be_read(secure: Settings) -> None:
    file = secure.home / "settings.env"
    file.write_text("MATCHMAKER_NODE_NAME=Example\n")
    file.chmod(0o644)

    with closing(Matchmaker.open(secure)):
        pass


@pytest.mark.parametrize("value", ["1", "true"])
def test_debugging_is_refused(secure: Settings, value: str) -> None:
    (refused,) = refusals(secure, {"FLASK_DEBUG": value})

    assert refused.path == "FLASK_DEBUG"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://mm:postgres@127.0.0.1/mm",
        "postgresql+psycopg://mm@/mm?host=/var/run/postgresql",
        "postgresql+psycopg://mm:k3-u8-zz@db.example.org/mm?sslmode=verify-full",
        "postgresql+psycopg://mm@db.example.org/mm?sslmode=verify-full&sslcert=client.crt",
    ],
)
def test_database_on_this_machine_or_behind_a_checked_certificate_is_taken(secure: Settings, url: str) -> None:
    assert refusals(replace(secure, database_url=url), {}) == []
