"""What a release says of a term, and the names of all terms."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import TermId


class Scope(StrEnum):
    """How a synonym relates to its term's label."""

    EXACT = "EXACT"
    BROAD = "BROAD"
    NARROW = "NARROW"
    RELATED = "RELATED"


SCOPES = tuple(Scope)  # a snapshot holds positions in it


@dataclass(frozen=True, slots=True, kw_only=True)
class Synonym:
    text: str
    scope: Scope
    layperson: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term as its release has it; obsolete ones too."""

    id: TermId
    label: str
    definition: str
    synonyms: tuple[Synonym, ...]
    alt_ids: tuple[TermId, ...]
    obsolete: bool
    replaced_by: TermId | None
    consider: tuple[TermId, ...]
    parents: tuple[TermId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Names:
    """Every label and synonym of the terms that are not obsolete; all four are aligned, of shape (n_names,).

    `scopes` are positions in SCOPES, -1 for labels; `terms` are the numbers in the terms' ids.
    """

    texts: list[str]
    terms: NDArray[np.int32]
    scopes: NDArray[np.int8]
    layperson: NDArray[np.bool_]
