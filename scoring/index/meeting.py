"""Where each term meets a query: which of the query's terms and their ancestors it has above it, as bits.

Most terms meet a query where their parent does, so answers are written once and shared: 11,000 terms have some
hundred of them. What a term is worth to the query depends on that answer and on the size of its closure alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scoring.index.compiling import compiled

U8 = "uint64"


def _gather_closure(graph: Any, terms: Any, slot: Any) -> Any:
    """The closure of some terms, int32 in no order; `slot` (all -1 before) says where each of them stands in it."""
    offsets, ancestors, _ic, _added, _sizes = graph
    found = np.empty(offsets.shape[0] - 1, np.int32)
    n_found = 0
    for term in terms:
        for k in range(offsets[term], offsets[term + 1]):
            if slot[ancestors[k]] < 0:
                slot[ancestors[k]] = n_found
                found[n_found] = ancestors[k]
                n_found += 1
    return found[:n_found].copy()


def _place_of(bits: Any, row: Any) -> Any:
    """A number that spreads rows of bits over a table."""
    place = np.uint64(14695981039346656037)
    for w in range(bits.shape[1]):
        place = (place ^ bits[row, w]) * np.uint64(0x9E3779B97F4A7C15)
        place ^= place >> np.uint64(29)
    return place


def _find_meetings(parents: Any, live: Any, asked: Any, meetings: Any, table: Any) -> Any:  # noqa: C901
    """Write for each live term which meeting it has, and the bits of each distinct meeting; return how many there are.

    `asked` are the places of terms in the query's closure and among what it excludes, -1 for none. `table` is all zero
    before and after, of a power of two of entries, at least twice the terms.
    """
    offsets, above = parents
    slot, excluded, first_excluded = asked
    meeting_of, bits = meetings
    n_words, mask = bits.shape[1], np.uint64(table.shape[0] - 1)
    n_meetings = 0
    for term in live:
        begin, end = offsets[term], offsets[term + 1]
        own, without = slot[term], excluded[term]
        if end == begin + 1 and own < 0 and without < 0:
            meeting_of[term] = meeting_of[above[begin]]
            continue
        bits[n_meetings, :] = 0
        for k in range(begin, end):
            for w in range(n_words):
                bits[n_meetings, w] |= bits[meeting_of[above[k]], w]
        if own >= 0:
            bits[n_meetings, own >> 6] |= np.uint64(1) << np.uint64(own & 63)
        if without >= 0:
            bits[n_meetings, first_excluded + (without >> 6)] |= np.uint64(1) << np.uint64(without & 63)
        place = place_of(bits, n_meetings) & mask
        while True:
            known = table[place] - 1
            if known < 0:
                table[place] = n_meetings + 1
                meeting_of[term] = n_meetings
                n_meetings += 1
                break
            same = True
            for w in range(n_words):
                same &= bits[known, w] == bits[n_meetings, w]
            if same:
                meeting_of[term] = known
                break
            place = (place + np.uint64(1)) & mask
    for n in range(n_meetings):
        place = place_of(bits, n) & mask
        while table[place]:
            table[place] = 0
            place = (place + np.uint64(1)) & mask
    return n_meetings


_MEETINGS = f"Tuple(({{i4}}, {U8}[:,::1]))"
gather_closure = compiled(_gather_closure, "{i4}({graph}, {i4}, {i4})")
place_of = compiled(_place_of, f"{U8}({U8}[:,::1], int64)")
find_meetings = compiled(
    _find_meetings, f"int64(Tuple(({{i4}}, {{i4}})), {{i4}}, Tuple(({{i4}}, {{i4}}, int64)), {_MEETINGS}, {{i4}})"
)
