from pathlib import Path

import pytest

from ontology.manifest import shipped_files
from tests.cli.conftest import Command


def test_shipped_release_is_listed_as_the_active_one(matchmaker: Command) -> None:
    [shipped] = matchmaker("release", "list", "--json").report["releases"]

    assert shipped["active"] is True
    assert len(shipped["checksum"]) == 64
    assert {source["name"] for source in shipped["sources"]} >= {"Human Phenotype Ontology"}


def test_folder_without_its_files_is_refused_and_nothing_is_left(node: Command, home: Path, tmp_path: Path) -> None:
    outcome = node("release", "import", tmp_path)

    assert outcome.status == 1
    assert "hp.obo" in outcome.err
    assert outcome.err.count("\n") == 1
    assert list((home / "releases").iterdir()) == []


def test_date_that_is_none_is_refused(node: Command) -> None:
    outcome = node("release", "download", "yesterday")

    assert outcome.status == 1
    assert outcome.err.startswith("matchmaker: yesterday is not a date")


@pytest.mark.slow
def test_imported_release_is_kept_beside_the_active_one(node: Command, tmp_path: Path) -> None:
    for name, file in zip(("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt"), shipped_files(), strict=False):
        (tmp_path / name).write_bytes(file.path().read_bytes())

    imported = node("release", "import", tmp_path, "--json").report

    active, kept = node("release", "list", "--json").report["releases"]
    assert (active["active"], kept["active"]) == (True, False)
    assert kept["id"] == imported["id"]
    assert kept["checksum"] == imported["checksum"]
