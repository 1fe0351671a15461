"""`matchmaker user`: who may sign in."""

from __future__ import annotations

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened

ROLES = ("clinician", "curator", "operator", "auditor")


@click.group()
def user() -> None:
    """Say who may sign in, and as what."""


@user.command()
@click.argument("email")
@click.option("--role", type=click.Choice(ROLES), required=True, help="What this person does here.")
@click.option("--centre", metavar="NAME", help="The centre, whose clinicians work with each other's cases.")
def add(email: str, role: str, centre: str | None) -> None:
    """Add an account; prints a one-time link to set a password, alone on standard output.

    The link is good for seven days. Cases that were imported for EMAIL as their owner are this person's.
    """
    from matchmaker import accounts
    from matchmaker.actors import SYSTEM, Role

    with opened() as mm:
        token = accounts.add(mm, email, role=Role(role), centre=centre, by=SYSTEM)
        output.say(accounts.link(mm.settings, token))
