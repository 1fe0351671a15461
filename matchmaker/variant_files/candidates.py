"""The candidate genes of a VCF, those first that explain the findings best: to be chosen from, and not kept."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from matchmaker.errors import Invalid, Issue, Unavailable
from matchmaker.model import Case, GeneId, GenomicFeature, Origin, Sex, Variant, Zygosity
from matchmaker.service import Matchmaker
from matchmaker.texts import gettext as _
from matchmaker.variant_files.header import MOST_HEADER, Header, read_header
from matchmaker.variant_files.inheritance import Allele, Mode, modes, origin, zygosity
from scoring.assemblies import chromosome_name
from scoring.diseases import Suggestions

MOST_BYTES = 500 * 2**20
MOST_GENES = 60
MOST_OF_A_GENE = 6  # alleles shown
_SECONDS = 330.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Whose genotypes are which; the child is the person of the case."""

    child: str
    mother: str | None = None
    father: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offered:
    """One variant as the form would hold it, and what to know of it."""

    variant: Variant
    consequence: str
    protein: str
    frequency: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A gene with the variants that may matter, how they may, and the disease of it that explains the findings best."""

    gene: GeneId | None  # None: the file names no gene, or one that is not known here
    name: str
    modes: tuple[Mode, ...]
    offered: tuple[Offered, ...]
    disease: str | None
    log_ratio: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The candidates, and what was left out, by why."""

    header: Header
    assembly: str
    candidates: tuple[Candidate, ...]
    n_genes: int
    counts: Mapping[str, int]
    cut_off: bool


def candidates(mm: Matchmaker, path: Path, family: Family, *, case: Case, assembly: str | None) -> Found:
    """Read a VCF, and offer what may explain the case; its findings and its sex are used, and nothing is stored.

    `assembly` is what somebody says where the file does not.

    Raises
    ------
    Invalid
        When the file cannot be used: no VCF, other people, another assembly, damaged.
    Unavailable
        When this node has no reader for VCF installed.
    """
    header = _header_of(path)
    _require_people(header, family)
    if header.assembly and assembly and header.assembly != assembly:
        told = _("lies on %(built)s, as its header says, and not on %(said)s", built=header.assembly, said=assembly)
        raise _invalid(told, _("choose that assembly"))
    built = header.assembly or assembly
    if built is None:
        raise _invalid(_("does not say its assembly"), _("choose GRCh37 or GRCh38"))
    read = _read(path, family, header)
    genes = _by_gene(mm, read["alleles"], sex=case.sex, assembly=built)
    ranked = _ranked(mm, case, genes)
    return Found(
        header=header,
        assembly=built,
        candidates=tuple(ranked[:MOST_GENES]),
        n_genes=len(ranked),
        counts=read["counts"],
        cut_off=read["problem"] == "many",
    )


def _header_of(path: Path) -> Header:
    with path.open("rb") as stream:
        return read_header(stream.read(MOST_HEADER))


def _require_people(header: Header, family: Family) -> None:
    named = [name for name in (family.child, family.mother, family.father) if name]
    strange = [name for name in named if name not in header.samples]
    if strange:
        remedy = _("choose among %(names)s", names=", ".join(header.samples[:20]))
        raise _invalid(_("has no sample %(name)s", name=repr(strange[0])), remedy)
    if len(set(named)) < len(named):
        raise _invalid(_("has one sample chosen twice"), _("choose another sample for each person"))


def _read(path: Path, family: Family, header: Header) -> dict[str, Any]:
    """Let another process read it, which has little memory, little time, and nothing of ours."""
    asked = {
        "path": str(path),
        "child": family.child,
        "mother": family.mother,
        "father": family.father,
        "annotation": header.annotation,
        "fields": header.fields,
    }
    command = [sys.executable, "-m", "matchmaker.variant_files.child", json.dumps(asked)]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_SECONDS, check=False)  # noqa: S603 - no shell
        read: dict[str, Any] = json.loads(done.stdout) if done.returncode == 0 else {"problem": "died"}
    except subprocess.TimeoutExpired:
        read = {"problem": "long"}
    problem = read["problem"]
    if problem == "missing":
        remedy = _("ask your operator to install matchmaker-node[vcf]")
        raise Unavailable(_("reading a VCF"), _("this node has no reader for VCF installed"), remedy)
    if problem == "damaged":
        raise _invalid(_("is damaged or no VCF that can be read"), _("write it again, e.g. with bcftools view"))
    if problem in {"died", "long"}:
        remedy = _("send the variants of one family, called and filtered")
        raise _invalid(_("takes too much memory or time to read"), remedy)
    return read


