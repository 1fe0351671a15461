"""`matchmaker case`: the cases of this node."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import Case, CaseId, NodeName, Sharing, StoredCase

if TYPE_CHECKING:
    from federation.importing import Report
    from matchmaker.service import Matchmaker

MOST_REMARKS = 50  # on a screen


@click.group()
def case() -> None:
    """Import, show, export, withdraw and erase cases."""


@case.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(path_type=Path))
@click.option("--owner", metavar="EMAIL", help="Who owns the cases; otherwise each record's contact.")
@click.option(
    "--sharing",
    type=click.Choice([level.value for level in reversed(Sharing)]),
    default="private",
    show_default=True,
    help="Who may see records that state no level.",
)
@click.option("--basis", metavar="TEXT", help="The recorded legal basis of records that state none, such as consent.")
@output.json_option
def import_(paths: tuple[Path, ...], owner: str | None, sharing: str, basis: str | None, as_json: bool) -> None:
    """Take in Matchmaker Exchange JSON, JSON Lines and Phenopackets: files, folders, zips; and spreadsheets.

    A spreadsheet (CSV, XLSX) has a row for each case; `case template` writes one to fill in.

    The same owner and id again is an update. Good records are kept also when others are rejected; then the exit
    status is 1.
    """
    from federation.importing import Defaults, import_paths
    from matchmaker import hands

    defaults = Defaults(owner=None if owner is None else _address(owner), sharing=Sharing(sharing), basis=basis)
    with opened() as mm:
        with output.progress("Records read") as counted:
            report = import_paths(mm, paths, defaults=defaults, progress=counted)
        hands.nudge(mm)
    if as_json:
        output.print_json(report.as_json())
    else:
        _print_report(report)
    if report.rejected:
        raise click.ClickException(
            f"rejected: {len(report.rejected):,}; mend what the report names, and import it again"
        )


@case.command()
@click.argument("path", required=False, type=click.Path(path_type=Path))
@click.option(
    "--format",
    "form",
    type=click.Choice(["json-lines", "phenopackets", "spreadsheet", "minimal-data-set"]),
    default="json-lines",
    show_default=True,
    help="Phenopackets go into a new folder or a zip, without consent and levels; a spreadsheet into .xlsx or .csv;"
    " the elements of the minimal data set into .csv.",
)
@output.json_option
def export(path: Path | None, form: str, as_json: bool) -> None:
    """Write all cases with all that is known of them, as `case import` reads it; without PATH to standard output.

    The file names people: keep it as you keep the database.
    """
    from federation import exporting
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    if path is None and (as_json or form != "json-lines"):
        raise click.UsageError("give a PATH: only JSON Lines without a report go to standard output")
    with opened() as mm:
        everything = (stored.case for stored in cases.list_(mm, by=SYSTEM))
        if path is None:
            exporting.write_lines(everything, sys.stdout.buffer, mm.release)
            return
        write = {
            "json-lines": exporting.export_lines,
            "phenopackets": exporting.export_phenopackets,
            "spreadsheet": exporting.export_spreadsheet,
            "minimal-data-set": exporting.export_minimal,
        }[form]
        n_cases = write(everything, path, mm.release)
    if as_json:
        output.print_json({"exported": n_cases, "path": str(path)})
    else:
        output.say(f"Exported {n_cases:,} cases: {path}")


@case.command()
@output.json_option
def quality(as_json: bool) -> None:
    """Say how complete the cases are against the minimal data set: each one, and together."""
    from matchmaker import minimal_data
    from matchmaker import quality as judging
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        found = judging.of_cases(mm, by=SYSTEM)
    together = minimal_data.together(one.stored.case for one in found)
    if as_json:
        judged = [{"id": j.stored.case.id, "share": j.quality.share, "missing": j.quality.missing} for j in found]
        output.print_json({"share": together.share, "elements": together.elements, "cases": judged})
        return
    rows = ((j.stored.case.local_id, f"{j.quality.share:.0%}", ", ".join(j.quality.missing)) for j in found)
    output.print_table(("Case", "Complete", "Missing"), rows)
    output.say(f"{together.n_cases:,} cases, {together.share:.0%} complete on average.")


@case.command()
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
def template(path: Path) -> None:
    """Write an empty spreadsheet for cases, with explanations: FILE ends in .xlsx or .csv."""
    from federation import exporting

    with opened() as mm:
        exporting.export_spreadsheet((), path, mm.release)
    output.say(f"Fill in {path}, and take it in with: matchmaker case import {path}")


@case.command("list")
@click.option("--owner", metavar="EMAIL", help="Only this owner's.")
@output.json_option
def list_(owner: str | None, as_json: bool) -> None:
    """List the stored cases with their ids, their owners' ids and their levels."""
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        listed = [
            _line(s)
            for s in cases.list_(mm, by=SYSTEM)
            if owner is None or s.case.owner.casefold() == owner.strip().casefold()
        ]
    if as_json:
        output.print_json({"cases": listed})
        return
    columns = ("Id", "Owner", "Owner's id", "Sharing", "Disclosure", "Status")
    shown = ("id", "owner", "local_id", "sharing", "disclosure", "status")
    output.print_table(columns, ([line[name] for name in shown] for line in listed))


