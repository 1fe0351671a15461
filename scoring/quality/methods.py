"""Scores of every query with every case, by each of the methods that are compared."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from scoring.combination import combine
from scoring.index.cases import Block, IndexedCase, Lists
from scoring.index.engine import DIGITS, fastest_scan
from scoring.index.genes import gene_parts
from scoring.information_content import closure_of
from scoring.profile import Profile
from scoring.quality.tasks import Task
from scoring.scorer import Scorer

Matrix = NDArray[np.float64]
# simGIC: Pesquita et al., BMC Bioinformatics 2008. PhenoDigm: Smedley et al., Database 2013. Both see no genes.
METHODS = ("simGIC", "PhenoDigm", "R")
ABLATIONS = ("R without resemblance", "R without common ground", "R without mutual best matches")
GENE_ABLATIONS = ("R without genes",)


def score_all(task: Task, scorer: Scorer, *, advance: Callable[[int], None]) -> dict[str, Matrix]:
    """Score a task by every method.

    Returns
    -------
    dict
        A float64 array of shape (n_queries, n_cases) for each name of `METHODS`, and for each part that is left out:
        those of the phenotype where no genes are given, the genes where they are.
    """
    block = Block.of([IndexedCase.of(profile, scorer.corpus) for profile in task.cases])
    scan = fastest_scan()
    everything = np.ones(len(block), np.bool_)
    closures = np.repeat(np.arange(len(block)), np.diff(block.closures.offsets))
    ic_of_cases = _sums(block.closures, closures, scorer.corpus.ic)
    ablations = GENE_ABLATIONS if any(query.genes for query in task.queries) else ABLATIONS
    matrices = {name: np.zeros((len(task.queries), len(block))) for name in METHODS + ablations}

    def score(row: int) -> None:
        query = task.queries[row]
        if query.observed:
            own = closure_of(scorer.corpus.graph, np.asarray(query.observed, np.int32))
            content = np.zeros(scorer.corpus.graph.n_terms)
            content[own] = scorer.corpus.ic[own]
            shared = _sums(block.closures, closures, content)
            union = content.sum() + ic_of_cases - shared
            matrices["simGIC"][row] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0.0)
        _score_by_parts(query, row)
        advance(1)

    def _score_by_parts(query: Profile, row: int) -> None:
        size = scorer.prepare(query).size
        genes, _ = gene_parts(block, query, everything, scorer)
        if not size.max_self:
            matrices["R"][row] = np.round(genes, DIGITS)
            return
        parts = combine(scan(block, scorer.corpus, query, everything), size, scorer.parameters)
        matrices["PhenoDigm"][row] = parts.resemblance
        whole = parts.raw + genes
        left_out = dict(zip(ABLATIONS, (parts.resemblance, parts.common_ground, parts.mutual), strict=True))
        left_out |= {"R": np.zeros(1), GENE_ABLATIONS[0]: genes}
        for name in matrices.keys() & left_out.keys():
            matrices[name][row] = np.round(whole - left_out[name], DIGITS)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(score, range(len(task.queries))))
    return matrices


def _sums(lists: Lists, rows: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.bincount(rows, weights=values[lists.values], minlength=len(lists.offsets) - 1)
    return sums.astype(np.float64)
