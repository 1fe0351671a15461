"""A node of ours on disk, and cases to ask with."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from federation import nodes
from matchmaker.actors import SYSTEM
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
    Sharing,
    TermId,
)
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from tests import empty_tables

PHGDH = GeneId("HGNC:8923")
TERMS = ("HP:0011451", "HP:0000274", "HP:0001263", "HP:0001250")


@contextmanager
def our_node(home: Path) -> Iterator[Matchmaker]:
    settings = Settings(home=empty_tables.in_home(home), node_name="Ours", mailbox="mm@ours.example")
    with closing(Matchmaker.create(settings)) as mm:
        yield mm


def register(mm: Matchmaker, name: str, url: str | None, *, token: str | None = "secret", country: str = "ES") -> Node:
    return nodes.add(
        mm, NodeName(name), base_url=url or "https://nowhere.invalid/mme", token=token, country=country, by=SYSTEM
    )


def a_case(
    *,
    terms: Sequence[str] = TERMS,
    genes: Sequence[GeneId] = (PHGDH,),
    sharing: Sharing = Sharing.FEDERATED,
    basis: str = "consent",
) -> Case:
    return Case(
        id=CaseId("0" * 32),
        owner="doctor@ours.example",
        local_id="OURS-1",
        label="Canary Label",
        notes="Canary Notes",
        contact=Contact(name="A Doctor", href="mailto:doctor@ours.example"),
        features=tuple(PhenotypicFeature(term=TermId(term)) for term in terms),
        genomic_features=tuple(GenomicFeature(gene=gene) for gene in genes),
        consent=Consent(basis=basis),
        sharing=sharing,
    )


def a_result(
    id_: str = "T1", *, terms: Sequence[str] = TERMS, gene: str | None = "PHGDH", score: Any = 0.7, **more: Any
) -> dict[str, Any]:
    """One result as a peer sends it."""
    patient: dict[str, Any] = {
        "id": id_,
        "contact": {"name": "A colleague", "href": "mailto:colleague@peer.example"},
        "features": [{"id": term} for term in terms],
    }
    if gene is not None:
        patient["genomicFeatures"] = [{"gene": {"id": gene}}]
    return {"score": {"patient": score}, "patient": patient, **more}


def an_answer(*results: Any, **more: Any) -> bytes:
    return json.dumps({"results": list(results), **more}).encode()
