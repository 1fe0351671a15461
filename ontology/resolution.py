"""What an id means in a release: the term itself, its successor, or nothing that can be told."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import TermId


class ResolutionKind(StrEnum):
    CURRENT = "current"
    ALTERNATIVE = "alternative"  # an id that was merged into the term
    REPLACED = "replaced"  # obsolete, and the release says by what
    CHOSEN = "chosen"  # obsolete without one replacement, and the curator of this node said by what
    OBSOLETE = "obsolete"  # obsolete without one replacement; `consider` may have suggestions
    UNKNOWN = "unknown"  # well formed; perhaps of a newer release
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """What an id means in this release; `term` is set for CURRENT, ALTERNATIVE, REPLACED and CHOSEN."""

    given: str
    term: TermId | None
    kind: ResolutionKind
    consider: tuple[TermId, ...] = ()
