"""What the match page says: Why, How strong, Who, What next, in words; facts come from below, no scoring here."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from federation.opened import Opened
from matchmaker import advice, wording
from matchmaker.freshness import Outdated
from matchmaker.model import Case, Contact
from matchmaker.store.matches import Match, MatchStatus
from ontology.releases import Release
from scoring.explanation import MatchKind, SharedGene
from web import comparison
from web.comparison import Comparison

N_TESTS = 2
N_FINDINGS = 3


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
    why_aside: str  # what the centre said when it set the match aside
    first_seen: dt.datetime
    score: float
    strength: str
    likely: str  # in words and number; empty where it cannot be said
    genes: tuple[str, ...]
    strongest: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One of the four questions of the page, answered."""

    title: str
    headline: str
    lines: tuple[str, ...] = ()
    help: str = ""
    link: str = ""


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
    known: tuple[str, ...]
    partial: bool
    disclaimer: str = ""
    terms: str = ""


def status_names() -> dict[MatchStatus, str]:
    """Each status in words."""
    return {
        MatchStatus.NEW: _("new"),
        MatchStatus.SEEN: _("looked at"),
        MatchStatus.CONTACTED: _("we wrote"),
        MatchStatus.CONTACTED_US: _("they wrote"),
        MatchStatus.CONFIRMED: _("confirmed"),
        MatchStatus.DISMISSED: _("set aside"),
    }


def status_name(match: Match) -> str:
    """The status of a match in words; what both sides confirmed is told apart from what one did."""
    if match.status is MatchStatus.CONFIRMED and match.confirmed_there_at is not None:
        both: str = _("confirmed by both sides")
        return both
    return status_names()[match.status]


def outdated_texts(reasons: Sequence[Outdated], match: Match, release: Release) -> list[str]:
    """Say why a match is not as it would be found today, a sentence each."""
    said: dict[Outdated, str] = {
        Outdated.RELEASE: _(
            "This match was computed with release %(then)s; the node uses %(now)s.",
            then=match.finding.release,
            now=release.id,
        ),
        Outdated.SCORE: _("This match was computed with an earlier version of the score."),
        Outdated.CASE: _("Your case was changed since and was not found like this one again."),
        Outdated.OTHER_CASE: _("The other case was changed since."),
        Outdated.CORRECTED: _("The other node corrected its case and has not told it anew."),
    }
    return [said[reason] for reason in reasons]


def name_of(case: Case) -> str:
    """What its own centre calls a case."""
    return case.label or case.local_id


def entry(opened: Opened, release: Release, *, outdated: bool = False, why_aside: str = "") -> Entry:
    """Say in one line of a list what was found."""
    finding, match = opened.finding, opened.pair.match
    likely = finding.likelihood
    return Entry(
        match_id=match.id,
        case_id=opened.pair.stored.case.id,
        of=name_of(opened.pair.stored.case),
        node=_node(opened),
        at_home=finding.at_home,
        status=match.status,
        status_name=status_name(match),
        confirmed_there=match.confirmed_there_at is not None,
        outdated=outdated,
        why_aside=why_aside,
        first_seen=match.first_seen,
        score=finding.score.total,
        strength=strength(finding.score.total),
        likely=f"{_word(likely.word.value)}, {wording.percent(likely.probability)}" if likely else "",
        genes=finding.genes(release),
        strongest=_strongest(opened, release),
    )


def strength(score: float) -> str:
    """One word for a score in [0, 1], in the reader's language."""
    names: dict[str, str] = {"strong": _("strong"), "moderate": _("moderate"), "weak": _("weak")}
    return names[comparison.strength(score)]


def shown(opened: Opened, release: Release) -> Shown:
    """Take one match apart."""
    finding, case = opened.finding, opened.pair.stored.case
    explanation = finding.explanation
    return Shown(
        title=_("%(case)s and a case of %(node)s", case=name_of(case), node=_node(opened)),
        here=name_of(case),
        there=name_of(finding.case) if opened.own else _node(opened),
        cards=tuple(_cards(opened, release)),
        genes=finding.genes(release),
        shared_genes=tuple(_gene_row(opened, release, shared) for shared in explanation.genes),
        comparison=comparison.compare(explanation, release),
        known=advice.known(explanation, release),
        partial=finding.partial,
        disclaimer=(opened.told.disclaimer or "") if opened.told else "",
        terms=(opened.told.terms or "") if opened.told else "",
    )


