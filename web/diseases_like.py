"""Known diseases that look like a case, and how its candidate genes explain it, as the pages show them."""

from __future__ import annotations

import threading
from dataclasses import dataclass

from matchmaker.model import Case
from matchmaker.service import Matchmaker
from scoring.diseases import LikelyDisease, Suggestions

MOST = 10
_KEPT = 2  # the release in use, and the one that is being left
_lock = threading.Lock()
_made: dict[str, Suggestions] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class DiseaseRow:
    """One disease; `share` is its evidence as a part of the first one's, `candidates` are the case's genes."""

    id: str
    name: str
    address: str
    share: float
    candidates: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneRow:
    """A candidate gene with the disease of it that explains the findings best; empty where none is known."""

    symbol: str
    disease: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    diseases: tuple[DiseaseRow, ...]
    genes: tuple[GeneRow, ...]


def like(mm: Matchmaker, case: Case) -> Like:
    """Compare one case with all known diseases; nothing of it enters a score."""
    suggestions, profile, symbol = _suggestions(mm), mm.profile(case), mm.release.genes.symbol
    diseases = suggestions.diseases(profile, most=MOST)
    first = max((one.log_ratio for one in diseases), default=0.0)
    genes_of = {one.id: mm.release.annotations.disease(one.id).genes for one in diseases}
    return Like(
        diseases=tuple(
            DiseaseRow(
                id=one.id,
                name=one.name,
                address=address_of(one.id),
                share=max(0.0, one.log_ratio / first) if first > 0.0 else 0.0,
                candidates=tuple(symbol(gene) for gene in genes_of[one.id] if gene in profile.genes),
            )
            for one in diseases
        ),
        genes=tuple(_gene_row(symbol(found.gene), found.best) for found in suggestions.genes(profile)),
    )


def address_of(disease_id: str) -> str:
    """The page of a disease at who keeps it, which a reader may follow; nothing is loaded from there."""
    kind, _, number = disease_id.partition(":")
    if kind == "OMIM":
        return f"https://omim.org/entry/{number}"
    if kind == "ORPHA":
        return f"https://www.orpha.net/en/disease/detail/{number}"
    return ""


def _gene_row(symbol: str, best: LikelyDisease | None) -> GeneRow:
    if best is None:
        return GeneRow(symbol=symbol, disease="", address="")
    return GeneRow(symbol=symbol, disease=best.name, address=address_of(best.id))


def _suggestions(mm: Matchmaker) -> Suggestions:
    """What compares with the diseases of this release, made when it is first needed and shared by all requests."""
    with _lock:
        if mm.release.checksum not in _made:
            while len(_made) >= _KEPT:
                _made.pop(next(iter(_made)))
            _made[mm.release.checksum] = Suggestions(mm.release, mm.scorer.corpus)
        return _made[mm.release.checksum]
