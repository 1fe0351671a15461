"""The four questions on top of a match, Why, How strong, Who, What next, answered in words; no scoring here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from federation.opened import Opened
from matchmaker import advice
from matchmaker.model import Contact
from ontology.releases import Release
from scoring.probability import Likelihood
from web import numbers
from web.match_words import kind_of, node_of, strength, times, word_of

N_TESTS = 2
N_FINDINGS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One of the four questions of the page, answered."""

    title: str
    headline: str
    lines: tuple[str, ...] = ()
    help: str = ""
    reckoned: str = ""  # from what, where the headline is a number
    link: str = ""


def cards(opened: Opened, release: Release) -> Sequence[Card]:
    """Answer the four questions for one match."""
    return (_why(opened, release), _how_strong(opened), _who(opened), _next(opened, release))


def _why(opened: Opened, release: Release) -> Card:
    finding = opened.finding
    genes = finding.genes(release)
    how = tuple(_begun(kind_of(shared.kind)) for shared in finding.explanation.genes[:1])
    findings = "; ".join(strongest(opened, release))
    headline = ", ".join(genes[:N_FINDINGS]) or _("Similar findings")
    return Card(title=_("Why"), headline=headline, lines=tuple(filter(None, (*how, findings))))


def _how_strong(opened: Opened) -> Card:
    finding, likely = opened.finding, opened.finding.likelihood
    score = numbers.hundredths(finding.score.total)
    scale = _("Score %(score)s of 1 (%(strength)s)", score=score, strength=strength(finding.score.total))
    if likely is None:
        headline, lines = scale, [_("How many cases that node searched is not known, so no probability is given.")]
    else:
        headline = f"{_begun(word_of(likely.word.value))}: {numbers.probability(likely.probability)}"
        among = ngettext(
            "to have the same disease gene, among %(n)s case",
            "to have the same disease gene, among %(n)s cases",
            likely.n_searched,
            n=numbers.plain(likely.n_searched),
        )
        lines = [among, scale]
    if finding.partial:
        lines.append(_("Scored from the part of the case that was shown to us."))
    if finding.told_score:
        lines.append(_("%(node)s gave it %(score)s on its own scale.", node=finding.node, score=finding.told_score))
    return Card(
        title=_("How strong"),
        headline=headline,
        lines=tuple(lines),
        reckoned=_reckoned(likely) if likely else "",
        help=_(
            "The score says how alike two records are: 1 would be the same findings and genes, and one of two hundred "
            "unrelated cases reaches 0.3 without a shared gene. The probability also asks how many cases were "
            "searched: among many, a chance resemblance is more likely."
        ),
    )


def _begun(text: str) -> str:
    """Begin a line with it; German nouns stay as they are."""
    return text[:1].upper() + text[1:]


def _reckoned(likely: Likelihood) -> str:
    """From what the probability was made, so that whoever knows better can do it again."""
    evidence = [
        what % {"times": times(ratio)}
        for what, ratio in (
            (_("the findings make it %(times)s times", times="%(times)s"), likely.evidence.phenotype),
            (_("the genes make it %(times)s times", times="%(times)s"), likely.evidence.genes),
        )
        if ratio is not None
    ]
    made: str = _(
        "Before comparing, %(prior)s of %(n)s cases is expected to have the same disease gene; %(evidence)s as likely.",
        prior=numbers.plain(likely.prior),
        n=numbers.plain(likely.n_searched),
        evidence=_(" and ").join(evidence) or _("nothing told makes it more or less"),
    )
    return made


def _who(opened: Opened) -> Card:
    contact = opened.finding.case.contact
    address = _address(contact)
    # An address for letters is for machines; who reads this page writes below.
    told = _("letters are carried by the two nodes") if "://" in address else address
    centre = contact.institution or contact.name
    return Card(title=_("Who"), headline=centre, lines=tuple(filter(None, (node_of(opened), told))))


def _address(contact: Contact) -> str:
    return (contact.href or contact.email or "").removeprefix("mailto:")


def _next(opened: Opened, release: Release) -> Card:
    finding = opened.finding
    tests = advice.worth_testing(opened.pair.stored.case, finding.case, finding.explanation, release)[:N_TESTS]
    worth = _("Worth testing, in neither record: %(tests)s", tests="; ".join(tests)) if tests else ""
    return Card(
        title=_("What next"), headline=_("Write to the colleague"), lines=tuple(filter(None, [worth])), link="#write"
    )


def strongest(opened: Opened, release: Release) -> tuple[str, ...]:
    """The findings in common that say most, by name."""
    labels = [release.hpo.label(pair.mica) or pair.mica for pair in opened.finding.explanation.pairs]
    return tuple(dict.fromkeys(labels))[:N_FINDINGS]
