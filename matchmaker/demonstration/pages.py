"""The read-only match page of the demonstration, in place of signing in."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass

from flask import Blueprint, abort, render_template

from federation.findings import Finding
from matchmaker import advice
from matchmaker.demonstration import story as told
from matchmaker.demonstration.nodes import DemoNode
from matchmaker.demonstration.story import Story
from ontology import manifest
from scoring.explanation import MatchKind, SharedGene
from web import comparison
from web.comparison import Comparison

HOW = {
    MatchKind.SAME_VARIANT: "the same variant",
    MatchKind.NEIGHBOURING_POSITION: "same or neighbouring position",
    MatchKind.SAME_REGION: "gains or losses of the same region",
    MatchKind.SAME_EFFECT: "variants of the same effect",
    MatchKind.SAME_GENE: "the same gene",
}
SCORE_HELP = (
    "1.00 would be the same findings and genes. Without a shared gene, one of two hundred unrelated cases reaches "
    "0.30. The score says how alike two records are, not how likely a diagnosis is."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One of the four questions of the page, answered."""

    title: str
    headline: str
    lines: tuple[str, ...]
    help: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneRow:
    symbol: str
    how: str
    here: str
    there: str
    share: float


def blueprint(node: DemoNode, local_id: str) -> Blueprint:
    """Build the pages of one search, which is made once, when the first reader comes."""
    pages = Blueprint("demonstration", __name__, url_prefix="/demonstration")
    asking = threading.Lock()
    asked: list[Story] = []

    def story() -> Story:
        with asking:
            if not asked:
                asked.append(told.ask(node, local_id))
        return asked[0]

    @pages.get("/")
    @pages.get("/<int:place>")
    def match(place: int = 1) -> str:
        found = story()
        if not 1 <= place <= max(1, len(found.findings)):
            abort(404)
        return render_template(
            "match.html",
            story=found,
            page=_page(found),
            shown=_shown(found, found.findings[place - 1]) if found.findings else None,
            place=place,
            acknowledgement=manifest.shipped_files()[0].acknowledgement,
        )

    return pages


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A match as the list shows it."""

    node: str
    score: float
    strength: str
    genes: tuple[str, ...]
    strongest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Page:
    name: str
    place: str
    entries: tuple[_Entry, ...]
    answers: tuple[tuple[str, str], ...]
    departures: tuple[str, ...]
    sent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shown:
    """One match, taken apart for the reader."""

    title: str
    place: str
    cards: tuple[Card, ...]
    genes: tuple[str, ...]
    shared_genes: tuple[GeneRow, ...]
    comparison: Comparison
    known: tuple[str, ...]
    letter: str


def _page(story: Story) -> _Page:
    release = story.release
    return _Page(
        name=(story.query.label or "This case").removesuffix(" (invented)"),
        place=story.asker.country.capital,
        entries=tuple(
            _Entry(
                node=finding.node,
                score=finding.score.total,
                strength=comparison.strength(finding.score.total),
                genes=finding.genes(release),
                strongest=tuple(release.hpo.label(p.mica) or p.mica for p in finding.explanation.pairs[:2]),
            )
            for finding in story.findings
        ),
        answers=tuple((str(answer.node), told.said(answer)) for answer in story.answers),
        departures=tuple(departure.summary() for departure in story.departures),
        sent="\n\n".join(
            f"To {departure.node}:\n{json.dumps(departure.patient, indent=2, ensure_ascii=False)}"
            for departure in story.departures
        ),
    )


def _shown(story: Story, finding: Finding) -> _Shown:
    release = story.release
    return _Shown(
        title=f"Case {finding.id[:8]}, {finding.node}",
        place=finding.node,
        cards=_cards(story, finding),
        genes=finding.genes(release),
        shared_genes=tuple(_gene_row(story, finding, shared) for shared in finding.explanation.genes),
        comparison=comparison.compare(finding.explanation, release),
        known=advice.known(finding.explanation, release),
        letter=told.letter(story, finding),
    )


def _cards(story: Story, finding: Finding) -> tuple[Card, ...]:
    release, contact = story.release, finding.case.contact
    genes = finding.genes(release)
    labels = [release.hpo.label(pair.mica) or pair.mica for pair in finding.explanation.pairs]
    why = genes[0] if genes else "Similar findings"
    lines = tuple(HOW[shared.kind].capitalize() for shared in finding.explanation.genes[:1])
    tests = advice.worth_testing(story.query, finding.case, finding.explanation, release)
    ask = f"Neither side has recorded {' or '.join(tests[:2])}: worth testing." if tests else ""
    address = (contact.href or "").removeprefix("mailto:")
    return (
        Card(title="Why", headline=why, lines=(*lines, "; ".join(dict.fromkeys(labels[:3])))),
        Card(
            title="How strong",
            headline=f"{comparison.strength(finding.score.total).capitalize()}, {finding.score.total:.2f} of 1",
            lines=(_scored_by(finding),),
            help=SCORE_HELP,
        ),
        Card(title="Who", headline=finding.node, lines=(contact.institution or contact.name, address)),
        Card(
            title="What next", headline="Write to the colleague", lines=tuple(filter(None, ("A draft is below.", ask)))
        ),
    )


def _scored_by(finding: Finding) -> str:
    if finding.at_home:
        return "Scored here, from the whole case"
    return "Scored here, from what that node told" if finding.partial else f"As {finding.node} scored it, in steps"


def _gene_row(story: Story, finding: Finding, shared: SharedGene) -> GeneRow:
    release = story.release
    return GeneRow(
        symbol=release.genes.symbol(shared.gene) if shared.gene else "no gene named",
        how=HOW[shared.kind],
        here=comparison.alleles(story.query, shared.gene),
        there=comparison.alleles(finding.case, shared.gene),
        share=finding.explanation.share(shared.contribution),
    )
