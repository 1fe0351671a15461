"""What the header of a VCF says: whose genotypes it holds, on which assembly, and whether it names genes."""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass

from matchmaker.errors import Invalid, Issue
from matchmaker.texts import gettext as _

MOST_HEADER = 16 * 2**20  # bytes of text
_GZIP = 31  # zlib's name for gzip with its header; a BGZF file is many of these
_LENGTH = re.compile(r"##contig=<.*?ID=(?:chr)?1,.*?length=(\d+)", re.IGNORECASE)
_ASSEMBLIES = {"248956422": "GRCh38", "249250621": "GRCh37"}  # by the length of chromosome 1
_NAMES = ((re.compile(r"GRCh38|hg38|b38", re.I), "GRCh38"), (re.compile(r"GRCh37|hg19|b37|hs37", re.I), "GRCh37"))
_SAYS_ASSEMBLY = ("##reference", "##assembly", "##contig", "##vep", "##snpeffcmd")
_FORMAT = re.compile(r"Format: ([^\">]+)")
_FIXED = 9  # columns before the samples


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """`annotation` is CSQ (VEP), ANN (SnpEff) or empty, `fields` its parts; `assembly` None: it is not said."""

    samples: tuple[str, ...]
    assembly: str | None
    annotation: str = ""
    fields: tuple[str, ...] = ()
    complete: bool = True


def read_header(start: bytes) -> Header:
    """Read the header from the first bytes of a file; `complete` is False when it goes on behind them.

    Raises
    ------
    Invalid
        When it is no VCF, has no genotypes, or lies on an assembly that nothing here is compared with.
    """
    lines = _text(start).split("\n")
    if not lines[0].startswith("##fileformat=VCF"):
        raise _invalid(_("is no VCF"), _("choose a .vcf or .vcf.gz file; bcftools view writes one from BCF"))
    columns = next((line for line in lines if line.startswith("#CHROM")), None)
    told = [line for line in lines if line.startswith("##")]
    annotation, fields = _annotation(told)
    samples = tuple(columns.rstrip("\r").split("\t")[_FIXED:]) if columns is not None else ()
    if columns is not None and not samples:
        raise _invalid(_("holds no genotypes"), _("choose the VCF of a person, not one of sites"))
    return Header(
        samples=samples,
        assembly=_assembly(told),
        annotation=annotation,
        fields=fields,
        complete=columns is not None,
    )


def _text(start: bytes) -> str:
    """The text, unpacked as far as it goes."""
    if not start.startswith(b"\x1f\x8b"):
        return start[:MOST_HEADER].decode("utf-8", errors="replace")
    parts, size = [], 0
    while start.startswith(b"\x1f\x8b") and size < MOST_HEADER:
        member = zlib.decompressobj(_GZIP)
        try:
            parts.append(member.decompress(start, MOST_HEADER - size))
        except zlib.error:
            break
        size += len(parts[-1])
        start = member.unused_data
    return b"".join(parts).decode("utf-8", errors="replace")


def _assembly(told: list[str]) -> str | None:
    """By the length of chromosome 1, else by a name; a length that is of neither assembly is refused."""
    for line in told:
        if found := _LENGTH.match(line):
            if found[1] not in _ASSEMBLIES:
                message = _("lies on an assembly that is neither GRCh37 nor GRCh38")
                raise _invalid(message, _("convert it, or have it called on GRCh38"))
            return _ASSEMBLIES[found[1]]
    said = [line for line in told if line.lower().startswith(_SAYS_ASSEMBLY)]
    named = {name for line in said for pattern, name in _NAMES if pattern.search(line)}
    return named.pop() if len(named) == 1 else None


def _annotation(told: list[str]) -> tuple[str, tuple[str, ...]]:
    for line in told:
        if line.startswith("##INFO=<ID=CSQ,") and (found := _FORMAT.search(line)):
            return "CSQ", tuple(found[1].strip().split("|"))
    if any(line.startswith("##INFO=<ID=ANN,") for line in told):
        # SnpEff's fields are a standard of their own, always in this order.
        fields = "Allele|Consequence|IMPACT|SYMBOL|Gene|Feature_type|Feature|BIOTYPE|EXON|HGVSc|HGVSp"
        return "ANN", tuple(fields.split("|"))
    return "", ()


def _invalid(message: str, remedy: str) -> Invalid:
    return Invalid([Issue(path="vcf", message=message, remedy=remedy)])
