"""The parts of a case as they may be written down for others: values that are what their field is for.

Fields that hold what somebody typed keep it as it came (an id that no release knows, a symbol, an HGVS text). Inside
the node that is right; before it leaves, whatever does not have the form of such an id is dropped, so that a name typed
into the wrong field stays at home. Labels never leave: the reader of a view has the releases' own.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit

from matchmaker.model import Case, Contact, Disorder, GenomicFeature, PhenotypicFeature, TermId, Variant
from matchmaker.settings import Settings
from ontology.term_ids import term_id_of, term_number

if TYPE_CHECKING:
    from ontology.hpo import Hpo

_GENE = re.compile(r"HGNC:[0-9]{1,6}|[A-Za-z0-9][A-Za-z0-9._-]{0,24}")
_DISEASE = re.compile(r"(OMIM|OMIMPS|ORPHA|MONDO|DECIPHER|DOID):[0-9]{1,9}")
_BASES = re.compile(r"[ACGTN]{1,10000}", re.IGNORECASE)
_ASSEMBLY = re.compile(r"(GRCh|NCBI|hg|T2T-CHM|CHM)[0-9.]+(p[0-9]+)?(v[0-9.]+)?", re.IGNORECASE)
_EFFECT = re.compile(r"SO:[0-9]{7}")
_CHROMOSOME = re.compile(r"[0-9]{1,2}|X|Y|MT")
# Accession and change, or the change alone: c.1468G>A, NM_006623.4:c.1468G>A, NP_006614.2:p.(Val490Met)
_HGVS = re.compile(r"([A-Z]{2,4}_?[0-9.]+(\([A-Za-z0-9-]+\))?:)?[cgmnpr]\.[A-Za-z0-9_()+\-*=>?\[\];^]{1,120}")
_MAILBOX = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def features_of(case: Case, hpo: Hpo, *, details: bool = False) -> tuple[PhenotypicFeature, ...]:
    """The terms, present and excluded, by their current ids; with `details` also onset, severity and modifiers."""
    shown = []
    for feature in case.features:
        term = current_term(feature.term, hpo)
        if term is None:
            continue
        bare = PhenotypicFeature(term=term, excluded=feature.excluded)
        shown.append(_detailed(bare, feature, hpo) if details else bare)
    return tuple(dict.fromkeys(shown))


def current_term(term: TermId, hpo: Hpo) -> TermId | None:
    """The current id; an id that our release does not know travels when it is formed like one."""
    resolved = hpo.resolve(term).term
    if resolved is not None:
        return resolved
    number = term_number(term)
    return None if number is None else term_id_of(number)


def genes_of(case: Case, *, variants: bool = False) -> tuple[GenomicFeature, ...]:
    """The candidate genes; only with `variants` what was found in them, and variants that no gene was named for."""
    shown = []
    for feature in case.genomic_features:
        gene = feature.gene if feature.gene is not None and _GENE.fullmatch(feature.gene) else None
        found = tuple(stated_variant(v) for v in feature.variants) if variants else ()
        if gene is not None or found:
            shown.append(GenomicFeature(gene=gene, variants=found))
    return tuple(shown) if variants else tuple(dict.fromkeys(shown))


def stated_variant(variant: Variant) -> Variant:
    """All of a variant that is formed as its field demands; the rest counts as not stated."""
    return replace(
        variant,
        assembly=_formed(variant.assembly, _ASSEMBLY),
        chromosome=_formed(variant.chromosome, _CHROMOSOME),
        reference_bases=_formed(variant.reference_bases, _BASES),
        alternate_bases=_formed(variant.alternate_bases, _BASES),
        effect=_formed(variant.effect, _EFFECT),
        hgvs=_formed(variant.hgvs, _HGVS),
    )


def place_and_change(variant: Variant) -> Variant:
    """The variant without what only its own case knows: zygosity, origin, class, effect."""
    clean = stated_variant(variant)
    return Variant(
        assembly=clean.assembly,
        chromosome=clean.chromosome,
        start=clean.start,
        end=clean.end,
        reference_bases=clean.reference_bases,
        alternate_bases=clean.alternate_bases,
        hgvs=clean.hgvs,
    )


def disorders_of(case: Case) -> tuple[Disorder, ...]:
    """The diagnoses by id; their names are the releases' to tell."""
    return tuple(Disorder(id=disorder.id) for disorder in case.disorders if _DISEASE.fullmatch(disorder.id))


def contact_of(contact: Contact, settings: Settings) -> Contact:
    """The centre and its role mailbox, as one valid URI; the person only when the owner opened the contact.

    Notes
    -----
    seqr strips `mailto:` and mails what remains, so a mailbox is the address that works with every peer.
    """
    institution = contact.institution or settings.node_name
    if href := _opened_address(contact):
        return Contact(name=contact.name, institution=institution, href=href)
    href = _mailto(contact.mailbox) or _mailto(settings.mailbox) or _mailto(_mailbox_of_node(settings))
    return Contact(name=institution, institution=institution, href=href)


def is_open(contact: Contact) -> bool:
    """Say whether the owner chose that peers see an own address."""
    return _opened_address(contact) is not None


def _opened_address(contact: Contact) -> str | None:
    return (_valid_address(contact.href) or _mailto(contact.email)) if contact.opened else None


def is_mailbox(address: str) -> bool:
    """Say whether this is one plain mail address, which can be put into a header and no more."""
    return _MAILBOX.fullmatch(address) is not None


def _detailed(bare: PhenotypicFeature, feature: PhenotypicFeature, hpo: Hpo) -> PhenotypicFeature:
    modifiers = (current_term(modifier, hpo) for modifier in feature.modifiers)
    return replace(
        bare,
        onset=current_term(feature.onset, hpo) if feature.onset else None,
        severity=current_term(feature.severity, hpo) if feature.severity else None,
        modifiers=tuple(modifier for modifier in modifiers if modifier is not None),
    )


def _formed(text: str | None, form: re.Pattern[str]) -> str | None:
    return text if text is not None and form.fullmatch(text) else None


def _mailto(address: str | None) -> str | None:
    address = (address or "").strip().removeprefix("mailto:")
    return f"mailto:{quote(address, safe='@')}" if _MAILBOX.fullmatch(address) else None


def _valid_address(href: str | None) -> str | None:
    """A URI that a peer may follow or write to: one mailbox, or an http(s) address without spaces."""
    if href is None:
        return None
    if href.lower().startswith("mailto:"):
        return _mailto(href[len("mailto:") :])
    parts = urlsplit(href)
    plain = parts.scheme in {"http", "https"} and parts.netloc and href.isascii() and not re.search(r"[\s<>\"]", href)
    return href if plain else None


def _mailbox_of_node(settings: Settings) -> str:
    host = urlsplit(settings.base_url).hostname or "localhost"
    return f"matchmaker@{host}"
