"""A case as a phenopacket, version 2 of the schema: its clinical part, for tools that read nothing else.

What the schema has no place for (sharing, consent, notes) is not written; an export for this program is JSON Lines.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from federation.packet_times import time_of_band
from federation.packet_variants import interpretation_of
from federation.spelling import HUMAN
from matchmaker.errors import NotFound
from matchmaker.model import Case, Disorder, GeneId, PhenotypicFeature, Sex, Status, TermId, VitalStatus
from ontology.genes import GeneTable
from ontology.hpo import Hpo
from ontology.releases import Release

ANY_DISEASE = "MONDO:0000001"  # a diagnosis must name a disease; this one says that none is known
_SCHEMA_VERSION = "2.0"
_SEXES = {Sex.FEMALE: "FEMALE", Sex.MALE: "MALE", Sex.OTHER: "OTHER_SEX"}
_OBO = "http://purl.obolibrary.org/obo"
_RESOURCES = (
    ("geno", "Genotype Ontology", f"{_OBO}/geno.owl", "GENO", f"{_OBO}/GENO_"),
    ("so", "Sequence Ontology", f"{_OBO}/so.owl", "SO", f"{_OBO}/SO_"),
    ("mondo", "Mondo Disease Ontology", f"{_OBO}/mondo.owl", "MONDO", f"{_OBO}/MONDO_"),
    ("omim", "Online Mendelian Inheritance in Man", "https://www.omim.org", "OMIM", "https://www.omim.org/entry/"),
    ("ordo", "Orphanet", "https://www.orpha.net", "ORPHA", "http://www.orpha.net/ORDO/Orphanet_"),
)


def write_phenopacket(case: Case, release: Release, *, created: dt.datetime | None = None) -> dict[str, Any]:
    """Write a Phenopacket as protobuf's JSON has it; `created` is now unless given."""
    packet = {
        "id": case.local_id,
        "subject": _subject(case),
        "phenotypicFeatures": list(_features(case, release.hpo)),
        "interpretations": _interpretations(case, release.genes),
        "diseases": [_disease(disorder, case.onset, release.hpo) for disorder in case.disorders],
        "metaData": _meta_data(case, release, created or dt.datetime.now(dt.UTC)),
    }
    return {key: value for key, value in packet.items() if value}


def _subject(case: Case) -> dict[str, Any]:
    vital = case.consent.vital_status if case.consent else None
    subject = {
        "id": case.local_id,
        "sex": None if case.sex is None else _SEXES[case.sex],
        "timeAtLastEncounter": None if case.age_band is None else time_of_band(case.age_band),
        "vitalStatus": {"status": vital.upper()} if vital in {VitalStatus.ALIVE, VitalStatus.DECEASED} else None,
        "taxonomy": {"id": case.species, "label": "Homo sapiens" if case.species == HUMAN else case.species},
    }
    return {key: value for key, value in subject.items() if value is not None}


def _features(case: Case, hpo: Hpo) -> Iterator[dict[str, Any]]:
    for feature in case.features:
        yield _feature(feature, hpo)
    if case.inheritance_mode is not None:
        yield {"type": _term(case.inheritance_mode, hpo)}
    if case.onset is not None and not case.disorders:
        yield {"type": _term(case.onset, hpo)}


def _feature(feature: PhenotypicFeature, hpo: Hpo) -> dict[str, Any]:
    written = {
        "type": _term(feature.term, hpo, feature.label),
        "excluded": feature.excluded or None,
        "severity": None if feature.severity is None else _term(feature.severity, hpo),
        "modifiers": [_term(modifier, hpo) for modifier in feature.modifiers] or None,
        "onset": None if feature.onset is None else {"ontologyClass": _term(feature.onset, hpo)},
    }
    return {key: value for key, value in written.items() if value is not None}


def _interpretations(case: Case, genes: GeneTable) -> list[dict[str, Any]]:
    calls = list(_calls(case, genes))
    if not calls:
        return []
    first = case.disorders[0] if case.disorders else None
    disease = {"id": ANY_DISEASE, "label": "disease"} if first is None else _named(first)
    progress = "SOLVED" if case.status is Status.SOLVED else "IN_PROGRESS"
    diagnosis = {"disease": disease, "genomicInterpretations": calls}
    return [{"id": f"{case.local_id}-1", "progressStatus": progress, "diagnosis": diagnosis}]


def _calls(case: Case, genes: GeneTable) -> Iterator[dict[str, Any]]:
    status = "CAUSATIVE" if case.status is Status.SOLVED else "CANDIDATE"
    call = {"subjectOrBiosampleId": case.local_id, "interpretationStatus": status}
    for number, feature in enumerate(case.genomic_features, 1):
        gene = None if feature.gene is None else _gene(feature.gene, genes)
        for place, variant in enumerate(feature.variants, 1):
            id_ = f"{case.local_id}-{number}.{place}"
            yield call | {"variantInterpretation": interpretation_of(variant, gene, id_=id_)}
        if gene is not None and not feature.variants:
            yield call | {"gene": gene}


def _gene(gene_id: GeneId, genes: GeneTable) -> dict[str, str]:
    try:
        return {"valueId": gene_id, "symbol": genes.gene(gene_id).symbol}
    except NotFound:
        return {"valueId": gene_id, "symbol": gene_id}


def _disease(disorder: Disorder, onset: TermId | None, hpo: Hpo) -> dict[str, Any]:
    written: dict[str, Any] = {"term": _named(disorder)}
    return written if onset is None else written | {"onset": {"ontologyClass": _term(onset, hpo)}}


def _named(disorder: Disorder) -> dict[str, str]:
    return {"id": disorder.id, "label": disorder.label or disorder.id}


def _term(term: TermId, hpo: Hpo, label: str | None = None) -> dict[str, str]:
    """Write an OntologyClass, which needs a label."""
    return {"id": term, "label": label or hpo.label(term) or term}


def _meta_data(case: Case, release: Release, created: dt.datetime) -> dict[str, Any]:
    contact = case.contact
    reached = contact.email or (contact.href or "").removeprefix("mailto:")
    resources = [
        ("hp", "Human Phenotype Ontology", f"{_OBO}/hp.owl", "HP", f"{_OBO}/HP_"),
        (
            "hgnc",
            "HUGO Gene Nomenclature Committee",
            "https://www.genenames.org",
            "HGNC",
            "https://identifiers.org/hgnc:",
        ),
        *_RESOURCES,
    ]
    versions = {"hp": release.hpo.release, "hgnc": release.genes.version}
    return {
        "created": created.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "createdBy": f"{contact.name} <{reached}>" if reached and reached != contact.name else contact.name,
        "resources": [
            {
                "id": id_,
                "name": name,
                "url": url,
                "version": versions.get(id_, ""),
                "namespacePrefix": p,
                "iriPrefix": iri,
            }
            for id_, name, url, p, iri in resources
        ],
        "phenopacketSchemaVersion": _SCHEMA_VERSION,
    }
