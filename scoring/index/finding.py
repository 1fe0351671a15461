"""One search at one moment: who could be among the best, and their scores in full precision."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from scoring.combination import combine, with_genes
from scoring.index.candidates import MARGIN, Candidates, Using
from scoring.index.cases import Filter
from scoring.index.found import Found, best_rows
from scoring.index.genes import rows_sharing
from scoring.index.rows import Where
from scoring.index.shelf import Shelf
from scoring.index.table import Table
from scoring.index.vocabulary import Vocabulary
from scoring.scorer import Prepared, Scorer

# Raw scores are compared beyond rounding noise, so that compiled and plain code order alike and ties are ties.
DIGITS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """How many are wanted, of which cases; `sharing_gene` and `all_sharing` as `Index.search` and `find` say."""

    k: int
    where: Filter
    sharing_gene: bool | None = None
    all_sharing: bool = False


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
    """Gather the k best and what ties with the last of them.

    With `asked.all_sharing` these are the k best that share no gene, and all that share one.
    """
    engine, scorer, k, where = using.engine, using.scorer, asked.k, asked.where
    seen = Where.of(where, secret=using.secret, now=state.now)
    sharing, evidence, lifts = rows_sharing(state.shelf, state.rows, prepared, seen, using)
    left_out = state.shelf.rows_of(where.exclude_cases, len(state.rows))
    chosen, values, shares = sharing, evidence, lifts
    if len(sharing) and (asked.sharing_gene is not None or len(left_out)):
        wanted = ~np.isin(sharing, left_out)
        if asked.sharing_gene is not None:
            wanted &= lifts == asked.sharing_gene
        chosen, values, shares = sharing[wanted], evidence[wanted], lifts[wanted]
    if prepared.size.max_self <= 0.0 or k <= 0 or not len(state.rows):
        raw = np.round(with_genes(np.zeros(len(chosen)), values, scorer.parameters), DIGITS)
        found = Found(rows=chosen, raw=raw, phenotype=np.zeros(len(chosen)), genotype=values, shares=shares)
    else:
        choosing = engine.candidates(prepared, scorer, state.vocabulary)
        if not asked.all_sharing and len(chosen) > k:
            best = _could_be_best(choosing.most(state.rows, chosen), values, k, scorer)
            chosen, values, shares = chosen[best], values[best], shares[best]
        if asked.sharing_gene is not True:
            alone = choosing.choose(state.rows, seen, np.concatenate([sharing, left_out]), k=k, floor=0.0)
            chosen = np.concatenate([chosen, alone])
            values = np.concatenate([values, np.zeros(len(alone))])
            shares = np.concatenate([shares, np.zeros(len(alone), np.bool_)])
        found = _exact(using, state, (prepared, choosing), (chosen, values, shares))
    rows = best_rows(np.where(found.shares, 0.0, found.raw) if asked.all_sharing else found.raw, k)
    if asked.all_sharing:
        rows = np.concatenate([rows, np.flatnonzero(found.shares & (found.raw > 0.0))])
    return found.at(rows)


def _could_be_best(
    most: NDArray[np.float64], evidence: NDArray[np.float64], k: int, scorer: Scorer
) -> NDArray[np.bool_]:
    """Which of the rows that share a gene can be among the k best of them; `most` is hardly above their scores."""
    if not np.isfinite(most).all():
        return np.ones(len(most), np.bool_)
    upper = with_genes(most, evidence, scorer.parameters)
    least = np.partition(upper, len(upper) - k)[len(upper) - k] * (1.0 - 4.0 * MARGIN)
    return np.asarray(upper >= least, np.bool_)


def _exact(
    using: Using,
    state: Moment,
    query: tuple[Prepared, Candidates],
    asked: tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]],
) -> Found:
    """Score rows in full precision, by the code that scores everything."""
    rows, evidence, shares = asked
    prepared, choosing = query
    scorer = using.scorer
    picked = state.rows.pick(rows, choosing.closures, scorer.corpus.graph.n_terms)
    facts = using.engine.scan(picked, scorer.corpus, prepared.profile, np.ones(len(rows), np.bool_))
    phenotype = combine(facts, prepared.size, scorer.parameters, divisor=picked.divisors).raw
    raw = np.round(with_genes(phenotype, evidence, scorer.parameters), DIGITS)
    return Found(rows=rows, raw=raw, phenotype=phenotype, genotype=evidence, shares=shares)
