"""What changed from one release of reference data to another: terms and genes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import GeneId, TermId
from ontology.genes import GeneTable
from ontology.hpo import Hpo
from ontology.releases import Release
from ontology.resolution import ResolutionKind


class TermChangeKind(StrEnum):
    NEW = "new"
    OBSOLETE = "obsolete"  # `after`: the one replacement, or what HPO suggests to consider
    MERGED = "merged"  # `after`: the term that it became an alternative id of
    UNKNOWN = "unknown"  # the other release, an older one, does not have it
    MOVED = "moved"  # `before` and `after`: the parents
    RELABELLED = "relabelled"  # `before` and `after`: the labels


class GeneChangeKind(StrEnum):
    NEW = "new"
    RENAMED = "renamed"  # `before` and `after`: the symbols
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class TermChange:
    """One change of one term; a term that was moved and relabelled has two."""

    kind: TermChangeKind
    term: TermId
    label: str  # the newer one where there is one
    before: tuple[str, ...] = ()
    after: tuple[str, ...] = ()
    settled: bool = True  # False: obsolete, and HPO names no single term instead


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneChange:
    kind: GeneChangeKind
    gene: GeneId
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseDiff:
    """All changes, by kind in the order of the enumerations and then by id."""

    before: str
    after: str
    terms: tuple[TermChange, ...]
    genes: tuple[GeneChange, ...]

    @property
    def n_terms(self) -> Mapping[TermChangeKind, int]:
        found = Counter(change.kind for change in self.terms)
        return {kind: found[kind] for kind in TermChangeKind}

    @property
    def n_genes(self) -> Mapping[GeneChangeKind, int]:
        found = Counter(change.kind for change in self.genes)
        return {kind: found[kind] for kind in GeneChangeKind}


def diff(before: Release, after: Release) -> ReleaseDiff:
    """Compare two releases; from a newer to an older one it says what going back would change."""
    terms = sorted(_terms(before.hpo, after.hpo), key=lambda change: (_TERMS.index(change.kind), change.term))
    genes = sorted(_genes(before.genes, after.genes), key=lambda change: (_GENES.index(change.kind), change.gene))
    return ReleaseDiff(before=before.id, after=after.id, terms=tuple(terms), genes=tuple(genes))


_TERMS = tuple(TermChangeKind)
_GENES = tuple(GeneChangeKind)
_GONE = {
    ResolutionKind.ALTERNATIVE: TermChangeKind.MERGED,
    ResolutionKind.REPLACED: TermChangeKind.OBSOLETE,
    ResolutionKind.CHOSEN: TermChangeKind.OBSOLETE,
    ResolutionKind.OBSOLETE: TermChangeKind.OBSOLETE,
    ResolutionKind.UNKNOWN: TermChangeKind.UNKNOWN,
}


def _terms(before: Hpo, after: Hpo) -> Iterator[TermChange]:
    kept = set(after.current_ids)
    for term in before.current_ids:
        if term in kept:
            yield from _kept(term, before, after)
        else:
            yield _gone(term, before, after)
    for term in kept.difference(before.current_ids):
        yield TermChange(kind=TermChangeKind.NEW, term=term, label=after.label(term) or "")


def _gone(term: TermId, before: Hpo, after: Hpo) -> TermChange:
    resolution = after.resolve(term)
    return TermChange(
        kind=_GONE[resolution.kind],
        term=term,
        label=before.label(term) or "",
        after=resolution.consider if resolution.term is None else (resolution.term,),
        settled=resolution.kind is not ResolutionKind.OBSOLETE,
    )


def _kept(term: TermId, before: Hpo, after: Hpo) -> Iterator[TermChange]:
    then, now = before.term(term), after.term(term)
    # A parent that was merged or replaced is the same parent: the term itself did not move.
    parents = {after.resolve(parent).term or parent for parent in then.parents}
    if parents != set(now.parents):
        yield TermChange(kind=TermChangeKind.MOVED, term=term, label=now.label, before=then.parents, after=now.parents)
    if then.label != now.label:
        yield TermChange(
            kind=TermChangeKind.RELABELLED, term=term, label=now.label, before=(then.label,), after=(now.label,)
        )


def _genes(before: GeneTable, after: GeneTable) -> Iterator[GeneChange]:
    then = dict(zip(before.ids, before.symbols, strict=True))
    now = dict(zip(after.ids, after.symbols, strict=True))
    for gene, symbol in then.items():
        if gene not in now:
            yield GeneChange(kind=GeneChangeKind.WITHDRAWN, gene=gene, before=symbol)
        elif now[gene] != symbol:
            yield GeneChange(kind=GeneChangeKind.RENAMED, gene=gene, before=symbol, after=now[gene])
    for gene in now.keys() - then.keys():
        yield GeneChange(kind=GeneChangeKind.NEW, gene=gene, after=now[gene])
