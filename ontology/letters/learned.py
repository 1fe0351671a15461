"""What the names of one release teach of its words: those that stand for each other, those that may be left out.

HPO calls most terms by several names. Where two of them differ in one word only, the two words mean the same there
("Femoral bowing", "Bowed femur"); where one has a word more, that word may go. What several terms agree on is learned.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations

from matchmaker.model import TermId

_Words = frozenset[str]

_TERMS_AGREE, _SHARE_EXCHANGED = 4, 0.05  # terms whose names exchange two words, and their share of the rarer word's
_TERMS_SURE = 8  # as many are asked where only one other word says what is meant
_TERMS_DROP, _SHARE_DROPPED = 3, 0.08
_MOST_ALIKE = 8
# Without these a finding would be another; HPO exchanges "no" with "absent", and a "fractured bone" with a fracture.
_NEVER = frozenset(
    [
        "no",
        "not",
        "without",
        "absent",
        "fractur",
        "broken",
        "flexion",
        "positiv",
        "persistent",
        "cell",
        "kidn",
        "tooth",
        "eye",
    ]
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """Of stems of words: `alike` has those that a word may stand for, surest first; `spare` may be left out.

    `sure` has the pairs of those that so many terms exchange that one other word is enough.
    """

    alike: Mapping[str, tuple[str, ...]]
    sure: frozenset[tuple[str, str]]
    spare: frozenset[str]


def learn(spellings: Mapping[TermId, set[_Words]]) -> Learned:
    """Compare the exact names of each term, given as the stems of their words."""
    exchanged: Counter[tuple[str, str]] = Counter()
    dropped: Counter[str] = Counter()
    used = Counter(word for names in spellings.values() for word in frozenset().union(*names))
    for names in spellings.values():
        pairs, gone = set(_exchanges(names)), set(_drops(names))
        exchanged.update(pairs)
        dropped.update(gone)
    agreed = [
        (pair, n)
        for pair, n in exchanged.most_common()
        if n >= max(_TERMS_AGREE, _SHARE_EXCHANGED * min(used[word] for word in pair)) and not _NEVER & set(pair)
    ]
    alike: dict[str, list[str]] = defaultdict(list)
    for (one, other), _ in agreed:
        alike[one] = [*alike[one], other][:_MOST_ALIKE]
    return Learned(
        alike={word: tuple(others) for word, others in alike.items()},
        sure=frozenset(pair for pair, n in agreed if n >= _TERMS_SURE),
        spare=frozenset(
            word
            for word, n in dropped.items()
            if n >= max(_TERMS_DROP, _SHARE_DROPPED * used[word]) and word not in _NEVER
        ),
    )


def _exchanges(names: set[_Words]) -> Iterator[tuple[str, str]]:
    for one, other in combinations(names, 2):
        own, its = one - other, other - one
        if len(own) == len(its) == 1 and one & other:
            (a,), (b,) = own, its
            yield a, b
            yield b, a


def _drops(names: set[_Words]) -> Iterator[str]:
    for one, other in combinations(names, 2):
        more = one ^ other
        if len(more) == 1 and len(one & other) > 1:
            yield from more
