"""The rows of MME.md's table "The patient", each by name, and that any case goes over the wire and back."""

from __future__ import annotations

import copy
from contextlib import suppress
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.schemas import IMPORT_LIMITS, Limits, read_case, read_request, write_case, write_patient
from matchmaker.errors import Invalid
from matchmaker.model import (
    Case,
    Contact,
    Disorder,
    GenomicFeature,
    Origin,
    PhenotypicFeature,
    Sex,
    Sharing,
    Variant,
    Zygosity,
)
from tests.federation.patients import CASES, a_patient, around, read, said, the_release
from tests.full_case import FULL_CASE

# Drawing a whole case takes Hypothesis some tens of milliseconds, on a busy machine more.
a_case_is_large = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=25)

VARIANT = {"assembly": "GRCh37", "referenceName": "17", "start": 42929130, "end": 42929131}


def genes(case: Case) -> list[str | None]:
    return [feature.gene for feature in case.genomic_features]


def variant_of(**entry: Any) -> Variant:
    [feature] = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, **entry}])).case.genomic_features
    [variant] = feature.variants
    return variant


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


# gene id


@pytest.mark.parametrize(
    "sent",
    [
        "EFTUD2",
        "eftud2",
        " EFTUD2 ",
        "ENSG00000108883",
        "ENSG00000108883.9",
        "ensg00000108883",
        "9343",
        9343,
        "HGNC:30858",
        "SNRP116",
        "U5-116KD",
    ],
)
def test_gene_of_every_naming_is_resolved_to_one(sent: Any) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": sent}}]))

    assert genes(found.case) == ["HGNC:30858"]
    assert found.warnings == ()


def test_old_symbol_is_resolved() -> None:
    assert genes(read(a_patient(genomicFeatures=[{"gene": {"id": "KARS"}}])).case) == ["HGNC:6215"]


def test_ambiguous_alias_is_kept_as_sent_and_the_warning_names_the_candidates() -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "p40"}}]))

    assert genes(found.case) == ["p40"]
    [warning] = found.warnings
    assert warning.path == "genomicFeatures[0].gene.id"
    assert "IL9 (HGNC:6029)" in warning.remedy


def test_unknown_gene_is_kept_as_sent_with_a_warning() -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": " NOSUCHGENE "}}]))

    assert genes(found.case) == ["NOSUCHGENE"]
    assert list(said(found)) == ["genomicFeatures[0].gene.id"]


def test_symbol_beside_an_unknown_id_names_the_gene() -> None:
    sent = [{"gene": {"id": "ENSG99999999999", "_symbol": "EFTUD2"}}, {"gene": "PHGDH"}]

    assert genes(read(a_patient(genomicFeatures=sent)).case) == ["HGNC:30858", "HGNC:8923"]


def test_genes_are_sent_as_ensembl_ids_with_their_symbol() -> None:
    case = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}}])).case
    [feature] = write_patient(case, the_release())["genomicFeatures"]

    assert feature["gene"] == {"id": "ENSG00000108883", "_symbol": "EFTUD2", "_hgnc": "HGNC:30858"}


def test_several_entries_of_one_gene_are_one_feature_with_several_variants() -> None:
    sent = [
        {"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, "start": 1}, "zygosity": 1},
        {"gene": {"id": "PHGDH"}},
        {"gene": {"id": "ENSG00000108883"}, "variant": {**VARIANT, "start": 2}, "zygosity": 1},
        {"gene": {"id": "SNRP116"}},
    ]
    found = read(a_patient(genomicFeatures=sent)).case.genomic_features

    assert [(f.gene, [v.start for v in f.variants]) for f in found] == [("HGNC:30858", [1, 2]), ("HGNC:8923", [])]


# variant without gene; two features without a variant


def test_variant_without_a_gene_is_read() -> None:
    sent = [{"variant": VARIANT}, {"gene": None, "variant": {**VARIANT, "start": 7}}, {"gene": {}, "variant": VARIANT}]
    found = read(a_patient(features=None, genomicFeatures=sent)).case.genomic_features

    assert [feature.gene for feature in found] == [None, None, None]
    assert [feature.variants[0].start for feature in found] == [42929130, 7, 42929130]


@pytest.mark.parametrize("variant", [..., None, {}, {"assembly": None}])
def test_gene_without_a_variant_has_none(variant: Any) -> None:
    sent = {"gene": {"id": "EFTUD2"}} if variant is ... else {"gene": {"id": "EFTUD2"}, "variant": variant}

    assert read(a_patient(genomicFeatures=[sent])).case.genomic_features == (GenomicFeature(gene="HGNC:30858"),)  # type: ignore[arg-type]


def test_entry_that_says_nothing_is_ignored_with_a_warning() -> None:
    found = read(a_patient(genomicFeatures=[{}, {"gene": {"id": "EFTUD2"}}]))

    assert genes(found.case) == ["HGNC:30858"]
    assert list(said(found)) == ["genomicFeatures[0]"]


# start; numbers as strings


@pytest.mark.parametrize(
    ("sent", "start"), [(42929130, 42929130), ("42929130", 42929130), (" 7 ", 7), (7.0, 7), (0, 0)]
)
def test_digit_strings_are_numbers(sent: Any, start: int) -> None:
    variant = variant_of(variant={**VARIANT, "start": sent, "end": "42929131"})

    assert (variant.start, variant.end) == (start, 42929131)


@pytest.mark.parametrize("sent", ["x", "-1", -1, 1.5, True, [], 2**40, "99999999999"])
def test_position_that_is_none_is_ignored_with_a_warning(sent: Any) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, "start": sent}}]))

    assert found.case.genomic_features[0].variants[0].start is None
    assert list(said(found)) == ["genomicFeatures[0].variant.start"]