def _node(opened: Opened) -> str:
    name: str = _("our node") if opened.finding.at_home else opened.finding.node
    return _("our own centre") if opened.own else name


def _strongest(opened: Opened, release: Release) -> tuple[str, ...]:
    labels = [release.hpo.label(pair.mica) or pair.mica for pair in opened.finding.explanation.pairs]
    return tuple(dict.fromkeys(labels))[:N_FINDINGS]


def _cards(opened: Opened, release: Release) -> Sequence[Card]:
    return (_why(opened, release), _how_strong(opened), _who(opened), _next(opened, release))


def _why(opened: Opened, release: Release) -> Card:
    finding = opened.finding
    genes = finding.genes(release)
    how = tuple(_kind(shared.kind).capitalize() for shared in finding.explanation.genes[:1])
    findings = "; ".join(_strongest(opened, release))
    headline = ", ".join(genes[:N_FINDINGS]) or _("Similar findings")
    return Card(title=_("Why"), headline=headline, lines=tuple(filter(None, (*how, findings))))


def _how_strong(opened: Opened) -> Card:
    finding, likely = opened.finding, opened.finding.likelihood
    scale = _(
        "Score %(score).2f of 1 (%(strength)s)", score=finding.score.total, strength=strength(finding.score.total)
    )
    if likely is None:
        headline, lines = scale, [_("How many cases that node searched is not known, so no probability is given.")]
    else:
        headline = f"{_word(likely.word.value).capitalize()}: {wording.percent(likely.probability)}"
        lines = [_("to have the same disease gene, among %(n)s cases", n=f"{likely.n_searched:,}"), scale]
    if finding.partial:
        lines.append(_("Scored from the part of the case that was shown to us."))
    if finding.told_score:
        lines.append(_("%(node)s gave it %(score)s on its own scale.", node=finding.node, score=finding.told_score))
    return Card(
        title=_("How strong"),
        headline=headline,
        lines=tuple(lines),
        help=_(
            "The score says how alike two records are: 1 would be the same findings and genes, and one of two hundred "
            "unrelated cases reaches 0.3 without a shared gene. The probability also asks how many cases were "
            "searched: among many, a chance resemblance is more likely."
        ),
    )


def _who(opened: Opened) -> Card:
    contact = opened.finding.case.contact
    address = _address(contact)
    # An address for letters is for machines; who reads this page writes below.
    told = _("letters are carried by the two nodes") if "://" in address else address
    centre = contact.institution or contact.name
    return Card(title=_("Who"), headline=centre, lines=tuple(filter(None, (_node(opened), told))))


def _address(contact: Contact) -> str:
    return (contact.href or contact.email or "").removeprefix("mailto:")


def _next(opened: Opened, release: Release) -> Card:
    finding = opened.finding
    tests = advice.worth_testing(opened.pair.stored.case, finding.case, finding.explanation, release)[:N_TESTS]
    worth = _("Worth testing, in neither record: %(tests)s", tests="; ".join(tests)) if tests else ""
    return Card(
        title=_("What next"), headline=_("Write to the colleague"), lines=tuple(filter(None, [worth])), link="#write"
    )


def _gene_row(opened: Opened, release: Release, shared: SharedGene) -> GeneRow:
    return GeneRow(
        symbol=release.genes.symbol(shared.gene) if shared.gene else _("no gene named"),
        how=_kind(shared.kind) + (_("; the zygosity fits") if shared.zygosity_fits else ""),
        here=comparison.alleles(opened.pair.stored.case, shared.gene),
        there=comparison.alleles(opened.finding.case, shared.gene),
        against=tuple(wording.conflict_name(conflict) for conflict in shared.conflicts),
        share=opened.finding.explanation.share(shared.contribution),
    )


def _kind(kind: MatchKind) -> str:
    names: dict[MatchKind, str] = {
        MatchKind.SAME_VARIANT: _("the same variant"),
        MatchKind.NEIGHBOURING_POSITION: _("same or neighbouring position"),
        MatchKind.SAME_REGION: _("gains or losses of the same region"),
        MatchKind.SAME_EFFECT: _("variants of the same effect"),
        MatchKind.SAME_GENE: _("the same gene"),
    }
    return names.get(kind, kind.value.replace("_", " "))


def _word(word: str) -> str:
    names: dict[str, str] = {
        "very likely": _("very likely"),
        "more likely than not": _("more likely than not"),
        "possible": _("possible"),
        "unlikely": _("unlikely"),
        "very unlikely": _("very unlikely"),
    }
    return names.get(word, word)
