"""What is searched while somebody types, made once for each release and shared by all requests."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from federation.lines import Reader, reader_of
from ontology.letters import LetterReader
from ontology.releases import Release
from ontology.search import GeneSearch, TermSearch

_KEPT = 8  # the release in use, in the languages that are read, and the one that is being left
_lock = threading.Lock()
_made: dict[Release, Searching] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """Everything that finds terms and genes by words, for one release."""

    terms: TermSearch
    genes: GeneSearch
    letters: LetterReader
    lines: Reader


def searching(release: Release) -> Searching:
    """Return what searches this release; its indexes are built when they are first used."""
    with _lock:
        if release not in _made:
            while len(_made) >= _KEPT:
                _made.pop(next(iter(_made)))
            lines = reader_of(release)
            _made[release] = Searching(
                terms=lines.search,
                genes=GeneSearch(release.genes),
                letters=LetterReader(release.hpo),
                lines=lines,
            )
        return _made[release]
