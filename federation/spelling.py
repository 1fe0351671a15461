"""Ids and addresses in one spelling each, whatever spelling the field sends; what is not understood stays as sent."""

from __future__ import annotations

import re
from urllib.parse import quote, urlsplit

from matchmaker.model import DiseaseId, Sex, TermId
from ontology.term_ids import term_id_of, term_number

HUMAN = "NCBITaxon:9606"

_CURIE = re.compile(r"HP:[0-9]{7}")
_DISEASE = re.compile(r"(?:.*[/#=])?([A-Za-z]+)\s*[:_]\s*(?:[A-Za-z]+[:_])?[#*+%^]?\s*([0-9]+)", re.DOTALL)
_DISEASE_PREFIXES = {
    "MIM": "OMIM",
    "OMIM": "OMIM",
    "PHENOTYPICSERIES": "OMIMPS",
    "OMIMPS": "OMIMPS",
    "ORPHA": "ORPHA",
    "ORPHANET": "ORPHA",
    "ORDO": "ORPHA",
    "MONDO": "MONDO",
    "DECIPHER": "DECIPHER",
    "DOID": "DOID",
}
_ON_THE_WIRE = {"OMIM": "MIM", "ORPHA": "Orphanet"}  # MME 1.1, Disorders
_BARE_MIM = re.compile(r"[#*+%^]?([1-6][0-9]{5})")
_TAXON = re.compile(r"(?:NCBI[ _]?TAXON(?:OMY)?|TAXON|TAX_?ID)?\s*[:_]?\s*([0-9]+)", re.IGNORECASE)
_HUMAN_NAMES = {"human", "homo sapiens", "h. sapiens"}
_SEXES = {"FEMALE": Sex.FEMALE, "F": Sex.FEMALE, "MALE": Sex.MALE, "M": Sex.MALE, "OTHER": Sex.OTHER}
_SEXES |= {"OTHER_SEX": Sex.OTHER, "INTERSEX": Sex.OTHER}

_ADDRESS = re.compile(r"[^\s@,;:<>()\[\]\"\\]+@[^\s@,;:<>()\[\]\"\\?]+")
_WEB_ADDRESS = re.compile(r"https?://[^\s/?#]+\S*", re.IGNORECASE)
_BARE_WEB_ADDRESS = re.compile(r"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?:[/?#]\S*)?")
_URI_CHARACTERS = ":/?#[]@!$&'()*+,;=-._~%"


def term_spelling(text: str) -> TermId:
    """Spell an HPO id as a CURIE; alternative and obsolete ids stay what they are.

    Examples
    --------
    >>> term_spelling("hp_0001250"), term_spelling(" FOO:1 ")
    ('HP:0001250', 'FOO:1')
    """
    if _CURIE.fullmatch(text):
        return TermId(text)
    number = term_number(text)
    return TermId(text.strip()) if number is None else term_id_of(number)


def disease_spelling(text: str) -> DiseaseId | None:
    """Spell a disease id as HPOA does; None for an id of no known source.

    Examples
    --------
    >>> disease_spelling("MIM:#610536"), disease_spelling("http://www.orpha.net/ORDO/Orphanet_558")
    ('OMIM:610536', 'ORPHA:558')
    """
    stripped = text.strip()
    if found := _BARE_MIM.fullmatch(stripped):
        return DiseaseId(f"OMIM:{found[1]}")
    found = _DISEASE.fullmatch(stripped)
    prefix = _DISEASE_PREFIXES.get(found[1].upper()) if found else None
    return DiseaseId(f"{prefix}:{found[2]}") if found and prefix else None


def disease_on_the_wire(disease: DiseaseId) -> str:
    """Spell a disease id as MME 1.1 does.

    Examples
    --------
    >>> disease_on_the_wire(DiseaseId("OMIM:610536")), disease_on_the_wire(DiseaseId("MONDO:0007947"))
    ('MIM:610536', 'MONDO:0007947')
    """
    prefix, colon, number = disease.partition(":")
    return f"{_ON_THE_WIRE.get(prefix, prefix)}{colon}{number}"


def species_spelling(text: str | int) -> str:
    """Spell a taxon as MME 1.1 does; what is no taxon stays as sent, and is not human.

    Examples
    --------
    >>> species_spelling(9606), species_spelling("Homo sapiens"), species_spelling("NCBITaxon_10090")
    ('NCBITaxon:9606', 'NCBITaxon:9606', 'NCBITaxon:10090')
    """
    stripped = str(text).strip()
    if stripped.lower() in _HUMAN_NAMES:
        return HUMAN
    found = _TAXON.fullmatch(stripped)
    return f"NCBITaxon:{found[1]}" if found else stripped


def sex_of(text: str) -> Sex | None:
    """Name a sex; unknown, not applicable and a mixed sample say nothing of a person."""
    return _SEXES.get(text.strip().upper())


def addresses_in(text: str) -> list[str]:
    """Find every e-mail address in a field that should hold one.

    Examples
    --------
    >>> addresses_in("mailto:a@x.org, Dr B <b@y.org>")
    ['a@x.org', 'b@y.org']
    """
    return _ADDRESS.findall(text)


def contact_uri(text: str) -> str | None:
    """Make one valid URI of what is sent as a contact's href; None when nobody can be reached by it.

    Other schemes than those of MME's own JSON schema are refused: an href ends up as a link on somebody's page.

    Examples
    --------
    >>> contact_uri("a@x.org"), contact_uri("mailto:a@x.org, b@y.org"), contact_uri("www.example.org/a b")
    ('mailto:a@x.org', 'mailto:a@x.org,b@y.org', 'https://www.example.org/a%20b')
    >>> contact_uri("javascript:alert(1)")
    """
    stripped = text.strip()
    if stripped.lower().startswith(("http:", "https:")) or not (addresses := addresses_in(stripped)):
        return _web_address(stripped)
    return "mailto:" + ",".join(quote(address, safe=_URI_CHARACTERS) for address in addresses)


def _web_address(text: str) -> str | None:
    encoded = quote(text, safe=_URI_CHARACTERS)
    if _BARE_WEB_ADDRESS.fullmatch(encoded):
        encoded = f"https://{encoded}"
    if not _WEB_ADDRESS.fullmatch(encoded):
        return None
    try:
        return encoded if urlsplit(encoded).hostname else None
    except ValueError:
        return None
