"""`matchmaker index`: is what is searched what is stored?"""

from __future__ import annotations

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened


@click.group()
def index() -> None:
    """Look after the search index, which is made from the database."""
