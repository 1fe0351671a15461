"""What the match page says: Why, How strong, Who, What next, in words; facts come from below, no scoring here."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from flask_babel import gettext as _

from federation.opened import Opened
from matchmaker import advice, wording
from matchmaker.advice import KnownDisease
from matchmaker.store.matches import MatchStatus
from ontology.releases import Release
from scoring.explanation import SharedGene
from scoring.probability import Likelihood, Word
from web import comparison, match_words
from web.comparison import Comparison
from web.match_cards import Card, cards, strongest
from web.match_groups import Group


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A match as a list shows it."""

    match_id: str
    case_id: str
    of: str  # our case, as its centre calls it
    node: str
    at_home: bool
    status: MatchStatus
    status_name: str
    confirmed_there: bool
    outdated: bool
    group: int  # which observation it is; 0: perhaps the case itself
    joined: str  # what joins it to another match
    why_aside: str  # what the centre said when it set the match aside
    first_seen: dt.datetime
    score: float
    strength: str
    likelihood: Likelihood | None  # None where it cannot be said
    faint: bool  # very unlikely, and nobody did more than look at it
    genes: tuple[str, ...]
    strongest: tuple[str, ...]

    @property
    def likely(self) -> str:
        """How likely it is in words and number, as the reader writes it; empty where it cannot be said."""
        return match_words.likely(self.likelihood) if self.likelihood else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneRow:
    symbol: str
    how: str
    here: str
    there: str
    against: tuple[str, ...]
    share: float  # of all that the score is made of, as for findings


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One match, taken apart for the reader."""

    title: str
    here: str
    there: str
    cards: tuple[Card, ...]
    genes: tuple[str, ...]
    shared_genes: tuple[GeneRow, ...]
    comparison: Comparison
    known: tuple[KnownDisease, ...]
    partial: bool
    disclaimer: str = ""
    terms: str = ""


def entry(
    opened: Opened, release: Release, *, outdated: bool = False, why_aside: str = "", group: Group | None = None
) -> Entry:
    """Say in one line of a list what was found."""
    finding, match = opened.finding, opened.pair.match
    return Entry(
        match_id=match.id,
        case_id=opened.pair.stored.case.id,
        of=match_words.name_of(opened.pair.stored.case),
        node=match_words.node_of(opened),
        at_home=finding.at_home,
        status=match.status,
        status_name=match_words.status_name(match),
        confirmed_there=match.confirmed_there_at is not None,
        outdated=outdated,
        group=group.number if group else 1,
        joined=group.note if group else "",
        why_aside=why_aside,
        first_seen=match.first_seen,
        score=finding.score.total,
        strength=match_words.strength(finding.score.total),
        likelihood=finding.likelihood,
        faint=match.status in {MatchStatus.NEW, MatchStatus.SEEN} and _is_faint(finding.likelihood),
        genes=finding.genes(release),
        strongest=strongest(opened, release),
    )


def shown(opened: Opened, release: Release) -> Shown:
    """Take one match apart."""
    finding, case = opened.finding, opened.pair.stored.case
    explanation = finding.explanation
    return Shown(
        title=_("%(case)s and a case of %(node)s", case=match_words.name_of(case), node=match_words.node_of(opened)),
        here=match_words.name_of(case),
        there=match_words.name_of(finding.case) if opened.own else match_words.node_of(opened),
        cards=tuple(cards(opened, release)),
        genes=finding.genes(release),
        shared_genes=tuple(_gene_row(opened, release, shared) for shared in explanation.genes),
        comparison=comparison.compare(explanation, release),
        known=advice.about_shared_genes(case, explanation, release),
        partial=finding.partial,
        disclaimer=(opened.told.disclaimer or "") if opened.told else "",
        terms=(opened.told.terms or "") if opened.told else "",
    )


def _is_faint(likelihood: Likelihood | None) -> bool:
    return likelihood is not None and likelihood.word is Word.VERY_UNLIKELY


def _gene_row(opened: Opened, release: Release, shared: SharedGene) -> GeneRow:
    return GeneRow(
        symbol=release.genes.symbol(shared.gene) if shared.gene else _("no gene named"),
        how=match_words.kind_of(shared.kind) + (_("; the zygosity fits") if shared.zygosity_fits else ""),
        here=comparison.alleles(opened.pair.stored.case, shared.gene),
        there=comparison.alleles(opened.finding.case, shared.gene),
        against=tuple(wording.conflict_name(conflict) for conflict in shared.conflicts),
        share=opened.finding.explanation.share(shared.contribution),
    )
