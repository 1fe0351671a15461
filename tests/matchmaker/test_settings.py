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
