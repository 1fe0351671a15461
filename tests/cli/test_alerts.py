from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from matchmaker import cases, worker
from matchmaker.actors import SYSTEM
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests import empty_tables
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.cli.conftest import Command


@pytest.fixture
def alike(home: Path) -> None:
    """Two cases that resemble one another, of two owners who were told."""
    stated = {"features": [a_feature("HP:0011451"), a_feature("HP:0001263")], "genomic_features": [a_genomic_feature()]}
    with closing(Matchmaker.create(Settings(home=empty_tables.in_home(home)))) as mm:
        for owner in ("a@example.org", "b@example.org"):
            cases.submit(mm, a_case(owner=owner, local_id=f"of {owner}", **stated), by=SYSTEM)
        worker.drain(mm)


@pytest.mark.usefixtures("alike")
def test_alerts_say_what_is_new_for_whom(matchmaker: Command) -> None:
    everybody, one = matchmaker("alerts", "--json"), matchmaker("alerts", "--owner", "a@example.org", "--json")

    assert {alert["owner"] for alert in everybody.report["alerts"]} == {"a@example.org", "b@example.org"}
    assert everybody.report["mails"] == {"mailed": 2}
    (alert,) = one.report["alerts"]
    assert (alert["local_id"], alert["node"], alert["strong"]) == ("of a@example.org", "Matchmaker", True)


@pytest.mark.usefixtures("alike")
def test_alerts_are_a_line_each_in_a_pipe(matchmaker: Command) -> None:
    lines = matchmaker("alerts").out.splitlines()

    assert len(lines) == 2
    assert all(len(line.split("\t")) == 7 for line in lines)


@pytest.mark.usefixtures("alike")
def test_mails_of_an_owner_can_be_switched_off(matchmaker: Command) -> None:
    assert matchmaker("alerts", "--owner", "a@example.org", "--mails", "off").status == 0
    assert matchmaker("alerts", "--mails", "off").status == 2
