"""How good the ranking is: what `matchmaker benchmark quality` measures on published cases."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ontology.releases import Release
from scoring.calibration import PASSING
from scoring.corpus import Corpus
from scoring.quality.calibrating import cross_validated, sharing
from scoring.quality.cases import Truth, choose_queries, read_cases
from scoring.quality.costing import cpu_ms_per_query
from scoring.quality.measures import Resampling, best_ranks
from scoring.quality.methods import PART, score_all
from scoring.quality.missing import missing
from scoring.quality.suggesting import suggested
from scoring.quality.tasks import TaskMaker
from scoring.scorer import Scorer

SHIPPED = "S"
PASSING_SHARE = 0.005


def quality(path: Path, release: Release, *, advance: Callable[[int], None] = lambda _: None) -> dict[str, Any]:
    """Measure the shipped score and others on a file of published cases.

    Parameters
    ----------
    advance : callable
        Told of each query that was scored, for a bar of progress.

    Returns
    -------
    dict
        JSON-able. For each task and method the mean over diseases of hit@1, hit@10 and MRR with its 95 % interval, and
        for each method the paired difference of the shipped score to it; where the map to [0, 1] stands; how far the
        probability can be believed; how often suggestions are right; what misses the ten best; what a query costs.

    Raises
    ------
    Invalid
        When the file holds something else.
    """
    # What is known of genes was annotated from the very papers that the cases are from: it would tell the answer.
    scorer = Scorer(Corpus.of(release, gene_phenotypes=False))
    informed = Scorer(release)
    cases = read_cases(path, release.hpo)
    chosen = choose_queries(cases)
    positions, truth = np.array(chosen, np.int64), Truth.of(cases)
    resampling = Resampling.of(truth.disease[positions])
    maker = TaskMaker(cases, chosen, release)
    report: dict[str, Any] = {
        "scoring": scorer.version,
        "release": release.id,
        "cases": len(cases),
        "queries": len(chosen),
        "diseases": int(resampling.group.max(initial=-1)) + 1,
        "cpu_ms_per_query": {},
        "tasks": {},
    }
    for make in (maker.t1, maker.t2, maker.t2b, maker.t3):
        task = make()
        scores = score_all(task, scorer, informed=informed, advance=advance)
        report["tasks"][task.name] = _compared(scores, positions, truth, resampling, single=False)
        if task.name == "T1":
            report["tasks"]["T4"] = _compared(scores, positions, truth, resampling, single=True)
            report["calibration"] = _calibration(scores[SHIPPED], positions, truth, scorer.parameters.threshold)
            report["missing"] = missing(scores[SHIPPED], positions, cases, truth)
            raw, part = scores[SHIPPED], scores[PART]
        if task.name in {"T1", "T2b"}:
            report["cpu_ms_per_query"][task.name] = cpu_ms_per_query(task, informed)
        if task.name == "T2":
            queries = task.queries
        if task.name == "T2b":
            report["probability"] = cross_validated(raw, part, sharing(task), positions=positions, truth=truth)
    report["suggestions"] = suggested(cases, chosen, queries, release=release, corpus=informed.corpus)
    return report


def _compared(
    scores: dict[str, NDArray[np.float64]],
    positions: NDArray[np.int64],
    truth: Truth,
    resampling: Resampling,
    *,
    single: bool,
) -> dict[str, Any]:
    means = {name: resampling.means(best_ranks(scores[name], positions, truth, single=single)) for name in scores}
    return {
        "methods": {name: resampling.summary(its_means) for name, its_means in means.items()},
        "differences": {
            f"{SHIPPED} - {name}": resampling.summary(means[SHIPPED] - its_means)
            for name, its_means in means.items()
            if name != SHIPPED
        },
    }


def _calibration(
    raw: NDArray[np.float64], positions: NDArray[np.int64], truth: Truth, threshold: float
) -> dict[str, Any]:
    """Where 0.3 lies: which share of unrelated pairs passes it on phenotype alone, and where it ought to be."""
    unrelated = (
        (truth.paper[positions, None] != truth.paper)
        & (truth.disease[positions, None] != truth.disease)
        & ((truth.gene[positions, None] != truth.gene) | (truth.gene < 0))
    )
    same_disease = (truth.paper[positions, None] != truth.paper) & (truth.disease[positions, None] == truth.disease)
    passing = raw >= threshold
    return {
        "score": PASSING,
        "raw": threshold,
        "unrelated_pairs": int(unrelated.sum()),
        "unrelated_share_passing": round(float(passing[unrelated].mean()), 5),
        "unrelated_passing_per_query_median": float(np.median((passing & unrelated).sum(axis=1))),
        "same_disease_share_passing": round(float(passing[same_disease].mean()), 4),
        f"raw_at_{PASSING_SHARE:.1%}": round(float(np.quantile(raw[unrelated], 1.0 - PASSING_SHARE)), 4),
    }
