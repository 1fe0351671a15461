"""`matchmaker match`: similar cases here and at other nodes, with reasons."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import Case, CaseId, Node, NodeName

HERE = ""  # this node, among those that were asked
OF_THE_QUERY = 0

if TYPE_CHECKING:
    from federation.findings import Finding
    from federation.search import NodeAnswer
    from matchmaker.persons import Place
    from matchmaker.service import Matchmaker
    from ontology.releases import Release


@click.command()
@click.argument("file_or_id", metavar="FILE_OR_ID")
@click.option("--top", default=10, show_default=True, type=click.IntRange(min=1), help="Show so many matches.")
@click.option("--nodes", "asked", default="none", show_default=True, metavar="none|all|NAME,...", help="Nodes to ask.")
@output.json_option
def match(file_or_id: str, top: int, asked: str, as_json: bool) -> None:
    """Rank the local cases, and those of the nodes asked, by how alike they are to one case.

    The case is a stored one, or the one in a file, which is not stored.
    """
    from federation.findings import combined
    from matchmaker import matching, wording

    with opened() as mm:
        case = case_of(mm, file_or_id)
        answers = _ask(mm, case, _nodes(mm, asked))
        response = matching.match(mm, case, top=top)
        found = combined(mm.settings.node_name, response.results, answers)[:top]
        unused = wording.unused(response.profile, mm.release)
        if as_json:
            persons = _persons(case, found, mm.release)
            told = [
                _told(finding, mm.release) | _spelled(place, found)
                for finding, place in zip(found, persons, strict=True)
            ]
            nodes = [answer.to_dict() for answer in answers]
            n_independent = len({place.group for place in persons} - {OF_THE_QUERY})
            output.print_json({"matches": told, "nodes": nodes, "unused": list(unused), "independent": n_independent})
        else:
            for sentence in unused:
                output.say(sentence)
            _print(found, _persons(case, found, mm.release), mm.release)
            _print_nodes(answers)


def case_of(mm: Matchmaker, file_or_id: str) -> Case:
    """A stored case by its id, or the one in a file."""
    from matchmaker import cases
    from matchmaker.actors import SYSTEM

    path = Path(file_or_id)
    return _read(mm, path) if path.exists() else cases.get(mm, CaseId(file_or_id), by=SYSTEM).case


def _read(mm: Matchmaker, path: Path) -> Case:
    """The one case in a file. Like an import, it is lenient: what cannot be used is left out of the search."""
    from federation.importing import read_record, records
    from matchmaker.errors import Invalid, Issue

    found = list(islice(records([path]), 2))
    if len(found) != 1:
        many = "several records" if found else "no record"
        raise Invalid([Issue(path=str(path), message=f"has {many}", remedy="give a file with one case")])
    try:
        return read_record(found[0], release=mm.release).case
    except Invalid as error:
        first = error.issues[0]
        where = " ".join(part for part in (found[0].where, first.path) if part)
        raise Invalid([Issue(path=where, message=first.message, remedy=first.remedy)]) from error


def _nodes(mm: Matchmaker, asked: str) -> list[Node]:
    """The nodes named; `all`: every one that we have an address of."""
    from federation import nodes
    from matchmaker.errors import NotFound

    if asked == "none":
        return []
    known = {node.name: node for node in nodes.list_(mm) if node.base_url is not None}
    if asked == "all":
        return list(known.values())
    names = list(dict.fromkeys(NodeName(name.strip()) for name in asked.split(",") if name.strip()))
    for name in names:
        if name not in known:
            raise NotFound("node to ask", name)
    return [known[name] for name in names]


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
