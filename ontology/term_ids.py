"""Ids of HPO terms, in the spellings that the field sends, and the roots of HPO's branches."""

from __future__ import annotations

import re

from matchmaker.model import TermId

PHENOTYPIC_ABNORMALITY = TermId("HP:0000118")
INHERITANCE_MODE = TermId("HP:0000005")
ONSET = TermId("HP:0003674")
SEVERITY = TermId("HP:0012824")
MODIFIER = TermId("HP:0012823")

# A CURIE, an OBO id with an underscore, or either at the end of an address. Exactly seven digits: an id with one
# digit lost would otherwise quietly become another term.
_ID = re.compile(r"(?:.*[/#=])?HPO?\s*[:_]\s*([0-9]{7})/?", re.IGNORECASE | re.DOTALL)


def term_number(text: str) -> int | None:
    """The number in an HPO id of any spelling in use; None when it is not one.

    Examples
    --------
    >>> term_number("hp:0001250"), term_number("http://purl.obolibrary.org/obo/HP_0001250"), term_number("HP:1250")
    (1250, 1250, None)
    """
    found = _ID.fullmatch(text.strip())
    return int(found[1]) if found else None


def term_id_of(number: int) -> TermId:
    return TermId(f"HP:{number:07d}")
