"""Cases packed into arrays that are scanned whole, what a case can be found by, and which of them a search may see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import CaseId, GeneId, Sharing
from scoring.agreement import places_near, region_keys, regions_near
from scoring.corpus import Corpus
from scoring.gene_weight import n_candidates
from scoring.index.genotypes import genotype_of
from scoring.information_content import closure_of
from scoring.phenotype import total_weight
from scoring.profile import Profile

# What two cases can share besides terms: a gene, a place (assembly, chromosome, start), or a region's step.
Key = GeneId | tuple[str, str, int]
UNKNOWN_STAGE = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which cases a search may see; what is None does not matter.

    Attributes
    ----------
    sharing : cases shared at least this widely ...
    owner : ... and this owner's own cases, however little they are shared
    test : True: test cases only; False: none of them
    """

    sharing: Sharing = Sharing.PRIVATE
    owner: str | None = None
    test: bool | None = None
    species: str | None = None
    exclude_owner: str | None = None
    exclude_family: str | None = None
    exclude_cases: frozenset[CaseId] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedCase:
    """A profile with what every search needs of it, computed once."""

    profile: Profile
    closure: NDArray[np.int32]
    weight: float
    content: float
    divisor: float
    explained: tuple[float, ...]  # of the profile's genes, how much of its findings each explains; nan: not known

    @classmethod
    def of(cls, profile: Profile, corpus: Corpus, *, divisor: float = 1.0) -> IndexedCase:
        terms = np.asarray(profile.observed, np.int32)
        return cls(
            profile=profile,
            closure=closure_of(corpus.graph, terms),
            weight=total_weight(corpus, terms),
            content=float(corpus.ic[terms].sum()),
            divisor=divisor,
            explained=tuple(_share(corpus.explained(gene, profile.observed)) for gene in profile.genes),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """A list of dense integers per case: row r is `values[offsets[r]:offsets[r + 1]]`."""

    offsets: NDArray[np.int32]
    values: NDArray[np.uint16]

    @classmethod
    def of(cls, rows: Sequence[Sequence[int] | NDArray[np.int32]]) -> Lists:
        offsets = np.zeros(len(rows) + 1, np.int32)
        np.cumsum([len(row) for row in rows], out=offsets[1:])
        flat = np.concatenate([np.asarray(row, np.uint16) for row in rows]) if rows else np.zeros(0, np.uint16)
        return cls(offsets=offsets, values=flat)


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Cases packed for searching; never changed once made.

    Attributes
    ----------
    used : int32 array of shape (n_used,)
        The distinct observed terms, ascending.
    terms : Lists
        Observed terms as rows of `used`.
    closures, excluded : Lists
        Dense term ids.
    weights, contents : float64 arrays of shape (n_cases,), nats
    divisors : float64 array of shape (n_cases,)
        What each case's background makes of a sum.
    ages, onsets : int8 arrays of shape (n_cases,)
        Rows of AgeBand; -1 when unknown.
    n_candidates : int64 array of shape (n_cases,)
    genotype : int8 array of shape (n_cases,)
        See `scoring.index.genotypes`.
    postings : dict
        The rows that have a gene or a place, ascending.
    explained : dict
        For each gene, aligned with its postings: how much of the case's findings it explains, nan where not known.
    """

    profiles: tuple[Profile, ...]
    used: NDArray[np.int32]
    terms: Lists
    closures: Lists
    excluded: Lists
    weights: NDArray[np.float64]
    contents: NDArray[np.float64]
    divisors: NDArray[np.float64]
    ages: NDArray[np.int8]
    onsets: NDArray[np.int8]
    n_candidates: NDArray[np.int64]
    genotype: NDArray[np.int8]
    postings: dict[Key, NDArray[np.int64]]
    explained: dict[Key, NDArray[np.float64]]

    @classmethod
    def of(cls, cases: Sequence[IndexedCase]) -> Block:
        profiles = tuple(case.profile for case in cases)
        observed = Lists.of([p.observed for p in profiles])
        used, local = np.unique(observed.values, return_inverse=True)
        return cls(
            profiles=profiles,
            used=used.astype(np.int32),
            terms=Lists(offsets=observed.offsets, values=local.astype(np.uint16)),
            closures=Lists.of([case.closure for case in cases]),
            excluded=Lists.of([p.excluded for p in profiles]),
            weights=np.array([case.weight for case in cases], np.float64),
            contents=np.array([case.content for case in cases], np.float64),
            divisors=np.array([case.divisor for case in cases], np.float64),
            ages=np.array([_stage(p.age_stage) for p in profiles], np.int8),
            onsets=np.array([_stage(p.onset_stage) for p in profiles], np.int8),
            n_candidates=np.array([n_candidates(p) for p in profiles], np.int64),
            genotype=np.array([genotype_of(p) for p in profiles], np.int8),
            postings=_postings(profiles),
            explained=_explained(cases),
        )

    def __len__(self) -> int:
        return len(self.profiles)


def keys_of(profile: Profile) -> set[Key]:
    """What a case can be found by besides its terms."""
    places = (allele.locus for allele in profile.alleles if allele.locus is not None)
    return {*profile.genes, *places, *(key for allele in profile.alleles for key in region_keys(allele))}


def keys_near(profile: Profile) -> set[Key]:
    """What a case must have one of to share anything with this one besides terms."""
    near = (key for allele in profile.alleles for keys in (places_near, regions_near) for key in keys(allele))
    return {*profile.genes, *near}


def _postings(profiles: Sequence[Profile]) -> dict[Key, NDArray[np.int64]]:
    rows: dict[Key, list[int]] = {}
    for row, profile in enumerate(profiles):
        for key in keys_of(profile):
            rows.setdefault(key, []).append(row)
    return {key: np.array(its_rows, np.int64) for key, its_rows in rows.items()}


def _explained(cases: Sequence[IndexedCase]) -> dict[Key, NDArray[np.float64]]:
    shares: dict[Key, list[float]] = {}
    for case in cases:
        for gene, share in zip(case.profile.genes, case.explained, strict=True):
            shares.setdefault(gene, []).append(share)
    return {gene: np.array(its_shares, np.float64) for gene, its_shares in shares.items()}


def _share(share: float | None) -> float:
    return math.nan if share is None else share


def _stage(stage: int | None) -> Any:
    return UNKNOWN_STAGE if stage is None else stage
