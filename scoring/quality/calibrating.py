"""Fit and check the probability of the same disease gene on published cases.

Each query is taken to have one peer among the cases searched, whichever of its relevant ones: each counts by its share,
and each disease as much as another. Folds hold whole disease genes, so that no gene is fitted and checked at once.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.releases import Release
from scoring.corpus import Corpus
from scoring.probability import posterior
from scoring.quality.cases import Truth, choose_queries, read_cases
from scoring.quality.methods import PART, score_all
from scoring.quality.tasks import Task, TaskMaker
from scoring.scorer import Scorer

Matrix = NDArray[np.float64]
NAME = "P-2"
N_FOLDS = 5
EDGES = np.arange(0.0, 5.05, 0.1)
# Where hardly any pair falls a likelihood ratio of 100 is assumed, as heavy as some ten pairs.
PSEUDO_SAME, PSEUDO_OTHER = 1e-4, 1e-6
BANDS = (0.0, 0.001, 0.01, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)
SHOWN_FROM = 0.1  # the error is told of probabilities that a reader would act on


def calibrate(path: Path, release: Release, *, advance: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Fit the calibration and measure it on disease genes that it was not fitted on.

    Returns
    -------
    dict
        JSON-able: `calibration` is what ships, `checks` are reliability, Brier score and expected error (ECE) of
        phenotype alone and of phenotype with genes.

    Raises
    ------
    Invalid
        When the file holds something else.
    """
    scorer = Scorer(Corpus.of(release, gene_phenotypes=False))
    cases = read_cases(path, release.hpo)
    chosen = choose_queries(cases)
    positions, truth = np.array(chosen, np.int64), Truth.of(cases)
    maker = TaskMaker(cases, chosen, release)
    scores = score_all(maker.t1(), scorer, informed=scorer, advance=advance)
    raw, part = scores["S"], scores[PART]
    shared = sharing(maker.t2b())
    same, other = weights(truth, positions)
    provenance = f"matchmaker benchmark calibrate: {len(cases)} cases, {len(chosen)} queries, release {release.id}"
    whole = {
        "name": NAME,
        "scoring": scorer.version,
        "provenance": provenance,
        **fit(raw, part, shared, same=same, other=other),
    }
    return {"calibration": whole, **cross_validated(raw, part, shared, positions=positions, truth=truth)}


def cross_validated(
    raw: Matrix, part: Matrix, shared: NDArray[np.bool_], *, positions: NDArray[np.int64], truth: Truth
) -> dict[str, Any]:
    """Fit on the genes of four folds, say on the fifth how likely each pair is, and compare that with the truth.

    Parameters
    ----------
    raw, part, shared : arrays of shape (n_queries, n_cases)
        The phenotype's raw score, that of the query's direction alone, and whether a candidate gene is shared.
    """
    same, other = weights(truth, positions)
    n_cases = raw.shape[1]
    fold = np.unique(truth.gene[positions], return_inverse=True)[1] % N_FOLDS
    kinds = ("phenotype", "phenotype and genes", "phenotype of a part")
    probability = {kind: np.zeros_like(raw) for kind in kinds}
    for held in range(N_FOLDS):
        rows = fold == held
        if not same[~rows].sum() or not other[~rows].sum():
            continue  # too few genes to leave some out
        fitted = fit(raw[~rows], part[~rows], shared[~rows], same=same[~rows], other=other[~rows])
        log_ratio = np.interp(raw[rows], fitted["raw"], fitted["phenotype"])
        genes = np.where(shared[rows], fitted["shared_gene"], fitted["no_shared_gene"])
        of_part = np.interp(part[rows], fitted["raw"], fitted["part"])
        for name, ratio in zip(kinds, (log_ratio, log_ratio + genes, of_part), strict=True):
            probability[name][rows] = posterior(ratio, n_searched=n_cases, prior=1.0)
    return {
        "checks": {name: check(said, same, other * (n_cases - 1)) for name, said in probability.items()},
        "folds": N_FOLDS,
    }


def sharing(task: Task) -> NDArray[np.bool_]:
    """Mark the pairs with a candidate gene in common, as array of shape (n_queries, n_cases)."""
    having: dict[str, list[int]] = {}
    for row, case in enumerate(task.cases):
        for gene in case.genes:
            having.setdefault(gene, []).append(row)
    shared = np.zeros((len(task.queries), len(task.cases)), np.bool_)
    for row, query in enumerate(task.queries):
        for gene in query.genes:
            shared[row, having.get(gene, [])] = True
    return shared


