import json
from pathlib import Path

import pytest

from ontology.manifest import shipped_files
from tests.cli.conftest import Command
from tests.ontology.files import OBO, newer_obo, write_release
from tests.ontology.translated import row, table


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
    imported = node("release", "import", write_release(tmp_path / "older", obo=OBO), "--json").report

    kept, active = sorted(node("release", "list", "--json").report["releases"], key=lambda one: one["active"])
    assert (active["active"], kept["active"]) == (True, False)
    assert (kept["id"], kept["checksum"]) == (imported["id"], imported["checksum"])


@pytest.mark.slow
def test_files_that_shipped_are_no_other_release_when_imported(node: Command, tmp_path: Path) -> None:
    for name, file in zip(("hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt"), shipped_files(), strict=False):
        (tmp_path / name).write_bytes(file.path().read_bytes())

    imported = node("release", "import", tmp_path, "--json").report

    (only,) = node("release", "list", "--json").report["releases"]
    assert only["active"]
    assert only["checksum"] == imported["checksum"]


@pytest.fixture
def two(node: Command, tmp_path: Path) -> Command:
    """A node with two small releases beside the shipped one."""
    for name, obo in (("older", OBO), ("newer", newer_obo())):
        assert node("release", "import", write_release(tmp_path / name, obo=obo)).status == 0
    return node


def active(matchmaker: Command) -> str:
    (found,) = [one["id"] for one in matchmaker("release", "list", "--json").report["releases"] if one["active"]]
    return str(found)


def test_release_is_compared_adopted_and_rolled_back(two: Command) -> None:
    shipped = active(two)
    counts = two("release", "diff", "2031-02-03", "2032-02-03", "--json").report["counts"]["terms"]
    assert (counts["new"], counts["obsolete"], counts["moved"], counts["relabelled"]) == (1, 1, 1, 1)

    adopted = two("release", "adopt", "2032-02-03", "--json").report
    assert (adopted["id"], adopted["changed"], active(two)) == ("2032-02-03", True, "2032-02-03")

    assert two("release", "rollback").status == 0
    assert active(two) == shipped


def test_differences_are_told_in_words(two: Command) -> None:
    told = two("release", "diff", "2031-02-03", "2032-02-03").out

    assert "Terms obsolete: 1\n" in told
    assert "HP:0002123 Generalized myoclonic seizure -> HP:0000252, HP:0001250 (to be decided)" in told


def test_ambiguous_replacement_is_listed_and_decided(two: Command, tmp_path: Path) -> None:
    record = {"id": "1", "contact": {"name": "A", "href": "mailto:a@example.org"}, "features": [{"id": "HP:0002123"}]}
    (tmp_path / "case.json").write_text(json.dumps({"patient": record}), "utf-8")
    two("case", "import", tmp_path / "case.json")
    two("release", "adopt", "2032-02-03")

    (listed,) = two("release", "ambiguous", "--json").report["ambiguous"]
    assert (listed["term"], listed["chosen"]) == ("HP:0002123", None)
    assert [one["id"] for one in listed["consider"]] == ["HP:0000252", "HP:0001250"]

    assert two("release", "choose", "HP:0002123", "HP:0001250").status == 0
    assert two("release", "ambiguous", "--json").report["ambiguous"][0]["chosen"] == "HP:0001250"
    assert two("release", "choose", "HP:0002123").status == 2


@pytest.mark.slow
def test_names_in_another_language_are_kept_beside_the_release(node: Command, home: Path, tmp_path: Path) -> None:
    path = table(tmp_path, row("HP:0001250", "Crisis epiléptica"), row("HP:9999999", "no existe"))

    told = node("release", "translate", path, "--json").report
    refused = node("release", "translate", table(tmp_path, row("HP:0001250", "")))

    [loaded] = told["languages"]
    assert (loaded["language"], loaded["n_labels"], loaded["n_unknown"]) == ("es", 1, 1)
    assert (refused.status, "line 2, column translation_value" in refused.err) == (1, True)
    [kept] = (home / "releases").glob("*.es.labels.json")
    assert "Crisis epiléptica" in kept.read_text("utf-8")
    assert node("release", "list", "--json").report["releases"][0]["languages"] == ["es"]
