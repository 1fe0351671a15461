"""Disease ids in every spelling of the field."""

from __future__ import annotations

import pytest

from ontology.diseases import disease_id, wire_id


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("MIM:610536", "OMIM:610536"),
        ("OMIM:610536", "OMIM:610536"),
        ("omim:610536", "OMIM:610536"),
        (" MIM 610536 ", "OMIM:610536"),
        ("OMIM_610536", "OMIM:610536"),
        ("https://omim.org/entry/610536", "OMIM:610536"),
        ("https://www.omim.org/entry/610536", "OMIM:610536"),
        ("http://identifiers.org/mim/610536", "OMIM:610536"),
        ("Orphanet:79430", "ORPHA:79430"),
        ("ORPHA:079430", "ORPHA:79430"),
        ("ORDO:79430", "ORPHA:79430"),
        ("http://www.orpha.net/ORDO/Orphanet_79430", "ORPHA:79430"),
        ("https://www.orpha.net/en/disease/detail/79430", "ORPHA:79430"),
        ("MONDO:0019052", "MONDO:0019052"),
        ("mondo_19052", "MONDO:0019052"),
        ("http://purl.obolibrary.org/obo/MONDO_0019052", "MONDO:0019052"),
        ("DECIPHER:1", "DECIPHER:1"),
    ],
)
def test_disease_id_of_any_spelling_is_written_as_hpoa_does(given: str, expected: str) -> None:
    assert disease_id(given) == expected


@pytest.mark.parametrize("given", ["", "610536", "ICD10:Q87", "OMIM:", "OMIM:abc", "Neu-Laxova syndrome", "HP:0001250"])
def test_what_names_no_register_is_no_disease_id(given: str) -> None:
    assert disease_id(given) is None


@pytest.mark.parametrize(
    ("ours", "wire"),
    [
        ("OMIM:610536", "MIM:610536"),
        ("ORPHA:79430", "Orphanet:79430"),
        ("MONDO:0019052", "MONDO:0019052"),
        ("odd", "odd"),
    ],
)
def test_on_the_wire_disease_ids_are_mim_and_orphanet(ours: str, wire: str) -> None:
    assert wire_id(ours) == wire
