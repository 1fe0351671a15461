"""VCF files of which a test states only what matters."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from pathlib import Path

CSQ = "Allele|Consequence|IMPACT|SYMBOL|HGNC_ID|Feature|HGVSc|HGVSp|MAX_AF"
TRIO = ("child", "mother", "father")
_LENGTHS = {"GRCh38": 248956422, "GRCh37": 249250621, "T2T": 248387328}


def annotated(
    symbol: str, effect: str = "missense_variant", *, allele: str = "A", often: str = "", hgvs: str = ""
) -> str:
    """One entry as VEP writes it."""
    impact = "HIGH" if effect in {"stop_gained", "frameshift_variant"} else "MODERATE"
    impact = "LOW" if effect == "synonymous_variant" else impact
    return f"{allele}|{effect}|{impact}|{symbol}||ENST00000000001|{hgvs}|ENSP00000000001.1:p.Val490Met|{often}"


def row(place: str, *genotypes: str, change: str = "G>A", csq: str = "", filters: str = "PASS") -> str:
    """One line; `place` is `1:119734629`, a genotype `0/1` or `0/1:99` with its quality."""
    chromosome, position = place.split(":")
    reference, _, alternate = change.partition(">")
    samples = "\t".join(one if ":" in one else f"{one}:99" for one in genotypes)
    info = f"CSQ={csq}" if csq else "."
    return f"{chromosome}\t{position}\t.\t{reference}\t{alternate}\t50\t{filters}\t{info}\tGT:GQ\t{samples}"


def vcf(*rows: str, samples: Sequence[str] = TRIO, assembly: str | None = "GRCh38", csq: bool = True) -> str:
    """A file with these lines."""
    length = f",length={_LENGTHS[assembly]}" if assembly else ""
    head = [
        "##fileformat=VCFv4.2",
        '##FILTER=<ID=PASS,Description="All filters passed">',
        '##FILTER=<ID=lowqual,Description="low">',
        f"##contig=<ID=1{length}>",
        "##contig=<ID=X>",
        "##contig=<ID=22>",
        '##FORMAT=<ID=GT,Number=1,Type=String,Description="Genotype">',
        '##FORMAT=<ID=GQ,Number=1,Type=Integer,Description="Quality">',
    ]
    if csq:
        head.append(f'##INFO=<ID=CSQ,Number=.,Type=String,Description="Consequences from Ensembl VEP. Format: {CSQ}">')
    columns = ["#CHROM", "POS", "ID", "REF", "ALT", "QUAL", "FILTER", "INFO", "FORMAT", *samples]
    return "\n".join([*head, "\t".join(columns), *rows]) + "\n"


def written(folder: Path, text: str, *, packed: bool = False) -> Path:
    """Write it, compressed as a caller would."""
    path = folder / ("cases.vcf.gz" if packed else "cases.vcf")
    path.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
    return path
