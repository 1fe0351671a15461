"""Cases of which a test states only what matters to it."""

from __future__ import annotations

import itertools
from typing import Any

from matchmaker.model import (
    Case,
    CaseId,
    Consent,
    Contact,
    GeneId,
    GenomicFeature,
    Node,
    NodeName,
    PhenotypicFeature,
    Score,
    Sharing,
    TermId,
)

_numbers = itertools.count(1)


def a_case(**stated: Any) -> Case:
    """A case with one feature, a basis and the widest sharing; each call makes another one."""
    number = next(_numbers)
    usual: dict[str, Any] = {
        "id": CaseId(f"{number:032x}"),
        "owner": "owner@example.org",
        "local_id": f"P-{number}",
        "contact": Contact(name="Dr Example", email="owner@example.org"),
        "features": (a_feature("HP:0001250"),),
        "consent": Consent(basis="consent"),
        "sharing": Sharing.FEDERATED,
    }
    return Case(**{**usual, **{name: _frozen(value) for name, value in stated.items()}})


def a_feature(term: str, **stated: Any) -> PhenotypicFeature:
    """A feature that is present unless stated."""
    return PhenotypicFeature(term=TermId(term), **{name: _frozen(value) for name, value in stated.items()})


def a_genomic_feature(gene: str | None = "HGNC:8923", **stated: Any) -> GenomicFeature:
    """A candidate gene without variants."""
    named = None if gene is None else GeneId(gene)
    return GenomicFeature(gene=named, **{name: _frozen(value) for name, value in stated.items()})


def a_node(name: str = "spain", **stated: Any) -> Node:
    """A node under EEA jurisdiction that may ask us and be asked."""
    usual: dict[str, Any] = {"base_url": f"https://{name}.example.org/mme", "country": "ES", "jurisdiction": "EEA"}
    return Node(name=NodeName(name), **{**usual, **stated})


def a_score(total: float, *, phenotype: float = 0.0, genotype: float = 0.0) -> Score:
    """A score of which only the total matters unless stated."""
    return Score(total=total, phenotype=phenotype, genotype=genotype)


def _frozen(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
