"""What `genomicFeatures` of a Matchmaker Exchange patient say, as the model has it.

MME has one entry for each variant; a gene that several entries name is one `GenomicFeature` with several variants.
Positions are 0-based and half-open, as MME 1.1 has them; what a node sends 1-based is for the comparison to consider.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from federation.reading import Entry, Warn, choice, shown, text
from matchmaker.model import (
    AcmgClass,
    CopyChange,
    CopyNumber,
    GeneId,
    GenomicFeature,
    Mechanism,
    Origin,
    Variant,
    Zygosity,
)
from ontology.genes import GeneTable, ResolvedBy
from scoring.assemblies import assembly_name, chromosome_name

_MAX_POSITION = 2**31 - 1  # no chromosome is longer, and columns of 32 bits hold it
_DIGITS = re.compile(r"\s*([0-9]{1,10})(?:\.0+)?\s*")
_EFFECT = re.compile(r"(?:.*[/#=])?SO\s*[:_]\s*([0-9]{7})", re.IGNORECASE | re.DOTALL)
_PARTS = re.compile(r"[\s/(),;]+")  # GRCh37/hg19, GRCh37 (hg19)
_BASES = re.compile(r"[ACGTUNRYSWKMBDHV]+|<[A-Z0-9:_]+>|[-.*]", re.IGNORECASE)
_SYMBOLIC = {"DEL", "DUP", "INS", "INV", "CNV"}  # sent without their angle brackets
_ZYGOSITIES = {1: Zygosity.HETEROZYGOUS, 2: Zygosity.HOMOZYGOUS}  # MME 1.1; 1 is hemizygous too


def genomic_features(entries: Sequence[Entry | None], genes: GeneTable, warn: Warn) -> tuple[GenomicFeature, ...]:
    """Read `genomicFeatures`: one feature for each gene, and one for each variant of no gene.

    An entry with `_group` (ours) belongs to the entries of the same number only, so that any case goes round.
    """
    grouped: dict[object, tuple[GeneId | None, list[Variant]]] = {}
    for index, entry in enumerate(entries):
        if entry is None:
            continue
        path = f"genomicFeatures[{index}]"
        gene = _gene(entry.get("gene"), f"{path}.gene", genes, warn)
        variant = _variant(entry, path, warn)
        if gene is None and variant is None:
            warn(path, "names neither a gene nor a variant; ignored", "send gene.id")
            continue
        alone = ("", index) if gene is None else gene
        key = (entry["_group"], gene) if isinstance(entry.get("_group"), int) else alone
        variants = grouped.setdefault(key, (gene, []))[1]
        if variant is not None:
            variants.append(variant)
    return tuple(GenomicFeature(gene=gene, variants=tuple(variants)) for gene, variants in grouped.values())


def n_genes(entries: Sequence[Entry | None]) -> int:
    """Count the genes that are named, and the variants of no gene, before anything is looked up."""
    named = set()
    for index, entry in enumerate(entries):
        if entry is not None:
            names = _names(entry.get("gene"))
            named.add(names[0] if names else index)
    return len(named)


def integer(value: Any) -> int | None:
    """Read a count or position; digits in a string are a number (MME.md), a truth value is not.

    Examples
    --------
    >>> integer("17"), integer(17.0), integer(True), integer("-1"), integer(2**40)
    (17, 17, None, None, None)
    """
    if isinstance(value, str):
        found = _DIGITS.fullmatch(value)
        value = int(found[1]) if found else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= _MAX_POSITION else None


def _gene(value: Any, path: str, genes: GeneTable, warn: Warn) -> GeneId | None:
    """Resolve by the id, then by the symbol beside it; an alias of several genes is never guessed."""
    names = _names(value)
    if not names:
        if value is not None:
            warn(path, "has no id; ignored", "send an Ensembl id")
        return None
    for name in names:
        resolution = genes.resolve(name)
        if resolution.gene is not None:
            return resolution.gene
        if resolution.kind is ResolvedBy.AMBIGUOUS:
            meant = ", ".join(f"{genes.symbol(candidate)} ({candidate})" for candidate in resolution.candidates[:10])
            message = f"{shown(name)} is a name of several genes; kept as sent, and matches none of them by itself"
            warn(f"{path}.id", message, f"send the id of one of {meant}")
            return GeneId(name)
    message = f"{shown(names[0])} is not in the gene table {genes.version}; kept as sent and compared letter by letter"
    warn(f"{path}.id", message, "check the id, or send an Ensembl id")
    return GeneId(names[0])


def _names(value: Any) -> list[str]:
    """What may name the gene, the id first; some peers send the symbol or the id alone, or numbers."""
    said = [value.get(key) for key in ("id", "_symbol", "_geneName")] if isinstance(value, dict) else [value]
    return [
        str(name).strip()
        for name in said
        if isinstance(name, str | int) and not isinstance(name, bool) and str(name).strip()
    ]


def _variant(entry: Entry, path: str, warn: Warn) -> Variant | None:
    """Read the variant of an entry, whichever of the two objects its parts stand in; None when nothing is said."""
    sent = entry.get("variant")
    if sent is not None and not isinstance(sent, dict):
        warn(f"{path}.variant", f"{shown(sent)} is no object; ignored", "send assembly, referenceName and start")
        sent = None
    said = {key: value for part in (entry, sent or {}) for key, value in part.items() if value is not None}
    stated = {
        name: value
        for name, value in (_place(said, f"{path}.variant", warn) | _character(said, path, warn)).items()
        if value is not None
    }
    if stated:
        return Variant(**stated)
    # A variant of which nothing is known is worth keeping only in our own export.
    return Variant() if sent is not None and "_group" in entry else None


def _place(said: Entry, path: str, warn: Warn) -> dict[str, Any]:
    start, end = _position(said, "start", path, warn), _position(said, "end", path, warn)
    if start is not None and end is not None and end < start:
        warn(f"{path}.end", "lies before start; ignored", "send a 0-based, exclusive end")
        end = None
    place = {
        "assembly": _assembly(said.get("assembly"), f"{path}.assembly", warn),
        "chromosome": _chromosome(said.get("referenceName"), f"{path}.referenceName", warn),
        "start": start,
        "end": end,
        "reference_bases": _bases(said.get("referenceBases"), f"{path}.referenceBases", warn),
        "alternate_bases": _bases(said.get("alternateBases"), f"{path}.alternateBases", warn),
    }
    if "start" not in said and any(value is not None for value in place.values()):
        warn(f"{path}.start", "is missing; the variant is not compared by position", "send the 0-based start")
    return place


def _character(said: Entry, path: str, warn: Warn) -> dict[str, Any]:
    fraction = _fraction(said.get("_alleleFraction"), f"{path}._alleleFraction", warn)
    haplotype = integer(said.get("_haplotype"))
    return {
        "hgvs": text(said.get("_hgvs")),
        "zygosity": choice(said.get("_zygosity"), f"{path}._zygosity", Zygosity, warn)
        or _ZYGOSITIES.get(integer(said.get("zygosity")) or 0),
        "effect": _effect(said.get("type"), f"{path}.type", warn),
        "mechanism": choice(said.get("_mechanism"), f"{path}._mechanism", Mechanism, warn),
        "origin": choice(said.get("_origin"), f"{path}._origin", Origin, warn),
        "haplotype": haplotype if haplotype in {1, 2} else None,
        "acmg_class": choice(said.get("_acmgClass"), f"{path}._acmgClass", AcmgClass, warn),
        "allele_fraction": fraction,
        "copy_number": _copy_number(said.get("_copyNumber"), f"{path}._copyNumber", warn),
    }


def _assembly(value: Any, path: str, warn: Warn) -> str | None:
    sent = str(value).strip() if isinstance(value, str | int) else ""
    if not sent:
        return None
    known = next((name for part in _PARTS.split(sent) if (name := assembly_name(part))), None)
    if known is None:
        warn(path, f"{shown(sent)} is not compared; the gene still counts", "send GRCh37 or GRCh38")
    return known or sent


def _chromosome(value: Any, path: str, warn: Warn) -> str | None:
    sent = str(value).strip() if isinstance(value, str | int) else ""
    if not sent:
        return None
    known = chromosome_name(sent)
    if known is None:
        warn(path, f"{shown(sent)} is no chromosome; kept as sent, and not compared", "send 1 to 22, X, Y or MT")
    return known or sent


def _position(said: Entry, name: str, path: str, warn: Warn) -> int | None:
    value = said.get(name)
    found = integer(value)
    if value is not None and found is None:
        warn(f"{path}.{name}", f"{shown(value)} is no position; ignored", "send a 0-based position")
    return found


def _bases(value: Any, path: str, warn: Warn) -> str | None:
    sent = value.strip().upper() if isinstance(value, str) else ""
    if value is not None and sent not in _SYMBOLIC and not _BASES.fullmatch(sent):
        warn(path, f"{shown(value)} are no bases; ignored", "send A, C, G and T")
        return None
    return f"<{sent}>" if sent in _SYMBOLIC else sent or None


def _effect(value: Any, path: str, warn: Warn) -> str | None:
    """Read `type`: an object with a Sequence Ontology id, or, as MME 1.0 once had it, the id alone."""
    sent = value.get("id") if isinstance(value, dict) else value
    found = _EFFECT.fullmatch(sent.strip()) if isinstance(sent, str) else None
    if sent is not None and not found:
        warn(f"{path}.id", f"{shown(sent)} is no Sequence Ontology id; ignored", "send an id such as SO:0001583")
    return f"SO:{found[1]}" if found else None


def _fraction(value: Any, path: str, warn: Warn) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 1:
        return float(value)
    warn(path, f"{shown(value)} is no share between 0 and 1; ignored", "send a number such as 0.25")
    return None


def _copy_number(value: Any, path: str, warn: Warn) -> CopyNumber | None:
    if not isinstance(value, dict):
        return None
    change = choice(value.get("change"), f"{path}.change", CopyChange, warn)
    if change is None:
        return None
    return CopyNumber(
        change=change,
        copies=integer(value.get("copies")),
        start_bounds=_bounds(value.get("startBounds"), f"{path}.startBounds", warn),
        end_bounds=_bounds(value.get("endBounds"), f"{path}.endBounds", warn),
    )


def _bounds(value: Any, path: str, warn: Warn) -> tuple[int, int] | None:
    if value is None:
        return None
    first, last = (
        (integer(value[0]), integer(value[1])) if isinstance(value, list) and len(value) == 2 else (None, None)
    )
    if first is None or last is None:
        warn(path, f"{shown(value)} are no two positions; ignored", "send the earliest and the latest position")
        return None
    return first, last
