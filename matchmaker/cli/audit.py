"""`matchmaker audit`: is the log as it was written, and who saw a case?"""

from __future__ import annotations

import datetime as dt

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import CaseId


@click.group()
def audit() -> None:
    """Look into the log of who did and saw what."""


@audit.command()
@output.json_option
@click.pass_context
def verify(context: click.Context, as_json: bool) -> None:
    """Check the log against itself and against its signed checkpoints; exit 1 when anything is wrong."""
    from matchmaker import audit as log

    with opened() as mm:
        found = log.verify(mm)
    problems = [str(problem) for problem in found.problems]
    if as_json:
        facts = {"entries": found.n_entries, "signed": found.n_signed, "checkpoints": found.n_checkpoints}
        kinds = [{"kind": p.kind.name.lower(), "number": p.number, "message": str(p)} for p in found.problems]
        output.print_json({**facts, "intact": not problems, "problems": kinds})
    if not problems:
        if not as_json:
            counts = f"{found.n_entries:,} entries, of which {found.n_signed:,} are signed"
            output.say(f"The audit log is as it was written: {counts} by {found.n_checkpoints:,} checkpoints.")
        return
    remedy = "keep database and home as they are, and compare them with a backup"
    click.echo(f"matchmaker: the audit log: {'; '.join(problems)}; {remedy}", err=True)
    context.exit(1)


@audit.command()
@click.option("--case", "case_id", metavar="ID", help="Entries about this case, also an erased one.")
@click.option("--person", metavar="EMAIL", help="What this person did or saw.")
@click.option("--node", metavar="NAME", help="What went through this node.")
@click.option("--action", metavar="TEXT", help='Such as "case erased".')
@click.option("--since", type=click.DateTime(), help="In UTC.")
@click.option("--until", type=click.DateTime(), help="In UTC; this moment is not in it any more.")
@output.json_option
def search(
    *,
    case_id: str | None,
    person: str | None,
    node: str | None,
    action: str | None,
    since: dt.datetime | None,
    until: dt.datetime | None,
    as_json: bool,
) -> None:
    """Look for entries by case, person, node, action and time; without any option list all."""
    from matchmaker import audit as log
    from matchmaker.actors import SYSTEM
    from matchmaker.store.audit import Wanted

    wanted = Wanted(node=node, action=action, since=_in_utc(since), until=_in_utc(until))
    with opened() as mm:
        found = log.search(mm, by=SYSTEM, case_id=CaseId(case_id) if case_id else None, person=person, wanted=wanted)
    lines = [
        {
            "number": one.entry.number,
            "at": one.entry.event.at.isoformat(timespec="seconds"),
            "actor": one.actor,
            "action": one.entry.event.action,
            "case": one.case,
            "node": one.entry.event.node,
            "details": dict(one.entry.event.details),
        }
        for one in found
    ]
    if as_json:
        output.print_json({"entries": lines})
        return
    columns = ("Number", "At", "Who", "What", "Case", "Node")
    shown = ("number", "at", "actor", "action", "case", "node")
    output.print_table(columns, ([line[name] for name in shown] for line in lines))


@audit.command()
@click.argument("case_id", metavar="ID")
@output.json_option
def seen(case_id: str, as_json: bool) -> None:
    """List which node was told how much of a case, or asked with it, when and how often; of an erased one as well.

    Each line is one distinct answer; the counts say what it held, and no term or gene is kept. Of a node that was
    asked with the case the disclosure level of the last time is listed.
    """
    from federation import ledger

    with opened() as mm:
        lines = ledger.seen(mm, CaseId(case_id))
        asked = ledger.asked(mm, CaseId(case_id))
    listed = [
        {
            "node": line.node,
            "first_at": line.first_at.isoformat(timespec="seconds"),
            "last_at": line.last_at.isoformat(timespec="seconds"),
            "times": line.times,
            "told": line.told.extent,
            "fingerprint": line.told.fingerprint,
        }
        for line in lines
    ]
    listed += [
        {
            "node": sent.node,
            "first_at": sent.first_at.isoformat(timespec="seconds"),
            "last_at": sent.last_at.isoformat(timespec="seconds"),
            "times": sent.times,
            "told": f"asked with it, level {sent.level}",
            "fingerprint": None,
        }
        for sent in asked
    ]
    if as_json:
        output.print_json({"id": case_id, "seen": listed})
        return
    output.print_table(
        ("Node", "First", "Last", "Times", "Told"),
        ([line[name] for name in ("node", "first_at", "last_at", "times", "told")] for line in listed),
    )


def _in_utc(moment: dt.datetime | None) -> dt.datetime | None:
    return None if moment is None else moment.replace(tzinfo=dt.UTC)
