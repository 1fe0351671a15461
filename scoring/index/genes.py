"""What genes and variants add to the score: of each case of a block, or at most, until it matters how much."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import GeneId
from scoring.gene_weight import commonness, evidence_scale, list_weight, misfit, n_candidates
from scoring.index.candidates import Using
from scoring.index.cases import Block, keys_near
from scoring.index.genotypes import MORE_THAN_GENES, genotype_of, may_oppose, most_agreement
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
    if not genotype_of(query) & MORE_THAN_GENES:
        bare = np.flatnonzero((n_shared > 0) & ((block.genotype & MORE_THAN_GENES) == 0))
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


@dataclass(slots=True, kw_only=True)
class Sharing:
    """The visible rows that share a gene or place with a query; one row is compared when somebody needs to know.

    Attributes
    ----------
    rows : int64, ascending
    evidence : float64
        As `gene_parts` gives it where that `is_known`, elsewhere at most that.
    lifts : bool
        As `gene_parts` gives it where that `is_settled`.
    """

    rows: NDArray[np.int64]
    evidence: NDArray[np.float64]
    lifts: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    is_settled: NDArray[np.bool_]
    _compared: Callable[[int], tuple[float, bool]]

    @classmethod
    def nothing(cls) -> Sharing:
        rows, no = np.zeros(0, np.int64), np.zeros(0, np.bool_)
        return cls(rows=rows, evidence=np.zeros(0), lifts=no, is_known=no, is_settled=no, _compared=_nothing)

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, places: NDArray[np.bool_] | NDArray[np.int64]) -> Sharing:
        columns = {name: getattr(self, name)[places] for name in _ALIGNED}
        return Sharing(**columns, _compared=self._compared)

    def compare(self, places: NDArray[np.int64]) -> None:
        """Compare some rows with the query gene by gene."""
        for place in places[~self.is_known[places]].tolist():
            self.evidence[place], self.lifts[place] = self._compared(int(self.rows[place]))
        self.is_known[places] = self.is_settled[places] = True

    def settle(self) -> None:
        """Know of all rows whether they are a match by what they share alone."""
        self.compare(np.flatnonzero(~self.is_settled))


def _nothing(row: int) -> tuple[float, bool]:
    return 0.0, False


_ALIGNED = ("rows", "evidence", "lifts", "is_known", "is_settled")


def rows_sharing(shelf: Shelf, rows: Table, asked: Prepared, where: Where, using: Using) -> Sharing:
    """Find the visible rows that share a gene or place with the query; of each is known what it can add at most."""
    query, scorer, parameters = asked.profile, using.scorer, using.scorer.parameters
    found = shelf.having([*query.genes, *asked.genotype.near], len(rows))
    if not found:
        return Sharing.nothing()
    sharing = np.unique(np.concatenate(list(found.values()))) if len(found) > 1 else next(iter(found.values()))
    split = rows.split(sharing)
    genotype, theirs = split.column("genotype"), split.column("n_candidates").astype(np.int64)
    least, n_genes, near = np.full(len(sharing), np.inf), np.zeros(len(sharing), np.int64), np.zeros(len(sharing), bool)
    for key, having in found.items():
        places = np.searchsorted(sharing, having)
        if isinstance(key, tuple):
            near[places] = True
        else:
            explained = shelf.explained(key, len(having), scorer.corpus, using.engine.explain)
            least[places] = np.minimum(least[places], _costs(explained, query, key, scorer))
            n_genes[places] += 1
    # A place may be shared beside the genes, under any name that a side has for it, and nothing is known against it.
    own, bits = n_candidates(query), genotype_of(query)
    n_shared = np.where(near, own + theirs - n_genes, n_genes)
    best = most_agreement(bits, genotype, near, parameters) - np.where(n_shared > n_genes, 0.0, least)
    weight = list_weight(own * theirs, parameters) + best
    several = parameters.several_genes * np.log(n_shared)
    is_known = ((genotype | bits) & MORE_THAN_GENES) == 0
    return Sharing(
        rows=sharing,
        evidence=(weight + several) * evidence_scale(len(query.observed), parameters),
        lifts=n_genes > 0,
        is_known=is_known,
        is_settled=is_known | ((n_genes > 0) & ~may_oppose(bits, genotype)),
        _compared=lambda row: scorer.evidence_of_genes(asked, shelf.profile(row)),
    ).at(split.gathered(lambda part, its: part.visible(where, its)))