def test_missing_start_is_a_warning_and_the_gene_stays() -> None:
    sent = [{"gene": {"id": "EFTUD2"}, "variant": {"assembly": "GRCh37", "referenceName": "17"}}]
    found = read(a_patient(genomicFeatures=sent))

    assert genes(found.case) == ["HGNC:30858"]
    assert list(said(found)) == ["genomicFeatures[0].variant.start"]


def test_end_before_start_is_ignored() -> None:
    assert variant_of(variant={**VARIANT, "end": 3}).end is None


# referenceName, assembly


@pytest.mark.parametrize(
    ("sent", "chromosome"),
    [("chr17", "17"), ("17", "17"), (17, "17"), ("M", "MT"), ("chrM", "MT"), ("MT", "MT"), ("23", "X"), ("x", "X")],
)
def test_chromosome_names_are_normalised(sent: Any, chromosome: str) -> None:
    assert variant_of(variant={**VARIANT, "referenceName": sent}).chromosome == chromosome


@pytest.mark.parametrize("sent", ["GRCh37", "hg19", "GRCh37.p13", "b37", "grch37", "GRCh37/hg19", 37])
def test_assembly_names_are_normalised(sent: Any) -> None:
    assert variant_of(variant={**VARIANT, "assembly": sent}).assembly == "GRCh37"


@pytest.mark.parametrize(("field", "sent"), [("assembly", "NCBI36"), ("referenceName", "GL000192.1")])
def test_unknown_assembly_or_chromosome_costs_the_variant_not_the_gene(field: str, sent: str) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": {**VARIANT, field: sent}}]))

    assert genes(found.case) == ["HGNC:30858"]
    assert list(said(found)) == [f"genomicFeatures[0].variant.{field}"]


@pytest.mark.parametrize("variant", ["c.1A>G", 5, [VARIANT], True])
def test_variant_that_is_no_object_is_ignored_and_the_gene_stays(variant: Any) -> None:
    assert genes(read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": variant}])).case) == [
        "HGNC:30858"
    ]


@pytest.mark.parametrize(
    ("sent", "bases"), [("a", "A"), ("ACGT", "ACGT"), ("<del>", "<DEL>"), ("DEL", "<DEL>"), ("-", "-"), ("", None)]
)
def test_bases_are_normalised(sent: str, bases: str | None) -> None:
    assert variant_of(variant={**VARIANT, "referenceBases": sent}).reference_bases == bases


# zygosity


@pytest.mark.parametrize(
    ("sent", "zygosity"),
    [(1, Zygosity.HETEROZYGOUS), ("1", Zygosity.HETEROZYGOUS), (2, Zygosity.HOMOZYGOUS), (2.0, Zygosity.HOMOZYGOUS)],
)
def test_zygosity_1_and_2_are_read(sent: Any, zygosity: Zygosity) -> None:
    assert variant_of(variant=VARIANT, zygosity=sent).zygosity is zygosity


@pytest.mark.parametrize("sent", [0, 3, "0", "hom", None, True, -1, []])
def test_other_zygosity_is_unknown(sent: Any) -> None:
    assert variant_of(variant=VARIANT, zygosity=sent).zygosity is None


def test_hemizygous_is_sent_as_1_and_comes_back() -> None:
    case = replace(
        read(a_patient()).case,
        genomic_features=(GenomicFeature(variants=(Variant(zygosity=Zygosity.HEMIZYGOUS),)),),
    )

    assert write_case(case, the_release())["genomicFeatures"][0]["zygosity"] == 1
    assert around(case) == case


# type


@pytest.mark.parametrize("sent", [{"id": "SO:0001587", "label": "STOPGAIN"}, "SO:0001587", {"id": "so_0001587"}])
def test_effect_is_a_sequence_ontology_id(sent: Any) -> None:
    assert variant_of(variant=VARIANT, type=sent).effect == "SO:0001587"


def test_effect_without_a_variant_is_kept() -> None:
    assert variant_of(type={"id": "SO:0001587"}, zygosity=2) == Variant(
        effect="SO:0001587", zygosity=Zygosity.HOMOZYGOUS
    )


@pytest.mark.parametrize("sent", [{"id": "TRUNCATING"}, "STOPGAIN", {"id": 1587}, 5])
def test_effect_of_another_source_is_ignored_with_a_warning(sent: Any) -> None:
    found = read(a_patient(genomicFeatures=[{"gene": {"id": "EFTUD2"}, "variant": VARIANT, "type": sent}]))

    assert found.case.genomic_features[0].variants[0].effect is None
    assert list(said(found)) == ["genomicFeatures[0].type.id"]


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
