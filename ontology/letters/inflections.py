"""Whether two English words are forms of one: cyanosed and cyanosis, vomits and vomiting, clumsy and clumsiness."""

from __future__ import annotations

_VERB = frozenset(["", "s", "e", "es", "ed", "ing"])
# Endings that go with one another behind the part that two forms share: adjectives with their nouns.
_FAMILIES = tuple(
    frozenset(endings.split(","))
    for endings in (
        ",ness",
        "y,iness",
        ",ity",
        "e,ity",
        ",ion,ation",
        "e,ed,ion,ation,ive",
        "ive,ivity,ion",
        "ated,ation",
        "able,ability",
        "ible,ibility",
        "ent,ence,ency",
        "ant,ance,ancy",
        "ic,ia,y,ism,is,sis,a,us",
        "osed,otic,osis",
        "etic,esis",
        "itic,itis",
        "ous,ia,y,a,us,osity",
        "atous,a",
        "al,ia,y,us,a",
    )
)
_SHORTEST_SHARED = 4


def same_word(said: str, name: str) -> bool:
    """Whether what was said is a form of a name; a verb is one of its gerund only: who strokes has no stroke.

    Examples
    --------
    >>> same_word("vomits", "vomiting"), same_word("impulsive", "impulsivity"), same_word("fracture", "fraction")
    (True, True, False)
    """
    shared = (n for n in range(_SHORTEST_SHARED, min(len(said), len(name)) + 1) if said[:n] == name[:n])
    return any(_go_together(said[n:], name[n:]) for n in shared)


def _go_together(said: str, name: str) -> bool:
    verb = name == "ing" and said in _VERB
    return verb or any(said in family and name in family for family in _FAMILIES)
