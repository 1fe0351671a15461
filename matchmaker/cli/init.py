"""`matchmaker init`: a new node."""

from __future__ import annotations

import contextlib

import click

from matchmaker.cli import output
from matchmaker.settings import Settings


@click.command()
@output.json_option
def init(as_json: bool) -> None:
    """Create the home, the database and the keys, and load the reference data.

    What is there already stays: run it again after an update.
    """
    from matchmaker.service import Matchmaker

    settings = Settings.load()
    with contextlib.closing(Matchmaker.create(settings)) as mm:
        release = mm.release
        facts = {
            "home": str(settings.home),
            "release": release.id,
            "checksum": release.checksum,
            "diseases": len(release.annotations),
            "genes": len(release.genes),
        }
    if as_json:
        output.print_json(facts)
        return
    output.say(f"The node is in {settings.home}. Back up its folder keys apart from its database.")
    output.say(
        f"Reference data: HPO release {release.id}, {facts['diseases']:,} annotated diseases, {facts['genes']:,} genes."
    )
    output.say("Next: matchmaker user add EMAIL --role clinician --centre NAME, then matchmaker serve")
