"""Filling in a query's tables, compiled: a row for each meeting and size of closure that a used term has."""

from __future__ import annotations

from typing import Any

import numpy as np

from scoring.index.compiling import compiled
from scoring.index.meeting import U8

LANES = 16
# What a bound takes for granted of each query term: a share of its s, and of its IC J^4, with itself. Any numbers keep
# bounds valid; these leave the fewest cases of a realistic store to be scored.
NEAR, SHARP = np.float32(0.45), np.float32(0.02)
F4 = "float32"


def _fill_tables(graph: Any, query: Any, used: Any, met: Any, tables: Any) -> None:
    """Write the row of each used term, see `QueryTables`; `known` is all zero before and after."""
    offsets, ancestors, ic, _added, sizes = graph
    terms, closure, beyond_generic, slot = query
    meeting_of, bits, known, n_sizes = met
    row_of, similar, four, exact, words = tables
    n_groups, n_words = similar.shape[1], words.shape[1]
    own, least = lanes_of(terms, (ic, sizes), n_groups)
    content = np.zeros((n_groups, closure.shape[0], 16), np.float32)
    has = np.zeros((n_groups, closure.shape[0], 16), np.float32)
    for n in range(terms.shape[0]):
        for k in range(offsets[terms[n]], offsets[terms[n] + 1]):
            content[n // 16, slot[ancestors[k]], n % 16] = ic[ancestors[k]]
            has[n // 16, slot[ancestors[k]], n % 16] = 1.0
        row_of[terms[n]] = 65535
    # The row of a meeting and size stands in `known` at that place, plus one.
    places = np.empty(used.shape[0], np.int64)
    mica, common = np.empty((n_groups, 16), np.float32), np.empty((n_groups, 16), np.float32)
    n_rows = np.int64(0)
    for term in used:
        place = np.int64(meeting_of[term]) * n_sizes + sizes[term]
        row = np.int64(known[place]) - 1
        if row < 0:
            row = n_rows
            known[place] = row + 1
            places[row] = place
            exact[row] = 0.0
            for w in range(n_words):
                words[row, w] = bits[meeting_of[term], w]
            weight = meet(bits[meeting_of[term]], (content, has, beyond_generic), mica, common)
            fill_row(np.float32(sizes[term]), (mica, common), (own, least), similar[row], four[row])
            four[row, 3] = weight
            n_rows += 1
        row_of[term] = row
    for n in range(n_rows):
        known[places[n]] = 0
    for term in terms:
        if row_of[term] != 65535:  # a term that no case has is in no row
            four[row_of[term], 3] += np.float32(ic[term])
            exact[row_of[term]] = ic[term]


def _lanes_of(terms: Any, weights: Any, n_groups: Any) -> Any:
    """The query's terms as lanes: sizes of their closures, and what bounds grant them."""
    ic, sizes = weights
    own = np.ones((n_groups, 16), np.float32)  # lanes without a term share nothing
    least = np.zeros((2, n_groups, 16), np.float32)
    for n in range(terms.shape[0]):
        own[n // 16, n % 16] = sizes[terms[n]]
        least[0, n // 16, n % 16] = NEAR * np.float32(np.sqrt(ic[terms[n]]))
        least[1, n // 16, n % 16] = SHARP * np.float32(ic[terms[n]])
    return own, least


def _meet(bits: Any, of: Any, mica: Any, common: Any) -> Any:
    """Number and largest content of the common ancestors with each query term; return their weight beyond generic."""
    content, has, beyond_generic = of
    mica[:] = 0.0
    common[:] = 0.0
    weight = np.float32(0.0)
    for w in range((content.shape[1] + 63) // 64):
        word = bits[w]
        for b in range(64):
            if word == 0:
                break
            if word & np.uint64(1):
                weight += np.float32(beyond_generic[64 * w + b])
                for group in range(mica.shape[0]):
                    its_content, its = content[group, 64 * w + b], has[group, 64 * w + b]
                    for j in range(16):
                        common[group, j] += its[j]
                        mica[group, j] = its_content[j] if its_content[j] > mica[group, j] else mica[group, j]
            word >>= np.uint64(1)
    return weight


def _fill_row(size: Any, met: Any, lanes: Any, similar: Any, four: Any) -> None:
    """s and IC J^4 of one row, and what bounds read of them."""
    mica, common = met
    own, least = lanes
    best, beyond, sharper = np.float32(0.0), np.float32(0.0), np.float32(0.0)
    for group in range(mica.shape[0]):
        row = similar[group]
        its_mica, its_common, its_own = mica[group], common[group], own[group]
        for j in range(16):
            overlap = its_common[j] / (size + its_own[j] - its_common[j])
            square = overlap * overlap
            row[16 + j] = its_mica[j] * (square * square)
            row[j] = np.sqrt(its_mica[j] * overlap)
        for j in range(16):
            best = row[j] if row[j] > best else best
            more, more_sharp = row[j] - least[0, group, j], row[16 + j] - least[1, group, j]
            beyond += more if more > 0.0 else np.float32(0.0)
            sharper += more_sharp if more_sharp > 0.0 else np.float32(0.0)
    four[0], four[1], four[2] = best, beyond, sharper


_TWO, _THREE = f"{F4}[:,::1]", f"{F4}[:,:,::1]"
TABLES = f"Tuple((uint16[::1], {_THREE}, {_TWO}, {F4}[::1], {U8}[:,::1]))"
lanes_of = compiled(_lanes_of, f"Tuple(({_TWO}, {_THREE}))({{i4}}, Tuple(({{f8}}, {{i4}})), int64)")
meet = compiled(_meet, f"{F4}({U8}[::1], Tuple(({_THREE}, {_THREE}, {{f8}})), {_TWO}, {_TWO})")
fill_row = compiled(
    _fill_row,
    f"void({F4}, Tuple(({_TWO}, {_TWO})), Tuple(({_TWO}, {_THREE})), {_TWO}, {F4}[::1])",
)
fill_tables = compiled(
    _fill_tables,
    f"void({{graph}}, Tuple(({{i4}}, {{i4}}, {{f8}}, {{i4}})), {{i4}},"
    f" Tuple(({{i4}}, {U8}[:,::1], {{i4}}, int64)), {TABLES})",
)
