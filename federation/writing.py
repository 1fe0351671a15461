"""A case as Matchmaker Exchange 1.1 has it: strict in the standard's fields, ours with a leading underscore."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache
from typing import Any

from federation.extensions import write_extensions
from federation.spelling import HUMAN, disease_on_the_wire
from matchmaker.errors import NotFound
from matchmaker.model import (
    Case,
    Contact,
    CopyNumber,
    GeneId,
    GenomicFeature,
    PhenotypicFeature,
    TermId,
    Variant,
    Zygosity,
)
from ontology.genes import GeneTable
from ontology.hpo import Hpo
from ontology.releases import Release

# MME 1.1 knows 1 (heterozygous or hemizygous) and 2 (homozygous); what is neither is said in `_zygosity` alone.
_ZYGOSITIES = {Zygosity.HETEROZYGOUS: 1, Zygosity.HEMIZYGOUS: 1, Zygosity.HOMOZYGOUS: 2}
_SAID_BY_NUMBER = {Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS}


def write_patient(case: Case, release: Release) -> dict[str, Any]:
    """Write what a peer gets: nothing of the record itself, and our labels where the submitter gave none.

    The caller hands in the disclosure view, of which all that is left may travel.
    """
    features = [write_feature(feature, release.hpo) for feature in case.features]
    return write_clinical(case, release) | ({"features": features} if features else {})


def write_case(case: Case, release: Release) -> dict[str, Any]:
    """Write everything, for an export: `read_case` makes the same case of it, under a new id."""
    features = [_feature(f, label=f.label) for f in case.features]
    return _stated(write_clinical(case, release) | {"features": features or None} | write_extensions(case))


def write_feature(feature: PhenotypicFeature, hpo: Hpo) -> dict[str, Any]:
    """Write a finding, with our label where the submitter gave none."""
    return _feature(feature, label=feature.label or _label(feature.term, hpo))


def write_clinical(case: Case, release: Release) -> dict[str, Any]:
    """Write all that MME knows of a case but its findings."""
    clinical = {
        "id": case.local_id,
        "contact": write_contact(case.contact),
        "species": None if case.species == HUMAN else case.species,
        "sex": None if case.sex is None else case.sex.upper(),
        "ageOfOnset": case.onset,
        "inheritanceMode": case.inheritance_mode,
        "disorders": [_stated({"id": disease_on_the_wire(d.id), "label": d.label}) for d in case.disorders] or None,
        "genomicFeatures": list(_genomic_features(case.genomic_features, release.genes)) or None,
        "test": case.test or None,
    }
    return _stated(clinical)


def write_contact(contact: Contact) -> dict[str, Any]:
    """Send one valid URI always: made of the address when the owner gave no href."""
    address = contact.email or contact.mailbox
    derived = contact.href is None and address is not None
    return _stated(
        {
            "name": contact.name,
            "institution": contact.institution,
            "href": f"mailto:{address}" if derived else contact.href,
            "email": contact.email,
            "_hrefDerived": derived or None,
            "_mailbox": contact.mailbox,
            "_opened": contact.opened or None,
        }
    )


def _feature(feature: PhenotypicFeature, *, label: str | None) -> dict[str, Any]:
    return _stated(
        {
            "id": feature.term,
            "label": label,
            "observed": "no" if feature.excluded else "yes",
            "ageOfOnset": feature.onset,
            "_severity": feature.severity,
            "_modifiers": list(feature.modifiers) or None,
        }
    )


def _genomic_features(features: tuple[GenomicFeature, ...], genes: GeneTable) -> Iterator[dict[str, Any]]:
    """Write one entry for each variant; numbered where reading them would otherwise join or part them wrongly."""
    numbered = not _reads_back(features)
    for number, feature in enumerate(features):
        group = {"_group": number} if numbered else {}
        gene = {} if feature.gene is None else {"gene": write_gene(feature.gene, genes)}
        for variant in feature.variants:
            yield gene | _variant(variant) | group
        if not feature.variants:
            yield gene | group


def _reads_back(features: tuple[GenomicFeature, ...]) -> bool:
    named = [feature.gene for feature in features if feature.gene is not None]
    whole = all(feature.gene is not None or len(feature.variants) == 1 for feature in features)
    empty = any(variant == Variant() for feature in features for variant in feature.variants)
    return len(named) == len(set(named)) and whole and not empty


def write_gene(gene_id: GeneId, genes: GeneTable) -> dict[str, Any]:
    """Name a gene by its Ensembl id, as MME urges; by the next best where it has none of its own."""
    return dict(_names_of_gene(gene_id, genes))


# Looking up takes longer than all other writing, and an answer says the same few genes and terms many times.
@lru_cache(maxsize=50_000)
def _names_of_gene(gene_id: GeneId, genes: GeneTable) -> tuple[tuple[str, str], ...]:
    try:
        gene = genes.gene(gene_id)
    except NotFound:
        return (("id", gene_id),)
    names = (gene.ensembl, gene.entrez, gene.symbol)
    own = (name for name in names if name is not None and genes.resolve(name).gene == gene.id)
    return (("id", next(own, gene.id)), ("_symbol", gene.symbol), ("_hgnc", gene.id))


@lru_cache(maxsize=50_000)
def _label(term: TermId, hpo: Hpo) -> str | None:
    return hpo.label(term)


def _variant(variant: Variant) -> dict[str, Any]:
    place = {
        "assembly": variant.assembly,
        "referenceName": variant.chromosome,
        "start": variant.start,
        "end": variant.end,
        "referenceBases": variant.reference_bases,
        "alternateBases": variant.alternate_bases,
        "_hgvs": variant.hgvs,
        "_copyNumber": None if variant.copy_number is None else _copy_number(variant.copy_number),
    }
    character = {
        "variant": _stated(place),
        "zygosity": None if variant.zygosity is None else _ZYGOSITIES.get(variant.zygosity),
        "type": None if variant.effect is None else {"id": variant.effect},
        "_zygosity": None if variant.zygosity in _SAID_BY_NUMBER else variant.zygosity,
        "_mechanism": variant.mechanism,
        "_origin": variant.origin,
        "_haplotype": variant.haplotype,
        "_acmgClass": variant.acmg_class,
        "_alleleFraction": variant.allele_fraction,
    }
    return _stated(character)


def _copy_number(copy_number: CopyNumber) -> dict[str, Any]:
    return _stated(
        {
            "change": copy_number.change,
            "copies": copy_number.copies,
            "startBounds": None if copy_number.start_bounds is None else list(copy_number.start_bounds),
            "endBounds": None if copy_number.end_bounds is None else list(copy_number.end_bounds),
        }
    )


def _stated(parts: dict[str, Any]) -> dict[str, Any]:
    """Leave out what is not stated, and write words as plain text."""
    return {k: v.value if isinstance(v, StrEnum) else v for k, v in parts.items() if v is not None}
