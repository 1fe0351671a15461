"""The process that reads a VCF: what a hostile or huge file can harm ends with it. It writes one JSON object.

It imports nothing of ours but what it needs, so that it starts at once.
"""

from __future__ import annotations

import gzip
import json
import os
import resource
import shutil
import sys
import threading
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

MOST_MEMORY = 2 * 2**30  # bytes of addresses
MOST_SECONDS = 300  # of CPU
MOST_RECORDS = 20_000_000
MOST_KEPT = 5000  # alleles
MOST_FREQUENT = 0.01
LOW_QUALITY = 20  # of a genotype: 99 % sure
_IMPACTS = {"HIGH": 0, "MODERATE": 1, "LOW": 2, "MODIFIER": 3}
_FREQUENCIES = ("MAX_AF", "gnomADe_AF", "gnomADg_AF", "gnomAD_AF", "AF", "gnomAD_AF_popmax")
_INFO_FREQUENCIES = ("gnomAD_AF", "AF_popmax", "gnomad_AF", "GNOMAD_AF")
_SPLICE = "splice"
_unpackers: list[threading.Thread] = []
_broken_off: list[str] = []  # what could not be unpacked to its end
_BGZF = slice(12, 14)  # where the gzip of htslib is marked
_BASES = frozenset("ACGTN")


