"""Variants of Phenopackets v2 as entries of `genomicFeatures`, and back.

A VCF record or a VRS allele says the place, the descriptor's other parts the rest. VCF is 1-based, VRS counts between
bases as MME does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from federation.accessions import accession_of, place_of
from federation.genomic import integer
from matchmaker.model import AcmgClass, CopyChange, CopyNumber, Variant, Zygosity

_ALLELIC_STATES = {
    "GENO:0000135": Zygosity.HETEROZYGOUS,
    "GENO:0000458": Zygosity.HETEROZYGOUS,  # simple
    "GENO:0000402": Zygosity.HETEROZYGOUS,  # compound
    "GENO:0000136": Zygosity.HOMOZYGOUS,
    "GENO:0000134": Zygosity.HEMIZYGOUS,
    "GENO:0000604": Zygosity.HEMIZYGOUS,  # X-linked
    "GENO:0000605": Zygosity.HEMIZYGOUS,  # Y-linked
    "GENO:0000606": Zygosity.HEMIZYGOUS,  # insertion-linked
    "GENO:0000602": Zygosity.HOMOPLASMIC,
    "GENO:0000603": Zygosity.HETEROPLASMIC,
}
_WRITTEN_STATES = {
    Zygosity.HETEROZYGOUS: ("GENO:0000135", "heterozygous"),
    Zygosity.HOMOZYGOUS: ("GENO:0000136", "homozygous"),
    Zygosity.HEMIZYGOUS: ("GENO:0000134", "hemizygous"),
    Zygosity.HOMOPLASMIC: ("GENO:0000602", "homoplasmic"),
    Zygosity.HETEROPLASMIC: ("GENO:0000603", "heteroplasmic"),
}
_SYNTAXES = ("hgvs.c", "hgvs", "hgvs.n", "hgvs.m", "hgvs.g", "hgvs.p")  # the most telling first
_END = re.compile(r"(?:^|;)END=([0-9]+)(?:;|$)")
_PERCENTAGE = re.compile(r"\s*([0-9]+(?:\.[0-9]+)?)\s*%?\s*")
# Our names of what VRSATILE has no field for; values are text.
_EXTENSIONS = ("_zygosity", "_mechanism", "_origin", "_haplotype", "_alleleFraction")


def entry_of(interpretation: Mapping[str, Any]) -> dict[str, Any]:
    """Read a VariantInterpretation as an entry of `genomicFeatures`."""
    descriptor = _part(interpretation, "variationDescriptor")
    gene, state = _part(descriptor, "geneContext"), _part(descriptor, "allelicState").get("id")
    zygosity = _ALLELIC_STATES.get(state) if isinstance(state, str) else None
    entry = {
        "gene": gene_of(gene),
        "variant": _place(descriptor) | {"_hgvs": _hgvs(descriptor), "_copyNumber": _copies(descriptor)},
        "_zygosity": zygosity.value if zygosity else None,
        "type": _part(descriptor, "structuralType") or None,
        "_acmgClass": _acmg_class(interpretation.get("acmgPathogenicityClassification")),
        **_extensions(descriptor),
    }
    return {key: value for key, value in entry.items() if value is not None}


def gene_of(descriptor: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a GeneDescriptor; the symbol helps where the id is of another table."""
    names = {"id": descriptor.get("valueId") or descriptor.get("symbol"), "_symbol": descriptor.get("symbol")}
    return {key: value for key, value in names.items() if value} or None


def interpretation_of(variant: Variant, gene: Mapping[str, Any] | None, *, id_: str) -> dict[str, Any]:
    """Write a VariantInterpretation."""
    state = _WRITTEN_STATES.get(variant.zygosity) if variant.zygosity else None
    descriptor = {
        "id": id_,
        "geneContext": gene,
        "expressions": [{"syntax": "hgvs.c", "value": variant.hgvs}] if variant.hgvs else None,
        "vcfRecord": _vcf_record(variant),
        "variation": _variation(variant),
        "moleculeContext": "genomic",
        "structuralType": {"id": variant.effect, "label": variant.effect} if variant.effect else None,
        "allelicState": {"id": state[0], "label": state[1]} if state else None,
        "extensions": _written_extensions(variant) or None,
    }
    classified = "NOT_PROVIDED" if variant.acmg_class is None else variant.acmg_class.upper()
    return {
        "acmgPathogenicityClassification": classified,
        "variationDescriptor": {key: value for key, value in descriptor.items() if value is not None},
    }


