"""How often the diseases and genes that are suggested for a case are its own, with and without what its paper says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId
from ontology.releases import Release
from scoring.corpus import Corpus
from scoring.diseases import Suggestions
from scoring.profile import Profile
from scoring.quality.cases import PublishedCase
from scoring.quality.measures import Resampling

ALL, NEW, WITHOUT = "all annotations", "papers that no annotation cites", "without the case's own paper"
STEP = 3  # every third query: the measures are means, and the intervals tell how sure they are


def suggested(
    cases: Sequence[PublishedCase],
    positions: Sequence[int],
    queries: Sequence[Profile],
    release: Release,
    corpus: Corpus,
) -> dict[str, Any]:
    """Measure on every third query.

    Parameters
    ----------
    positions, queries : aligned
        Which case each query is, and the query with its candidate genes.

    Returns
    -------
    dict
        JSON-able: where a case's own disease stands among all annotated ones, and its own gene among its candidates:
        with all annotations; of these the cases that none was made from, which are as new as a clinic's; and without
        those that cite the case's own paper, which often leaves little of a disease.
    """
    suggestions = Suggestions(release, corpus)
    row_of = {disease: row for row, disease in enumerate(release.annotations.ids)}
    chosen = [n for n in range(len(positions)) if cases[positions[n]].disease in row_of][::STEP]
    own = [cases[positions[n]] for n in chosen]
    is_cited = np.array([case.disease in release.annotations.diseases_citing(case.paper) for case in own], np.bool_)
    row = np.array([row_of[case.disease] for case in own], np.int64)
    report: dict[str, Any] = {"queries": len(chosen), "queries_whose_paper_is_cited": int(is_cited.sum())}
    for name, leaves_out in ((ALL, False), (WITHOUT, True)):
        ranks = np.array(
            [
                _ranks(suggestions, queries[n], case, release, row=at, without=case.paper if leaves_out else None)
                for n, case, at in zip(chosen, own, row.tolist(), strict=True)
            ]
        ).reshape(-1, 2)
        report |= _summary(ranks, row, name)
        if not leaves_out:
            report |= _summary(ranks[~is_cited], row[~is_cited], NEW)
    return report


def _summary(ranks: NDArray[np.float64], diseases: NDArray[np.int64], name: str) -> dict[str, Any]:
    """The means over diseases; nothing for no queries."""
    if not len(ranks):
        return {}
    resampling = Resampling.of(diseases)
    what = zip(("disease", "gene"), ranks.T, strict=True)
    return {f"{kind}, {name}": resampling.summary(resampling.means(found)) for kind, found in what}


def _ranks(
    suggestions: Suggestions, query: Profile, case: PublishedCase, release: Release, *, row: int, without: str | None
) -> tuple[float, float]:
    ratios = suggestions.log_ratios(query, without=without)
    own = float(ratios[row])
    return 1.0 + _before(ratios, own), _gene_rank(suggestions, query, case, release, without)


def _before(ratios: NDArray[np.float64], own: float) -> float:
    """How many stand before one; half of those that tie with it."""
    return float((ratios > own).sum() + ((ratios == own).sum() - 1) / 2)


def _gene_rank(
    suggestions: Suggestions, query: Profile, case: PublishedCase, release: Release, without: str | None
) -> float:
    true = release.genes.resolve(case.gene or "").gene
    resolved = tuple(release.genes.resolve(gene).gene or GeneId(gene) for gene in query.genes)
    found = [candidate.gene for candidate in suggestions.genes(replace(query, genes=resolved), without=without)]
    return 1.0 + found.index(true) if true in found else np.inf
