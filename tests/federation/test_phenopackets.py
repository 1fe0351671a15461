"""Phenopackets v2 against the schema's own package: what we write it parses, what it writes we read."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict, ParseDict
from hypothesis import HealthCheck, given, settings
from phenopackets import Family as FamilyMessage

from federation.phenopackets import is_phenopacket, packets_of, read_phenopacket, write_phenopacket
from matchmaker.errors import Invalid
from matchmaker.model import AgeBand, Case, Family, PhenotypicFeature, Relation, Sex, VitalStatus
from tests.federation.packets import OWNER, SEIZURE, a_call, a_packet, oracle, read
from tests.federation.patients import CASES, said, the_release
from tests.full_case import FULL_CASE

# writing


def test_full_case_is_a_valid_phenopacket() -> None:
    message = oracle(write_phenopacket(FULL_CASE, the_release(), created=dt.datetime(2026, 1, 31, tzinfo=dt.UTC)))

    assert message.id == "P-17"
    assert message.subject.sex == 2
    assert message.meta_data.phenopacket_schema_version == "2.0"
    assert message.meta_data.resources[0].version == the_release().hpo.release
    [interpretation] = message.interpretations
    first = interpretation.diagnosis.genomic_interpretations[0].variant_interpretation
    assert first.variation_descriptor.gene_context.symbol == "PHGDH"
    assert first.variation_descriptor.vcf_record.pos == 119_742_890
    assert first.variation_descriptor.allelic_state.label == "heterozygous"


@given(CASES)
@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)
def test_any_case_is_a_valid_phenopacket_that_keeps_what_it_can(case: Case) -> None:
    message = oracle(write_phenopacket(case, the_release()))
    found = read(MessageToDict(message)).case

    assert found.local_id == case.local_id
    assert {(f.term, f.excluded) for f in found.features} <= {(f.term, f.excluded) for f in case.features}
    assert [f.gene for f in found.genomic_features if f.gene] == list(
        dict.fromkeys(f.gene for f in case.genomic_features if f.gene)
    )


def test_clinical_part_of_full_case_goes_round() -> None:
    packet = write_phenopacket(FULL_CASE, the_release())
    found = read(MessageToDict(oracle(packet)), owner=FULL_CASE.owner)

    kept = {
        name: getattr(FULL_CASE, name)
        for name in ("local_id", "owner", "species", "sex", "age_band", "onset", "inheritance_mode", "status")
    }
    assert {name: getattr(found.case, name) for name in kept} == kept
    assert found.case.features == FULL_CASE.features
    assert found.case.disorders == FULL_CASE.disorders
    assert found.case.genomic_features == _without_bounds(FULL_CASE).genomic_features
    assert found.warnings == ()


def _without_bounds(case: Case) -> Case:
    """The schema has no place for where breakpoints lie."""
    features = []
    for feature in case.genomic_features:
        variants = tuple(
            replace(v, copy_number=v.copy_number and replace(v.copy_number, start_bounds=None, end_bounds=None))
            for v in feature.variants
        )
        features.append(replace(feature, variants=variants))
    return replace(case, genomic_features=tuple(features))


# reading


@pytest.mark.parametrize("names", [True, False])
def test_both_spellings_of_protobuf_are_read(names: bool) -> None:
    message = oracle(write_phenopacket(FULL_CASE, the_release()))
    packet = MessageToDict(message, preserving_proto_field_name=names)

    assert read(packet).case.features == FULL_CASE.features
    assert len(read(packet).case.genomic_features[0].variants) == 2


def test_excluded_feature_with_its_details_is_read() -> None:
    feature = {
        **SEIZURE,
        "excluded": True,
        "severity": {"id": "HP:0012828", "label": "Severe"},
        "modifiers": [{"id": "HP:0031796", "label": "Recurrent"}],
        "onset": {"age": {"iso8601duration": "P3Y"}},
    }

    assert read(a_packet(phenotypicFeatures=[feature])).case.features == (
        PhenotypicFeature(
            term="HP:0001250",  # type: ignore[arg-type]
            excluded=True,
            onset="HP:0011463",  # type: ignore[arg-type]
            severity="HP:0012828",  # type: ignore[arg-type]
            modifiers=("HP:0031796",),  # type: ignore[arg-type]
        ),
    )


@pytest.mark.parametrize(
    ("onset", "term"),
    [
        ({"ontologyClass": {"id": "HP:0003577", "label": "Congenital onset"}}, "HP:0003577"),
        ({"age": {"iso8601duration": "P0D"}}, "HP:0003577"),
        ({"age": {"iso8601duration": "P14D"}}, "HP:0003623"),
        ({"age": {"iso8601duration": "P6M"}}, "HP:0003593"),
        ({"age": {"iso8601duration": "P1Y"}}, "HP:0011463"),
        ({"age": {"iso8601duration": "P4Y11M"}}, "HP:0011463"),
        ({"age": {"iso8601duration": "P5Y"}}, "HP:0003621"),
        ({"age": {"iso8601duration": "P16Y"}}, "HP:0011462"),
        ({"age": {"iso8601duration": "P40Y"}}, "HP:0003596"),
        ({"age": {"iso8601duration": "P60Y"}}, "HP:0003584"),
        ({"gestationalAge": {"weeks": 9}}, "HP:0011460"),
        ({"gestationalAge": {"weeks": 20, "days": 3}}, "HP:0011461"),
        ({"ageRange": {"start": {"iso8601duration": "P2Y"}, "end": {"iso8601duration": "P4Y"}}}, "HP:0011463"),
        ({"ageRange": {"start": {"iso8601duration": "P20Y"}, "end": {"iso8601duration": "P50Y"}}}, "HP:0003581"),
        ({"ageRange": {"start": {"iso8601duration": "P2Y"}, "end": {"iso8601duration": "P50Y"}}}, None),
        ({"timestamp": "2020-01-01T00:00:00Z"}, None),
        ({"age": {"iso8601duration": "three"}}, None),
    ],
)
def test_onset_is_mapped_where_sensible(onset: dict[str, Any], term: str | None) -> None:
    packet = a_packet(
        phenotypicFeatures=[{**SEIZURE, "onset": onset}],
        diseases=[{"term": {"id": "OMIM:601815", "label": "PHGDH deficiency"}, "onset": onset}],
    )

    assert read(packet).case.features[0].onset == term
    assert read(packet).case.onset == term


@pytest.mark.parametrize(
    ("age", "band"),
    [
        ("P3D", AgeBand.NEWBORN),
        ("P11M", AgeBand.INFANT),
        ("P1Y", AgeBand.CHILD),
        ("P11Y11M", AgeBand.CHILD),
        ("P12Y", AgeBand.ADOLESCENT),
        ("P18Y", AgeBand.ADULT),
    ],
)
def test_subject_says_sex_age_band_and_vital_status(age: str, band: AgeBand) -> None:
    subject = {
        "id": "proband",
        "sex": "FEMALE",
        "timeAtLastEncounter": {"age": {"iso8601duration": age}},
        "vitalStatus": {"status": "DECEASED"},
        "taxonomy": {"id": "NCBITaxon:9606", "label": "human"},
    }
    case = read(a_packet(subject=subject)).case

    assert (case.sex, case.age_band) == (Sex.FEMALE, band)
    assert case.consent is not None
    assert case.consent.vital_status is VitalStatus.DECEASED
    assert case.consent.basis == ""  # nobody recorded one, so it stays private


# refused


@pytest.mark.parametrize(
    "packet",
    [
        {**a_packet(), "metaData": {"phenopacketSchemaVersion": "1.0.0"}},
        {**a_packet(), "metaData": {}, "phenotypicFeatures": [{**SEIZURE, "negated": True}]},
        {**a_packet(), "metaData": {}, "genes": [{"id": "HGNC:8923", "symbol": "PHGDH"}]},
        {**a_packet(), "metaData": {}, "subject": {"id": "x", "ageAtCollection": {"age": "P3Y"}}},
    ],
)
def test_phenopacket_of_version_1_is_refused_with_a_remedy(packet: dict[str, Any]) -> None:
    with pytest.raises(Invalid, match=r"version 1 \(convert it to version 2"):
        read(packet)


def test_phenopacket_without_anything_to_match_by_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        read(a_packet(phenotypicFeatures=...))

    assert [issue.path for issue in refused.value.issues] == ["phenotypicFeatures"]


def test_phenopacket_that_names_nobody_needs_an_owner() -> None:
    with pytest.raises(Invalid, match="--owner EMAIL"):
        read(a_packet(), owner=None)


@pytest.mark.parametrize(
    ("made_by", "href", "email"),
    [
        ("Dr A <a@x.org>", None, "a@x.org"),
        ("ORCID:0000-0002-0736-9199", "https://orcid.org/0000-0002-0736-9199", None),
    ],
)
def test_whoever_made_the_packet_is_its_contact_and_owner(made_by: str, href: str | None, email: str | None) -> None:
    case = read(a_packet(metaData={"createdBy": made_by, "phenopacketSchemaVersion": "2.0"}), owner=None).case

    assert (case.contact.href, case.contact.email) == (href, email)
    assert case.owner == (email or href)


def test_warnings_name_the_place_in_the_packet() -> None:
    congenital = {"type": {"id": "HP:0003577", "label": "Congenital onset"}}
    unknown = {"type": {"id": "HP:9999999", "label": "x"}}
    found = read(a_packet(phenotypicFeatures=[congenital, SEIZURE, unknown]))
    gene = read(a_call(gene={"valueId": "NOSUCHGENE", "symbol": "NOSUCHGENE"}))

    assert list(said(found)) == ["phenotypicFeatures[2].id"]
    assert list(said(gene)) == ["interpretations[0].diagnosis.genomicInterpretations[0].gene.id"]


# families


def test_family_is_one_packet_for_each_affected_relative() -> None:
    relatives = [
        a_packet(id="brother", subject={"id": "brother"}),
        a_packet(id="father", subject={"id": "father"}),
        a_packet(id="mother", subject={"id": "mother"}, phenotypicFeatures=...),
        a_packet(id="uncle", subject={"id": "uncle"}),
    ]
    persons = [
        {"individualId": "proband", "paternalId": "father", "maternalId": "mother"},
        {"individualId": "brother", "paternalId": "father", "maternalId": "mother"},
        {"individualId": "father", "paternalId": "0"},
    ]
    family = {"id": "F-4", "proband": a_packet(), "relatives": relatives, "pedigree": {"persons": persons}}
    packets = list(packets_of(MessageToDict(ParseDict(family, FamilyMessage()))))

    assert [(packet.path, packet.family) for packet in packets] == [
        ("proband", Family(id="F-4", relation=Relation.PROBAND)),
        ("relatives[0]", Family(id="F-4", relation=Relation.SIBLING)),
        ("relatives[1]", Family(id="F-4", relation=Relation.PARENT)),
        ("relatives[3]", Family(id="F-4", relation=Relation.OTHER)),
    ]
    assert read_phenopacket(packets[1], release=the_release(), owner=OWNER).case.family == packets[1].family


def test_phenopackets_are_told_from_patients() -> None:
    assert is_phenopacket(a_packet())
    assert is_phenopacket(MessageToDict(oracle(a_packet()), preserving_proto_field_name=True))
    assert not is_phenopacket({"id": "P1", "contact": {}, "features": [], "genomicFeatures": []})
