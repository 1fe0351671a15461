"""`matchmaker index`: is what is searched what is stored?"""

from __future__ import annotations

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened


@click.group()
def index() -> None:
    """Look after the search index, which is made from the database."""


@index.command()
@output.json_option
def check(as_json: bool) -> None:
    """Compare the index that follows the database with one made anew from every stored case."""
    from matchmaker import cases
    from matchmaker.actors import SYSTEM
    from matchmaker.errors import Unavailable
    from matchmaker.model import Status
    from scoring.index import Change, Index

    with opened() as mm:
        followed = mm.index()
        anew = Index(mm.scorer, secret=followed.secret)
        stored = (found for found in cases.list_(mm, by=SYSTEM) if found.case.status is not Status.WITHDRAWN)
        anew.apply(
            (Change(case_id=s.case.id, revision=s.revision, profile=mm.profile(s.case)) for s in stored),
            revision=followed.revision,
        )
        equal = followed.checksum() == anew.checksum()
        moved_on = mm.index().revision != followed.revision
    if not equal and not moved_on:
        remedy = "restart the node; if it stays, report it"
        raise Unavailable("the index", f"it has {len(followed):,} cases and the database {len(anew):,} others", remedy)
    if not equal:
        raise Unavailable("the index", "cases were changed meanwhile", "run the check again")
    if as_json:
        output.print_json({"cases": len(anew), "revision": followed.revision, "checksum": anew.checksum()})
    else:
        output.say(f"The index is what is stored: {len(anew):,} cases at revision {followed.revision:,}.")
