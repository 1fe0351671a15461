from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.records import a_file, a_patient


def test_index_is_what_is_stored_after_changes(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "some.jsonl", *(a_patient(f"P-{n}") for n in range(4))))
    node("case", "import", a_file(tmp_path / "again.jsonl", a_patient("P-0", "HP:0000252")))
    gone, withdrawn = (case["id"] for case in node("case", "list", "--json").report["cases"][:2])
    node("case", "erase", gone)
    node("case", "withdraw", withdrawn)

    report = node("index", "check", "--json").report

    assert report["cases"] == 2
    assert set(report) == {"cases", "revision", "checksum"}


def test_index_of_an_empty_node_is_empty(node: Command) -> None:
    assert node("index", "check").out.startswith("The index is what is stored: 0 cases")
