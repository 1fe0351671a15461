"""One result of an answer as it is sent: as plain values, and as the bytes of them.

Both say the same, which a test holds together. An answer has up to sixty results that repeat a few genes and terms, so
the bytes are joined from pieces that are spelled once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from federation import strict_json
from federation.writing import write_clinical, write_feature, write_gene, write_patient
from matchmaker.disclosure import Answer, ToldGene
from matchmaker.model import Case, PhenotypicFeature, TermId
from ontology.genes import GeneTable
from ontology.hpo import Hpo
from ontology.releases import Release

_PIECES = 50_000  # kept: terms and genes, as they are sent; nothing of a case


def write_result(view: Answer, release: Release) -> dict[str, Any]:
    """Write one result, exactly as the node that asked sees it."""
    scoring = {} if view.is_fixed else {"scoring": view.scoring}
    return {
        "score": {"patient": view.score},
        "patient": write_patient(view.case, release),
        "_explanation": {
            **scoring,
            "genes": [_gene(gene, release.genes) for gene in view.genes],
            "terms": [{"id": term} for term in view.terms],
            "contradictions": [{"id": term} for term in view.contradictions],
        },
    }


def spell_result(view: Answer, release: Release) -> bytes:
    """Spell what `write_result` writes."""
    scoring = {} if view.is_fixed else {"scoring": strict_json.dumps(view.scoring)}
    explanation = {
        **scoring,
        "genes": strict_json.listed([_spelled_gene(gene, release.genes) for gene in view.genes]),
        "terms": strict_json.listed([_spelled_term(term) for term in view.terms]),
        "contradictions": strict_json.listed([_spelled_term(term) for term in view.contradictions]),
    }
    result = {
        "score": strict_json.dumps({"patient": view.score}),
        "patient": _spelled_patient(view.case, release),
        "_explanation": strict_json.joined(explanation),
    }
    return strict_json.joined(result)


def _spelled_patient(case: Case, release: Release) -> bytes:
    clinical = strict_json.dumps(write_clinical(case, release))
    if not case.features:
        return clinical
    features = strict_json.listed([_spelled_feature(feature, release.hpo) for feature in case.features])
    return clinical[:-1] + b',"features":' + features + b"}"


@lru_cache(maxsize=_PIECES)
def _spelled_feature(feature: PhenotypicFeature, hpo: Hpo) -> bytes:
    return strict_json.dumps(write_feature(feature, hpo))


@lru_cache(maxsize=_PIECES)
def _spelled_gene(gene: ToldGene, genes: GeneTable) -> bytes:
    return strict_json.dumps(_gene(gene, genes))


@lru_cache(maxsize=_PIECES)
def _spelled_term(term: TermId) -> bytes:
    return strict_json.dumps({"id": term})


def _gene(gene: ToldGene, genes: GeneTable) -> dict[str, Any]:
    return {"id": write_gene(gene.gene, genes)["id"], "match": gene.match.value}
