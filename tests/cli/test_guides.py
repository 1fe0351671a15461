"""Every command of the guides for operators and curators, in their order, on a node of this test's own."""

from __future__ import annotations

import datetime as dt
import io
import re
import shlex
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import alarms
from matchmaker.store.alarms import Kind
from ontology.releases import shipped
from tests.cli.conftest import Command
from tests.ontology.older import older_release
from tests.ontology.translated import SEIZURE, international, row, table

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
# What serves until it is stopped, or needs a network that tests have not: run by these tests.
ELSEWHERE = {
    "matchmaker serve": "tests/cli/test_serve.py",
    "matchmaker release download 2024-03-06": "tests/ontology/test_download.py",
}
MAY_END_WITH_1 = {"doctor"}  # it examines the machine too
CASES = """id,findings,genes,basis,sharing
P-1,Seizure; Microcephaly; HP:0001726,PHGDH,consent,eea
P-2,Seizure; Microcephaly; HP:0002355,PHGDH,consent,eea
"""
PATIENT = """{"patient": {"id": "P-9", "contact": {"name": "Dr Example", "href": "mailto:aoife@hospital.example"},
 "features": [{"id": "HP:0001250"}, {"id": "HP:0000252"}]}}
"""


def commands(guide: str) -> Iterator[str]:
    """The commands of a guide: those of its indented blocks, and those in a sentence that say all they need."""
    for line in (ROOT / "docs" / guide).read_text("utf-8").splitlines():
        if line.startswith("    matchmaker "):
            yield re.sub(r"\s+#.*", "", line).strip()
        elif not line.startswith("    "):
            for inline in re.findall(r"`(matchmaker [^`]+)`", line):
                if re.search(r"[A-Z]{2}|--|@", inline):
                    yield inline


def given(command: str, placeholders: Mapping[str, str]) -> list[str]:
    """The arguments of a command, all that is optional among them, with what stands for each placeholder."""
    words = shlex.split(command.replace("[", "").replace("]", ""))
    return [placeholders.get(word, word) for word in words[1:]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where an operator works: with some files, and the token of Spain to be typed."""
    work = tmp_path / "work"
    (work / "packets").mkdir(parents=True)
    (work / "backup").mkdir()
    (work / "words.txt").write_text("seven quiet herons wade\n")
    (work / "words.txt").chmod(0o600)
    (work / "patient.json").write_text(PATIENT)
    monkeypatch.chdir(work)
    monkeypatch.setattr("sys.stdin", io.StringIO("the-token-of-spain\n"))
    return work


def run_all(node: Command, guide: str, placeholders: Mapping[str, str]) -> list[str]:
    """Run them; return those that did not end as they should."""
    failed = []
    for command in commands(guide):
        if command in ELSEWHERE:
            assert (ROOT / ELSEWHERE[command]).is_file()
            continue
        arguments = [word.replace("/backup/", "backup/") for word in given(command, placeholders)]
        done = node(*arguments)
        if done.status and not (done.status == 1 and arguments[0] in MAY_END_WITH_1):
            failed.append(f"{command}: {done.err}")
    return failed


def test_commands_for_operators_work_in_their_order(node: Command, home: Path, folder: Path) -> None:
    node("user", "add", "cian@hospital.example", "--role", "clinician", "--centre", "Clinical Genetics, Dublin")
    (folder / "first.csv").write_text(CASES)
    assert node("case", "import", "first.csv", "--owner", "aoife@hospital.example").status == 0
    assert node("case", "export", "patients.jsonl").status == 0
    assert node("case", "export", "export.zip", "--format", "phenopackets").status == 0
    case_id = node("case", "list", "--json").report["cases"][0]["id"]
    assert node("node", "token", "boston").status == 0
    (folder / "packets" / "one.json").write_text(PATIENT)
    placeholders = {
        "ID": case_id,
        "EMAIL": "aoife@hospital.example",
        "OTHER": "cian@hospital.example",
        "NAME": "spain",
        "FILE": "patient.json",
        "TEXT": "case",
        "ALARM": an_alarm(home),
    }
    assert run_all(node, "operators.md", placeholders) == []


def test_commands_for_curators_work_in_their_order(node: Command, folder: Path) -> None:
    (folder / "cases.csv").write_text(CASES)
    assert node("case", "import", "cases.csv", "--owner", "aoife@hospital.example").status == 0
    table(folder, row(SEIZURE, "Crisis epiléptica"))
    international(folder)
    placeholders = {"FOLDER": str(older_release()), "2026-02-16": shipped().id}

    assert run_all(node, "curators.md", placeholders) == []

    assert [one["id"] for one in node("release", "list", "--json").report["releases"] if one["active"]]


def test_guide_has_commands_to_run() -> None:
    assert len(list(commands("operators.md"))) > 30
    assert len(list(commands("curators.md"))) > 10


def an_alarm(home: Path) -> str:
    """Raise an alarm and return its id."""
    mm = Matchmaker.open(Settings(home=home))
    with mm.transaction() as db:
        alarms.raise_(db, Kind.REQUESTS, node=NodeName("spain"), at=dt.datetime.now(dt.UTC))
    with mm.reading() as db:
        (alarm,) = alarms.list_(db)
    mm.close()
    return alarm.id
