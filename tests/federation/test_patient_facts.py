"""The rows of MME.md's table "The patient" up to the disorders: contact, id, findings, onset."""

from __future__ import annotations

from typing import Any

import pytest

from federation.schemas import write_patient
from matchmaker.errors import Invalid
from matchmaker.model import Case, Contact, Disorder, PhenotypicFeature
from tests.federation.patients import a_patient, read, said, the_release


def genes(case: Case) -> list[str | None]:
    return [feature.gene for feature in case.genomic_features]


# features: null


def test_null_features_are_absent_and_the_gene_is_enough() -> None:
    found = read(a_patient(features=None, genomicFeatures=[{"gene": {"id": "EFTUD2"}}]))

    assert found.case.features == ()
    assert genes(found.case) == ["HGNC:30858"]
    assert found.warnings == ()


def test_features_without_genes_are_enough() -> None:
    assert read(a_patient(genomicFeatures=None)).case.genomic_features == ()


@pytest.mark.parametrize("features", [None, [], [None], ...])
@pytest.mark.parametrize("genomic_features", [None, [], ...])
def test_neither_features_nor_genes_is_refused(features: Any, genomic_features: Any) -> None:
    with pytest.raises(Invalid, match="neither features nor genomicFeatures"):
        read(a_patient(features=features, genomicFeatures=genomic_features))


# contact


@pytest.mark.parametrize(
    ("sent", "contact"),
    [
        ({"href": "mailto:a@x.org"}, Contact(name="N", href="mailto:a@x.org")),
        ({"email": "a@x.org"}, Contact(name="N", email="a@x.org")),
        ({"href": None, "email": "a@x.org"}, Contact(name="N", email="a@x.org")),
        ({"href": "", "email": "a@x.org"}, Contact(name="N", email="a@x.org")),
        ({"href": "a@x.org"}, Contact(name="N", href="mailto:a@x.org")),
        ({"href": "mailto:a@x.org,b@y.org"}, Contact(name="N", href="mailto:a@x.org,b@y.org")),
        ({"href": "mailto:a@x.org; b@y.org "}, Contact(name="N", href="mailto:a@x.org,b@y.org")),
        ({"email": "a@x.org, b@y.org"}, Contact(name="N", href="mailto:a@x.org,b@y.org", email="a@x.org")),
        ({"href": "MAILTO:Dr A <a@x.org>?subject=x"}, Contact(name="N", href="mailto:a@x.org")),
        ({"href": "https://x.org/form?id=1#top"}, Contact(name="N", href="https://x.org/form?id=1#top")),
        ({"href": "http://x.org/a b"}, Contact(name="N", href="http://x.org/a%20b")),
        ({"href": "www.x.org/contact"}, Contact(name="N", href="https://www.x.org/contact")),
        ({"href": "https://x.org/~a@b"}, Contact(name="N", href="https://x.org/~a@b")),
        ({"href": "javascript:alert(1)", "email": "a@x.org"}, Contact(name="N", email="a@x.org")),
    ],
)
def test_every_form_of_contact_in_the_field_is_read(sent: dict[str, Any], contact: Contact) -> None:
    assert read(a_patient(contact={"name": "N", **sent})).case.contact == contact


@pytest.mark.parametrize(
    ("contact", "href"),
    [
        ({"email": "a@x.org"}, "mailto:a@x.org"),
        ({"href": "a@x.org"}, "mailto:a@x.org"),
        ({"href": "mailto:a@x.org,b@y.org"}, "mailto:a@x.org,b@y.org"),
        ({"href": "https://x.org/f", "email": "a@x.org"}, "https://x.org/f"),
    ],
)
def test_one_valid_uri_is_sent_whatever_came_in(contact: dict[str, Any], href: str) -> None:
    found = read(a_patient(contact={"name": "N", **contact}))

    assert write_patient(found.case, the_release())["contact"]["href"] == href


