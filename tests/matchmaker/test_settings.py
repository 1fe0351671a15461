from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.errors import SettingsError
from matchmaker.settings import Settings


def settings(home: Path, **given: str) -> Settings:
    return Settings.load({"MATCHMAKER_HOME": str(home), **{f"MATCHMAKER_{n}": value for n, value in given.items()}})


def test_prior_is_a_number_of_cases(tmp_path: Path) -> None:
    assert settings(tmp_path).prior == 1.0
    assert settings(tmp_path, PRIOR="0.25").prior == 0.25


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "many"])
def test_prior_that_says_nothing_is_refused_by_name(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match="MATCHMAKER_PRIOR: cannot read"):
        settings(tmp_path, PRIOR=text)


def test_files_are_named_with_commas_and_must_be_there(tmp_path: Path) -> None:
    chains = [tmp_path / "a.chain", tmp_path / "b.chain"]
    for path in chains:
        path.touch()
    assert settings(tmp_path, CHAIN_FILES=f"{chains[0]}, {chains[1]}").chain_files == tuple(chains)
    with pytest.raises(SettingsError, match=r"MATCHMAKER_REFERENCE_FILES: .*hg38\.fa is no file"):
        settings(tmp_path, REFERENCE_FILES=str(tmp_path / "hg38.fa"))


WRONG = {
    "DEADLINE": ["-1", "0", "nan", "inf", "1e9", "soon"],
    "COUNTRY": ["Ireland", "UK", "I"],
    "BASE_URL": ["zz", "ftp://host", "https://", "http://host:port", "https://host/?a=b"],
    "MODE": ["prod"],
    "SECOND_FACTOR": ["yes"],
    "MIN_SCORE": ["-0.1", "1.1", "nan", "high"],
    "SCORE_STEP": ["-1", "2"],
    "MAX_RESULTS": ["-1", "1.5", "many"],
    "MAX_GENE_RESULTS": ["-1"],
    "REQUESTS_PER_DAY": ["-1"],
    "REQUESTS_PER_MINUTE": ["x"],
    "CASES_REVEALED_PER_DAY": ["-2"],
    "CASES_REVEALED_PER_MONTH": ["-2"],
    "DISTINCT_ANSWERS": ["-20"],
    "PROXIES": ["-1", "99"],
    "JURISDICTION": ["Europe"],
    "MAILBOX": ["not an address", "a@b, c@d"],
    "OPERATOR_MAIL": ["operator"],
    "SMTP_URL": ["mail.example.org"],
    "OIDC_ISSUER": ["id"],
    "ALLOWED_NETWORKS": ["10.0.0.0/99", "home"],
}


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in WRONG.items() for text in texts])
def test_setting_that_cannot_be_is_refused_by_its_name_with_what_to_write(tmp_path: Path, name: str, text: str) -> None:
    with pytest.raises(SettingsError, match=rf"^MATCHMAKER_{name}: cannot read .*: write [^\n]*$"):
        settings(tmp_path, **{name: text})


def test_country_is_kept_in_capitals(tmp_path: Path) -> None:
    assert settings(tmp_path, COUNTRY="ie").country == "IE"


def test_password_of_the_mail_server_is_not_repeated(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        settings(tmp_path, SMTP_URL="imap://mm:k3-u8-zz@mail.example.org")

    assert "k3-u8-zz" not in str(caught.value)
