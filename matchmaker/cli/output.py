"""How commands speak: sentences and tables for people, one JSON object for programs, progress on a terminal only."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import click

Count = Callable[[int], None]  # takes how many are done by now

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object on standard output, and nothing else."
)


def say(text: str = "") -> None:
    """Print one line for people."""
    click.echo(text)


def print_json(report: Mapping[str, Any]) -> None:
    """Print the one object that a program reads."""
    click.echo(json.dumps(report, ensure_ascii=False, allow_nan=False))


def print_table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Print rows: a table on a terminal; in a pipe, tabs and no heading, for `cut` and `while read`."""
    if not sys.stdout.isatty():
        for row in rows:
            say("\t".join(_cell(value) for value in row))
        return
    # rich takes a tenth of a second to import, which a pipe need not wait for.
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns, box=None, pad_edge=False, header_style="bold")
    for row in rows:
        table.add_row(*(Text(_cell(value)) for value in row))
    Console().print(table)


@contextmanager
def progress(label: str) -> Iterator[Count]:
    """Show a count on the terminal while the body runs; silent when standard error is no terminal."""
    if not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description} {task.completed:,.0f}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as shown:
        task = shown.add_task(label, total=None)
        yield lambda done: shown.update(task, completed=done)


def _cell(value: object) -> str:
    """A value as one cell: nothing for what was not stated, no control characters from other people's texts."""
    text = "" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)
    return "".join(character if character.isprintable() else " " for character in text)
