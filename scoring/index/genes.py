"""What genes and variants add to the score of each case of a block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId
from scoring.gene_weight import commonness, evidence_scale, list_weight, misfit, n_candidates
from scoring.index.candidates import Using
from scoring.index.cases import Block, keys_near
from scoring.index.rows import Where
from scoring.index.shelf import Shelf
from scoring.index.table import Table
from scoring.profile import Profile
from scoring.scorer import Prepared, Scorer


def gene_parts(
    block: Block, asked: Profile | Prepared, wanted: NDArray[np.bool_], scorer: Scorer
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Add up shared genes for every wanted case; also which of them are a match by that alone.

    Returns
    -------
    float64 and bool arrays of shape (n_cases,)
        Evidence, ln of the factor on the score; zero and False for cases that are not wanted or share nothing.
    """
    query = asked.profile if isinstance(asked, Prepared) else asked
    values, lifts = np.zeros(len(block)), np.zeros(len(block), np.bool_)
    found = [key for key in keys_near(query) if key in block.postings]
    if not found:
        return values, lifts
    n_shared = np.bincount(np.concatenate([block.postings[key] for key in found]), minlength=len(block)) * wanted
    if not query.alleles and query.inheritance_mode is None:
        bare = np.flatnonzero((n_shared > 0) & block.bare)
        values[bare] = _of_bare(block, query, bare, n_shared[bare], scorer)
        lifts[bare] = True
        n_shared[bare] = 0
    for row in np.flatnonzero(n_shared).tolist():
        shared = scorer.shared_genes(asked, block.profiles[row])
        values[row] = sum(gene.evidence for gene in shared)
        lifts[row] = any(gene.lifts for gene in shared)
    return values, lifts


def _of_bare(
    block: Block, query: Profile, rows: NDArray[np.int64], n_shared: NDArray[np.int64], scorer: Scorer
) -> NDArray[np.float64]:
    """The same sum as `shared_genes` for the cases at `rows`, of which nothing but genes is known.

    Nothing can agree or conflict there, so that only the best gene and the number of them matter.
    """
    parameters = scorer.parameters
    best = np.full(len(block), -np.inf)
    for gene in query.genes:
        having = block.postings.get(gene)
        if having is not None:
            best[having] = np.maximum(best[having], -_costs(block.explained[gene], query, gene, scorer))
    weight = list_weight(n_candidates(query) * block.n_candidates[rows], parameters) + best[rows]
    several = parameters.several_genes * np.log(n_shared)
    return np.asarray((weight + several) * evidence_scale(len(query.observed), parameters), np.float64)


def _costs(theirs: NDArray[np.float64], query: Profile, gene: GeneId, scorer: Scorer) -> NDArray[np.float64]:
    """What the weight of a gene falls by in cases of whose findings it explains `theirs`, nan where not known."""
    own = scorer.corpus.explained(gene, query.observed)
    least = theirs if own is None else np.fmin(theirs, own)
    common = commonness(scorer.corpus.gene_facts(gene).n_papers, scorer.parameters)
    return np.asarray(common + misfit(least, scorer.parameters), np.float64)


def rows_sharing(
    shelf: Shelf, rows: Table, asked: Prepared, where: Where, using: Using
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]:
    """Find the visible rows that share a gene or place with the query, what that says, and whether it is a match.

    Returns
    -------
    int64, float64 and bool arrays of shape (n_sharing,)
        Rows ascending; evidence and flags as `gene_parts` gives them.
    """
    query, scorer = asked.profile, using.scorer
    found = shelf.having(keys_near(query), len(rows))
    if not found:
        return np.zeros(0, np.int64), np.zeros(0), np.zeros(0, np.bool_)
    sharing, n_shared = np.unique(np.concatenate(list(found.values())), return_counts=True)
    values, lifts = np.zeros(len(sharing)), np.zeros(len(sharing), np.bool_)
    split = rows.split(sharing)
    seen = split.gathered(lambda part, its: part.visible(where, its))
    bare = np.zeros(len(sharing), np.bool_)
    if not query.alleles and query.inheritance_mode is None:
        bare = seen & split.column("bare")
        best = np.full(len(sharing), -np.inf)
        for gene in query.genes:
            if gene in found:
                places = np.searchsorted(sharing, found[gene])
                costs = _costs(
                    shelf.explained(gene, len(places), scorer.corpus, using.engine.explain), query, gene, scorer
                )
                best[places] = np.maximum(best[places], -costs)
        n_pairs = n_candidates(query) * split.column("n_candidates")[bare].astype(np.int64)
        weight = list_weight(n_pairs, scorer.parameters) + best[bare]
        several = scorer.parameters.several_genes * np.log(n_shared[bare])
        values[bare] = (weight + several) * evidence_scale(len(query.observed), scorer.parameters)
        lifts[bare] = True
    for place in np.flatnonzero(seen & ~bare).tolist():
        values[place], lifts[place] = scorer.evidence_of_genes(asked, shelf.profile(int(sharing[place])))
    return sharing[seen], values[seen], lifts[seen]
