"""Spreadsheets as people have them: any delimiter and encoding, Excel's harm named, hostile workbooks refused."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import pytest

from federation.schemas import Read
from federation.spreadsheets.writing import as_csv, as_minimal_csv, as_workbook
from matchmaker.errors import Invalid
from matchmaker.model import Case, CaseId, Sex, Sharing
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.patients import the_release
from tests.federation.sheets import OWNER, found, outcomes, read_rows, workbook
from tests.full_case import FULL_CASE


def terms(read: Read) -> list[tuple[str, bool]]:
    return [(feature.term, feature.excluded) for feature in read.case.features]


def said(read: Read | Invalid) -> str:
    return " ".join(map(str, read.issues if isinstance(read, Invalid) else read.warnings))


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_every_delimiter_and_encoding_gives_the_same_case(tmp_path: Path, delimiter: str, encoding: str) -> None:
    rows = (("Patient ID", "Name", "HPO terms", "Gene"), ("P-1", "Žofie", "HP:0001250, HP:0000252", "PHGDH"))
    body = "\r\n".join(delimiter.join(f'"{cell}"' for cell in row) for row in rows)

    (read,) = read_rows(tmp_path, body.encode(encoding))

    assert (read.case.local_id, read.case.label, read.case.owner) == ("P-1", "Žofie", OWNER)
    assert terms(read) == [("HP:0001250", False), ("HP:0000252", False)]
    assert read.case.genomic_features[0].gene == "HGNC:8923"


def test_windows_letters_are_read_and_said(tmp_path: Path) -> None:
    body = "id;name;findings\nP-1;Zoë;Seizure\n".encode("cp1252")

    assert read_rows(tmp_path, body)[0].case.label == "Zoë"
    notes = [record.note for record in found(tmp_path, body) if record.note]
    assert "not UTF-8" in notes[0].message


@pytest.mark.parametrize(
    "cell",
    [
        "Seizure; Intellectual disability, mild; no Hypotonia",
        "Seizure\nIntellectual disability, mild\nno Hypotonia",
        "HP:0001250 | HP:0001256 | no HP:0001252",
        "HP:0001250, HP:0001256, no HP:0001252",
    ],
)
def test_several_findings_stand_in_one_cell(tmp_path: Path, cell: str) -> None:
    (read,) = read_rows(tmp_path, f'id,findings\nP-1,"{cell}"\n')

    assert terms(read) == [("HP:0001250", False), ("HP:0001256", False), ("HP:0001252", True)]
    assert read.warnings == ()


def test_details_follow_their_finding_and_variants_their_gene(tmp_path: Path) -> None:
    findings = "Seizure; onset: Infantile onset; severity: Severe; Microcephaly"
    genes = "PHGDH; NM_006623.4:c.1468G>A; het; maternal; PHGDH; GRCh38 1:119,742,890 G>A; hom | SHANK3, MECP2"

    (read,) = read_rows(tmp_path, f'id,findings,genes\nP-1,"{findings}","{genes}"\n')

    assert [(f.term, f.onset, f.severity) for f in read.case.features] == [
        ("HP:0001250", "HP:0003593", "HP:0012828"),
        ("HP:0000252", None, None),
    ]
    symbols = [the_release().genes.symbol(one.gene or "") for one in read.case.genomic_features]
    assert symbols == ["PHGDH", "SHANK3", "MECP2"]
    assert [variant.zygosity for variant in read.case.genomic_features[0].variants] == ["heterozygous", "homozygous"]
    assert read.warnings == ()


def test_terms_may_be_columns_of_their_own(tmp_path: Path) -> None:
    (read,) = read_rows(tmp_path, "id,HP:0001250,Microcephaly (HP:0000252),HP:0001252\nP-1,yes,0,\n")

    assert terms(read) == [("HP:0001250", False), ("HP:0000252", True)]


def test_gene_variant_and_zygosity_may_have_a_column_each(tmp_path: Path) -> None:
    (read,) = read_rows(tmp_path, "id,gene,hgvs,zygosity\nP-1,PHGDH,NM_006623.4:c.1468G>A,homozygous\n")

    ((variant,),) = [one.variants for one in read.case.genomic_features]
    assert (variant.hgvs, variant.zygosity) == ("NM_006623.4:c.1468G>A", "homozygous")


@pytest.mark.parametrize("cell", ["2-Sep", "Sep-02", "02.09.2026", "2026-09-02"])
def test_gene_that_became_a_date_is_said_with_the_genes_it_may_have_been(tmp_path: Path, cell: str) -> None:
    (read,) = read_rows(tmp_path, f"id,findings,genes\nP-1,Seizure,{cell}\n")

    assert read.case.genomic_features == ()
    assert "is a date" in said(read)
    assert cell in (read.case.notes or "")
    if "." not in cell:  # the order of day and month is not known
        assert "SEPTIN2" in said(read)


def test_dates_numbers_formulas_and_errors_of_a_workbook_are_named(tmp_path: Path) -> None:
    body = workbook(
        ("id", "findings", "genes", "consent date", "name"),
        (17, "Seizure", dt.datetime(2026, 9, 2), dt.datetime(2026, 1, 31), "=1+1"),  # noqa: DTZ001 - as Excel has it
        ("P-2", '=HYPERLINK("http://example.org","Seizure")', "PHGDH", None, "#N/A"),
    )

    first, second = read_rows(tmp_path, body, "cases.xlsx")

    assert first.case.local_id == "17"
    assert "is a date" in said(first)
    assert "SEPTIN2" in said(first)
    assert "name: is a formula" in said(first)
    assert first.case.label is None
    assert "findings: is a formula" in said(second)
    assert second.case.features == ()


@pytest.mark.parametrize("id_", ["1.23E+11", "12345678901234560000", "2026-03-01", "3-Mar"])
def test_id_that_was_rounded_or_became_a_date_is_rejected(tmp_path: Path, id_: str) -> None:
    (read,) = outcomes(tmp_path, f"id,findings\n{id_},Seizure\n")

    assert isinstance(read, Invalid)
    assert read.issues[0].path == "id"
    assert "formatted as text" in read.issues[0].remedy


def test_what_is_not_understood_is_a_warning_and_kept_in_the_notes(tmp_path: Path) -> None:
    body = "id,findings,genes,sex,age,sharing\nP-1,Seizure; seizre; HP:9999999,NOSUCH; SEPT2,maybe,old,everybody\n"

    (read,) = read_rows(tmp_path, body)

    assert terms(read) == [("HP:0001250", False), ("HP:9999999", False)]
    assert [one.gene for one in read.case.genomic_features] == ["NOSUCH", "SEPT2"]
    assert "seizre" in (read.case.notes or "")
    assert read.case.sharing is Sharing.PRIVATE
    for text in ("did you mean Seizure", "NOSUCH", "names several genes", "'maybe'", "'old'", "'everybody'"):
        assert text in said(read)


@pytest.mark.parametrize(
    ("body", "path", "message"),
    [
        ("id,findings\n,Seizure\n", "id", "is empty"),
        ("id,findings,genes\nP-1,,\n", "findings", "neither findings nor genes"),
        ("id,findings\nP-1,seizre\n", "findings", "neither findings nor genes"),
    ],
)
def test_row_that_is_no_case_is_rejected(tmp_path: Path, body: str, path: str, message: str) -> None:
    (read,) = outcomes(tmp_path, body)

    assert isinstance(read, Invalid)
    assert read.issues[0].path == path
    assert message in read.issues[0].message


@pytest.mark.parametrize("write", [as_workbook, as_csv])
def test_cases_written_into_the_template_are_read_as_the_same(tmp_path: Path, write: object) -> None:
    plain = a_case(
        owner=OWNER,
        local_id="0012",
        label="=cmd|'/c calc'!A1",
        notes="'quoted', “fine”; two\nlines",
        features=[a_feature("HP:0001256"), a_feature("HP:0001250", excluded=True, onset="HP:0003593")],
        genomic_features=[a_genomic_feature("HGNC:8923"), a_genomic_feature("HGNC:16850")],
    )
    plain = replace(plain, contact=replace(plain.contact, email=OWNER))
    full = replace(FULL_CASE, owner=OWNER)
    assert callable(write)
    body, name = write([plain, full], the_release()), "cases.xlsx" if write is as_workbook else "cases.csv"

    stored = {one.local_id: one for one in (plain, full)}
    first = read_rows(tmp_path, body, name)[0].case
    assert first == replace(plain, id=CaseId(""), contact=replace(plain.contact, name=OWNER))
    again: list[Case] = []
    for one in stored.values():
        again += [read.case for read in read_rows(tmp_path, body, name, before=one) if read.case == one]
    assert again == [plain, full]


def test_empty_template_has_headings_that_are_known_and_no_case(tmp_path: Path) -> None:
    for body, name in ((as_workbook([], the_release()), "empty.xlsx"), (as_csv([], the_release()), "empty.csv")):
        assert found(tmp_path, body, name) == []


def test_column_that_is_not_there_leaves_what_is_stored_and_an_empty_cell_clears_it(tmp_path: Path) -> None:
    before = replace(FULL_CASE, owner=OWNER)

    (read,) = read_rows(tmp_path, "id,sex,notes\nP-17,female,\n", before=before)

    assert read.case == replace(before, sex=Sex.FEMALE, notes=None)


@pytest.mark.parametrize(
    ("column", "cell", "stated"),
    [
        ("Date of birth", "2019-06-17", "2019-06"),
        ("date of death", "2025-01", "2025-01"),
        ("first contact with specialised centre", "29.02.2020", dt.date(2020, 2, 29)),
        ("age at diagnosis", "3 years 6 months", "P3Y6M"),
        ("age at diagnosis", "P10M", "P10M"),
        ("age at diagnosis", "4y", "P4Y"),
        ("age at diagnosis", "at birth", "P0D"),
        ("age at diagnosis", "Antenatal", "prenatal"),
        ("biological sample", "no", False),
        ("link to a biobank", "B-17", "B-17"),
        ("disability", "ICF b117.2", "ICF b117.2"),
    ],
)
def test_elements_of_registries_are_read_as_people_write_them(
    tmp_path: Path, column: str, cell: str, stated: object
) -> None:
    (read,) = read_rows(tmp_path, f"id,findings,basis,{column}\nP-1,Seizure,consent,{cell}\n")

    kept = read.case.registration or read.case.consent
    assert kept is not None
    assert stated in [getattr(kept, field.name) for field in fields(kept)]
    assert read.warnings == ()


@pytest.mark.parametrize(
    ("column", "cell"),
    [("birth month", "June"), ("age at diagnosis", "young"), ("vital status", "well"), ("first contact", "soon")],
)
def test_element_that_is_not_understood_is_left_out_and_said(tmp_path: Path, column: str, cell: str) -> None:
    (read,) = read_rows(tmp_path, f"id,findings,basis,{column}\nP-1,Seizure,consent,{cell}\n")

    assert read.case.registration is None
    assert f"{cell!r} is not understood" in said(read)


def test_birth_without_a_basis_is_not_kept_and_said(tmp_path: Path) -> None:
    (read,) = read_rows(tmp_path, "id,findings,birth month\nP-1,Seizure,2019-06\n")

    assert read.case.consent is None
    assert "is kept with a legal basis alone" in said(read)


def test_minimal_data_set_comes_back_and_changes_nothing_else(tmp_path: Path) -> None:
    full = replace(FULL_CASE, id=CaseId(""), owner=OWNER)
    empty = replace(full, registration=None, sex=None)

    body = as_minimal_csv([full], the_release())
    (same,) = read_rows(tmp_path, body, before=full)
    (filled,) = read_rows(tmp_path, body, before=empty)

    assert same.case == full
    assert filled.case == full


def test_unknown_columns_titles_and_other_sheets_are_said_once(tmp_path: Path) -> None:
    records = found(tmp_path, "Cases of 2026\n\nid,findings,shoe size\nP-1,Seizure,44\nP-2,Seizure,45\n")

    assert [record.note.message for record in records if record.note] == ["column 'shoe size' is not known; not read"]
    assert [record.where.rpartition("/")[2] for record in records if record.content] == [
        "cases.csv row 4",
        "cases.csv row 5",
    ]


@pytest.mark.parametrize(
    ("body", "name", "message"),
    [
        ("", "cases.csv", "is empty"),
        ("one,two\n1,2\n", "cases.csv", "has no row of headings"),
        ('id,findings\nP-1,"Seizure\nP-2,Seizure\n', "cases.csv", "cannot be read"),
        (b"\x00\x01\x02binary", "cases.csv", "is no text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "cases.xls", "old .xls workbook, or one with a password"),
        (workbook(("one", "two"), (1, 2)), "cases.xlsx", "has no row of headings"),
        (workbook(("id",), ("P-1",))[:-200], "cases.xlsx", "not a zip file"),
    ],
)
def test_file_that_is_no_sheet_of_cases_says_so(tmp_path: Path, body: bytes | str, name: str, message: str) -> None:
    (record,) = found(tmp_path, body, name)

    assert record.error is not None
    assert message in record.error.message
    assert record.error.remedy


def _packed(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in parts.items():
            archive.writestr(name, body)
    return out.getvalue()


def test_workbook_that_is_a_bomb_or_has_entities_is_refused(tmp_path: Path) -> None:
    bomb = _packed({"[Content_Types].xml": b"<x/>", "xl/workbook.xml": bytes(64 * 2**20)})
    (record,) = found(tmp_path, bomb, "bomb.xlsx")
    assert record.error is not None
    assert "unpacks to far more" in record.error.message

    parts = {}
    with zipfile.ZipFile(io.BytesIO(workbook(("id", "findings"), ("P-1", "Seizure")))) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    doctype = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">]>'
    parts["xl/worksheets/sheet1.xml"] = doctype + parts["xl/worksheets/sheet1.xml"]
    (record,) = found(tmp_path, _packed(parts), "entities.xlsx")
    assert record.error is not None
    assert "no workbook that can be read" in record.error.message