def _place(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    record = _part(descriptor, "vcfRecord")
    if record:
        return _place_in_vcf(record)
    variation = _part(descriptor, "variation")
    copies = _part(variation, "copyNumber")
    allele = _part(variation, "allele") or _part(copies, "allele") or _part(copies, "derivedSequenceExpression")
    location = _part(allele, "sequenceLocation") or _part(allele, "location")
    if not location:
        return {}
    assembly, chromosome = place_of(str(location.get("sequenceId", "")))
    start, end = _interval(location)
    sequence = _part(allele, "literalSequenceExpression") or _part(allele, "sequenceState")
    return _said(
        assembly=assembly,
        referenceName=chromosome,
        start=start,
        end=end,
        referenceBases=descriptor.get("vrsRefAlleleSeq"),
        alternateBases=sequence.get("sequence"),
    )


def _place_in_vcf(record: Mapping[str, Any]) -> dict[str, Any]:
    position, reference = integer(record.get("pos")), record.get("ref")
    start = None if not position else position - 1
    end = _END.search(str(record.get("info") or ""))
    last = int(end[1]) if end else None
    if last is None and start is not None and isinstance(reference, str):
        last = start + len(reference)
    # A contig may be named by its accession, which says the assembly too.
    assembly, chromosome = place_of(str(record.get("chrom", "")))
    return _said(
        assembly=record.get("genomeAssembly") or assembly,
        referenceName=chromosome or record.get("chrom"),
        start=start,
        end=last,
        referenceBases=reference,
        alternateBases=record.get("alt"),
    )


def _interval(location: Mapping[str, Any]) -> tuple[int | None, int | None]:
    simple, interval = _part(location, "simpleInterval"), _part(location, "sequenceInterval")
    if simple:
        return integer(simple.get("start", 0)), integer(simple.get("end"))
    start, end = _part(interval, "startNumber"), _part(interval, "endNumber")
    # A number that is 0 is not written in protobuf's JSON.
    return (integer(start.get("value", 0)) if "startNumber" in interval else None), integer(end.get("value"))


def _hgvs(descriptor: Mapping[str, Any]) -> str | None:
    expressions = [e for e in _list(descriptor, "expressions") if isinstance(e.get("value"), str)]
    by_syntax = {str(e.get("syntax", "")).lower(): e["value"] for e in reversed(expressions)}
    return next((by_syntax[syntax] for syntax in _SYNTAXES if syntax in by_syntax), None)


def _copies(descriptor: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read a number of copies, against the two that most of the genome has."""
    counted = _part(_part(descriptor, "variation"), "copyNumber")
    if "number" not in counted:
        return None
    copies = integer(_part(counted, "number").get("value", 0))
    if copies is None or copies == 2:
        return None
    change = CopyChange.LOSS if copies < 2 else CopyChange.GAIN
    return {"change": change.value, "copies": copies}


def _acmg_class(value: Any) -> str | None:
    words = {member.value for member in AcmgClass}
    return value.lower() if isinstance(value, str) and value.lower() in words else None


def _extensions(descriptor: Mapping[str, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for extension in _list(descriptor, "extensions"):
        name, value = str(extension.get("name", "")), extension.get("value")
        share = _PERCENTAGE.fullmatch(value) if isinstance(value, str) else None
        if name == "mosaicism" and share and float(share[1]) <= 100:
            said |= {"_zygosity": Zygosity.MOSAIC.value, "_alleleFraction": float(share[1]) / 100}
        elif name == "_alleleFraction" and share:
            said[name] = float(share[1])
        elif name in _EXTENSIONS:
            said[name] = value
    return said


def _written_extensions(variant: Variant) -> list[dict[str, str]]:
    said = {
        "_zygosity": Zygosity.MOSAIC if variant.zygosity is Zygosity.MOSAIC else None,
        "_mechanism": variant.mechanism,
        "_origin": variant.origin,
        "_haplotype": variant.haplotype,
        "_alleleFraction": variant.allele_fraction,
    }
    return [{"name": name, "value": str(value)} for name, value in said.items() if value is not None]


def _vcf_record(variant: Variant) -> dict[str, str] | None:
    """VCF can say a variant only with its place and both sequences."""
    if variant.assembly is None or variant.chromosome is None or variant.start is None:
        return None
    if not variant.reference_bases or not variant.alternate_bases:
        return None
    record = {
        "genomeAssembly": variant.assembly,
        "chrom": variant.chromosome,
        "pos": str(variant.start + 1),
        "ref": variant.reference_bases,
        "alt": variant.alternate_bases,
    }
    if variant.end is not None and variant.end != variant.start + len(variant.reference_bases):
        record["info"] = f"END={variant.end}"
    return record


def _variation(variant: Variant) -> dict[str, Any] | None:
    """Say in VRS what VCF has no place for: copy numbers, and places without sequences."""
    if variant.copy_number is None and _vcf_record(variant) is not None:
        return None
    accession = accession_of(variant.assembly, variant.chromosome)
    if accession is None or variant.start is None or variant.end is None:
        return None
    interval = {"startNumber": {"value": str(variant.start)}, "endNumber": {"value": str(variant.end)}}
    location = {"sequenceId": accession, "sequenceInterval": interval}
    if variant.copy_number is not None:
        return _copy_variation(variant.copy_number, location)
    return {
        "allele": {
            "sequenceLocation": location,
            "literalSequenceExpression": {"sequence": variant.alternate_bases or ""},
        }
    }


def _copy_variation(copy_number: CopyNumber, location: dict[str, Any]) -> dict[str, Any]:
    typical = 1 if copy_number.change is CopyChange.LOSS else 3
    copies = typical if copy_number.copies is None else copy_number.copies
    return {
        "copyNumber": {
            "derivedSequenceExpression": {"location": location, "reverseComplement": False},
            "number": {"value": str(copies)},
        }
    }


def _said(**parts: Any) -> dict[str, Any]:
    return {key: value for key, value in parts.items() if value is not None and value != ""}


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    return part if isinstance(part, Mapping) else {}


def _list(whole: Mapping[str, Any], name: str) -> Iterator[Mapping[str, Any]]:
    parts = whole.get(name)
    yield from (part for part in parts if isinstance(part, Mapping)) if isinstance(parts, list) else ()
