"""Any case goes over the wire and back, and any JSON is read or refused."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.schemas import IMPORT_LIMITS, read_case, write_case, write_patient
from matchmaker.errors import Invalid
from matchmaker.model import Case, Origin, Sharing, Variant
from tests.federation.patients import CASES, a_patient, around, read, said, the_release
from tests.full_case import FULL_CASE

# Drawing a whole case takes Hypothesis some tens of milliseconds, on a busy machine more.
a_case_is_large = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)


# going round


def test_full_case_goes_over_the_wire_and_back() -> None:
    assert around(FULL_CASE) == FULL_CASE


@pytest.mark.slow
@given(CASES)
@settings(a_case_is_large, max_examples=150)
def test_any_case_goes_over_the_wire_and_back(case: Case) -> None:
    sent = write_case(case, the_release())
    found = read_case(sent, release=the_release(), limits=IMPORT_LIMITS).case

    assert replace(found, id=case.id) == case


@pytest.mark.slow
@given(CASES)
@a_case_is_large
def test_what_is_written_is_what_mme_1_1_demands(case: Case) -> None:
    patient = write_patient(case, the_release())

    assert patient["id"]
    assert patient["contact"]["name"]
    assert patient["contact"]["href"].startswith(("mailto:", "https:", "http:"))
    assert patient.get("features") or patient.get("genomicFeatures")
    assert all(feature["observed"] in {"yes", "no"} for feature in patient.get("features", ()))
    assert all(entry.get("zygosity") in {None, 1, 2} for entry in patient.get("genomicFeatures", ()))


@given(CASES)
@a_case_is_large
def test_nothing_of_the_record_itself_is_sent_to_a_peer(case: Case) -> None:
    hidden = {"label", "_notes", "_owner", "_consent", "_family", "_sharing", "_disclosure", "_status", "_acute"}

    assert hidden.isdisjoint(write_patient(case, the_release()))


def test_peer_gets_our_label_where_the_submitter_gave_none() -> None:
    assert write_patient(read(a_patient()).case, the_release())["features"][0]["label"] == "Seizure"


def test_every_field_of_a_case_changes_what_is_exported() -> None:
    bare = read(a_patient()).case
    silent = {field.name for field in fields(Case) if field.name != "id"}
    for name in list(silent):
        changed = replace(bare, **{name: getattr(FULL_CASE, name)})
        if write_case(changed, the_release()) != write_case(bare, the_release()):
            silent.discard(name)

    assert silent == set()


# our extensions


def test_broken_extension_costs_only_itself() -> None:
    found = read(
        a_patient(
            _consent={"basis": "consent", "date": "yesterday", "purposes": ["care", "fun"], "x": 1},
            _family={"relation": "sibling"},
            _sharing="everyone",
            _status=5,
            _ageBand=["child"],
            genomicFeatures=[{"gene": {"id": "EFTUD2"}, "_origin": "MATERNAL", "_haplotype": 3, "_alleleFraction": 2}],
        )
    )

    assert found.case.consent is not None
    assert found.case.consent.basis == "consent"
    assert found.case.consent.date is None
    assert found.case.family is None
    assert found.case.sharing is Sharing.PRIVATE
    assert found.case.genomic_features[0].variants == (Variant(origin=Origin.MATERNAL),)
    assert {"_consent.date", "_consent.purposes", "_family.id", "_sharing", "_status", "_ageBand"} <= set(said(found))


def test_consent_without_a_basis_is_none() -> None:
    assert read(a_patient(_consent={"date": "2026-01-31"})).case.consent is None
    assert read(a_patient(_consent=[])).case.consent is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


PLACES = [
    (),
    ("contact",),
    ("contact", "href"),
    ("features",),
    ("features", 0),
    ("features", 0, "id"),
    ("features", 0, "observed"),
    ("features", 0, "_modifiers"),
    ("genomicFeatures",),
    ("genomicFeatures", 0),
    ("genomicFeatures", 0, "gene"),
    ("genomicFeatures", 0, "gene", "id"),
    ("genomicFeatures", 0, "variant"),
    ("genomicFeatures", 0, "variant", "start"),
    ("genomicFeatures", 0, "type"),
    ("genomicFeatures", 0, "_copyNumber"),
    ("genomicFeatures", 0, "_group"),
    *((name,) for name in write_case(FULL_CASE, the_release())),
]


@given(st.sampled_from(PLACES), JSON)
def test_any_json_in_any_place_is_read_or_refused_and_never_breaks(place: tuple[Any, ...], value: Any) -> None:
    patient: Any = copy.deepcopy(write_case(FULL_CASE, the_release()))
    if place:
        inner = patient
        for step in place[:-1]:
            inner = inner[step]
        inner[place[-1]] = value
    else:
        patient = value
    with suppress(Invalid):
        read(patient)
