"""One result of an answer as it is sent: as plain values, and as the bytes of them.

Both say the same, which a test holds together. An answer has up to sixty results that repeat a few genes and terms, so
the bytes are joined from pieces that are spelled once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from federation import strict_json
from federation.spelling import HUMAN
from federation.writing import write_clinical, write_contact, write_feature, write_gene, write_patient
from matchmaker.disclosure import Answer, ToldGene
from matchmaker.model import Case, Contact, GeneId, PhenotypicFeature, TermId
from ontology.genes import GeneTable
from ontology.hpo import Hpo
from ontology.releases import Release

_PIECES = 50_000  # kept: terms and genes, as they are sent; nothing of a case
_CONTACTS = 5_000  # kept: whom to write to


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
    return b'{"score":{"patient":%s},"patient":%s,"_explanation":{%s"genes":%s,"terms":%s,"contradictions":%s}}' % (
        _spelled(view.score),
        _spelled_patient(view.case, release),
        b"" if view.is_fixed else b'"scoring":%s,' % _spelled(view.scoring),
        strict_json.listed([_spelled_gene(gene, release.genes) for gene in view.genes]),
        strict_json.listed([_spelled_term(term) for term in view.terms]),
        strict_json.listed([_spelled_term(term) for term in view.contradictions]),
    )


def _spelled_patient(case: Case, release: Release) -> bytes:
    if _is_brief(case):
        spelled = b'{"id":%s,"contact":%s}' % (strict_json.dumps(case.local_id), _spelled_contact(case.contact))
        if case.genomic_features:
            named = [_spelled_gene_alone(feature.gene, release.genes) for feature in case.genomic_features]
            spelled = b'%s,"genomicFeatures":%s}' % (spelled[:-1], strict_json.listed(named))
    else:
        spelled = strict_json.dumps(write_clinical(case, release))
    if not case.features:
        return spelled
    features = strict_json.listed([_spelled_feature(feature, release.hpo) for feature in case.features])
    return b'%s,"features":%s}' % (spelled[:-1], features)


def _is_brief(case: Case) -> bool:
    """Whether a view shows no more of the patient than findings and the names of distinct genes, as most answers do."""
    more = case.sex or case.onset or case.inheritance_mode or case.disorders or case.test or case.species != HUMAN
    genes = {feature.gene for feature in case.genomic_features if feature.gene is not None and not feature.variants}
    return not more and len(genes) == len(case.genomic_features)


@lru_cache(maxsize=_PIECES)
def _spelled(value: str | float) -> bytes:
    """Spell one of the few scores, in their steps, or the name of the scoring."""
    return strict_json.dumps(value)


@lru_cache(maxsize=_CONTACTS)
def _spelled_contact(contact: Contact) -> bytes:
    return strict_json.dumps(write_contact(contact))


@lru_cache(maxsize=_PIECES)
def _spelled_gene_alone(gene: GeneId, genes: GeneTable) -> bytes:
    return strict_json.dumps({"gene": write_gene(gene, genes)})


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
