"""Peers of the field, header by header and field by field as MME.md tells of them: each is answered in its own dialect.

The bodies are what these programs send, with invented people; what they do with an answer is written as a check.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import unquote_plus

from tests.conformance.conftest import Reply, Served

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
V1_1 = "application/vnd.ga4gh.matchmaker.v1.1+json"
PHGDH = "ENSG00000092621"


def first_gene(reply: Reply) -> str:
    gene: str = reply.said["results"][0]["patient"]["genomicFeatures"][0]["gene"]["id"]
    return gene


def test_seqr_is_answered_in_version_1_0(node: Served) -> None:
    """It names the version in Accept, sends `features: null` and 1-based starts, and mails what follows `mailto:`."""
    patient = {
        "patient": {
            "id": "NA19675_1_01",
            "label": "NA19675_1",
            "contact": {"href": "mailto:matchmaker@example.org", "institution": "Example Center", "name": "PI Name"},
            "species": "NCBITaxon:9606",
            "sex": "MALE",
            "inheritanceMode": None,
            "features": None,
            "genomicFeatures": [
                {
                    "gene": {"id": PHGDH},
                    "variant": {
                        "assembly": "GRCh38",
                        "referenceName": "1",
                        "start": 119742890,
                        "end": 119742891,
                        "referenceBases": "G",
                        "alternateBases": "A",
                    },
                    "zygosity": 1,
                }
            ],
        }
    }
    reply = node.post(
        json.dumps(patient).encode(), Accept=V1_0, Content_Type="application/json", Accept_Encoding="identity"
    )

    assert (reply.status, reply.headers["Content-Type"]) == (200, V1_0)
    assert first_gene(reply) == PHGDH
    contact = reply.said["results"][0]["patient"]["contact"]
    assert "@" in contact["href"].replace("mailto:", "")
    assert "\n" not in contact["href"]


def test_seqr_sends_phenotypes_with_labels_and_observed(node: Served) -> None:
    patient = {
        "id": "NA20885",
        "contact": {"href": "mailto:matchmaker@example.org", "name": "PI Name", "institution": "Example Center"},
        "features": [
            {"id": "HP:0000252", "observed": "yes", "label": "Microcephaly"},
            {"id": "HP:0002521", "observed": "yes", "label": "Hypsarrhythmia"},
            {"id": "HP:0001263", "observed": "no", "label": None},
        ],
        "genomicFeatures": None,
    }

    reply = node.match(patient, Accept=V1_0, Content_Type="application/json")

    assert (reply.status, len(reply.said["results"])) == (200, 1)


def test_matchbox_is_answered_letter_by_letter_and_decodes_the_body_unharmed(node: Served) -> None:
    """It compares the type with 1.0's letter by letter and URL-decodes the body before it reads it."""
    patient = {
        "id": "id_ttn-2",
        "contact": {"name": "Full Name", "institution": "Contact Institution", "href": "mailto:fullname@example.org"},
        "species": "NCBITaxon:9606",
        "sex": "FEMALE",
        "ageOfOnset": "HP:0003577",
        "inheritanceMode": "HP:0000006",
        "disorders": [],
        "features": [{"id": "HP:0000252", "observed": "yes", "ageOfOnset": "HP:0003577"}],
        "genomicFeatures": [{"gene": {"id": "PHGDH"}, "variant": None, "zygosity": None, "type": {}}],
    }

    reply = node.match(patient, Accept=V1_0, Content_Type=V1_0, Content_Language="en-US")

    assert reply.headers["Content-Type"] == V1_0
    assert json.loads(unquote_plus(reply.body.decode())) == reply.said
    assert first_gene(reply) == PHGDH


def test_patient_matcher_is_answered(node: Served) -> None:
    """It sends the vendor type in both headers, genes by symbol or Entrez id, and disorders as it has them."""
    for gene in ("PHGDH", "26227", PHGDH):
        patient = {
            "id": "P0000079",
            "label": "178_M43377",
            "contact": {
                "name": "Contact Name",
                "href": "https://www.example.org/contact",
                "email": "contact@example.org",
            },
            "features": [{"id": "HP:0000252", "label": "Microcephaly", "observed": "yes"}],
            "genomicFeatures": [
                {"gene": {"id": gene}, "zygosity": 1, "type": {"id": "SO:0001583", "label": "MISSENSE"}}
            ],
            "disorders": [{"id": "MIM:610536", "label": "a disorder"}],
            "sex": "",
        }

        reply = node.match(patient, Accept=V1_0, Content_Type=V1_0)

        assert (reply.status, reply.headers["Content-Type"]) == (200, V1_0)
        assert first_gene(reply) == PHGDH
        # It reads the score of each result as a number, and its id and contact without asking whether they are there.
        result = reply.said["results"][0]
        assert isinstance(result["score"]["patient"], float)
        assert {"id", "contact"} <= result["patient"].keys()


def test_patient_matcher_finds_the_newer_type_of_our_heartbeat_accepted(node: Served) -> None:
    patient = {"id": "1", "contact": {"name": "x", "email": "x@example.org"}, "features": [{"id": "HP:0000252"}]}

    assert node.match(patient, Accept=V1_1, Content_Type=V1_1).headers["Content-Type"] == V1_1


def test_gene_matcher_asks_with_genes_alone(node: Served) -> None:
    """It speaks for thousands of submitters with one token; 97 % of its requests carry a gene and no phenotype."""
    body = {
        "patient": {
            "id": "29154",
            "label": "29154",
            "contact": {
                "name": "Submitter",
                "institution": "Example University",
                "href": "mailto:submitter@example.org",
            },
            "species": "9606",
            "genomicFeatures": [{"gene": {"id": PHGDH}}, {"gene": {"id": "ENSG00000066279"}}],
        },
        "disclaimer": "The data in GeneMatcher is provided for research use only.",
    }

    reply = node.post(json.dumps(body).encode(), Content_Type=V1_1, Accept=V1_1)

    assert (reply.status, reply.headers["Content-Type"]) == (200, V1_1)
    result = reply.said["results"][0]
    assert result["_explanation"]["genes"] == [{"id": PHGDH, "match": "same_gene"}]
    assert result["patient"]["features"]  # the fixed set, to triage by
    assert reply.said["disclaimer"]
    assert reply.said["terms"]


def test_decipher_sends_chromosomes_and_assemblies_in_its_own_way(node: Served) -> None:
    variant: dict[str, Any] = {
        "assembly": "GRCh37.p13",
        "referenceName": "chr1",
        "start": "120285512",
        "referenceBases": "G",
        "alternateBases": "A",
    }
    patient = {
        "id": "DECIPHER:257",
        "contact": {"name": "Depositor", "href": "https://www.example.org/contact/257"},
        "genomicFeatures": [{"variant": variant}],
        "features": [{"id": "HP:0000252", "observed": "yes"}],
    }

    assert node.match(patient, Content_Type=V1_0).status == 200
