"""The last rows of MME.md's table "The patient", and what is refused: sex, species, wrong types, limits, requests."""

from __future__ import annotations

from typing import Any

import pytest

from federation.schemas import IMPORT_LIMITS, Limits, read_request
from matchmaker.errors import Invalid
from matchmaker.model import Sex
from tests.federation.patients import a_patient, read, the_release

VARIANT = {"assembly": "GRCh37", "referenceName": "17", "start": 42929130, "end": 42929131}


# test, sex, inheritance mode, species, unknown fields


@pytest.mark.parametrize(
    ("sent", "test"),
    [(True, True), ("true", True), (1, True), (False, False), (None, False), ("no", False), ([], False)],
)
def test_test_flag_is_read(sent: Any, test: bool) -> None:
    assert read(a_patient(test=sent)).case.test is test


@pytest.mark.parametrize(
    ("sent", "sex"),
    [("FEMALE", Sex.FEMALE), ("male", Sex.MALE), ("F", Sex.FEMALE), ("OTHER", Sex.OTHER), ("OTHER_SEX", Sex.OTHER)],
)
def test_sex_is_mapped(sent: str, sex: Sex) -> None:
    assert read(a_patient(sex=sent)).case.sex is sex


@pytest.mark.parametrize("sent", ["MIXED_SAMPLE", "NOT_APPLICABLE", "unknown", "", None, "robot", 1, ["MALE"]])
def test_unknown_sex_is_ignored(sent: Any) -> None:
    assert read(a_patient(sex=sent)).case.sex is None


@pytest.mark.parametrize(
    ("sent", "mode"),
    [("HP:0000006", "HP:0000006"), ("HP:0001475", "HP:0001475"), ("HP:0001472", None), ("HP:0001417", "HP:0001417")],
)
def test_any_descendant_of_mode_of_inheritance_is_read(sent: str, mode: str | None) -> None:
    resolved = the_release().hpo.resolve(sent).term

    assert read(a_patient(inheritanceMode=sent)).case.inheritance_mode == (mode or resolved)


@pytest.mark.parametrize("sent", ["HP:0000005", "HP:0001250", "autosomal", 6, {"id": None}])
def test_unknown_mode_of_inheritance_is_ignored(sent: Any) -> None:
    assert read(a_patient(inheritanceMode=sent)).case.inheritance_mode is None


@pytest.mark.parametrize("sent", [..., None, "", "NCBITaxon:9606", "9606", 9606, "Homo sapiens", "taxon:9606"])
def test_species_is_human_by_default(sent: Any) -> None:
    assert read(a_patient(species=sent)).case.species == "NCBITaxon:9606"


@pytest.mark.parametrize(
    ("sent", "species"), [("NCBITaxon:10090", "NCBITaxon:10090"), (10090, "NCBITaxon:10090"), ("mouse", "mouse")]
)
def test_another_species_is_not_human(sent: Any, species: str) -> None:
    assert read(a_patient(species=sent)).case.species == species


def test_unknown_fields_are_accepted_at_every_level() -> None:
    sent = a_patient(
        shoeSize=44,
        contact={"href": "mailto:a@x.org", "roles": ["clinician"], "fax": 1},
        features=[{"id": "HP:0001250", "certainty": 1}],
        genomicFeatures=[{"gene": {"id": "EFTUD2", "x": 1}, "variant": {**VARIANT, "y": []}, "z": {}}],
        _geneticist="yes",
    )

    assert read(sent).warnings == ()


# wrong JSON types


@pytest.mark.parametrize("patient", [None, [], "patient", 5, True])
def test_patient_that_is_no_object_is_refused(patient: Any) -> None:
    with pytest.raises(Invalid):
        read(patient)


@pytest.mark.parametrize("field", ["features", "genomicFeatures"])
@pytest.mark.parametrize("sent", ["HP:0001250", {"id": "HP:0001250"}, 5, True])
def test_features_that_are_no_list_are_refused(field: str, sent: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read(a_patient(**{field: sent}))

    assert [issue.path for issue in refused.value.issues] == [field]


@pytest.mark.parametrize("field", ["features", "genomicFeatures"])
def test_element_that_is_no_object_is_refused_by_its_index(field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(a_patient(**{field: [{"id": "HP:0001250", "gene": {"id": "A"}}, None, "HP:0001250"]}))

    assert [issue.path for issue in refused.value.issues] == [f"{field}[2]"]


def test_everything_that_is_wrong_is_said_at_once_each_with_a_remedy() -> None:
    with pytest.raises(Invalid) as refused:
        read({"features": "HP:0001250"})

    assert {issue.path for issue in refused.value.issues} == {"id", "contact", "features"}
    assert all(issue.remedy for issue in refused.value.issues)


# limits


@pytest.mark.parametrize(
    ("field", "entry", "limit"),
    [
        ("features", lambda i: {"id": "HP:0001250"}, 100),
        ("disorders", lambda i: {"id": f"MIM:{100000 + i}"}, 10),
        ("genomicFeatures", lambda i: {"gene": {"id": f"GENE{i}"}}, 300),
    ],
)
def test_request_over_a_limit_is_refused(field: str, entry: Any, limit: int) -> None:
    read(a_patient(**{field: [entry(i) for i in range(limit)]}))

    with pytest.raises(Invalid, match=f"holds {limit + 1}, the limit is {limit}"):
        read(a_patient(**{field: [entry(i) for i in range(limit + 1)]}))


def test_import_takes_a_thousand_features() -> None:
    assert len(read(a_patient(features=[{"id": "HP:0001250"}] * 1000), limits=IMPORT_LIMITS).case.features) == 1000

    with pytest.raises(Invalid):
        read(a_patient(features=[{"id": "HP:0001250"}] * 1001), limits=IMPORT_LIMITS)


def test_limit_counts_genes_and_not_their_variants() -> None:
    sent = [{"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, "start": i}} for i in range(5)]

    assert len(read(a_patient(genomicFeatures=sent), limits=Limits(genes=1)).case.genomic_features[0].variants) == 5


# requests


def test_request_carries_disclaimer_and_terms_also_with_an_underscore() -> None:
    request = read_request({"patient": a_patient(), "_disclaimer": "D", "terms": "T"}, release=the_release())

    assert (request.disclaimer, request.terms) == ("D", "T")
    assert request.case.local_id == "P0000079"


@pytest.mark.parametrize("body", [None, [], {}, {"patient": None}, {"patient": [a_patient()]}, a_patient()])
def test_body_without_a_patient_is_no_request(body: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read_request(body, release=the_release())

    assert [issue.path for issue in refused.value.issues] == ["patient"]


def test_paths_in_a_request_start_at_the_patient() -> None:
    with pytest.raises(Invalid) as refused:
        read_request({"patient": a_patient(id="")}, release=the_release())

    assert [issue.path for issue in refused.value.issues] == ["patient.id"]
