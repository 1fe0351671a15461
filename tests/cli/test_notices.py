import json
from pathlib import Path

import pytest

from federation import case_notices
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import sent_cases
from tests.builders import a_case
from tests.cli.conftest import Command


@pytest.fixture
def withdrawn(node: Command, home: Path) -> str:
    """A case that Spain was asked with, and that was withdrawn since."""
    from matchmaker import cases

    node("node", "add", "spain", "--url", "https://es.example.org/mme", "--operator-mail", "op@es.example.org")
    mm = Matchmaker.open(Settings(home=home))
    case = a_case()
    case_id = cases.submit(mm, case, by=SYSTEM).case_id
    with mm.transaction() as db:
        at = cases.get(mm, case_id, by=SYSTEM).created_at
        sent_cases.record(db, case_id, nodes=["spain"], level=case.disclosure, at=at)  # type: ignore[list-item]
    mm.close()
    assert node("case", "withdraw", case_id).status == 0
    return case_id


def test_notices_are_listed_and_answers_kept(node: Command, withdrawn: str, home: Path) -> None:
    (notice,) = node("notices", "sent", "--case", withdrawn, "--json").report["notices"]
    assert (notice["node"], notice["kind"], notice["state"]) == ("spain", "withdrawal", "waiting")

    assert node("notices", "answered", notice["id"], "Removed on 3 May").status == 0

    (answered,) = node("notices", "sent", "--json").report["notices"]
    assert (answered["state"], answered["reply"]) == ("acknowledged", "Removed on 3 May")
    assert "Removed on 3 May" in node("notices", "sent").out
    seen = node("audit", "seen", withdrawn, "--json").report["seen"]
    assert [line["told"] for line in seen] == ["asked with it, level matching_terms"]


def test_unknown_notice_and_empty_answer_are_one_line(node: Command) -> None:
    assert node("notices", "answered", "nothing", "Done").err.startswith("matchmaker: no notice nothing here")
    assert "is empty" in node("notices", "answered", "nothing", " ").err


def test_what_other_nodes_told_is_listed(node: Command, home: Path) -> None:
    node("node", "token", "spain")
    mm = Matchmaker.open(Settings(home=home))
    from federation import nodes

    body = json.dumps({"notice": {"id": "n1", "kind": "erasure", "case": "S-1"}}).encode()
    case_notices.receive(mm, nodes.list_(mm)[0], body)
    mm.close()

    (received,) = node("notices", "received", "--json").report["notices"]
    assert {**received, "at": None} == {"at": None, "node": "spain", "kind": "erasure", "case": "S-1", "matches": 0}


def test_mail_address_that_is_none_is_refused(node: Command) -> None:
    refused = node(
        "node", "add", "spain", "--url", "https://es.example.org/mme", "--operator-mail", "a@b.c\nBcc: x@y.z"
    )

    assert refused.status == 1
    assert "is not a mail address" in refused.err
