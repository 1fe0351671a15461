"""`matchmaker backup` and `matchmaker restore`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.errors import Unavailable
from matchmaker.settings import Settings

_SOURCE = "A file whose first line is the passphrase of the keys; - reads standard input."


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--passphrase", "source", metavar="FILE", help=f"Include the node's keys. {_SOURCE}")
@output.json_option
def backup(path: Path, source: str | None, as_json: bool) -> None:
    """Write all that the node holds to one file, while it works; for SQLite and PostgreSQL alike.

    Without a passphrase the node's keys are not in it: keep the folder keys/ of the home apart from it.
    """
    from matchmaker.actors import SYSTEM
    from matchmaker.backup import backup as write

    with opened() as mm:
        made = write(mm, path, by=SYSTEM, passphrase=_passphrase(source))
    facts = {"path": str(path), "sha256": made.digest, "keys": made.with_keys, "rows": dict(made.n_rows)}
    if as_json:
        output.print_json(facts)
        return
    output.say(f"{path}: {made.n_rows['cases']:,} cases, {sum(made.n_rows.values()):,} rows in all, checked.")
    if not made.with_keys:
        output.say("The keys are not in it: without the home's folder keys/ nobody can read it.")


@click.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--passphrase", "source", metavar="FILE", help=f"For keys in the backup. {_SOURCE}")
@click.option("--without-keys", is_flag=True, help="Restore what can be read without the keys. All cases are lost.")
@click.option("--erased", type=click.Path(path_type=Path), help="A copy of erasures.jsonl of a home that is lost.")
@click.option("--check", is_flag=True, help="Only compare the file with its hash.")
@output.json_option
def restore(
    path: Path, *, source: str | None, without_keys: bool, erased: Path | None, check: bool, as_json: bool
) -> None:
    """Put a backup in the place of all that the node holds. Stop its processes first.

    Cases that were erased since stay erased, and no node is asked or answered until it is enabled again.
    """
    from matchmaker import restoring
    from matchmaker.actors import SYSTEM

    if check:
        found = restoring.verify(path)
        facts = {"path": str(path), "sha256": found.digest, **found.manifest}
        output.print_json(facts) if as_json else output.say(f"{path} is as it was written at {facts['made_at']}.")
        return
    done = restoring.restore(
        Settings.load(),
        path,
        by=SYSTEM,
        passphrase=_passphrase(source),
        without_keys=without_keys,
        erased_since=erased,
    )
    if as_json:
        output.print_json(
            {
                "made_at": done.made_at,
                "rows": dict(done.n_rows),
                "lost": dict(done.lost),
                "erased_again": done.n_erased_again,
                "nodes_disabled": done.n_nodes,
                "audit_entries_missing": done.n_audit_entries_missing,
                "kept": None if done.kept is None else str(done.kept),
            }
        )
        return
    output.say(f"Restored as of {done.made_at}: {done.n_rows.get('cases', 0):,} cases.")
    if done.lost:
        output.say(f"Lost without the keys: {', '.join(f'{n:,} {name}' for name, n in done.lost.items())}.")
    if done.n_erased_again:
        output.say(f"Erased again: {done.n_erased_again:,} cases that were erased after it was made.")
    if done.n_audit_entries_missing:
        output.say(
            f"{done.n_audit_entries_missing:,} entries of the audit log were written after it and are not in it."
        )
    if done.kept is not None:
        output.say(f"What was here before is in {done.kept}: delete it when you do not need it.")
    output.say(f"{done.n_nodes:,} nodes are disabled: look around, then `matchmaker node enable NAME` for each.")


def _passphrase(source: str | None) -> str | None:
    if source is None:
        return None
    try:
        text = sys.stdin.readline() if source == "-" else Path(source).read_text("utf-8").partition("\n")[0]
    except (OSError, UnicodeDecodeError) as error:
        raise Unavailable(f"passphrase {source}", "cannot be read", "give a readable file, or -") from error
    return text.rstrip("\r\n")