def _by_gene(
    mm: Matchmaker, alleles: Sequence[Mapping[str, Any]], *, sex: Sex | None, assembly: str
) -> list[Candidate]:
    """One candidate for each gene whose genotypes fit a way of inheritance."""
    grouped: dict[str, list[tuple[Allele, Offered]]] = {}
    for read in alleles:
        allele = _allele(read)
        for note in read["genes"] or [{}]:
            offered = _offered(read, note, allele, sex=sex, assembly=assembly)
            name = str(note.get("symbol") or note.get("gene") or "")
            gene = mm.release.genes.resolve(str(note.get("gene") or "")).gene or mm.release.genes.resolve(name).gene
            key = gene or name or f"{allele.chromosome}:{allele.position}"
            grouped.setdefault(key, []).append((allele, offered))
    found = []
    for key, held in grouped.items():
        fitting = modes([allele for allele, _ in held], sex=sex, assembly=assembly)
        known = mm.release.genes.resolve(key).gene
        if fitting:
            one = Candidate(
                gene=known,
                name=mm.release.genes.symbol(known) if known else key,
                modes=tuple(fitting),
                offered=tuple(offered for _, offered in held[:MOST_OF_A_GENE]),
                disease=None,
                log_ratio=None,
            )
            found.append(one)
    return found


def _ranked(mm: Matchmaker, case: Case, found: Sequence[Candidate]) -> list[Candidate]:
    """Those first that explain the findings best; where there are none, by how they are inherited."""
    named = tuple(GenomicFeature(gene=one.gene) for one in found if one.gene)
    explained = {}
    if case.features and named:
        suggestions = Suggestions(mm.release, mm.scorer.corpus)
        profile = mm.profile(replace(case, genomic_features=named))
        explained = {one.gene: one.best for one in suggestions.genes(profile) if one.best}
    filled = []
    for one in found:
        best = explained.get(one.gene) if one.gene else None
        filled.append(replace(one, disease=best.name, log_ratio=best.log_ratio) if best else one)
    order = list(Mode)

    def place(one: Candidate) -> tuple[float, int, str]:
        ratio = float("-inf") if one.log_ratio is None else one.log_ratio
        return -ratio, order.index(one.modes[0]), one.name

    return sorted(filled, key=place)


def _allele(read: Mapping[str, Any]) -> Allele:
    return Allele(
        chromosome=chromosome_name(read["chromosome"]) or read["chromosome"],
        position=read["position"],
        copies=read["copies"],
        ploidy=read["ploidy"],
        mother=read["mother"],
        father=read["father"],
    )


def _offered(
    read: Mapping[str, Any], note: Mapping[str, Any], allele: Allele, *, sex: Sex | None, assembly: str
) -> Offered:
    kind: Zygosity = zygosity(allele, sex=sex, assembly=assembly)
    whence: Origin | None = origin(allele, sex=sex, assembly=assembly)
    start = read["position"] - 1
    variant = Variant(
        assembly=assembly,
        chromosome=allele.chromosome,
        start=start,
        end=start + len(read["reference"]),
        reference_bases=read["reference"],
        alternate_bases=read["alternate"],
        hgvs=note.get("hgvs") or None,
        zygosity=kind,
        origin=whence,
    )
    consequence = str(note.get("consequence", "")).replace("&", ", ").replace("_", " ")
    return Offered(
        variant=variant,
        consequence=consequence,
        protein=str(note.get("protein", "")),
        frequency=float(read["frequency"]),
    )


def _invalid(message: str, remedy: str) -> Invalid:
    return Invalid([Issue(path="vcf", message=message, remedy=remedy)])
