"""`matchmaker doctor`: is the node well, and if not, what to do."""

from __future__ import annotations

import logging
from dataclasses import asdict

import click

from matchmaker.cli import output
from matchmaker.settings import Settings


@click.command()
@output.json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Examine database, keys, clock, mail, disk, peers, release, backup, audit log and index; exit 1 if one is wrong.

    Nothing is changed, and no other node is asked.
    """
    from matchmaker.doctor import State, examine

    logging.basicConfig(level=logging.ERROR, format="%(message)s")
    found = examine(Settings.load())
    wrong = [one for one in found if one.state is State.WRONG]
    if as_json:
        output.print_json({"well": not wrong, "findings": [asdict(one) for one in found]})
    else:
        output.print_table(("Check", "State", "Found", "To do"), ((o.check, o.state, o.said, o.remedy) for o in found))
    if wrong:
        told = "; ".join(f"{one.check}: {one.said} ({one.remedy})" for one in wrong)
        click.echo(f"matchmaker: {' '.join(told.split())}", err=True)
        context.exit(1)
