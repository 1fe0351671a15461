"""What genes and variants add to the score of each case of a block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from scoring.genotype import evidence_scale, list_weight, n_candidates
from scoring.index.cases import Block, keys_near
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
    found = [block.postings[key] for key in keys_near(query) if key in block.postings]
    if not found:
        return values, lifts
    n_shared = np.bincount(np.concatenate(found), minlength=len(block)) * wanted
    is_bare = not query.alleles and query.inheritance_mode is None
    bare = np.flatnonzero((n_shared > 0) & block.bare) if is_bare else np.zeros(0, np.int64)
    # Where only genes are known nothing can agree or conflict: the same sum as `shared_genes`, without the particulars.
    several = scorer.parameters.several_genes * np.log(n_shared[bare])
    weight = several + list_weight(n_candidates(query) * block.n_candidates[bare], scorer.parameters)
    values[bare] = weight * evidence_scale(len(query.observed), scorer.parameters)
    lifts[bare] = True
    n_shared[bare] = 0
    for row in np.flatnonzero(n_shared).tolist():
        shared = scorer.shared_genes(asked, block.profiles[row])
        values[row] = sum(gene.evidence for gene in shared)
        lifts[row] = any(gene.lifts for gene in shared)
    return values, lifts
