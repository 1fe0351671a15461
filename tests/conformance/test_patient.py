"""The table "The patient" of MME.md, as far as it shows in an answer."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.conftest import Reply, Served

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
CONTACT = {"name": "Dr Peer", "href": "mailto:peer@example.org"}
FEATURES = [{"id": "HP:0000252"}, {"id": "HP:0002521"}, {"id": "HP:0001263"}]
PHGDH = "ENSG00000092621"


def asked(node: Served, **stated: Any) -> Reply:
    patient = {"id": "1", "contact": CONTACT, "features": FEATURES} | stated
    return node.match({name: value for name, value in patient.items() if value != "leave out"}, Content_Type=V1_0)


def genes_shared(node: Served, gene: Any) -> list[str]:
    reply = asked(node, features=None, genomicFeatures=[{"gene": {"id": gene}}])
    assert reply.status == 200
    return [gene["id"] for result in reply.said["results"] for gene in result["_explanation"]["genes"]]


@pytest.mark.parametrize(
    "stated",
    [
        {"features": None, "genomicFeatures": None},
        {"features": [], "genomicFeatures": []},
        {"features": "leave out"},
        {"contact": {"name": "nobody to reach"}},
        {"contact": "leave out"},
        {"id": ""},
        {"id": "x" * 256},
        {"id": "leave out"},
        {"features": [{"id": f"HP:{number:07d}"} for number in range(101)]},
        {"disorders": [{"id": f"MIM:{number}"} for number in range(100_000, 100_011)]},
        {"genomicFeatures": [{"gene": {"id": f"GENE{number}"}} for number in range(301)]},
    ],
)
def test_what_cannot_be_matched_is_422(node: Served, stated: dict[str, Any]) -> None:
    assert asked(node, **stated).status == 422


@pytest.mark.parametrize(
    "stated",
    [
        {"features": None, "genomicFeatures": [{"gene": {"id": "PHGDH"}}]},
        {"genomicFeatures": None},
        {"contact": {"name": "x", "email": "a@example.org"}},
        {"contact": {"name": "x", "href": "a@example.org"}},
        {"contact": {"name": "x", "href": "mailto:a@example.org,b@example.org"}},
        {"id": "x" * 255},
        {"features": [{"id": "HP:0000252", "observed": "unknown"}, *FEATURES]},
        {"features": [{"id": "HP:0000252", "observed": True}]},
        {"features": [{"id": "HP:9999999"}, *FEATURES]},
        {"ageOfOnset": "P3Y"},
        {"inheritanceMode": "dominant"},
        {"sex": "UNKNOWN_SEX"},
        {"disorders": [{"id": "MONDO:0007947"}, {"id": "ORDO:558"}, {"id": "nothing"}]},
        {
            "features": None,
            "genomicFeatures": [{"variant": {"assembly": "GRCh37", "referenceName": "1", "start": "5"}}],
        },
        {"genomicFeatures": [{"gene": {"id": "PHGDH"}, "variant": {"assembly": "T2T", "referenceName": "1"}}]},
        {"genomicFeatures": [{"gene": {"id": "PHGDH"}, "zygosity": 0}]},
        {"anything": {"else": 1}},
        {"species": "NCBITaxon:9606"},
    ],
)
def test_what_the_field_sends_is_answered(node: Served, stated: dict[str, Any]) -> None:
    assert asked(node, **stated).status == 200


@pytest.mark.parametrize(
    "spelling", ["HP:0000252", "hp:0000252", "HP_0000252", "http://purl.obolibrary.org/obo/HP_0000252"]
)
def test_term_ids_of_any_spelling_match(node: Served, spelling: str) -> None:
    (result,) = asked(node, features=[{"id": spelling}]).said["results"]

    assert result["_explanation"]["terms"] == [{"id": "HP:0000252"}]


def test_only_unknown_terms_and_no_gene_find_nothing(node: Served) -> None:
    reply = asked(node, features=[{"id": "HP:9999999"}])

    assert (reply.status, reply.said["results"]) == (200, [])


def test_excluded_terms_are_never_matched_as_present(node: Served) -> None:
    excluded = [feature | {"observed": "no"} for feature in FEATURES]

    assert asked(node, features=excluded).said["results"] == []


def test_excluded_term_can_only_lower_a_score(node: Served) -> None:
    (plain,) = asked(node, features=FEATURES[:2]).said["results"]
    (against,) = asked(node, features=[*FEATURES[:2], FEATURES[2] | {"observed": "no"}]).said["results"]

    assert against["score"]["patient"] <= plain["score"]["patient"]
    assert against["_explanation"]["contradictions"] == [{"id": FEATURES[2]["id"]}]


@pytest.mark.parametrize(
    "gene", ["ENSG00000092621", "ENSG00000092621.13", "PHGDH", "phgdh", "26227", 26227, "HGNC:8923", "hgnc:8923"]
)
def test_gene_ids_of_any_spelling_match_and_are_sent_as_ensembl_ids(node: Served, gene: Any) -> None:
    assert genes_shared(node, gene) == [PHGDH]


def test_two_features_without_a_variant_are_not_the_same_variant(node: Served) -> None:
    (result,) = asked(node, features=None, genomicFeatures=[{"gene": {"id": PHGDH}}]).said["results"]

    assert result["_explanation"]["genes"][0]["match"] == "same_gene"


def test_test_request_sees_test_cases_and_a_real_one_does_not(node: Served) -> None:
    real, test = asked(node).said["results"], asked(node, test=True).said["results"]

    assert [result["patient"].get("test") for result in real] == [None]
    assert sorted(result["patient"].get("test", False) for result in test) == [False, True]


def test_other_species_gets_no_results(node: Served) -> None:
    assert asked(node, species="NCBITaxon:10090").said["results"] == []


def test_score_is_a_finite_number_between_nought_and_one(node: Served) -> None:
    for result in asked(node).said["results"]:
        assert 0.0 <= result["score"]["patient"] <= 1.0


def test_every_result_has_an_id_a_valid_contact_and_something_to_compare(node: Served) -> None:
    for result in asked(node).said["results"]:
        patient = result["patient"]
        assert patient["id"]
        assert patient["contact"]["href"].startswith("mailto:")
        assert patient["contact"]["name"]
        assert patient.get("features") or patient.get("genomicFeatures")
