"""Names of assemblies and chromosomes, and how an assembly is recognised.

Positions are compared only within one of GRCh37 and GRCh38; anything else is kept as sent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

GRCH37, GRCH38 = "GRCh37", "GRCh38"
_ASSEMBLIES = {
    "grch37": GRCH37,
    "hg19": GRCH37,
    "b37": GRCH37,
    "hs37d5": GRCH37,
    "37": GRCH37,
    "grch38": GRCH38,
    "hg38": GRCH38,
    "b38": GRCH38,
    "38": GRCH38,
}
_CHROMOSOMES = {str(n): str(n) for n in range(1, 23)} | {
    "x": "X",
    "y": "Y",
    "m": "MT",
    "mt": "MT",
    "23": "X",
    "24": "Y",
    "25": "MT",
    "26": "MT",
}
_ACCESSION = re.compile(r"nc_0000([0-9]{2})\.([0-9]+)")
_MITOCHONDRION = "nc_012920.1"
# Genome Reference Consortium: lengths in GRCh37 and GRCh38, version of the accession in GRCh37 (GRCh38: the next).
_LENGTHS = {
    "1": (249250621, 248956422, 10),
    "2": (243199373, 242193529, 11),
    "3": (198022430, 198295559, 11),
    "4": (191154276, 190214555, 11),
    "5": (180915260, 181538259, 9),
    "6": (171115067, 170805979, 11),
    "7": (159138663, 159345973, 13),
    "8": (146364022, 145138636, 10),
    "9": (141213431, 138394717, 11),
    "10": (135534747, 133797422, 10),
    "11": (135006516, 135086622, 9),
    "12": (133851895, 133275309, 11),
    "13": (115169878, 114364328, 10),
    "14": (107349540, 107043718, 8),
    "15": (102531392, 101991189, 9),
    "16": (90354753, 90338345, 9),
    "17": (81195210, 83257441, 10),
    "18": (78077248, 80373285, 9),
    "19": (59128983, 58617616, 9),
    "20": (63025520, 64444167, 10),
    "21": (48129895, 46709983, 8),
    "22": (51304566, 50818468, 10),
    "X": (155270560, 156040895, 10),
    "Y": (59373566, 57227415, 9),
}


def assembly_name(text: str | None) -> str | None:
    """Name a known assembly as the Genome Reference Consortium does; None for any other.

    Examples
    --------
    >>> assembly_name("hg19"), assembly_name("GRCh38.p13"), assembly_name("NCBI36")
    ('GRCh37', 'GRCh38', None)
    """
    if text is None:
        return None
    return _ASSEMBLIES.get(text.strip().lower().split(".")[0])


def chromosome_name(text: str | None) -> str | None:
    """Name a chromosome 1..22, X, Y, MT; None for what is none.

    Examples
    --------
    >>> chromosome_name("chr17"), chromosome_name("23"), chromosome_name("chrM"), chromosome_name("NC_000023.11")
    ('17', 'X', 'MT', 'X')
    """
    if text is None:
        return None
    name = text.strip().lower()
    if name == _MITOCHONDRION:
        return "MT"
    found = _ACCESSION.fullmatch(name)
    return _CHROMOSOMES.get((found[1] if found else name.removeprefix("chr")).lstrip("0"))


def assembly_of_accession(text: str | None) -> str | None:
    """The assembly that a chromosome's RefSeq accession belongs to; None for any other name.

    Examples
    --------
    >>> assembly_of_accession("NC_000002.11"), assembly_of_accession("NC_000002.12"), assembly_of_accession("chr2")
    ('GRCh37', 'GRCh38', None)
    """
    found = _ACCESSION.fullmatch((text or "").strip().lower())
    lengths = _LENGTHS.get(chromosome_name(text) or "") if found else None
    if found is None or lengths is None:
        return None
    return {lengths[2]: GRCH37, lengths[2] + 1: GRCH38}.get(int(found[2]))


def assembly_of_lengths(lengths: Mapping[str, int]) -> str | None:
    """The assembly whose chromosomes have these lengths (in bases, by any name); None when none or both might be.

    Examples
    --------
    >>> assembly_of_lengths({"chr1": 248956422, "scaffold_9": 5}), assembly_of_lengths({"1": 1000})
    ('GRCh38', None)
    """
    found = {
        assembly
        for name, length in lengths.items()
        for assembly, known in zip((GRCH37, GRCH38), _LENGTHS.get(chromosome_name(name) or "", ()), strict=False)
        if length == known
    }
    return found.pop() if len(found) == 1 else None