@case.command()
@click.argument("case_id", metavar="ID")
@click.option("--for", "node", metavar="NODE", help="Exactly what this node would see, with the id that it sees.")
@output.json_option
def show(case_id: str, node: str | None, as_json: bool) -> None:
    """Show a case, or what another node would see of it."""
    from federation.schemas import write_case
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        stored = cases.get(mm, CaseId(case_id), by=SYSTEM)
        if node is not None:
            facts = _seen_by(mm, stored.case, NodeName(node))
        else:
            facts = {**_line(stored), "patient": write_case(stored.case, mm.release)}
    if as_json:
        output.print_json(facts)
    else:
        _print(facts)


@case.command()
@click.argument("case_id", metavar="ID")
def withdraw(case_id: str) -> None:
    """Take a case out of matching, at once and in every process; its recorded matches stay."""
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        cases.withdraw(mm, CaseId(case_id), by=SYSTEM)
    output.say(f"{case_id} is withdrawn: it answers nobody and asks nobody.")


@case.command("export-subject")
@click.argument("case_id", metavar="ID")
@click.argument("path", metavar="FILE", type=click.Path(path_type=Path))
@output.json_option
def export_subject(case_id: str, path: Path, as_json: bool) -> None:
    """Write all that is held about a case, for the person that it is about: a JSON file.

    The case and its earlier versions, the recorded basis, which node was told or asked how much and when, its
    matches without what others told of theirs, and who did or saw what.
    """
    from federation import subjects
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        held = subjects.export(mm, CaseId(case_id), by=SYSTEM)
    subjects.write(held, path)
    if as_json:
        output.print_json({"id": case_id, "path": str(path)})
    else:
        output.say(f"All that is held about {case_id} is in {path}: hand it over safely.")


@case.command()
@click.argument("case_id", metavar="ID")
def erase(case_id: str) -> None:
    """Remove a case and everything held about it. There is no way back."""
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        cases.erase(mm, CaseId(case_id), by=SYSTEM)
    output.say(f"{case_id} is erased.")


def _address(owner: str) -> str:
    """A mail address, spelt as that of an account is: a case whose owner cannot be reached finds nobody."""
    from matchmaker.accounts import normal
    from matchmaker.errors import Invalid

    try:
        return normal(owner)
    except Invalid as error:
        [issue] = error.issues
        raise click.ClickException(f"--owner {owner!r} {issue.message}; {issue.remedy}") from error


def _print_report(report: Report) -> None:
    """Counts first, then what was rejected, then what to know of what was kept."""
    output.say(f"Imported {report.imported:,}, updated {report.updated:,}, rejected {len(report.rejected):,}.")
    for said, remarks in (("Rejected", report.rejected), ("Warning", report.warnings)):
        for remark in remarks[:MOST_REMARKS]:
            where = " ".join(part for part in (remark.record, remark.field) if part)
            output.say(f"{said}: {where}: {remark.message}; {remark.remedy}")
        if len(remarks) > MOST_REMARKS:
            output.say(f"... and {len(remarks) - MOST_REMARKS:,} more: --json lists all")


def _line(stored: StoredCase) -> dict[str, Any]:
    """What a list says of a case; `sharing` is what the level amounts to, private without a recorded basis."""
    found = stored.case
    return {
        "id": found.id,
        "owner": found.owner,
        "local_id": found.local_id,
        "sharing": found.effective_sharing.value,
        "disclosure": found.disclosure.value,
        "status": found.status.value,
        "test": found.test,
        "version": stored.version,
        "updated_at": stored.updated_at.isoformat(timespec="seconds"),
    }


def _seen_by(mm: Matchmaker, found: Case, name: NodeName) -> dict[str, Any]:
    """Both directions for one node: what we would ask it with, and the most that it can be told."""
    from federation import nodes
    from federation.results import write_result
    from federation.schemas import write_patient
    from matchmaker import disclosure

    node = nodes.show(mm, name).node
    preview = disclosure.preview(mm, found, node)
    return {
        "node": name,
        "id": disclosure.peer_id(mm, found, node),
        "asking": write_patient(preview.asking, mm.release),
        "answering": None if preview.answering is None else write_result(preview.answering, mm.release),
    }


def _print(facts: dict[str, Any]) -> None:
    """Scalars as a table, the rest as indented JSON: it is what travels, to the letter."""
    output.print_table(("", ""), ((name, value) for name, value in facts.items() if not isinstance(value, dict)))
    for name, value in facts.items():
        if isinstance(value, dict):
            output.say(f"\n{name}:\n{json.dumps(value, indent=2, ensure_ascii=False)}")
