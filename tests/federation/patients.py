"""Patients as they come over the wire, and any case at all, for the tests of the wire forms."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st

from federation.schemas import IMPORT_LIMITS, Read, read_case, write_case
from matchmaker import model
from matchmaker.model import Case, CaseId, GenomicFeature, Variant
from ontology.releases import Release, shipped

BENCHMARK = Path(__file__).parents[3] / "shared" / "benchmark"
needs_benchmark = pytest.mark.skipif(not BENCHMARK.exists(), reason="the published patients are not beside this clone")


@cache
def the_release() -> Release:
    """The shipped release, loaded once for strategies and tests."""
    return shipped()


def a_patient(**stated: Any) -> dict[str, Any]:
    """The least that is a patient; what is stated as `...` is taken away."""
    usual: dict[str, Any] = {
        "id": "P0000079",
        "contact": {"name": "Lijia Huang", "href": "mailto:lijia@example.org"},
        "features": [{"id": "HP:0001250"}],
    }
    return {key: value for key, value in {**usual, **stated}.items() if value is not ...}


def read(patient: dict[str, Any], **options: Any) -> Read:
    return read_case(patient, **{"release": the_release(), **options})


def around(case: Case) -> Case:
    """Take a case over the wire and back; the id, which never travels, is given back to it."""
    sent = json.loads(json.dumps(write_case(case, the_release())))
    found = read(sent, limits=IMPORT_LIMITS)
    return replace(found.case, id=case.id)


def said(found: Read) -> dict[str, str]:
    """The warnings of a reading by their path."""
    return {warning.path: warning.message for warning in found.warnings}


# Texts of which reading may not change a letter. Control characters are of no use in any of them.
WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20)
NAMES = WORDS.filter(lambda text: bool(text.strip()))
EMAILS = st.sampled_from(["a@x.org", "aoife.b+c@hospital.example.org", "o'neill@x.ie"])
HREFS = EMAILS.map("mailto:{}".format) | st.sampled_from(["https://x.org/form?id=1#top", "http://x.org/a%20b"])
POSITIONS = st.integers(0, 2**31 - 1)
TERMS = st.integers(0, 9_999_999).map("HP:{:07d}".format) | st.sampled_from(["HP:0001250", "HP:0000252"])
GENES = st.sampled_from(["HGNC:8923", "HGNC:19048", "HGNC:6407", "HGNC:7421", "p40", "NOSUCHGENE", "ENSG99999999999"])
DISEASES = st.sampled_from(["OMIM:256520", "ORPHA:2671", "MONDO:0007947", "DECIPHER:1", "something else"])


def _bounds() -> st.SearchStrategy[tuple[int, int]]:
    return st.tuples(POSITIONS, POSITIONS)


def _maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


def _stated(kind: type, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.builds(kind, **fields)


COPY_NUMBERS = _stated(
    model.CopyNumber,
    change=st.sampled_from(model.CopyChange),
    copies=_maybe(st.integers(0, 40)),
    start_bounds=_maybe(_bounds()),
    end_bounds=_maybe(_bounds()),
)
VARIANTS = _stated(
    Variant,
    assembly=_maybe(st.sampled_from(["GRCh37", "GRCh38", "NCBI36", "T2T-CHM13v2.0"])),
    chromosome=_maybe(st.sampled_from(["1", "22", "X", "Y", "MT", "GL000192.1"])),
    start=_maybe(POSITIONS),
    end=_maybe(POSITIONS),
    reference_bases=_maybe(st.sampled_from(["A", "ACG", "-", "N"])),
    alternate_bases=_maybe(st.sampled_from(["T", "TTT", "<DEL>", "-", "*"])),
    hgvs=_maybe(WORDS),
    zygosity=_maybe(st.sampled_from(model.Zygosity)),
    effect=_maybe(st.sampled_from(["SO:0001587", "SO:0001583"])),
    mechanism=_maybe(st.sampled_from(model.Mechanism)),
    origin=_maybe(st.sampled_from(model.Origin)),
    haplotype=_maybe(st.sampled_from([1, 2])),
    acmg_class=_maybe(st.sampled_from(model.AcmgClass)),
    allele_fraction=_maybe(st.floats(0, 1)),
    copy_number=_maybe(COPY_NUMBERS),
).filter(lambda v: v.start is None or v.end is None or v.start <= v.end)
GENOMIC_FEATURES = _stated(
    GenomicFeature, gene=_maybe(GENES), variants=st.lists(VARIANTS, max_size=3).map(tuple)
).filter(lambda feature: feature.gene is not None or feature.variants != ())
FEATURES = _stated(
    model.PhenotypicFeature,
    term=TERMS,
    excluded=st.booleans(),
    label=_maybe(WORDS),
    onset=_maybe(st.sampled_from(["HP:0003577", "HP:0011463", "HP:0003584"])),
    severity=_maybe(TERMS),
    modifiers=st.lists(TERMS, max_size=2).map(tuple),
)
CONTACTS = _stated(
    model.Contact,
    name=WORDS,
    institution=_maybe(WORDS),
    href=_maybe(HREFS),
    email=_maybe(EMAILS),
    mailbox=_maybe(EMAILS),
    opened=st.booleans(),
).filter(lambda contact: bool(contact.href or contact.email or contact.mailbox))
CONSENTS = _stated(
    model.Consent,
    basis=st.text(max_size=9),
    condition=_maybe(WORDS),
    purposes=st.lists(st.sampled_from(model.Purpose), max_size=2).map(tuple),
    form_version=_maybe(WORDS),
    given_by=_maybe(st.sampled_from(model.GivenBy)),
    date=_maybe(st.dates(dt.date(1950, 1, 1))),
    recontact=_maybe(st.booleans()),
    review_date=_maybe(st.dates(dt.date(1950, 1, 1))),
    birth_month=_maybe(st.sampled_from(["2019-06", "1950-12"])),
    vital_status=_maybe(st.sampled_from(model.VitalStatus)),
)
CASES = _stated(
    Case,
    id=st.just(CaseId("0" * 32)),
    owner=WORDS,
    local_id=NAMES,
    contact=CONTACTS,
    label=_maybe(WORDS),
    notes=_maybe(WORDS),
    species=st.sampled_from(["NCBITaxon:9606", "NCBITaxon:10090"]),
    sex=_maybe(st.sampled_from(model.Sex)),
    age_band=_maybe(st.sampled_from(model.AgeBand)),
    ethnicity=_maybe(WORDS),
    onset=_maybe(st.sampled_from(["HP:0003577", "HP:0030674"])),
    inheritance_mode=_maybe(st.sampled_from(["HP:0000006", "HP:0001419"])),
    features=st.lists(FEATURES, max_size=4).map(tuple),
    genomic_features=st.lists(GENOMIC_FEATURES, max_size=4).map(tuple),
    disorders=st.lists(_stated(model.Disorder, id=DISEASES, label=_maybe(WORDS)), max_size=2).map(tuple),
    family=_maybe(_stated(model.Family, id=WORDS, relation=_maybe(st.sampled_from(model.Relation)))),
    consent=_maybe(CONSENTS),
    sharing=st.sampled_from(model.Sharing),
    disclosure=st.sampled_from(model.Disclosure),
    status=st.sampled_from(model.Status),
    acute=st.booleans(),
    test=st.booleans(),
).filter(lambda case: bool(case.features or case.genomic_features))
