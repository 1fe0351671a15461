"""Who is one person at several nodes, who is a relative, and who is an independent match after all."""

from __future__ import annotations

from typing import Any

import pytest

from matchmaker.model import Case, Contact, Family, Sex, Variant
from matchmaker.persons import Kinship, grouped, joined
from ontology.releases import Release, shipped
from tests.builders import a_case, a_feature, a_genomic_feature

CHANGE = Variant(
    assembly="GRCh38", chromosome="1", start=119_720_000, end=119_720_001, reference_bases="G", alternate_bases="A"
)
TERMS = ("HP:0000252", "HP:0001250", "HP:0001263", "HP:0001999", "HP:0000365")


@pytest.fixture(scope="module")
def release() -> Release:
    return shipped()


def a_patient(
    *terms: str,
    variant: Variant | None = None,
    institution: str | None = None,
    gene: str = "HGNC:8923",
    **stated: object,
) -> Case:
    variants = [] if variant is None else [variant]
    return a_case(
        features=[a_feature(term) for term in terms or TERMS],
        genomic_features=[a_genomic_feature(gene, variants=tuple(variants))],
        contact=Contact(name="Dr", institution=institution),
        **stated,
    )


def kinship(one: Case, other: Case, release: Release) -> Kinship | None:
    found = joined(one, other, release)
    return None if found is None else found.kinship


def test_same_id_at_two_nodes_is_one_person(release: Release) -> None:
    one, other = a_patient("HP:0000252", local_id="P0001135"), a_patient("HP:0001250", local_id="P0001135")

    assert kinship(one, other, release) is Kinship.SAME_PERSON


def test_short_id_and_id_with_nothing_in_common_join_nobody(release: Release) -> None:
    assert kinship(a_patient("HP:0000252", local_id="1"), a_patient("HP:0001250", local_id="1"), release) is None
    stranger = a_patient("HP:0001250", local_id="P0001135", gene="HGNC:11998")
    assert kinship(a_patient("HP:0000252", local_id="P0001135"), stranger, release) is None


def test_same_id_twice_at_one_node_is_no_sign(release: Release) -> None:
    twins = [("spain", a_patient("HP:0000252", local_id="P-77")), ("spain", a_patient("HP:0001250", local_id="P-77"))]

    assert [place.group for place in grouped(twins, release)] == [1, 2]


def test_same_variant_and_findings_are_one_person_and_the_variant_alone_is_not(release: Release) -> None:
    one = a_patient(variant=CHANGE)

    assert kinship(one, a_patient(variant=CHANGE), release) is Kinship.SAME_PERSON
    assert kinship(one, a_patient("HP:0000252", "HP:0002720", variant=CHANGE), release) is None


def test_same_findings_to_the_last_and_the_same_gene_are_one_person(release: Release) -> None:
    assert kinship(a_patient(), a_patient(), release) is Kinship.SAME_PERSON
    assert kinship(a_patient(*TERMS[:4]), a_patient(*TERMS[:4]), release) is None  # too few to know anybody by
    assert kinship(a_patient(), a_patient(sex=None), release) is Kinship.SAME_PERSON
    assert kinship(a_patient(sex=Sex.MALE), a_patient(sex=Sex.FEMALE), release) is None


def test_brothers_are_relatives_by_family_or_by_a_variant_at_one_centre(release: Release) -> None:
    family: dict[str, Any] = {"family": Family(id="F1"), "owner": "o@example.org"}
    elder, younger = a_patient("HP:0000252", **family), a_patient("HP:0001250", **family)
    assert kinship(elder, younger, release) is Kinship.RELATIVE

    told = [a_patient(term, variant=CHANGE, institution="Helsinki") for term in ("HP:0000252", "HP:0001250")]
    assert kinship(told[0], told[1], release) is Kinship.RELATIVE
    far = a_patient("HP:0001250", variant=CHANGE, institution="Turku")
    assert kinship(told[0], far, release) is None


def test_groups_are_numbered_in_order_and_grow_through_any_member(release: Release) -> None:
    first, copy = a_patient(local_id="P0001135"), a_patient(*TERMS[:3], local_id="P0001135")
    alone = a_patient("HP:0000365", gene="HGNC:11998")
    again = a_patient(*TERMS[:3], local_id="P0001135")

    places = grouped([("a", first), ("b", alone), ("c", copy), ("d", again)], release)

    assert [place.group for place in places] == [1, 2, 1, 1]
    assert [place.to for place in places] == [None, None, 0, 0]
    assert grouped([], release) == []
