import io
from pathlib import Path

import pytest

from tests.cli.conftest import Command


def test_token_is_alone_on_standard_output(node: Command) -> None:
    outcome = node("node", "token", "spain")

    assert outcome.status == 0
    assert outcome.err == ""
    assert len(outcome.out.strip()) >= 43  # 256 bits
    assert outcome.out.count("\n") == 1


def test_token_is_read_from_standard_input_and_shown_nowhere(
    node: Command, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("a-secret-token\n"))

    added = node("node", "add", "spain", "--url", "https://spain.example.org/mme", "--token", "-", "--country", "es")

    shown = node("node", "show", "spain", "--json")
    assert added.status == 0
    assert shown.report["country"] == "ES"
    assert "a-secret-token" not in added.out + shown.out + node("node", "list", "--json").out
    assert all(b"a-secret-token" not in path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_node_is_disabled_enabled_and_forgotten(node: Command) -> None:
    node("node", "token", "spain")

    node("node", "disable", "spain")
    assert node("node", "show", "spain", "--json").report["enabled"] is False
    node("node", "enable", "spain")
    assert node("node", "show", "spain", "--json").report["enabled"] is True
    node("node", "remove", "spain")

    assert node("node", "list", "--json").report == {"nodes": []}
    assert node("node", "show", "spain").status == 1


@pytest.mark.parametrize("command", ["show", "enable", "disable", "remove"])
def test_unknown_node_is_one_line(command: str, node: Command) -> None:
    outcome = node("node", command, "atlantis")

    assert outcome.status == 1
    assert outcome.out == ""
    assert outcome.err.startswith("matchmaker: no node atlantis here")


def test_address_that_is_none_is_refused_with_a_remedy(node: Command) -> None:
    outcome = node("node", "add", "spain", "--url", "spain")

    assert outcome.status == 1
    assert outcome.err.count("\n") == 1


def test_invitation_is_alone_on_standard_output_and_nobody_is_registered_yet(node: Command) -> None:
    invited = node("node", "invite", "spain", "--url", "https://spain.example.org/mme")

    assert invited.status == 0
    assert invited.out.startswith("mm1-")
    assert invited.out.count("\n") == 1
    assert node("node", "list", "--json").report == {"nodes": []}
    early = node("node", "confirm", "spain", "--words", "babab-babab-babab-babab")
    assert "no answer yet to the invitation of spain" in early.err


def test_code_that_is_none_is_one_line(node: Command) -> None:
    refused = node("node", "accept", "mm1-nonsense")

    assert refused.status == 1
    assert "copy all of it" in refused.err


def test_law_and_basis_of_transfer_decide_what_a_node_may_see(node: Command) -> None:
    node("node", "add", "boston", "--url", "https://boston.example.org/mme", "--country", "US")

    assert "it sees cases shared at: no level" in node("node", "law", "boston", "--jurisdiction", "us").out
    told = node("node", "law", "boston", "--transfer-basis", "standard contractual clauses").out
    assert told == "boston is under the law of US; it sees cases shared at: federated.\n"
    assert node("node", "show", "boston", "--json").report["transfer_basis"] == "standard contractual clauses"
    assert "is no jurisdiction" in node("node", "law", "boston", "--jurisdiction", "Ireland").err
