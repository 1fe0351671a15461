"""`matchmaker release`: HPO and gene releases."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import TermId
from matchmaker.settings import Settings

if TYPE_CHECKING:
    from matchmaker.adoption import Adoption, Ambiguous
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

    settings = Settings.load()
    found, active = held(settings), _active(settings)
    if as_json:
        output.print_json(
            {"releases": [{**_line(one, active), "languages": _languages(one, settings)} for one in found]}
        )
        return
    rows = ((_name(one), _state(one, active), _checksum(one), ", ".join(_languages(one, settings))) for one in found)
    output.print_table(("Release", "State", "Checksum", "Also in"), rows)


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


@release.command()
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--release", "name", metavar="ID", help="Of this release; without it, of the one in use.")
@output.json_option
def translate(path: Path, name: str | None, as_json: bool) -> None:
    """Keep what terms are called in other languages: a babelon table, or hp-international.obo with all of them.

    People read and search them on the pages. Matching does not need them, and English stays on the wire.
    """
    from dataclasses import asdict

    from matchmaker import releases, term_names
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        kept = mm.release if name is None else releases.find(mm.settings, name)
        loaded = term_names.load(mm, path, kept, by=SYSTEM)
    if as_json:
        output.print_json({"release": kept.id, "languages": [asdict(one) for one in loaded]})
        return
    columns = ("Language", "Labels", "Synonyms", "Terms not in the release", "Left out, under review")
    rows = ((o.language, o.n_labels, o.n_synonyms, o.n_unknown, o.n_left_out) for o in loaded)
    output.print_table(columns, rows)


@release.command()
@click.argument("before", metavar="A")
@click.argument("after", metavar="B")
@click.option("--cases/--no-cases", "with_cases", default=True, help="Match every stored case under both releases.")
@output.json_option
def diff(before: str, after: str, with_cases: bool, as_json: bool) -> None:
    """Say what changes from release A to release B, and what that does to the stored cases. Nothing is changed.

    A and B are dates or beginnings of checksums, as `release list` shows them.
    """
    from matchmaker.actors import SYSTEM
    from matchmaker.cli import comparing
    from matchmaker.impact import compare

    with opened() as mm, output.progress("Cases compared") as counted:
        found = compare(mm, before, after, by=SYSTEM, with_cases=with_cases, progress=counted)
    if as_json:
        output.print_json(comparing.as_json(found))
    else:
        comparing.print_(found)


@release.command()
@click.argument("name", metavar="ID")
@output.json_option
def adopt(name: str, as_json: bool) -> None:
    """Use a release: a date, or the beginning of a checksum where two have that date.

    Running processes build their index aside and change over by themselves; all cases are matched again.
    """
    from matchmaker import adoption, hands
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        adopted = adoption.adopt(mm, name, by=SYSTEM)
        hands.nudge(mm)
    _report_adoption(adopted, as_json=as_json)


@release.command()
@output.json_option
def rollback(as_json: bool) -> None:
    """Use the release before again; a second time goes forward again."""
    from matchmaker import adoption, hands
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        adopted = adoption.rollback(mm, by=SYSTEM)
        hands.nudge(mm)
    _report_adoption(adopted, as_json=as_json)


@release.command()
@click.argument("name", metavar="ID", required=False)
@output.json_option
def ambiguous(name: str | None, as_json: bool) -> None:
    """List obsolete terms of stored cases for which HPO names no single term instead; ID: in that release."""
    from matchmaker import adoption
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        found = adoption.ambiguous(mm, name, by=SYSTEM)
        labels = {term: mm.release.hpo.label(term) for one in found for term in one.consider}
    if as_json:
        output.print_json({"ambiguous": [_ambiguous(one, labels) for one in found]})
        return
    columns = ("Term", "Label", "Cases", "Decided", "To consider")
    rows = ((o.term, o.label, len(o.cases), o.chosen, ", ".join(f"{t} {labels[t]}" for t in o.consider)) for o in found)
    output.print_table(columns, rows)


@release.command()
@click.argument("term")
@click.argument("replacement", required=False)
@click.option("--nothing", is_flag=True, help="Decide that no term replaces it.")
@click.option("--release", "name", metavar="ID", help="Obsolete in this release, which is not in use yet.")
@output.json_option
def choose(*, term: str, replacement: str | None, nothing: bool, name: str | None, as_json: bool) -> None:
    """Decide that an obsolete TERM counts as REPLACEMENT when cases are matched. The cases keep what was entered."""
    from matchmaker import adoption, hands
    from matchmaker.actors import SYSTEM

    if nothing is (replacement is not None):
        raise click.UsageError("give a REPLACEMENT, or --nothing")
    with opened() as mm:
        decided = adoption.choose(mm, term, replacement, by=SYSTEM, name=name)
        hands.nudge(mm)
    if as_json:
        output.print_json({"term": term, "replacement": replacement, "cases": decided.n_cases})
    else:
        output.say(f"{term} counts as {replacement or 'nothing'}; {decided.n_cases:,} cases are matched again.")


def _report(kept: Release, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"id": kept.id, "checksum": kept.checksum, "sources": _sources(kept)})
        return
    output.say(f"Release {kept.id} is here: {len(kept.annotations):,} annotated diseases, {len(kept.genes):,} genes.")
    output.say(f"Next: matchmaker release diff ACTIVE {kept.id}, then matchmaker release adopt {kept.id}")


def _report_adoption(adopted: Adoption, *, as_json: bool) -> None:
    used = adopted.release
    if as_json:
        facts = {"id": used.id, "checksum": used.checksum, "changed": adopted.changed, "cases": adopted.n_cases}
        output.print_json(facts)
    elif adopted.changed:
        output.say(f"Release {used.id} is used from now on; {adopted.n_cases:,} cases are matched again.")
    else:
        output.say(f"Release {used.id} is used already.")


def _ambiguous(one: Ambiguous, labels: Mapping[TermId, str | None]) -> dict[str, Any]:
    consider = [{"id": term, "label": labels[term]} for term in one.consider]
    facts = {"term": one.term, "label": one.label, "chosen": one.chosen, "cases": list(one.cases)}
    return {**facts, "consider": consider}


def _active(settings: Settings) -> str | None:
    """The checksum of the release in use; before `matchmaker init` that is the shipped one."""
    from matchmaker.releases import shipped

    if not (settings.home / "keys").is_dir():
        return shipped().checksum
    from matchmaker.store import adopted

    with opened() as mm, mm.reading() as db:
        return adopted.read(db).checksum or shipped().checksum


def _line(one: Held, active: str | None) -> dict[str, Any]:
    held = one.release
    counts = (
        {} if held is None else {"terms": len(held.hpo), "diseases": len(held.annotations), "genes": len(held.genes)}
    )
    return {
        "id": one.id,
        "checksum": None if held is None else held.checksum,
        "active": held is not None and held.checksum == active,
        "shipped": one.shipped,
        "error": one.error,
        **counts,
        "sources": [] if held is None else _sources(held),
    }


def _languages(one: Held, settings: Settings) -> list[str]:
    from matchmaker.term_names import held

    return [] if one.release is None else [kept.language for kept in held(settings, one.release)]


def _sources(kept: Release) -> list[dict[str, str]]:
    return [
        {"name": s.name, "version": s.version, "from": s.url_or_package, "checksum": s.checksum} for s in kept.sources
    ]


def _name(one: Held) -> str:
    return f"{one.id} (shipped)" if one.shipped else one.id


def _state(one: Held, active: str | None) -> str:
    return "active" if one.release is not None and one.release.checksum == active else one.error or ""


def _checksum(one: Held) -> str:
    return "" if one.release is None else one.release.checksum[:12]
