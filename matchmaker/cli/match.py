"""`matchmaker match`: similar cases here and at other nodes, with reasons."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import Case, CaseId, Node, NodeName, Sharing

HERE = ""  # this node, among those that were asked
OF_THE_QUERY = 0

if TYPE_CHECKING:
    from federation.findings import Finding
    from federation.outcomes import NodeAnswer
    from matchmaker.persons import Place
    from matchmaker.service import Matchmaker
    from ontology.releases import Release


@click.command()
@click.argument("file_or_id", metavar="FILE_OR_ID")
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), help="Show so many matches.")
@click.option("--nodes", "asked", default="none", show_default=True, metavar="none|all|NAME,...", help="Nodes to ask.")
@click.option(
    "--sharing",
    type=click.Choice([level.value for level in reversed(Sharing)]),
    default="private",
    show_default=True,
    help="Who may be asked with a file that states no level.",
)
@click.option("--basis", metavar="TEXT", help="The legal basis of a file that states none, such as consent.")
@output.json_option
def match(file_or_id: str, *, top: int, asked: str, sharing: str, basis: str | None, as_json: bool) -> None:
    """Rank the local cases, and those of the nodes asked, by how alike they are to one case.

    The case is a stored one, or the one in a file, which is not stored.
    """
    from federation.findings import combined
    from matchmaker import matching, wording

    with opened() as mm:
        case = case_of(mm, file_or_id, sharing=Sharing(sharing), basis=basis)
        nodes = _nodes(mm, asked)
        answers = _ask(mm, case, nodes)
        response = matching.match(mm, case, top=top)
        found = combined(mm.settings.node_name, response.results, answers)[:top]
        unused = wording.unused(response.profile, mm.release)
        if as_json:
            persons = _persons(case, found, mm.release)
            told = [
                _told(finding, mm.release) | _spelled(place, found)
                for finding, place in zip(found, persons, strict=True)
            ]
            outcomes = [answer.to_dict() for answer in answers]
            n_independent = len({place.group for place in persons} - {OF_THE_QUERY})
            output.print_json(
                {"matches": told, "nodes": outcomes, "unused": list(unused), "independent": n_independent}
            )
        else:
            for sentence in unused:
                output.say(sentence)
            _print(found, _persons(case, found, mm.release), mm.release)
            _print_nodes(answers)
            _print_how_to_share(mm, case, nodes, stored=not Path(file_or_id).exists())


def case_of(mm: Matchmaker, file_or_id: str, *, sharing: Sharing = Sharing.PRIVATE, basis: str | None = None) -> Case:
    """A stored case by its id, or the one in a file, to which level and basis apply where it states none."""
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    path = Path(file_or_id)
    return _read(mm, path, sharing, basis) if path.exists() else cases.get(mm, CaseId(file_or_id), by=SYSTEM).case


def _read(mm: Matchmaker, path: Path, sharing: Sharing, basis: str | None) -> Case:
    """The one case in a file. Like an import, it is lenient: what cannot be used is left out of the search."""
    from federation.importing import Defaults, read_record, records, with_defaults
    from matchmaker.errors import Invalid, Issue

    found = list(islice((record for record in records([path]) if record.note is None), 2))
    if len(found) != 1:
        many = "several records" if found else "no record"
        raise Invalid([Issue(path=str(path), message=f"has {many}", remedy="give a file with one case")])
    try:
        read = read_record(found[0], release=mm.release).case
        return with_defaults(read, found[0].content, Defaults(sharing=sharing, basis=basis))
    except Invalid as error:
        first = error.issues[0]
        where = " ".join(part for part in (found[0].where, first.path) if part)
        raise Invalid([Issue(path=where, message=first.message, remedy=first.remedy)]) from error


def _nodes(mm: Matchmaker, asked: str) -> list[Node]:
    """The nodes named; `all`: every one that we have an address of."""
    from federation import nodes

    if asked == "none":
        return []
    known = {node.name: node for node in nodes.list_(mm)}
    with_address = {name: node for name, node in known.items() if node.base_url is not None}
    if asked == "all":
        return list(with_address.values())
    names = list(dict.fromkeys(NodeName(name.strip()) for name in asked.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise click.ClickException(f"no node is called {name}: `matchmaker node list` names those that there are")
        if name not in with_address:
            raise click.ClickException(
                f"{name} has no address to ask at: give it one with `matchmaker node add {name} --url BASE_URL`"
            )
    return [with_address[name] for name in names]


def _ask(mm: Matchmaker, case: Case, nodes: list[Node]) -> list[NodeAnswer]:
    from federation.deadline import Deadline
    from federation.search import ask_each

    if not nodes:
        return []
    answers = {}
    with output.progress(f"Of {len(nodes)} nodes answered:") as count:
        for answer in ask_each(mm, case, nodes, deadline=Deadline.after(mm.settings.deadline)):
            answers[answer.node] = answer
            count(len(answers))
    return [answers[node.name] for node in nodes]


def _told(finding: Finding, release: Release) -> dict[str, Any]:
    """As in the demonstration; for a case of ours also the id by which `matchmaker case show` takes it."""
    return finding.to_dict(release) | ({"case": finding.case.id} if finding.at_home else {})


def _persons(case: Case, found: list[Finding], release: Release) -> list[Place]:
    """Group the cases found, beginning with the one that was searched for, whose copies and relatives are group 0."""
    from dataclasses import replace

    from matchmaker import persons

    everybody = [(HERE, case), *((HERE if one.at_home else one.node, one.case) for one in found)]
    places = persons.grouped(everybody, release)[1:]
    return [replace(p, group=p.group - 1, to=None if p.to is None else p.to - 1) for p in places]


def _spelled(place: Place, found: list[Finding]) -> dict[str, Any]:
    """`group` numbers independent cases, 0 is the one that was searched for; `joined` says what made one of two."""
    if place.joined is None or place.to is None:
        return {"group": place.group, "joined": None}
    other = None if place.to < 0 else {"node": found[place.to].node, "id": found[place.to].id}
    joined = {"kinship": place.joined.kinship.value, "why": place.joined.why, "with": other}
    return {"group": place.group, "joined": joined}


def _print(found: list[Finding], persons: list[Place], release: Release) -> None:
    from matchmaker import wording

    if not found:
        output.say("No similar case was found.")
    for place, (finding, person) in enumerate(zip(found, persons, strict=True), 1):
        told = _told(finding, release)
        partial = ", from the part of it that was told" if finding.partial else ""
        output.say(f"{place}. {finding.score.total:.2f}  {finding.node}, case {told.get('case', finding.id)}{partial}")
        if person.joined is not None and person.to is not None:
            whose = "the case that you searched for" if person.to < 0 else f"match {person.to + 1}"
            is_ = "the same person as" if person.joined.kinship == "same person" else "a relative of"
            output.say(f"   Perhaps {is_} {whose}: {person.joined.why}. Not an independent match.")
        if finding.likelihood is not None:
            output.say(f"   {wording.likelihood(finding.likelihood)}")
        for reason in told["reasons"]:
            output.say(f"   - {reason}")
        contact = finding.case.contact
        output.say(f"   Ask: {contact.institution or contact.name} {contact.href or contact.email or ''}".rstrip())


def _print_nodes(answers: list[NodeAnswer]) -> None:
    for answer in answers:
        outcome = f"{len(answer.results)} results" if answer.error is None else answer.error
        output.say(f"{answer.node}: {answer.state.value} in {answer.seconds:.1f} s, {outcome}")


def _print_how_to_share(mm: Matchmaker, case: Case, nodes: list[Node], *, stored: bool) -> None:
    """What to do about a case with which a node could not be asked, where that is in the hands of who asks."""
    from matchmaker import consent

    mended = {consent.Withheld.LEVEL, consent.Withheld.NO_BASIS}
    if mended.isdisjoint(consent.withheld(case, node, jurisdiction=mm.settings.jurisdiction) for node in nodes):
        return
    if stored:
        output.say("To ask with it, set its sharing and record its legal basis on its page, or import it again so.")
    else:
        output.say(
            "To ask with a file, say who may see it and on which legal basis: --sharing federated --basis consent, "
            "or _sharing and _consent in the file."
        )
