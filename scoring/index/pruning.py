"""The kernels of the search: a bound for every case, the score of those that could be among the best.

Both are in float32 and are compared with a margin: they only choose whom to score exactly, in float64 and by the same
code as everywhere. A bound is never below the score, see docs/decisions.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from scoring.index import vectors
from scoring.index.compiling import compiled
from scoring.index.filling import F4, TABLES
from scoring.index.meeting import U8
from scoring.index.rows import SPAN

# To a type checker an intrinsic takes one argument more than its caller gives.
add_four: Any = vectors.add_four
sums_of_maxima: Any = vectors.sums_of_maxima
MORE_THAN_ANY = np.float32(1e30)


def _bound(cases: Any, four: Any, row_of: Any, numbers: Any, bounds: Any) -> None:
    """Write a number that no score of the case, without genes, exceeds, 0 for a case without terms; and the largest of
    each SPAN of cases."""
    upper, peaks = bounds
    offsets, terms, weights, spreads, inverses = cases
    n_query, max_self, mean_self, weight = numbers[0], numbers[1], numbers[2], numbers[3]
    coverage, most_coverage = numbers[4], numbers[5]
    near, sharp, generic, mutual_weight = numbers[6], numbers[7], numbers[8], numbers[9]
    half, one, zero = np.float32(0.5), np.float32(1.0), np.float32(0.0)
    table, rows = four.ctypes.data, terms.ctypes.data
    n_cases = upper.shape[0]
    # Numbers that are not negative are ordered as their bits are, and the largest integer is found in vector code.
    as_bits, peaks_as_bits = upper.view(np.int32), peaks.view(np.int32)
    sums = np.empty((5, SPAN), np.float32)
    per_query, per_max, per_mean = one / n_query, half / max_self, half / mean_self
    for start in range(0, n_cases, SPAN):
        n = min(SPAN, n_cases - start)
        for i in range(n):
            begin, end = np.int64(offsets[start + i]), np.int64(offsets[start + i + 1])
            if end > begin:
                add_four(table, row_of.ctypes.data, rows + 2 * begin, end - begin, sums.ctypes.data + 4 * i)
            else:
                sums[:, i] = zero
        its_weights, its_spreads, its_inverses = (
            weights[start : start + n],
            spreads[start : start + n],
            inverses[start : start + n],
        )
        its_offsets, its_upper = offsets[start : start + n + 1], upper[start : start + n]
        for i in range(n):
            n_case, strongest = np.float32(its_offsets[i + 1] - its_offsets[i]), sums[4, i]
            backward = sums[0, i] / (n_case if n_case > zero else one)
            forward = near + sums[1, i] * per_query
            forward = strongest if strongest < forward else forward
            forward = mean_self if mean_self < forward else forward
            shared = generic + sums[3, i]
            shared = weight if weight < shared else shared
            shared = its_weights[i] if its_weights[i] < shared else shared
            pooled = (n_query * forward + n_case * backward) / (n_query + n_case)
            resemblance = strongest * per_max + pooled * per_mean
            resemblance = one if one < resemblance else resemblance
            partners = np.sqrt(forward * backward)
            partners = mean_self if mean_self < partners else partners
            met = coverage * (sharp + sums[2, i]) * its_spreads[i]
            met = most_coverage if most_coverage < met else met
            total = resemblance + np.sqrt(shared / (weight + its_weights[i] - shared)) + mutual_weight * partners + met
            # Without a common ancestor that says something everything is zero.
            its_upper[i] = total * its_inverses[i] if strongest > zero else zero
        peak = np.int32(0)
        for bits in as_bits[start : start + n]:
            peak = bits if bits > peak else peak
        peaks_as_bits[start // SPAN] = peak


def _let_pass(flags: Any, where: Any, offsets: Any, bounds: Any) -> None:
    """Write a bound that is above all scores for each visible case with terms, and 0 for the others."""
    upper, peaks = bounds
    sharing, test, species, owners, families, died = flags
    least, owner, tests, kind, not_owner, not_family, now = where
    peaks[:] = 0.0
    for row in range(upper.shape[0]):
        # No branches: what a filter lets through comes in no order that a processor could foresee.
        seen = (sharing[row] >= least) | ((owner != 0) & (owners[row] == owner))
        seen &= (died[row] > now) & ((tests < 0) | (test[row] == (tests == 1))) & ((kind < 0) | (species[row] == kind))
        seen &= (not_owner == 0) | (owners[row] != not_owner)
        seen &= ((not_family == 0) | (families[row] != not_family)) & (offsets[row] < offsets[row + 1])
        upper[row] = MORE_THAN_ANY if seen else np.float32(0.0)
        peaks[row // SPAN] = max(peaks[row // SPAN], upper[row])


def _count_visible(flags: Any, where: Any, n_places: Any) -> Any:
    """How many of four cases at each of some places are visible."""
    n_rows, n_seen = flags[0].shape[0], 0
    for place in range(n_places):
        first = place * (n_rows - 4) // n_places
        for row in range(first, first + 4):
            n_seen += visible(flags, where, row)
    return n_seen


def _score(cases: Any, exclusions: Any, tables: Any, query: Any, row: Any) -> Any:  # noqa: C901
    """S of one case with terms, without genes, as float32."""
    offsets, terms, weights, spreads, inverses = cases
    excluded_offsets, excluded, ages, onsets = exclusions
    row_of, similar, four, exact, words = tables
    numbers, lookup, in_closure, age, onset, seen = query
    begin, end = np.int64(offsets[row]), np.int64(offsets[row + 1])
    n_terms = end - begin
    place = terms.ctypes.data + 2 * begin
    forward, met = np.float32(0.0), np.float32(0.0)
    for group in range(similar.shape[1]):
        table, stride = similar.ctypes.data + 128 * np.int64(group), 128 * np.int64(similar.shape[1])
        more, more_met = sums_of_maxima(table, stride, row_of.ctypes.data, place, n_terms)
        forward += more
        met += more_met
    backward, strongest, shared = np.float32(0.0), np.float32(0.0), np.float32(0.0)
    n_words, n_own = words.shape[1], lookup.shape[0] >> 3
    for w in range(n_words):
        seen[w] = 0
    for k in range(begin, end):
        term = terms[k]
        backward += four[row_of[term], 0]
        strongest = four[row_of[term], 0] if four[row_of[term], 0] > strongest else strongest
        shared += exact[row_of[term]]
        for w in range(n_words):
            seen[w] |= words[row_of[term], w]
    for w in range(n_own):
        word = seen[w]
        for b in range(8):
            shared += lookup[8 * w + b, np.int64(word & np.uint64(255))]
            word >>= np.uint64(8)
    n_against = 0
    if n_words > n_own and (age < 0 or onsets[row] < 0 or age >= onsets[row]):
        for w in range(n_own, n_words):
            word = seen[w]
            while word != 0:
                word &= word - np.uint64(1)
                n_against += 1
    if ages[row] < 0 or onset < 0 or ages[row] >= onset:
        for k in range(excluded_offsets[row], excluded_offsets[row + 1]):
            n_against += in_closure[excluded[k]]
    n_query, max_self, mean_self, weight = numbers[0], numbers[1], numbers[2], numbers[3]
    forward /= n_query
    backward /= np.float32(n_terms)
    pooled = (n_query * forward + np.float32(n_terms) * backward) / (n_query + np.float32(n_terms))
    resemblance = min(np.float32(1.0), np.float32(0.5) * (strongest / max_self + pooled / mean_self))
    common = np.sqrt(min(np.float32(1.0), shared / (weight + weights[row] - shared)))
    total = resemblance + common + numbers[9] * min(np.sqrt(forward * backward), mean_self)
    total += min(numbers[4] * met * spreads[row], numbers[5])
    return total * inverses[row] * (np.float32(1.0) - min(numbers[11], numbers[10] * np.float32(n_against)))


def _score_rows(cases: Any, exclusions: Any, tables: Any, query: Any, asked: Any) -> None:
    """Write the scores of rows; `asked` is the rows and where the scores go. Rows without terms score 0."""
    rows, scores = asked
    for n in range(rows.shape[0]):
        has_terms = cases[0][rows[n]] < cases[0][rows[n] + 1]
        scores[n] = score(cases, exclusions, tables, query, np.int64(rows[n])) if has_terms else np.float32(0.0)


def _is_visible(flags: Any, where: Any, row: Any) -> Any:
    """See `Rows.visible`."""
    sharing, test, species, owners, families, died = flags
    least, owner, tests, kind, not_owner, not_family, now = where
    if sharing[row] < least and (owner == 0 or owners[row] != owner):
        return False
    if died[row] <= now or (tests >= 0 and test[row] != (tests == 1)) or (kind >= 0 and species[row] != kind):
        return False
    return (not_owner == 0 or owners[row] != not_owner) and (not_family == 0 or families[row] != not_family)


def _push(heap: Any, n: Any, value: Any) -> Any:
    """Put a value on a heap of the largest, the least of them first; return how many it holds."""
    if n < heap.shape[0]:
        place = n
        while place > 0 and heap[(place - 1) >> 1] > value:
            heap[place] = heap[(place - 1) >> 1]
            place = (place - 1) >> 1
        heap[place] = value
        return n + 1
    if value > heap[0]:
        place = 0
        while True:
            child = 2 * place + 1
            if child + 1 < n and heap[child + 1] < heap[child]:
                child += 1
            if child >= n or heap[child] >= value:
                break
            heap[place] = heap[child]
            place = child
        heap[place] = value
    return n


def _level(counts: Any, top: Any, n_wanted: Any) -> Any:
    """The bound that some `n_wanted` cases reach; 0 when there are not that many."""
    n_found = 0
    for level in range(counts.shape[0] - 1, 0, -1):
        n_found += counts[level]
        if n_found >= n_wanted:
            return np.float32(level) * top / np.float32(counts.shape[0])
    return np.float32(0.0)


def _count_levels(upper: Any, top: Any, step: Any) -> Any:
    """How many bounds there are of each height, int64 of shape (512,); one of `step` stands for all."""
    counts = np.zeros(512, np.int64)
    per_level = np.float32(511.0) / top
    for row in range(0, upper.shape[0], step):
        counts[np.int64(upper[row] * per_level)] += step * np.int64(upper[row] > 0.0)
    return counts


def _score_level(cases: Any, flags: Any, query: Any, asked: Any, found: Any) -> None:
    """Score the visible rows of one part whose bounds are from `edge` to below `above`, and can matter still.

    `found` are rows and scores, a heap of the best scores, how high one must be to matter, and how many of each.
    """
    lists, exclusions = cases
    tables, numbers = query
    (upper, peaks), where, edge, above, start = asked
    rows, scores, heap, least, counts = found
    lowest = max(edge, least[0])
    for span in range(peaks.shape[0]):
        if peaks[span] < lowest or peaks[span] <= 0.0:
            continue
        for row in range(span * SPAN, min((span + 1) * SPAN, upper.shape[0])):
            value = upper[row]
            if value >= lowest and value < above and value > 0.0 and visible(flags, where, row):
                value = score(lists, exclusions, tables, numbers, row)
                counts[2] += 1
                if value > 0.0 and value >= least[0]:
                    rows[counts[1]], scores[counts[1]] = start + row, value
                    counts[1] += 1
                    counts[0] = push(heap, counts[0], value)
                    if counts[0] == heap.shape[0]:
                        least[0] = max(least[0], heap[0] * np.float32(1.0 - 2e-4))
                        lowest = max(edge, least[0])


def _closures(words: Any, row_of: Any, query: Any, starts: Any, terms: Any) -> Any:
    """Of the closures of lists of terms, what a query asks for: its own closure and what it excludes, in no order."""
    closure, excluded = query
    first_excluded = (closure.shape[0] + 63) // 64
    n_lists = starts.shape[0] - 1
    offsets = np.zeros(n_lists + 1, np.int32)
    values = np.empty(n_lists * (closure.shape[0] + excluded.shape[0]), np.uint16)
    n_found = 0
    for row in range(n_lists):
        for w in range(words.shape[1]):
            word = np.uint64(0)
            for k in range(starts[row], starts[row + 1]):
                word |= words[row_of[terms[k]], w]
            bit = 64 * w if w < first_excluded else 64 * (w - first_excluded)
            asked = closure if w < first_excluded else excluded
            while word != 0:
                if word & np.uint64(1):
                    values[n_found] = asked[bit]
                    n_found += 1
                word >>= np.uint64(1)
                bit += 1
        offsets[row + 1] = n_found
    return offsets, values[:n_found].copy()


_CASES = f"Tuple(({{i4}}, {{u2}}, {F4}[::1], {F4}[::1], {F4}[::1]))"
_EXCLUSIONS = "Tuple(({i4}, {u2}, {i1}, {i1}))"
_QUERY = f"Tuple(({F4}[::1], {F4}[:,::1], {{i1}}, int64, int64, {U8}[::1]))"
_FLAGS = "Tuple(({i1}, boolean[::1], {i4}, int64[::1], int64[::1], uint32[::1]))"
_WHERE = "UniTuple(int64, 7)"
_ASKED = f"Tuple((int64[::1], {F4}[::1]))"
_FOUND = f"Tuple((int64[::1], {F4}[::1], {F4}[::1], {F4}[::1], int64[::1]))"
_BOUNDS = f"UniTuple({F4}[::1], 2)"
bound = compiled(_bound, f"void({_CASES}, {F4}[:,::1], uint16[::1], {F4}[::1], {_BOUNDS})")
score = compiled(_score, f"{F4}({_CASES}, {_EXCLUSIONS}, {TABLES}, {_QUERY}, int64)")
score_rows = compiled(_score_rows, f"void({_CASES}, {_EXCLUSIONS}, {TABLES}, {_QUERY}, {_ASKED})")
visible = compiled(_is_visible, f"boolean({_FLAGS}, {_WHERE}, int64)")
let_pass = compiled(_let_pass, f"void({_FLAGS}, {_WHERE}, {{i4}}, {_BOUNDS})")
count_visible = compiled(_count_visible, f"int64({_FLAGS}, {_WHERE}, int64)")
push = compiled(_push, f"int64({F4}[::1], int64, {F4})")
level_of = compiled(_level, f"{F4}(int64[::1], {F4}, int64)")
count_levels = compiled(_count_levels, f"int64[::1]({F4}[::1], {F4}, int64)")
score_level = compiled(
    _score_level,
    f"void(Tuple(({_CASES}, {_EXCLUSIONS})), {_FLAGS}, Tuple(({TABLES}, {_QUERY})),"
    f" Tuple(({_BOUNDS}, {_WHERE}, {F4}, {F4}, int64)), {_FOUND})",
)
closures_asked_for = compiled(
    _closures, f"Tuple(({{i4}}, {{u2}}))({U8}[:,::1], uint16[::1], Tuple(({{i4}}, {{i4}})), {{i4}}, {{u2}})"
)