def weights(truth: Truth, positions: NDArray[np.int64]) -> tuple[Matrix, Matrix]:
    """Weigh pairs of the same gene and of another one, each of shape (n_queries, n_cases) and adding up to 1.

    A query's own paper and pairs of which a gene is not known weigh nothing.
    """
    mine = truth.gene[positions, None]
    known = (truth.paper[positions, None] != truth.paper) & (mine >= 0) & (truth.gene >= 0)
    per_disease = np.bincount(truth.disease[positions], minlength=int(truth.disease.max()) + 1)
    each = 1.0 / per_disease[truth.disease[positions], None]
    same = known & (mine == truth.gene)
    other = known & (mine != truth.gene) & same.any(axis=1, keepdims=True)
    found = [each * mask / np.maximum(1, mask.sum(axis=1, keepdims=True)) for mask in (same, other)]
    return found[0] / found[0].sum(), found[1] / found[1].sum()


def fit(raw: Matrix, part: Matrix, shared: NDArray[np.bool_], *, same: Matrix, other: Matrix) -> dict[str, Any]:
    """Count both kinds of pairs per step of raw score, and make their ratio monotone."""
    same, other = same / same.sum(), other / other.sum()
    sharing_a_gene = (float((mass * shared).sum()) for mass in (same, other))
    # A few cases may share nothing at all, or everything.
    share, chance = (min(max(found, PSEUDO_OTHER), 1.0 - PSEUDO_OTHER) for found in sharing_a_gene)
    return {
        "raw": ((EDGES[:-1] + EDGES[1:]) / 2).round(3).tolist(),
        "phenotype": _ratios(raw, same, other).round(4).tolist(),
        "part": _ratios(part, same, other).round(4).tolist(),
        "shared_gene": round(float(np.log(share / chance)), 4),
        "no_shared_gene": round(float(np.log((1.0 - share) / (1.0 - chance))), 4),
    }


def _ratios(raw: Matrix, same: Matrix, other: Matrix) -> NDArray[np.float64]:
    """ln of the likelihood ratio in each step of raw score."""
    step = np.clip(np.digitize(raw, EDGES) - 1, 0, len(EDGES) - 2).ravel()
    n_steps = len(EDGES) - 1
    of_same = np.bincount(step, same.ravel(), n_steps) + PSEUDO_SAME
    of_other = np.bincount(step, other.ravel(), n_steps) + PSEUDO_OTHER
    return monotone_ratio(of_same.astype(np.float64), of_other.astype(np.float64))


def monotone_ratio(of_same: NDArray[np.float64], of_other: NDArray[np.float64]) -> NDArray[np.float64]:
    """ln of the ratio of two masses per step, pooling neighbours until it never falls.

    Examples
    --------
    >>> monotone_ratio(np.array([1.0, 3.0, 1.0]), np.array([1.0, 1.0, 1.0])).round(3).tolist()
    [0.0, 0.693, 0.693]
    """
    pools: list[tuple[float, float, int]] = []
    for pair in zip(of_same.tolist(), of_other.tolist(), strict=True):
        pools.append((*pair, 1))
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            last, before = pools.pop(), pools.pop()
            pools.append((before[0] + last[0], before[1] + last[1], before[2] + last[2]))
    return np.concatenate([np.full(n, np.log(one / two)) for one, two, n in pools])


def check(probability: Matrix, same: Matrix, other: Matrix) -> dict[str, Any]:
    """Compare what was said with what was so, over pairs weighed by `same` and `other`."""
    band = np.clip(np.digitize(probability, BANDS) - 1, 0, len(BANDS) - 2).ravel()
    mass = (same + other).ravel()
    n_pairs, n_same, said = (
        np.bincount(band, w, len(BANDS) - 1) for w in (mass, same.ravel(), mass * probability.ravel())
    )
    rows = [
        {
            "from": BANDS[b],
            "to": BANDS[b + 1],
            "pairs_per_query": round(float(n_pairs[b]), 5),
            "said": round(float(said[b] / n_pairs[b]), 4) if n_pairs[b] else None,
            "true": round(float(n_same[b] / n_pairs[b]), 4) if n_pairs[b] else None,
        }
        for b in range(len(BANDS) - 1)
    ]
    high = np.array(BANDS[:-1]) >= SHOWN_FROM
    error = np.abs(said - n_same)[high].sum() / max(n_pairs[high].sum(), 1e-12)
    brier = float((same * (1.0 - probability) ** 2 + other * probability**2).sum())
    return {"reliability": rows, "brier_per_query": round(brier, 5), f"ece_from_{SHOWN_FROM}": round(float(error), 4)}
