"""`matchmaker alarms`: which nodes did more than they may."""

from __future__ import annotations

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened


@click.command()
@click.option("--top", default=100, show_default=True, type=click.IntRange(min=1), help="List so many.")
@output.json_option
def alarms(top: int, as_json: bool) -> None:
    """List the latest alarms: nodes over their budgets, and cases that are being probed; a line a day each."""
    from matchmaker import alarming
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        found = alarming.list_(mm, by=SYSTEM, limit=top)
    listed = [
        {
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
    names = ("day", "node", "kind", "times", "case", "last_at")
    rows = ([one[name] for name in names] for one in listed)
    output.print_table(("Day", "Node", "Kind", "Times", "Case", "Last"), rows)
