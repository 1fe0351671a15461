"""One search at one moment: who could be among the best, and their scores in full precision."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from scoring.combination import combine, with_genes
from scoring.index.candidates import MARGIN, Candidates, Using
from scoring.index.cases import Filter
from scoring.index.found import Found, best_rows
from scoring.index.genes import Sharing, rows_sharing
from scoring.index.rows import Where
from scoring.index.shelf import Shelf
from scoring.index.table import Table
from scoring.index.vocabulary import Vocabulary
from scoring.scorer import Prepared, Scorer

# Raw scores are compared beyond rounding noise, so that compiled and plain code order alike and ties are ties.
DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How many are wanted, of which cases; see `Index.search` and `Index.search_apart`."""

    k: int
    where: Filter
    sharing_gene: bool | None = None
    apart: bool = False
    k_sharing: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One moment of the index: rows that came by then and had not died by `now`, a number that each change raises."""

    revision: int = 0
    now: int = 0
    n_cases: int = 0
    shelf: Shelf
    rows: Table
    vocabulary: Vocabulary


def find(using: Using, state: Moment, prepared: Prepared, asked: Asked) -> Found:
    """Gather the k best and what ties with the last of them; with `asked.apart` those that share no gene, and beside
    them as many of those that share one as are wanted."""
    where, k, scorer = asked.where, asked.k, using.scorer
    seen = Where.of(where, secret=using.secret, now=state.now)
    sharing = rows_sharing(state.shelf, state.rows, prepared, seen, using)
    hidden = left_out = state.shelf.rows_of(where.exclude_cases, len(state.rows))
    if len(sharing):
        hidden = np.concatenate([sharing.rows, left_out])
        sharing = sharing.at(~np.isin(sharing.rows, left_out)) if len(left_out) else sharing
    if asked.apart or asked.sharing_gene is not None:
        sharing.settle()
    if asked.sharing_gene is not None:
        sharing = sharing.at(sharing.lifts == asked.sharing_gene)
    n_sharing = int(np.count_nonzero(sharing.lifts))
    says_something = prepared.size.max_self > 0.0 and len(state.rows) > 0
    choosing = using.engine.candidates(prepared, scorer, state.vocabulary) if says_something else None
    most = np.zeros(len(sharing)) if choosing is None else choosing.most(state.rows, sharing.rows)
    if asked.apart:
        best, floor = _best(sharing, np.where(sharing.lifts, most, -np.inf), asked.k_sharing, scorer)[0], 0.0
        sharing = sharing.at(best | ~sharing.lifts)
    else:
        best, floor = _best(sharing, most, k, scorer)
        sharing = sharing.at(best)
    alone = np.zeros(0, np.int64)
    if choosing is not None and asked.sharing_gene is not True and k > 0:
        alone = choosing.choose(state.rows, seen, hidden, k=k, floor=floor)
    found = _exact(using, state, (prepared, choosing), sharing, alone)
    rows = best_rows(np.where(found.shares, 0.0, found.raw) if asked.apart else found.raw, k)
    if asked.apart:
        rows = np.concatenate([rows, np.flatnonzero(found.shares & (found.raw > 0.0))])
    return replace(found.at(rows), n_sharing=n_sharing)


def _best(
    sharing: Sharing, most: NDArray[np.float64], k: int | None, scorer: Scorer
) -> tuple[NDArray[np.bool_], float]:
    """Which of the rows that share a gene can be among the k best of them, and a score that k of them reach; these are
    compared.

    `most` is hardly above the scores of their findings; -inf: not to be among them.
    """
    wanted = most > -np.inf
    if k is None or k >= np.count_nonzero(wanted) or np.isinf(most[wanted]).any():
        sharing.compare(np.flatnonzero(wanted))
        return wanted, 0.0
    upper = np.where(wanted, with_genes(most, sharing.evidence, scorer.parameters), -np.inf)
    while True:
        # The k with the highest bounds say how high a bound must be to matter, once they are compared.
        best = np.argpartition(upper, -k)[-k:]
        if sharing.is_known[best].all():
            break
        sharing.compare(best)
        upper[best] = with_genes(most[best], sharing.evidence[best], scorer.parameters)
    floor = float(upper[best].min()) * (1.0 - 4.0 * MARGIN)
    candidates = wanted & (upper >= floor)
    sharing.compare(np.flatnonzero(candidates))
    return candidates, floor


def _exact(
    using: Using,
    state: Moment,
    query: tuple[Prepared, Candidates | None],
    sharing: Sharing,
    alone: NDArray[np.int64],
) -> Found:
    """Score rows in full precision, by the code that scores everything."""
    prepared, choosing = query
    scorer, nothing = using.scorer, np.zeros(len(alone))
    rows, evidence = np.concatenate([sharing.rows, alone]), np.concatenate([sharing.evidence, nothing])
    shares = np.concatenate([sharing.lifts, nothing > 0.0])
    phenotype = np.zeros(len(rows))
    if choosing is not None:
        picked = state.rows.pick(rows, choosing.closures, scorer.corpus.graph.n_terms)
        facts = using.engine.scan(picked, scorer.corpus, prepared.profile, np.ones(len(rows), np.bool_))
        phenotype = combine(facts, prepared.size, scorer.parameters, divisor=picked.divisors).raw
    raw = np.round(with_genes(phenotype, evidence, scorer.parameters), DIGITS)
    return Found(rows=rows, raw=raw, phenotype=phenotype, genotype=evidence, shares=shares)
