"""One search across the three nodes, and all that a reader wants to know of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from federation import nodes as registered
from federation import search, strict_json
from federation.deadline import Deadline
from federation.findings import Finding, combined
from federation.outcomes import NodeAnswer, State
from federation.writing import write_patient
from matchmaker import cases, disclosure, matching
from matchmaker.actors import SYSTEM
from matchmaker.demonstration.nodes import DemoNode
from matchmaker.model import Case
from ontology.releases import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Departure:
    """What left the asking node: for whom, and the very patient that was sent."""

    node: str
    patient: dict[str, Any]

    def summary(self) -> str:
        """Say in a line what it holds, and what it does not."""
        n_terms = len(self.patient.get("features", ()))
        genomic = self.patient.get("genomicFeatures", ())
        n_genes = len({str(entry.get("gene")) for entry in genomic})
        n_variants = sum("variant" in entry or "_hgvs" in entry for entry in genomic)
        return (
            f"To {self.node}: {n_terms} findings, {n_genes} genes, {n_variants} variants and the centre's address; "
            "no name, no local id, no notes"
        )


@dataclass(frozen=True, kw_only=True)
class Story:
    """A search from one case over all nodes: what was found, who answered, what left."""

    asker: DemoNode
    query: Case
    findings: tuple[Finding, ...]
    answers: tuple[NodeAnswer, ...]
    departures: tuple[Departure, ...]

    @cached_property
    def release(self) -> Release:
        return self.asker.mm.release

    def to_dict(self) -> dict[str, Any]:
        """Spell it as `matchmaker demo --once --json` does."""
        return {
            "query": self.query.local_id,
            "matches": [finding.to_dict(self.release) for finding in self.findings],
            "nodes": [answer.to_dict() for answer in self.answers],
            "left": [{"node": departure.node, "patient": departure.patient} for departure in self.departures],
            "release": self.release.id,
            "notice": "Every person here is invented. For professionals to discuss cases, not for decisions on "
            "diagnosis or treatment.",
        }


def ask(asker: DemoNode, local_id: str, *, top: int = 10) -> Story:
    """Search for a case at home and at all nodes that it may be shared with."""
    query = _case_of(asker, local_id)
    peers = [node for node in registered.list_(asker.mm) if node.base_url]
    answers = search.ask_all(asker.mm, query, peers, deadline=Deadline.after(asker.mm.settings.deadline))
    local = matching.match(asker.mm, query, top=top).results
    return Story(
        asker=asker,
        query=query,
        findings=tuple(combined(asker.country.name, local, answers)[:top]),
        answers=tuple(answers),
        departures=tuple(_departures(asker, query, answers)),
    )


def said(answer: NodeAnswer) -> str:
    """How one node did, in a line; a node that failed is never shown as one without matches."""
    if answer.state is State.ANSWERED:
        n_results = len(answer.results)
        return f"answered with {n_results} {'case' if n_results == 1 else 'cases'} in {answer.seconds:.2f} s"
    return f"{answer.state}: {answer.error}"


def _case_of(asker: DemoNode, local_id: str) -> Case:
    return next(s.case for s in cases.list_(asker.mm, by=SYSTEM) if s.case.local_id == local_id)


def _departures(asker: DemoNode, query: Case, answers: Iterable[NodeAnswer]) -> Iterable[Departure]:
    known_nodes = {node.name: node for node in registered.list_(asker.mm)}
    for answer in answers:
        if answer.state not in {State.PAUSED, State.NOT_SHARED}:
            view = disclosure.request_view(asker.mm, query, known_nodes[answer.node])
            patient = strict_json.loads(strict_json.dumps(write_patient(view, asker.mm.release)))
            yield Departure(node=str(answer.node), patient=patient)
