"""The words of the match pages for what lies below as enumerations and numbers, in the reader's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from flask_babel import gettext as _

from federation.opened import Opened
from matchmaker.freshness import Outdated
from matchmaker.model import Case
from matchmaker.store.matches import Match, MatchStatus
from ontology.releases import Release
from scoring.explanation import MatchKind
from scoring.probability import Likelihood
from web import comparison, numbers


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


def strength(score: float) -> str:
    """One word for a score in [0, 1], in the reader's language."""
    names: dict[str, str] = {"strong": _("strong"), "moderate": _("moderate"), "weak": _("weak")}
    return names[comparison.strength(score)]


def node_of(opened: Opened) -> str:
    """Where the other case is."""
    name: str = _("our node") if opened.finding.at_home else opened.finding.node
    return _("our own centre") if opened.own else name


def kind_of(kind: MatchKind) -> str:
    """How a gene is shared."""
    names: dict[MatchKind, str] = {
        MatchKind.SAME_VARIANT: _("the same variant"),
        MatchKind.NEIGHBOURING_POSITION: _("same or neighbouring position"),
        MatchKind.SAME_REGION: _("gains or losses of the same region"),
        MatchKind.SAME_EFFECT: _("variants of the same effect"),
        MatchKind.SAME_GENE: _("the same gene"),
    }
    return names.get(kind, kind.value.replace("_", " "))


def likely(found: Likelihood, *, spell: Callable[[float], str] = numbers.probability) -> str:
    """A probability in words and as a number."""
    return f"{word_of(found.word.value)}, {spell(found.probability)}"


def times(log_ratio: float) -> str:
    """A likelihood ratio as a number of times, to two digits."""
    return numbers.two_digits(math.exp(min(log_ratio, 20.0)))


def word_of(word: str) -> str:
    """One of the words for a probability."""
    names: dict[str, str] = {
        "very likely": _("very likely"),
        "more likely than not": _("more likely than not"),
        "possible": _("possible"),
        "unlikely": _("unlikely"),
        "very unlikely": _("very unlikely"),
    }
    return names.get(word, word)
