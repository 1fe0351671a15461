"""`matchmaker alarms`: which nodes did more than they may."""

from __future__ import annotations

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened


@click.command()
@click.option("--top", default=100, show_default=True, type=click.IntRange(min=1), help="List so many.")
@click.option("--open", "only_open", is_flag=True, help="Only those that nobody has acknowledged.")
@click.option("--acknowledge", metavar="ID", help="Say that this alarm was seen; it is open again if the same goes on.")
@output.json_option
def alarms(*, top: int, only_open: bool, acknowledge: str | None, as_json: bool) -> None:
    """List the latest alarms: nodes over their budgets, and cases that are being probed; a line a day each."""
    from matchmaker import alarming
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        if acknowledge is not None:
            alarming.acknowledge(mm, acknowledge, by=SYSTEM)
        found = alarming.list_(mm, by=SYSTEM, limit=top, only_open=only_open)
    listed = [
        {
            "id": alarm.id,
            "open": alarm.open,
            "day": alarm.day.isoformat(),
            "kind": alarm.kind,
            "node": alarm.node,
            "case": alarm.case_id,
            "times": alarm.times,
            "first_at": alarm.first_at.isoformat(timespec="seconds"),
            "last_at": alarm.last_at.isoformat(timespec="seconds"),
        }
        for alarm in found
    ]
    if as_json:
        output.print_json({"alarms": listed})
        return
    names = ("id", "open", "day", "node", "kind", "times", "case", "last_at")
    rows = ([one[name] for name in names] for one in listed)
    output.print_table(("Id", "Open", "Day", "Node", "Kind", "Times", "Case", "Last"), rows)
