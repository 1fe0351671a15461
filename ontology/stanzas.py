"""One term of a release, as any of its files says it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ontology.term_ids import term_number
from ontology.terms import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Stanza:
    """One term of the file; ids are HPO's numbers."""

    number: int
    label: str
    definition: str
    synonyms: tuple[tuple[str, Scope, bool], ...]  # text, scope, whether it is a layperson's
    alternatives: tuple[int, ...]
    obsolete: bool
    replaced_by: tuple[int, ...]
    consider: tuple[int, ...]
    parents: tuple[int, ...]


def numbers(ids: Iterable[str]) -> tuple[int, ...]:
    """Return the numbers of those ids that are HPO's, in order."""
    return tuple(sorted(number for id_ in ids if (number := term_number(id_)) is not None))
