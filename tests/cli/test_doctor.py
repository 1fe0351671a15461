from pathlib import Path

from tests.cli.conftest import Command


def test_new_node_is_well(node: Command) -> None:
    report = node("doctor", "--json")

    assert (report.status, report.report["well"]) == (0, True)
    assert {one["check"] for one in report.report["findings"]} >= {
        "database",
        "keys",
        "clock",
        "disk",
        "audit",
        "index",
    }


def test_what_is_wrong_is_said_with_what_to_do_and_the_status_is_1(node: Command, home: Path) -> None:
    (home / "keys" / "sealing").chmod(0o644)

    outcome = node("doctor")

    assert outcome.status == 1
    assert "chmod 600" in outcome.err
    assert outcome.err.count("\n") == 1


def test_home_without_a_node_is_wrong(matchmaker: Command) -> None:
    outcome = matchmaker("doctor")

    assert outcome.status == 1
    assert "matchmaker init" in outcome.err
