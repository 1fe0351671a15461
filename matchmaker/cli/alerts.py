"""`matchmaker alerts`: what is new for whom, and which mails somebody gets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened

if TYPE_CHECKING:
    from matchmaker.notifications import Alert
    from matchmaker.service import Matchmaker


@click.command()
@click.option("--owner", metavar="EMAIL", help="Only what is new for this owner of cases.")
@click.option("--all", "seen_too", is_flag=True, help="Also what was looked at already.")
@click.option("--mails", type=click.Choice(["daily", "at-once", "off"]), help="Set which mails the owner gets.")
@output.json_option
def alerts(owner: str | None, seen_too: bool, mails: str | None, as_json: bool) -> None:
    """List the matches that owners of cases were told of and have not looked at.

    With --mails and --owner: set which mails that owner gets. `daily` is a digest, and strong matches at once.
    """
    from matchmaker import notifications
    from matchmaker.store.notifications import Choice

    if mails is not None and owner is None:
        raise click.UsageError("--mails needs --owner")
    with opened() as mm:
        if mails is not None and owner is not None:
            notifications.choose(mm, owner, Choice(mails))
        found = list(notifications.alerts(mm, by=_user(owner), unseen=not seen_too))
        n_mails = notifications.counted(mm)
        if as_json:
            output.print_json({"alerts": [_told(mm, alert) for alert in found], "mails": n_mails})
        else:
            _print(found, n_mails)


def _user(owner: str | None) -> Any:
    from matchmaker.actors import SYSTEM, Role, User

    return SYSTEM if owner is None else User(email=owner, role=Role.CLINICIAN)


def _told(mm: Matchmaker, alert: Alert) -> dict[str, Any]:
    finding, notified = alert.match.finding, alert.notified
    return {
        "owner": alert.owner,
        "case": alert.case_id,
        "local_id": alert.local_id,
        "match": alert.match.id,
        "node": finding.node or mm.settings.node_name,
        "asked_by_us": finding.asked_by_us,
        "kind": notified.notice.kind,
        "score": finding.score.total,
        "strong": notified.notice.strong,
        "since": notified.created_at.isoformat(),
        "mailed": None if notified.mailed_at is None else notified.mailed_at.isoformat(),
        "seen": notified.seen_at is not None,
    }


def _print(found: list[Alert], n_mails: dict[str, int]) -> None:
    rows = (
        (
            alert.notified.created_at.date(),
            alert.owner,
            alert.local_id,
            alert.match.finding.score.total,
            alert.match.finding.node or "this node",
            alert.notified.notice.kind,
            alert.match.id,
        )
        for alert in found
    )
    output.print_table(("Since", "Owner", "Case", "Score", "Found at", "What", "Match"), rows)
    if n_mails.get("waiting"):
        output.say(f"{n_mails['waiting']:,} wait for their mail.")
