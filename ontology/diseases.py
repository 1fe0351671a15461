"""Ids of diseases, in the spellings that the field sends."""

from __future__ import annotations

import re

from matchmaker.model import DiseaseId

_PREFIXES = {
    "OMIM": "OMIM",
    "MIM": "OMIM",
    "OMIMPS": "OMIMPS",
    "MIMPS": "OMIMPS",
    "ORPHA": "ORPHA",
    "ORPHANET": "ORPHA",
    "ORDO": "ORPHA",
    "ORPHANUMBER": "ORPHA",
    "DECIPHER": "DECIPHER",
    "MONDO": "MONDO",
}
_ID = re.compile(r"(?:.*[/#=])?([A-Za-z]+)\s*[:_#]?\s*([0-9]+)/?", re.DOTALL)
_ADDRESSES = (
    (re.compile(r"https?://(?:www\.)?(?:omim\.org/(?:entry|mim)|identifiers\.org/(?:o?mim))/([0-9]{6})/?"), "OMIM"),
    (re.compile(r"https?://(?:www\.)?orpha\.net/.*?(?:Expert=|/disease/detail/)([0-9]+)(?:[&?].*)?"), "ORPHA"),
)


def disease_id(text: str) -> DiseaseId | None:
    """The id as phenotype.hpoa writes it (OMIM, ORPHA, DECIPHER) or MONDO's; None when it names no known register.

    Examples
    --------
    >>> disease_id("MIM:610536"), disease_id("Orphanet_79430"), disease_id("mondo:0019052")
    ('OMIM:610536', 'ORPHA:79430', 'MONDO:0019052')
    >>> disease_id("ICD10:Q87") is None
    True
    """
    for address, prefix in _ADDRESSES:
        if found := address.fullmatch(text.strip()):
            return DiseaseId(f"{prefix}:{found[1]}")
    found = _ID.fullmatch(text.strip())
    known = _PREFIXES.get(found[1].upper()) if found else None
    if found is None or known is None:
        return None
    return DiseaseId(f"{known}:{_local_part(known, found[2])}")


def wire_id(disease: str) -> str:
    """The id as Matchmaker Exchange wants it: MIM and Orphanet; others as they are.

    Examples
    --------
    >>> wire_id("OMIM:610536"), wire_id("ORPHA:79430")
    ('MIM:610536', 'Orphanet:79430')
    """
    prefix, _, number = disease.partition(":")
    return f"{ {'OMIM': 'MIM', 'ORPHA': 'Orphanet'}.get(prefix, prefix) }:{number}" if number else disease


def _local_part(prefix: str, digits: str) -> str:
    # MONDO pads to seven digits; Orphanet's numbers have no leading zeros, whatever a spreadsheet made of them.
    if prefix == "MONDO":
        return digits.zfill(7)
    return str(int(digits)) if prefix == "ORPHA" else digits
