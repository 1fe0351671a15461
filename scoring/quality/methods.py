"""Scores of every query with every case, by each of the methods that are compared."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np
from numpy.typing import NDArray

from scoring.combination import combine, with_genes
from scoring.index.candidates import fastest
from scoring.index.cases import Block, IndexedCase, Lists
from scoring.index.finding import DIGITS
from scoring.index.genes import gene_parts
from scoring.information_content import closure_of
from scoring.phenotype import query_size
from scoring.profile import Profile
from scoring.quality.tasks import Task
from scoring.scorer import Scorer

Matrix = NDArray[np.float64]
# simGIC: Pesquita et al., BMC Bioinformatics 2008. PhenoDigm: Smedley et al., Database 2013. Both see no genes.
SHARED_GENE_OF_R = 0.5
METHODS = ("simGIC", "PhenoDigm", "R", "S")
ABLATIONS = (
    "S without resemblance",
    "S without common ground",
    "S without mutual best matches",
    "S without coverage",
    "S without background",
)
PART = "S of what a node told"  # in the query's direction, by the query's own background
WITHOUT_GENES, WITH_LINKS = "S without genes", "S with gene-to-phenotype links"
GENE_VARIATIONS = (WITHOUT_GENES, WITH_LINKS)


def score_all(task: Task, scorer: Scorer, *, informed: Scorer, advance: Callable[[int], None]) -> dict[str, Matrix]:
    """Score a task by every method.

    Parameters
    ----------
    informed : Scorer
        One that knows what the genes' diseases look like, which `scorer` does not.

    Returns
    -------
    dict
        A float64 array of shape (n_queries, n_cases) for each name of `METHODS`, and for each part that is left out:
        those of the phenotype where no genes are given, the genes where they are.
    """
    block = _block(task, scorer)
    scan = fastest().scan
    everything = np.ones(len(block), np.bool_)
    closures = np.repeat(np.arange(len(block)), np.diff(block.closures.offsets))
    ic_of_cases = _sums(block.closures, closures, scorer.corpus.ic)
    has_genes = any(query.genes for query in task.queries)
    matrices = {
        name: np.zeros((len(task.queries), len(block)))
        for name in METHODS + (GENE_VARIATIONS if has_genes else (*ABLATIONS, PART))
    }
    informed_block = _block(task, informed) if has_genes else block

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
        size = query_size(scorer.corpus, query)
        evidence, _ = gene_parts(block, query, everything, scorer)
        facts = scan(block, scorer.corpus, query, everything)
        parts = combine(facts, size, scorer.parameters, divisor=1.0)
        if PART in matrices:
            divisor = scorer.backgrounds.divisor(query.observed)
            told = combine(facts, size, scorer.parameters, divisor=divisor, partial=True)
            matrices[PART][row] = np.round(told.raw, DIGITS)
        left_out = dict(
            zip(ABLATIONS[:4], (parts.resemblance, parts.common_ground, parts.mutual, parts.coverage), strict=True)
        )
        sums = {name: (parts.raw - part) / block.divisors for name, part in left_out.items()}
        sums |= {"S": parts.raw / block.divisors, "S without background": parts.raw}
        for name in matrices.keys() & sums.keys():
            matrices[name][row] = np.round(with_genes(sums[name], evidence, scorer.parameters), DIGITS)
        if has_genes:
            matrices[WITHOUT_GENES][row] = np.round(sums["S"], DIGITS)
            linked, _ = gene_parts(informed_block, query, everything, informed)
            matrices[WITH_LINKS][row] = np.round(with_genes(sums["S"], linked, scorer.parameters), DIGITS)
        matrices["PhenoDigm"][row] = parts.resemblance
        # R as it was published: the plain sum, and half a point for a shared gene.
        matrices["R"][row] = np.round(parts.raw - parts.coverage + SHARED_GENE_OF_R * (evidence > 0.0), DIGITS)

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        list(pool.map(score, range(len(task.queries))))
    return matrices


def _block(task: Task, scorer: Scorer) -> Block:
    scorer.backgrounds.count([profile.observed for profile in task.cases])
    divisors = [scorer.backgrounds.divisor(profile.observed) for profile in task.cases]
    return Block.of([IndexedCase.of(p, scorer.corpus, divisor=d) for p, d in zip(task.cases, divisors, strict=True)])


def _sums(lists: Lists, rows: NDArray[np.int64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    sums = np.bincount(rows, weights=values[lists.values], minlength=len(lists.offsets) - 1)
    return sums.astype(np.float64)
