"""RefSeq's names of human chromosomes: NC_000017.10 is chromosome 17 of GRCh37."""

from __future__ import annotations

import re

_ACCESSION = re.compile(r"(?:refseq:)?NC_0*([0-9]{1,6})\.([0-9]{1,3})", re.IGNORECASE)
# The version of each chromosome's sequence, 1 to 22, X, Y; the mitochondrial one is the same in both assemblies.
_GRCH37 = [10, 11, 11, 11, 9, 11, 13, 10, 11, 10, 9, 11, 10, 8, 9, 9, 10, 9, 9, 10, 8, 10, 10, 9]
_GRCH38 = [version + 1 for version in _GRCH37]
_MITOCHONDRIAL = 12920
_NAMES = [*map(str, range(1, 23)), "X", "Y"]


def place_of(accession: str) -> tuple[str | None, str | None]:
    """Name assembly and chromosome of a RefSeq accession; None for what it does not say.

    Examples
    --------
    >>> place_of("refseq:NC_000017.10"), place_of("NC_000001.11"), place_of("NC_012920.1"), place_of("ga4gh:SQ.x")
    (('GRCh37', '17'), ('GRCh38', '1'), (None, 'MT'), (None, None))
    """
    found = _ACCESSION.fullmatch(accession.strip())
    if not found:
        return None, None
    number, version = int(found[1]), int(found[2])
    if number == _MITOCHONDRIAL:
        return None, "MT"
    if not 1 <= number <= len(_NAMES):
        return None, None
    versions = {_GRCH37[number - 1]: "GRCh37", _GRCH38[number - 1]: "GRCh38"}
    return versions.get(version), _NAMES[number - 1]


def accession_of(assembly: str | None, chromosome: str | None) -> str | None:
    """Name the RefSeq sequence of a chromosome; None where there is none to name.

    Examples
    --------
    >>> accession_of("GRCh38", "X"), accession_of("GRCh37", "MT"), accession_of("NCBI36", "1")
    ('refseq:NC_000023.11', 'refseq:NC_012920.1', None)
    """
    if chromosome == "MT":
        return f"refseq:NC_{_MITOCHONDRIAL:06d}.1"
    versions = {"GRCh37": _GRCH37, "GRCh38": _GRCH38}.get(assembly or "")
    if versions is None or chromosome not in _NAMES:
        return None
    row = _NAMES.index(chromosome)
    return f"refseq:NC_{row + 1:06d}.{versions[row]}"
