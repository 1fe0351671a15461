from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.peers import Peer, a_question
from federation import nodes
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import checkpoints
from tests.cli.conftest import Command
from tests.cli.records import a_file, a_patient


def tamper(home: Path, statement: str) -> None:
    with closing(sqlite3.connect(home / "matchmaker.sqlite")) as db, db:
        db.execute(statement)


def test_log_of_a_new_node_is_as_it_was_written(node: Command, home: Path) -> None:
    node("node", "token", "spain")
    outcome = node("audit", "verify", "--json")

    assert (outcome.status, outcome.err) == (0, "")
    assert outcome.report["intact"] is True
    assert outcome.report["signed"] == outcome.report["entries"] > 0
    assert (home / checkpoints.FILE).stat().st_mode & 0o077 == 0
    assert "as it was written" in node("audit", "verify").out


def test_altered_log_exits_1_and_names_the_entry(node: Command, home: Path) -> None:
    node("node", "token", "spain")
    node("node", "token", "finland")
    tamper(home, "UPDATE audit SET node = 'atlantis' WHERE number = 2")

    outcome = node("audit", "verify", "--json")
    assert outcome.status == 1
    assert outcome.report["intact"] is False
    assert [(p["kind"], p["number"]) for p in outcome.report["problems"]] == [("altered", 2)]
    assert outcome.err.startswith("matchmaker: the audit log: entry 2 was altered")
    assert outcome.err.count("\n") == 1


def test_who_saw_a_case_is_listed(node: Command, home: Path, tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    path.write_text(
        '{"patient": {"id": "P1", "contact": {"name": "Dr A", "href": "mailto:a@example.org"},'
        ' "genomicFeatures": [{"gene": {"id": "PHGDH"}}], "features": [{"id": "HP:0001250"}]}}'
    )
    assert node("case", "import", str(path), "--sharing", "federated", "--basis", "consent").status == 0
    (case,) = node("case", "list", "--json").report["cases"]
    with closing(Matchmaker.open(Settings(home=home))) as mm:
        token = nodes.issue_token(mm, NodeName("spain"), by=SYSTEM)
        peer = Peer(mm=mm, node=nodes.show(mm, NodeName("spain")).node, token=token)
        nodes.change(mm, replace(peer.node, jurisdiction="EEA", country="ES"), by=SYSTEM)
        assert len(peer.ask(a_question(1, genes=["PHGDH"]), at=datetime.now(UTC)).results) == 1

    seen = node("audit", "seen", case["id"], "--json").report["seen"]

    assert node("audit", "seen", case["id"]).status == 0
    assert [(line["node"], line["times"], line["told"]) for line in seen] == [("spain", 1, "genes=1 terms=1")]


def test_declared_cases_are_noted_and_their_budgets_said(node: Command) -> None:
    node("node", "token", "hub")
    outcome = node("node", "declare", "hub", "5000")

    assert "40,000" in outcome.out
    assert node("node", "show", "hub", "--json").report["declared_cases"] == 5000
    assert node("node", "declare", "nobody", "5").status == 1


def test_entries_are_searched_and_all_about_a_case_is_exported(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "cases.jsonl", a_patient("P-1")), "--basis", "consent")
    (case_id,) = [case["id"] for case in node("case", "list", "--json").report["cases"]]

    (entry,) = node("audit", "search", "--case", case_id, "--json").report["entries"]
    assert (entry["action"], entry["case"], entry["actor"]) == ("case submitted", case_id, "system")
    assert node("audit", "search", "--since", "2100-01-01", "--json").report["entries"] == []

    assert node("case", "export-subject", case_id, tmp_path / "subject.json").status == 0
    held = json.loads((tmp_path / "subject.json").read_text("utf-8"))
    assert (held["id"], held["case"]["id"]) == (case_id, "P-1")
    assert node("case", "export-subject", case_id, tmp_path / "subject.json").status == 1