@pytest.mark.parametrize(
    "contact",
    [
        ...,
        None,
        {},
        {"name": "N"},
        {"name": "N", "href": None},
        {"name": "N", "href": "", "email": ""},
        {"name": "N", "href": "nobody"},
        {"name": "N", "href": "javascript:alert(1)"},
        {"name": "N", "href": "https://"},
        {"name": "N", "href": "http://[broken"},
        {"name": "N", "href": 5},
        {"name": "N", "href": "mailto:a@x.org", "email": ["a@x.org"]},
        "mailto:a@x.org",
        ["mailto:a@x.org"],
    ],
)
def test_contact_that_reaches_nobody_is_refused(contact: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read(a_patient(contact=contact))

    assert all(issue.path.startswith("contact") for issue in refused.value.issues)


def test_contact_without_a_name_is_named_after_what_is_known() -> None:
    assert read(a_patient(contact={"email": "a@x.org"})).case.contact.name == "a@x.org"
    assert read(a_patient(contact={"href": "mailto:a@x.org"})).case.contact.name == "a@x.org"
    assert read(a_patient(contact={"name": 5, "institution": "I", "email": "a@x.org"})).case.contact.name == "I"


# id


def test_identity_is_the_owner_and_the_id() -> None:
    case = read(a_patient(id=" X-1 "), owner="node spain").case

    assert (case.owner, case.local_id) == ("node spain", " X-1 ")
    assert read(a_patient()).case.owner == "lijia@example.org"
    assert read(a_patient(contact={"href": "https://x.org/f"})).case.owner == "https://x.org/f"


def test_two_readings_give_two_ids_of_our_own() -> None:
    assert read(a_patient()).case.id != read(a_patient()).case.id


@pytest.mark.parametrize("id_", [..., None, "", "   ", "x" * 256, 17, ["x"], {"id": "x"}, True])
def test_id_that_is_missing_empty_too_long_or_no_text_is_refused(id_: Any) -> None:
    with pytest.raises(Invalid) as refused:
        read(a_patient(id=id_))

    assert [issue.path for issue in refused.value.issues] == ["id"]


def test_id_of_255_characters_is_read() -> None:
    assert read(a_patient(id="é" * 255)).case.local_id == "é" * 255


# HPO id


@pytest.mark.parametrize(
    "sent", ["HP:0001250", "hp:0001250", "HP_0001250", " HP:0001250 ", "http://purl.obolibrary.org/obo/HP_0001250"]
)
def test_hpo_id_is_normalised(sent: str) -> None:
    found = read(a_patient(features=[{"id": sent}]))

    assert [feature.term for feature in found.case.features] == ["HP:0001250"]
    assert found.warnings == ()


@pytest.mark.parametrize("sent", ["HP:0010851", "HP:0000489"])
def test_alternative_and_current_ids_are_kept_as_entered_without_a_warning(sent: str) -> None:
    found = read(a_patient(features=[{"id": sent}]))

    assert [feature.term for feature in found.case.features] == [sent]
    assert found.warnings == ()


def test_obsolete_id_is_kept_as_sent_and_the_warning_names_what_it_is_read_as() -> None:
    found = read(a_patient(features=[{"id": "HP:0000057"}]))

    assert [feature.term for feature in found.case.features] == ["HP:0000057"]
    (warning,) = found.warnings
    assert warning.path == "features[0].id"
    assert "obsolete" in warning.message
    assert warning.remedy == "send HP:0008665"


@pytest.mark.parametrize("sent", ["HP:9999999", "HP:1250", "MP:0001250", "seizure", "HP:0003577"])
def test_term_that_cannot_be_scored_is_kept_as_sent_with_a_warning(sent: str) -> None:
    found = read(a_patient(features=[{"id": sent}, {"id": "HP:0001250"}]))

    assert [feature.term for feature in found.case.features] == [sent, "HP:0001250"]
    assert list(said(found)) == ["features[0].id"]


def test_patient_with_unknown_terms_only_is_read() -> None:
    assert len(read(a_patient(features=[{"id": "HP:9999999"}])).case.features) == 1


@pytest.mark.parametrize("id_", [None, "", 1250, ["HP:0001250"], ...])
def test_feature_without_a_usable_id_costs_only_itself(id_: Any) -> None:
    broken = {} if id_ is ... else {"id": id_}
    found = read(a_patient(features=[broken, {"id": "HP:0000252"}]))

    assert [feature.term for feature in found.case.features] == ["HP:0000252"]
    assert list(said(found)) == ["features[0].id"]


# observed


@pytest.mark.parametrize("observed", [..., None, "yes", "YES", "Yes", True, "true", "True"])
def test_observed_feature_is_present(observed: Any) -> None:
    sent = {"id": "HP:0001250"} if observed is ... else {"id": "HP:0001250", "observed": observed}

    assert read(a_patient(features=[sent])).case.features == (PhenotypicFeature(term="HP:0001250"),)  # type: ignore[arg-type]


@pytest.mark.parametrize("observed", ["no", "NO", "No", False, "false", "FALSE"])
def test_feature_that_is_not_observed_is_excluded(observed: Any) -> None:
    [feature] = read(a_patient(features=[{"id": "HP:0001250", "observed": observed}])).case.features

    assert feature.excluded


@pytest.mark.parametrize("observed", ["unknown", "", "maybe", 1, 0, [], {}])
def test_feature_of_unknown_observation_is_ignored_with_a_warning(observed: Any) -> None:
    found = read(a_patient(features=[{"id": "HP:0001250", "observed": observed}, {"id": "HP:0000252"}]))

    assert [feature.term for feature in found.case.features] == ["HP:0000252"]
    assert list(said(found)) == ["features[0].observed"]


# ageOfOnset


@pytest.mark.parametrize("sent", ["HP:0003577", "hp_0003577", "HP:0011460", "HP:0025709"])
def test_any_onset_term_is_read(sent: str) -> None:
    case = read(a_patient(ageOfOnset=sent, features=[{"id": "HP:0001250", "ageOfOnset": sent}])).case

    assert case.onset == case.features[0].onset == sent.upper().replace("_", ":")


@pytest.mark.parametrize("sent", ["P3Y", "HP:9999999", "HP:0001250", "HP:0003674", 3, ["HP:0003577"]])
def test_what_is_no_onset_is_ignored(sent: Any) -> None:
    found = read(a_patient(ageOfOnset=sent, features=[{"id": "HP:0001250", "ageOfOnset": sent}]))

    assert found.case.onset is None
    assert found.case.features[0].onset is None
    assert sorted(said(found)) == ["ageOfOnset", "features[0].ageOfOnset"]


# disorders


@pytest.mark.parametrize(
    ("sent", "id_", "on_the_wire"),
    [
        ("MIM:610536", "OMIM:610536", "MIM:610536"),
        ("OMIM:610536", "OMIM:610536", "MIM:610536"),
        ("omim_610536", "OMIM:610536", "MIM:610536"),
        ("MIM:#610536", "OMIM:610536", "MIM:610536"),
        ("610536", "OMIM:610536", "MIM:610536"),
        (610536, "OMIM:610536", "MIM:610536"),
        ("Orphanet:79113", "ORPHA:79113", "Orphanet:79113"),
        ("ORPHA:79113", "ORPHA:79113", "Orphanet:79113"),
        ("ORDO:Orphanet_79113", "ORPHA:79113", "Orphanet:79113"),
        ("http://www.orpha.net/ORDO/Orphanet_79113", "ORPHA:79113", "Orphanet:79113"),
        ("MONDO:0012516", "MONDO:0012516", "MONDO:0012516"),
        ("http://purl.obolibrary.org/obo/MONDO_0012516", "MONDO:0012516", "MONDO:0012516"),
    ],
)
def test_disorder_of_every_source_is_read_and_sent_as_mim_or_orphanet(sent: Any, id_: str, on_the_wire: str) -> None:
    found = read(a_patient(disorders=[{"id": sent, "label": "MFDM"}]))

    assert found.case.disorders == (Disorder(id=id_, label="MFDM"),)  # type: ignore[arg-type]
    assert found.warnings == ()
    assert write_patient(found.case, the_release())["disorders"][0]["id"] == on_the_wire


def test_one_unknown_disorder_never_rejects_the_rest() -> None:
    sent = [{"id": "ICD:Q75"}, {"label": "no id"}, None, 5.5, "MIM:610536", {"id": ["x"]}]
    found = read(a_patient(disorders=sent))

    assert [disorder.id for disorder in found.case.disorders] == ["ICD:Q75", "OMIM:610536"]
    assert sorted(said(found)) == ["disorders[0].id", "disorders[1].id", "disorders[3].id", "disorders[5].id"]


def test_disorders_that_are_no_list_are_ignored() -> None:
    assert read(a_patient(disorders="MIM:610536")).case.disorders == ()
