import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.records import a_patient


@pytest.fixture
def with_a_case(node: Command, tmp_path: Path) -> Command:
    (tmp_path / "case.json").write_text(json.dumps(a_patient("P-1")), "utf-8")
    assert node("case", "import", tmp_path / "case.json", "--basis", "consent").status == 0
    return node


@pytest.mark.slow
def test_backup_is_made_checked_and_restored(
    with_a_case: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = tmp_path / "passphrase"
    words.write_text("five random words are enough\n")
    made = with_a_case("backup", tmp_path / "node.backup", "--passphrase", words, "--json").report
    assert (made["rows"]["cases"], made["keys"]) == (1, True)
    assert with_a_case("restore", tmp_path / "node.backup", "--check").status == 0

    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path / "another home"))
    done = with_a_case("restore", tmp_path / "node.backup", "--passphrase", words, "--json").report

    assert done["rows"]["cases"] == 1
    assert len(with_a_case("case", "list", "--json").report["cases"]) == 1
    assert with_a_case("audit", "verify").status == 0


def test_erased_case_stays_erased_when_its_node_is_restored(with_a_case: Command, tmp_path: Path) -> None:
    (case_id,) = [case["id"] for case in with_a_case("case", "list", "--json").report["cases"]]
    with_a_case("backup", tmp_path / "node.backup")
    with_a_case("case", "erase", case_id)

    restored = with_a_case("restore", tmp_path / "node.backup")

    assert "Erased again: 1 cases" in restored.out
    assert with_a_case("case", "list", "--json").report["cases"] == []


def test_damaged_backup_is_refused_in_one_line(with_a_case: Command, tmp_path: Path) -> None:
    with_a_case("backup", tmp_path / "node.backup")
    whole = (tmp_path / "node.backup").read_bytes()
    (tmp_path / "node.backup").write_bytes(whole[:-7])

    refused = with_a_case("restore", tmp_path / "node.backup", "--check")

    assert (refused.status, refused.err.count("\n")) == (1, 1)
    assert "damaged" in refused.err
