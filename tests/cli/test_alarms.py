import datetime as dt
from pathlib import Path

from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import alarms
from matchmaker.store.alarms import Kind
from tests.cli.conftest import Command


def test_alarms_are_listed(node: Command, home: Path) -> None:
    assert node("alarms", "--json").report == {"alarms": []}
    mm = Matchmaker.open(Settings(home=home))
    with mm.transaction() as db:
        for _ in range(3):
            alarms.raise_(db, Kind.REQUESTS, node=NodeName("spain"), at=dt.datetime.now(dt.UTC))
    mm.close()

    (alarm,) = node("alarms", "--json").report["alarms"]

    assert (alarm["node"], alarm["kind"], alarm["times"], alarm["case"]) == ("spain", "requests", 3, None)
    assert "spain\trequests\t3" in node("alarms").out
    assert node("alarms", "--open", "--acknowledge", alarm["id"], "--json").report == {"alarms": []}
    assert node("alarms", "--acknowledge", "nowhere").status == 1