def main() -> None:
    """Read what the arguments name, and say what was found or why nothing was."""
    asked = json.loads(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        import pysam
    except ImportError:
        json.dump({"problem": "missing"}, sys.stdout)
        return
    pysam.set_verbosity(0)
    counts = dict.fromkeys(("records", "filtered", "unusable", "missing", "doubtful", "common", "mild"), 0)
    kept: list[dict[str, Any]] = []
    problem = ""
    try:
        with pysam.VariantFile(_opened(asked["path"]), mode="r", threads=1) as variants:
            for allele in _alleles(variants, asked, counts):
                kept.append(allele)
                if len(kept) >= MOST_KEPT:
                    problem = "many"
                    break
    except (OSError, ValueError, KeyError, MemoryError, EOFError):
        problem = "damaged"
    if not problem and _is_broken_off():
        problem = "damaged"
    json.dump({"problem": problem, "counts": counts, "alleles": kept}, sys.stdout)


def _opened(path: str) -> str:
    """What htslib opens: the file, or for common gzip, in which it cannot seek, our own standard input."""
    with Path(path).open("rb") as stream:
        head = stream.read(_BGZF.stop)
    if head[:2] != b"\x1f\x8b" or head[_BGZF] == b"BC":
        return path
    reading, writing = os.pipe()
    os.dup2(reading, 0)
    _unpackers.append(threading.Thread(target=_unpack, args=(path, writing), daemon=True))
    _unpackers[0].start()
    return "-"


def _is_broken_off() -> bool:
    for unpacker in _unpackers:
        unpacker.join()
    return bool(_broken_off)


def _unpack(path: str, writing: int) -> None:
    try:
        with os.fdopen(writing, "wb") as out, gzip.open(path) as packed:
            shutil.copyfileobj(packed, out)
    except (OSError, EOFError, zlib.error):
        _broken_off.append(path)


def _alleles(variants: Any, asked: dict[str, Any], counts: dict[str, int]) -> Iterator[dict[str, Any]]:
    """The alleles that the child carries and that may matter."""
    for record in variants:
        counts["records"] += 1
        if counts["records"] > MOST_RECORDS:
            return
        filters = set(record.filter.keys())
        if filters and not filters & {"PASS", "."}:
            counts["filtered"] += 1
            continue
        carried = _genotype(record, asked["child"])
        if carried is None:
            counts["missing"] += 1
            continue
        for number in sorted({index for index in carried if index}):
            allele = _allele(record, number, carried, asked, counts)
            if allele is not None:
                yield allele


def _allele(
    record: Any, number: int, carried: tuple[int | None, ...], asked: dict[str, Any], counts: dict[str, int]
) -> dict[str, Any] | None:
    alternate = record.alts[number - 1]
    if not _BASES.issuperset(alternate.upper()) or not _BASES.issuperset(record.ref.upper()):
        counts["unusable"] += 1  # `*`, `<NON_REF>`, `<DEL>`: no allele that a line of the form can name
        return None
    if _is_doubtful(record, asked["child"]):
        counts["doubtful"] += 1
        return None
    notes = _annotations(record, number, asked)
    frequency = max([*(note["frequency"] for note in notes), _own_frequency(record, number)], default=0.0)
    if frequency > MOST_FREQUENT:
        counts["common"] += 1
        return None
    telling = [note for note in notes if note["impact"] <= 1 or _SPLICE in note["consequence"]]
    if asked["fields"] and not telling:
        counts["mild"] += 1
        return None
    return {
        "chromosome": record.chrom,
        "position": record.pos,
        "reference": record.ref.upper(),
        "alternate": alternate.upper(),
        "copies": sum(index == number for index in carried),
        "ploidy": len(carried),
        "mother": _of_parent(record, asked.get("mother"), number),
        "father": _of_parent(record, asked.get("father"), number),
        "frequency": frequency,
        "genes": _worst_of_each_gene(telling),
    }


def _genotype(record: Any, sample: str) -> tuple[int | None, ...] | None:
    """The alleles of a sample; None where nothing was called."""
    called = record.samples[sample].get("GT")
    return None if called is None or all(index is None for index in called) else tuple(called)


def _is_doubtful(record: Any, sample: str) -> bool:
    quality = record.samples[sample].get("GQ")
    return isinstance(quality, int | float) and quality < LOW_QUALITY


def _of_parent(record: Any, sample: str | None, number: int) -> int | None:
    """How many copies a parent has; None where that is not known."""
    if not sample:
        return None
    called = _genotype(record, sample)
    if called is None or None in called or _is_doubtful(record, sample):
        return None
    return sum(index == number for index in called)


def _annotations(record: Any, number: int, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """What VEP or SnpEff say of this allele, once for each transcript."""
    fields, told = asked["fields"], record.info.get(asked["annotation"]) if asked["annotation"] else None
    if told is None:
        return []
    entries = [dict(zip(fields, entry.split("|"), strict=False)) for entry in _as_texts(told)]
    names = _names_of(record, number)
    several = len(record.alts) > 1
    return [_note(entry) for entry in entries if not several or _is_of(entry, number, names)]


def _is_of(entry: dict[str, str], number: int, names: set[str]) -> bool:
    if entry.get("ALLELE_NUM"):
        return entry["ALLELE_NUM"] == str(number)
    return entry.get("Allele", "") in names


def _names_of(record: Any, number: int) -> set[str]:
    """How annotations call an allele: SnpEff as it stands, VEP without the base that all alleles begin with."""
    alternate = record.alts[number - 1]
    shared = len({text[:1] for text in (record.ref, *record.alts) if text != "*"}) == 1
    is_indel = any(len(text) != len(record.ref) for text in record.alts)
    return {alternate, alternate[1:] or "-"} if shared and is_indel else {alternate}


def _note(entry: dict[str, str]) -> dict[str, Any]:
    hgvs = unquote(entry.get("HGVSc", ""))
    feature = entry.get("Feature", "")
    if hgvs and ":" not in hgvs and feature:
        hgvs = f"{feature}:{hgvs}"  # SnpEff gives the transcript beside it
    return {
        "symbol": entry.get("SYMBOL", ""),
        "gene": entry.get("HGNC_ID") or entry.get("Gene", ""),
        "consequence": entry.get("Consequence", ""),
        "impact": _IMPACTS.get(entry.get("IMPACT", ""), 3),
        "hgvs": hgvs,
        "protein": unquote(entry.get("HGVSp", "")).rpartition(":")[2],
        "chosen": bool(entry.get("MANE_SELECT") or entry.get("CANONICAL") == "YES" or entry.get("PICK") == "1"),
        "frequency": max(
            (_number(part) for name in _FREQUENCIES for part in entry.get(name, "").split("&")), default=0
        ),
    }


def _worst_of_each_gene(notes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for note in sorted(notes, key=lambda one: (one["impact"], not one["chosen"], not one["hgvs"])):
        if note["symbol"] or note["gene"]:
            found.setdefault(note["symbol"] or note["gene"], note)
    return list(found.values())


def _own_frequency(record: Any, number: int) -> float:
    """A frequency among people that stands beside the variant and not in its annotation."""
    found = 0.0
    for name in _INFO_FREQUENCIES:
        if name in record.info:
            values = record.info[name]
            values = values if isinstance(values, tuple) else (values,)
            found = max(found, _number(str(values[min(number, len(values)) - 1])))
    return found


def _as_texts(told: Any) -> list[str]:
    return [str(one) for one in told] if isinstance(told, tuple) else str(told).split(",")


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0


if __name__ == "__main__":
    main()
