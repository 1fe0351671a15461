"""`matchmaker audit`: is the log as it was written, and who saw a case?"""

from __future__ import annotations

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
