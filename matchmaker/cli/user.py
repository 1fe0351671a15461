"""`matchmaker user`: who may sign in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import Sharing

if TYPE_CHECKING:
    from matchmaker.store.accounts import Account

ROLES = ("clinician", "curator", "operator", "auditor")
SCOPES = ("terms:read", "cases:read", "cases:write", "matches:read", "matches:write", "searches:write", "submit")


@click.group()
def user() -> None:
    """Say who may sign in, and as what."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What this person does here.")
@click.option("--centre", metavar="NAME", help="The centre, whose clinicians work with each other's cases.")
@click.option("--service", is_flag=True, help="A program of the hospital: it gets API tokens (`user token`).")
def add(email: str, role: str, centre: str | None, service: bool) -> None:
    """Add an account; prints a one-time link to set a password, alone on standard output.

    The link is good for seven days. Cases that were imported for EMAIL as their owner are this person's.
    """
    from matchmaker import accounts
    from matchmaker.actors import SYSTEM, Role

    with opened() as mm:
        token = accounts.add(mm, email, role=Role(role), centre=centre, service=service, by=SYSTEM)
        if service:
            output.say(f"Added. Give it a token: matchmaker user token {email} --name NAME --scope SCOPE")
        else:
            output.say(accounts.link(mm.settings, token))


@user.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List all accounts."""
    from matchmaker import accounts
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        known = accounts.list_(mm, by=SYSTEM)
    if as_json:
        output.print_json({"users": [_facts(account) for account in known]})
        return
    rows = (tuple(_facts(account).values()) for account in known)
    columns = ("Address", "Role", "Centre", "State", "Second factor", "Last signed in")
    output.print_table(columns, rows)


@user.command()
@click.argument("email")
@click.option("--with-cases", is_flag=True, help="Also while it owns cases, as when a stranger knows its password.")
def disable(email: str, with_cases: bool) -> None:
    """Let somebody out at once: sessions, links and API tokens end. Hand the cases over first."""
    _set_enabled(email, enabled=False, with_cases=with_cases)
    output.say(f"{email} cannot sign in.")


@user.command("hand-over")
@click.argument("email")
@click.option("--to", required=True, metavar="EMAIL", help="The clinician who owns the cases from now on.")
def hand_over(email: str, to: str) -> None:
    """Give all cases of one account to another, before the first one ends."""
    from matchmaker import accounts, handing_over, hands
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        account = accounts.find(mm, email, by=SYSTEM)
        n_cases = handing_over.hand_over(mm, account.id, to, by=SYSTEM)
        hands.nudge(mm)
    output.say(f"{n_cases:,} cases of {email} are {to}'s now.")


@user.command()
@click.argument("email")
def enable(email: str) -> None:
    """Let somebody in again."""
    _set_enabled(email, enabled=True)
    output.say(f"{email} can sign in again.")


@user.command()
@click.argument("email")
@click.argument("role", type=click.Choice(ROLES))
def role(email: str, role: str) -> None:
    """Give somebody another ROLE; every session of the account ends."""
    from matchmaker import accounts
    from matchmaker.actors import SYSTEM, Role

    with opened() as mm:
        accounts.change_role(mm, accounts.find(mm, email, by=SYSTEM).id, Role(role), by=SYSTEM)
    output.say(f"{email} is {role} from now on.")


@user.command()
@click.argument("email")
@click.option("--second-factor", is_flag=True, help="Also remove the second factor, when its device is lost.")
def reset(email: str, second_factor: bool) -> None:
    """Print a new one-time link to set a password, alone on standard output."""
    from matchmaker import accounts
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        account = accounts.find(mm, email, by=SYSTEM)
        token = accounts.reset(mm, account.id, by=SYSTEM, second_factor=second_factor)
        output.say(accounts.link(mm.settings, token))


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="What the token is for.")
@click.option("--scope", "scopes", multiple=True, type=click.Choice(SCOPES), required=True, help="May be repeated.")
@click.option("--days", default=90, show_default=True, type=click.IntRange(1, 366), help="How long it is good.")
@click.option(
    "--sharing",
    type=click.Choice([level.value for level in reversed(Sharing)]),
    default="private",
    show_default=True,
    help="Who may see the cases that it sends without a level.",
)
@click.option("--basis", metavar="TEXT", help="The recorded legal basis of cases that it sends without one.")
def token(email: str, *, name: str, scopes: tuple[str, ...], days: int, sharing: str, basis: str | None) -> None:
    """Issue an API token for a program (an account added with --service); shown once, alone on standard output."""
    import datetime as dt

    from matchmaker import accounts, api_tokens
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        account = accounts.find(mm, email, by=SYSTEM)
        new = api_tokens.NewToken(
            name=name,
            scopes=[api_tokens.Scope(scope) for scope in scopes],
            lasts=dt.timedelta(days=days),
            sharing=Sharing(sharing),
            basis=basis,
        )
        output.say(api_tokens.issue(mm, new, by=SYSTEM, account_id=account.id))


def _set_enabled(email: str, *, enabled: bool, with_cases: bool = False) -> None:
    from matchmaker import accounts
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        account = accounts.find(mm, email, by=SYSTEM)
        accounts.set_enabled(mm, account.id, enabled=enabled, by=SYSTEM, with_cases=with_cases)


def _facts(account: Account) -> dict[str, str | None]:
    signed_in = account.signed_in_at
    if not account.enabled:
        state = "disabled"
    else:
        state = "program" if account.service else "enabled" if account.has_password else "invited"
    return {
        "email": account.email,
        "role": account.role.value,
        "centre": account.centre,
        "state": state,
        "second_factor": "yes" if account.has_second_factor else "no",
        "signed_in_at": None if signed_in is None else signed_in.isoformat(timespec="seconds"),
    }
