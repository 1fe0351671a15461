"""How the information content of terms differs between two releases."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.model import TermId
from scoring.corpus import Corpus

NOTABLE = 0.5  # nats: the term is told of some 1.6 times as many diseases, or as few


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentChange:
    """The information content of a term before and after, in nats."""

    term: TermId
    before: float
    after: float


def content_changes(before: Corpus, after: Corpus, *, at_least: float = NOTABLE) -> tuple[ContentChange, ...]:
    """Find the terms of both releases whose content changed.

    Parameters
    ----------
    at_least : float
        Nats, > 0; smaller changes are left out.

    Returns
    -------
    tuple of ContentChange
        The largest change first, equal ones by term. Empty when no term is in both.
    """
    then = dict(zip(before.term_ids, before.ic.tolist(), strict=True))
    now = dict(zip(after.term_ids, after.ic.tolist(), strict=True))
    found = [
        ContentChange(term=term, before=then[term], after=now[term])
        for term in then.keys() & now.keys()
        if abs(now[term] - then[term]) >= at_least
    ]
    return tuple(sorted(found, key=lambda change: (-abs(change.after - change.before), change.term)))
