"""`matchmaker notices`: who was told that a case was withdrawn, erased or corrected, and what others told us."""

from __future__ import annotations

import datetime as dt

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import CaseId


@click.group()
def notices() -> None:
    """See who was told that a case was withdrawn, erased or corrected."""


@notices.command()
@click.option("--case", "case_id", metavar="ID", help="Only those about one case.")
@output.json_option
def sent(case_id: str | None, as_json: bool) -> None:
    """List the latest notices to other nodes, with what each answered; those that wait as well."""
    from federation import case_notices
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        found = case_notices.sent(mm, by=SYSTEM, case_id=None if case_id is None else CaseId(case_id))
    listed = [
        {
            "id": notice.id,
            "node": notice.node,
            "case": notice.case_id,
            "kind": notice.kind,
            "state": notice.state,
            "since": _spelled(notice.created_at),
            "told_at": _spelled(notice.told_at),
            "reply": notice.reply,
            "replied_at": _spelled(notice.replied_at),
            "error": notice.last_error,
        }
        for notice in found
    ]
    if as_json:
        output.print_json({"notices": listed})
        return
    names = ("since", "node", "case", "kind", "state", "id")
    rows = ([*(notice[name] for name in names), notice["reply"] or notice["error"]] for notice in listed)
    output.print_table(("Since", "Node", "Case", "What", "State", "Notice", "Answer or fault"), rows)


@notices.command()
@output.json_option
def received(as_json: bool) -> None:
    """List what other nodes told us of their cases, and how many matches here that concerned."""
    from federation import case_notices
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        found = case_notices.received(mm, by=SYSTEM)
    listed = [
        {"at": _spelled(one.at), "node": one.node, "kind": one.kind, "case": one.other_id, "matches": one.n_matches}
        for one in found
    ]
    if as_json:
        output.print_json({"notices": listed})
        return
    names = ("at", "node", "kind", "case", "matches")
    output.print_table(
        ("At", "Node", "What", "Its case", "Matches here"), ([n[name] for name in names] for n in listed)
    )


@notices.command()
@click.argument("notice_id", metavar="ID")
@click.argument("reply")
def answered(notice_id: str, reply: str) -> None:
    """Write down the REPLY of a node's operator to the notice ID that was mailed."""
    from federation import case_notices
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        case_notices.record_reply(mm, notice_id, reply, by=SYSTEM)
    output.say("The answer is on record.")


def _spelled(moment: dt.datetime | None) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
