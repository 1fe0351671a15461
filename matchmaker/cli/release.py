"""`matchmaker release`: HPO and gene releases."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.settings import Settings

if TYPE_CHECKING:
    from matchmaker.releases import Held
    from ontology.releases import Release


@click.group()
def release() -> None:
    """Look after the releases of HPO, its annotations and the gene names."""


@release.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List the releases that are here, the newest first, and which one is active."""
    from matchmaker.releases import held

    found = held(Settings.load())
    if as_json:
        output.print_json({"releases": [_line(one) for one in found]})
        return
    rows = ((_id(one), "active" if one.active else one.error or "", _checksum(one)) for one in found)
    output.print_table(("Release", "State", "Checksum"), rows)


@release.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@output.json_option
def import_(path: Path, as_json: bool) -> None:
    """Compile the files of a folder: hp.obo, phenotype.hpoa, genes_to_phenotype.txt, and hgnc_complete_set.txt if any.

    The release is kept in the home. It is not made the active one.
    """
    from matchmaker.releases import import_files

    _report(import_files(Settings.load(), path), as_json=as_json)


@release.command()
@click.argument("date", required=False)
@output.json_option
def download(date: str | None, as_json: bool) -> None:
    """Fetch the newest release, or that of a DATE such as 2025-01-16, and compile it.

    The release is kept in the home. It is not made the active one.
    """
    from matchmaker.releases import download as fetch

    with output.progress("Bytes received") as counted:
        seen: dict[str, int] = {}

        def received(name: str, n_bytes: int) -> None:
            seen[name] = n_bytes
            counted(sum(seen.values()))

        fetched = fetch(Settings.load(), date=date, progress=received)
    _report(fetched, as_json=as_json)


def _report(kept: Release, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"id": kept.id, "checksum": kept.checksum, "sources": _sources(kept)})
        return
    output.say(f"Release {kept.id} is here: {len(kept.annotations):,} annotated diseases, {len(kept.genes):,} genes.")


def _line(one: Held) -> dict[str, Any]:
    sources = [] if one.release is None else _sources(one.release)
    return {
        "id": one.id,
        "checksum": None if one.release is None else one.release.checksum,
        "active": one.active,
        "error": one.error,
        "sources": sources,
    }


def _sources(kept: Release) -> list[dict[str, str]]:
    return [
        {"name": s.name, "version": s.version, "from": s.url_or_package, "checksum": s.checksum} for s in kept.sources
    ]


def _id(one: Held) -> str:
    return f"{one.id} (shipped)" if one.active else one.id


def _checksum(one: Held) -> str:
    return "" if one.release is None else one.release.checksum[:12]
