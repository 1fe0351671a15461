"""The published patients are all read; so is what the field sends that no standard foresaw."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation.importing import read_record
from federation.phenopackets import read_phenopacket, write_phenopacket
from federation.records import records
from federation.schemas import IMPORT_LIMITS, Read, read_case, write_case
from tests.federation.patients import BENCHMARK, needs_benchmark, the_release

pytestmark = needs_benchmark


@pytest.fixture(scope="module")
def published() -> list[Read]:
    found = records([BENCHMARK / "cases-dev.jsonl.gz"])
    return [read_record(record, release=the_release()) for record in found]


def test_all_benchmark_patients_are_read_within_the_limits_of_a_request() -> None:
    found = [record.content for record in records([BENCHMARK / "mme-benchmark-patients.json"])]
    read = [read_case(patient, release=the_release()) for patient in found]

    assert len(read) == 50
    warnings = [warning for one in read for warning in one.warnings]
    # Two of them have a variant without a start: a warning, and the gene counts. The rest are ids that were replaced.
    assert sorted(warning.path for warning in warnings if not warning.path.startswith("features")) == [
        "genomicFeatures[0].variant.start",
        "genomicFeatures[1].variant.start",
    ]
    assert all("obsolete" in warning.message for warning in warnings if warning.path.startswith("features"))
    assert all(
        feature.gene and feature.gene.startswith("HGNC:") for one in read for feature in one.case.genomic_features
    )


@pytest.mark.slow
def test_all_published_patients_are_read_without_rejection(published: list[Read]) -> None:
    assert len(published) == 4947
    # A few terms are newer than our release, and nothing else is remarkable.
    assert {warning.path.partition("[")[0] for one in published for warning in one.warnings} == {"features"}


@pytest.mark.slow
def test_all_published_patients_go_over_the_wire_and_back(published: list[Read]) -> None:
    for one in published[::10]:
        again = read_case(write_case(one.case, the_release()), release=the_release(), limits=IMPORT_LIMITS)
        assert replace(again.case, id=one.case.id) == one.case


@pytest.mark.slow
def test_all_published_patients_go_round_as_phenopackets(published: list[Read]) -> None:
    for one in published[::10]:
        packet = write_phenopacket(one.case, the_release())
        again = read_phenopacket(packet, release=the_release(), owner=one.case.owner).case
        unlabelled = [replace(feature, label=None) for feature in one.case.features]
        assert [replace(feature, label=None) for feature in again.features] == unlabelled
        assert again.genomic_features == one.case.genomic_features
