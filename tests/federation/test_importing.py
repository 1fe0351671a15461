"""Imports into a real node: what is kept, warned about and rejected (CONTRACT.md, case import)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from federation.importing import Defaults, Report, import_paths, read_one
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.errors import Invalid
from matchmaker.model import Case, Sharing
from matchmaker.service import Matchmaker
from tests.federation.patients import BENCHMARK, a_patient, needs_benchmark

PACKET = {
    "id": "packet-1",
    "subject": {"id": "x", "vitalStatus": {"status": "ALIVE"}},
    "phenotypicFeatures": [{"type": {"id": "HP:0001250", "label": "Seizure"}}],
    "metaData": {"createdBy": "nobody", "phenopacketSchemaVersion": "2.0"},
}


def imported(mm: Matchmaker, path: Path, *values: Any, **defaults: Any) -> Report:
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")
    return import_paths(mm, [path], defaults=Defaults(**defaults))


def stored(mm: Matchmaker) -> dict[str, Case]:
    return {found.case.local_id: found.case for found in cases.list_(mm, by=SYSTEM)}


def test_good_records_are_kept_also_when_others_are_rejected(mm: Matchmaker, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    bad = [a_patient(id=""), a_patient(contact={"name": "N"}), a_patient(features=None), 5]
    report = imported(mm, path, a_patient(id="P0"), *bad, a_patient(id="P1"))

    assert (report.imported, report.updated) == (2, 0)
    assert sorted(stored(mm)) == ["P0", "P1"]
    assert [(remark.record, remark.field) for remark in report.rejected] == [
        (f"{path}:2", "id"),
        (f"{path}:3", "contact.href"),
        (f"{path}:4", "features"),
        (f"{path}:5", ""),
    ]
    assert all(remark.message and remark.remedy for remark in report.rejected)


def test_rejected_is_only_what_a_request_would_be_refused_for(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    report = imported(
        sqlite_mm,
        tmp_path / "x.jsonl",
        a_patient(
            features=[{"id": "HP:9999999"}],
            genomicFeatures=[
                {"gene": {"id": "p40"}},
                {"gene": {"id": "PHGDH"}, "variant": {"assembly": "GRCh38", "referenceName": "1"}},
            ],
        ),
        basis="consent",
    )

    assert (report.imported, report.rejected) == (1, ())
    assert [remark.field for remark in report.warnings] == [
        "features[0].id",
        "genomicFeatures[0].gene.id",
        "genomicFeatures[1].variant.start",
    ]


def test_same_owner_and_id_again_is_an_update(mm: Matchmaker, tmp_path: Path) -> None:
    first = imported(mm, tmp_path / "x.jsonl", a_patient(id="P0"))
    second = imported(mm, tmp_path / "x.jsonl", a_patient(id="P0", sex="MALE"), a_patient(id="P1"))
    other = imported(mm, tmp_path / "x.jsonl", a_patient(id="P0"), owner="other@example.org")

    assert (first.imported, first.updated) == (1, 0)
    assert (second.imported, second.updated) == (1, 1)
    assert (other.imported, other.updated) == (1, 0)


def test_id_twice_in_a_file_is_an_update_and_a_warning(mm: Matchmaker, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    report = imported(mm, path, a_patient(sex="MALE"), a_patient(sex="FEMALE"), basis="consent")

    assert (report.imported, report.updated) == (1, 1)
    assert stored(mm)["P0000079"].sex == "female"
    assert [(remark.record, remark.field) for remark in report.warnings] == [(f"{path}:2", "id")]
    assert f"{path}:1" in report.warnings[0].message


def test_owner_is_the_contact_unless_given(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    imported(sqlite_mm, tmp_path / "x.jsonl", a_patient(id="P0"))
    imported(sqlite_mm, tmp_path / "x.jsonl", a_patient(id="P1", _owner="of@record.org"), owner="given@example.org")

    assert {case.local_id: case.owner for case in stored(sqlite_mm).values()} == {
        "P0": "lijia@example.org",
        "P1": "given@example.org",
    }


def test_sharing_and_basis_apply_to_records_that_carry_none(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    imported(
        sqlite_mm,
        tmp_path / "x.jsonl",
        a_patient(id="bare"),
        a_patient(id="own", _sharing="national", _consent={"basis": "law", "formVersion": "2"}),
        sharing=Sharing.FEDERATED,
        basis="consent",
    )
    found = stored(sqlite_mm)

    assert {id_: (case.sharing, case.consent and case.consent.basis) for id_, case in found.items()} == {
        "bare": (Sharing.FEDERATED, "consent"),
        "own": (Sharing.NATIONAL, "law"),
    }


def test_without_a_basis_a_case_stays_private_and_the_report_says_so(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    report = imported(sqlite_mm, tmp_path / "x.jsonl", a_patient(), a_patient(id="P1"), sharing=Sharing.FEDERATED)

    assert {case.effective_sharing for case in stored(sqlite_mm).values()} == {Sharing.PRIVATE}
    [remark] = report.warnings
    assert remark.message == "2 cases have no recorded legal basis and stay private"
    assert "--basis" in remark.remedy


def test_default_is_private(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    imported(sqlite_mm, tmp_path / "x.jsonl", a_patient(), basis="consent")

    assert stored(sqlite_mm)["P0000079"].sharing is Sharing.PRIVATE


def test_phenopacket_needs_an_owner_and_gets_the_basis(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    rejected = imported(sqlite_mm, tmp_path / "x.jsonl", PACKET)
    report = imported(sqlite_mm, tmp_path / "x.jsonl", PACKET, owner="owner@example.org", basis="consent")
    consent = stored(sqlite_mm)["packet-1"].consent

    assert [remark.remedy for remark in rejected.rejected] == ["give an owner: --owner EMAIL"]
    assert (report.imported, report.rejected, report.warnings) == (1, (), ())
    assert consent is not None
    assert (consent.basis, consent.vital_status) == ("consent", "alive")


def test_report_is_one_json_object(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    report = json.loads(json.dumps(imported(sqlite_mm, tmp_path / "x.jsonl", a_patient(), 5).as_json()))

    assert set(report) == {"imported", "updated", "rejected", "warnings"}
    assert set(report["rejected"][0]) == {"record", "field", "message", "remedy"}


def test_progress_counts_records_up_to_the_last(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    path, told = tmp_path / "x.jsonl", list[int]()
    path.write_text("".join(json.dumps(a_patient(id=f"P{i}")) + "\n" for i in range(cases.BATCH + 50)), "utf-8")
    import_paths(sqlite_mm, [path], progress=told.append)

    assert told == [cases.BATCH, cases.BATCH + 50]


def test_nothing_to_import_is_reported(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    report = import_paths(sqlite_mm, [tmp_path / "missing.json"])

    assert (report.imported, len(report.rejected)) == (0, 1)


def test_one_case_is_read_from_a_file_to_match_with(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text(json.dumps({"patient": a_patient()}), "utf-8")

    assert read_one(sqlite_mm, path).local_id == "P0000079"
    assert stored(sqlite_mm) == {}


@pytest.mark.parametrize("values", [[], [a_patient(), a_patient()], [a_patient(id="")]])
def test_file_without_exactly_one_good_record_cannot_be_matched_with(
    sqlite_mm: Matchmaker, tmp_path: Path, values: list[Any]
) -> None:
    path = tmp_path / "x.json"
    path.write_text("".join(json.dumps(value) + "\n" for value in values), "utf-8")

    with pytest.raises(Invalid, match=r"x\.json"):
        read_one(sqlite_mm, path)


@needs_benchmark
def test_all_benchmark_patients_are_imported(sqlite_mm: Matchmaker) -> None:
    report = import_paths(sqlite_mm, [BENCHMARK / "mme-benchmark-patients.json"], defaults=Defaults(basis="consent"))

    assert (report.imported, report.rejected) == (50, ())
    assert all(case.test for case in stored(sqlite_mm).values())
