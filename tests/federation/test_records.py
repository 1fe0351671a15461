"""Files of every form and every kind of damage: each record is found, or said what is wrong and what to do."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from federation import records as reading
from federation.phenopackets import Packet
from federation.records import Record, records
from tests.federation.patients import a_patient

PACKET = {"id": "packet-1", "phenotypicFeatures": [{"type": {"id": "HP:0001250"}}], "metaData": {}}


def patients(n: int) -> list[dict[str, Any]]:
    return [a_patient(id=f"P{i}", label="é") for i in range(n)]


def lines(values: list[Any]) -> bytes:
    return b"".join(json.dumps(value).encode() + b"\n" for value in values)


def found(*paths: Path) -> list[Record]:
    return list(records(paths))


def ids(*paths: Path) -> list[str]:
    """Ids of the records, `!` for each that cannot be read."""
    contents = [r.content.content if isinstance(r.content, Packet) else r.content for r in found(*paths)]
    return [str(content["id"]) if isinstance(content, Mapping) else "!" for content in contents]


def only_error(path: Path) -> tuple[str, str]:
    [record] = found(path)
    assert record.error is not None
    return record.error.message, record.error.remedy


def is_a_bomb(path: Path) -> bool:
    error = found(path)[-1].error
    return error is not None and error.message.startswith("unpacks to far more")


def written(path: Path, body: bytes) -> Path:
    path.write_bytes(body)
    return path


FORMS: dict[str, Callable[[list[Any]], bytes]] = {
    "a list": lambda values: json.dumps(values).encode(),
    "an indented list": lambda values: json.dumps(values, indent=4).encode(),
    "a list in one line each": lambda values: b"[\n" + b",\n".join(lines([v]).strip() for v in values) + b"\n]\n",
    "lines": lines,
    "lines without an end": lambda values: lines(values).rstrip(),
    "lines with carriage returns": lambda values: lines(values).replace(b"\n", b"\r\n"),
    "lines with empty ones": lambda values: lines(values).replace(b"\n", b"\n\n  \n"),
    "lines of patients": lambda values: lines([{"patient": v} for v in values]),
    "lines with truth": lambda values: lines([{"patient": v, "truth": {"disease": "OMIM:1"}, "x": 1} for v in values]),
    "a list of patients": lambda values: json.dumps([{"patient": v} for v in values]).encode(),
    "lines with a byte-order mark": lambda values: b"\xef\xbb\xbf" + lines(values),
    "a list with a byte-order mark": lambda values: b"\xef\xbb\xbf" + json.dumps(values).encode(),
    "not escaped": lambda values: json.dumps(values, ensure_ascii=False).encode(),
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_form_of_several_patients_is_read(tmp_path: Path, form: Callable[[list[Any]], bytes]) -> None:
    body = form(patients(3))

    assert ids(written(tmp_path / "cases.json", body)) == ["P0", "P1", "P2"]
    assert ids(written(tmp_path / "cases.txt.gz", gzip.compress(body))) == ["P0", "P1", "P2"]


@pytest.mark.parametrize("form", [form for name, form in FORMS.items() if name.startswith("lines")])
def test_every_form_of_lines_is_read(tmp_path: Path, form: Callable[[list[Any]], bytes]) -> None:
    assert ids(written(tmp_path / "cases.jsonl", form(patients(3)))) == ["P0", "P1", "P2"]


@pytest.mark.parametrize("indent", [None, 4])
@pytest.mark.parametrize("value", [a_patient(id="P0"), {"patient": a_patient(id="P0")}, {**PACKET, "id": "P0"}])
def test_one_record_is_read(tmp_path: Path, value: Any, indent: int | None) -> None:
    assert ids(written(tmp_path / "one.json", json.dumps(value, indent=indent).encode())) == ["P0"]


def test_places_name_the_line_or_the_index(tmp_path: Path) -> None:
    by_line = written(tmp_path / "a.jsonl", b"\n" + lines(patients(2)))
    by_index = written(tmp_path / "b.json", json.dumps(patients(2)).encode())

    assert [record.where for record in found(by_line, by_index)] == [
        f"{by_line}:2",
        f"{by_line}:3",
        f"{by_index}[0]",
        f"{by_index}[1]",
    ]


def test_phenopackets_and_families_are_recognised(tmp_path: Path) -> None:
    family = {"id": "F", "proband": PACKET, "relatives": [PACKET]}
    path = written(tmp_path / "x.jsonl", lines([PACKET, family, a_patient()]))

    assert [(r.where.removeprefix(str(path)), isinstance(r.content, Packet)) for r in found(path)] == [
        (":1", True),
        (":2#proband", True),
        (":2#relatives[0]", True),
        (":3", False),
    ]


# damage


@pytest.mark.parametrize("name", ["x.json", "x.jsonl", "x.json.gz"])
@pytest.mark.parametrize("body", [b"", b"\n \n", b"\xef\xbb\xbf"])
def test_empty_file_is_said_to_be_empty(tmp_path: Path, name: str, body: bytes) -> None:
    path = written(tmp_path / name, gzip.compress(body) if name.endswith("gz") else body)

    assert only_error(path)[0] == "is empty"


def test_empty_list_is_said_to_be_empty(tmp_path: Path) -> None:
    assert only_error(written(tmp_path / "x.json", b" [ ] "))[0] == "is an empty list"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
@pytest.mark.parametrize("name", ["x.json", "x.jsonl"])
def test_utf_16_is_recognised_with_a_remedy(tmp_path: Path, name: str, encoding: str) -> None:
    path = written(tmp_path / name, json.dumps(patients(2)).encode(encoding))

    assert only_error(path) == ("is UTF-16 or no text", "save the file as UTF-8")


def test_latin_1_costs_only_the_lines_that_need_it(tmp_path: Path) -> None:
    body = lines(patients(1)) + '{"id": "é"}\n'.encode("latin-1") + lines(patients(1))
    bad = found(written(tmp_path / "x.jsonl", body))[1]

    assert ids(tmp_path / "x.jsonl") == ["P0", "!", "P0"]
    assert bad.error is not None
    assert "not UTF-8" in bad.error.message
    assert "iconv" in bad.error.remedy


@pytest.mark.parametrize("value", [{"id": "é"}, [{"id": "é"}]])
def test_latin_1_document_is_said_to_be_one(tmp_path: Path, value: Any) -> None:
    path = written(tmp_path / "x.json", json.dumps(value, ensure_ascii=False).encode("latin-1"))

    assert "UTF-8" in only_error(path)[0]
    assert "iconv" in only_error(path)[1]


@pytest.mark.parametrize("cut", range(1, 60, 7))
@pytest.mark.parametrize("name", ["x.jsonl", "x.json"])
def test_half_written_last_line_costs_only_itself(tmp_path: Path, name: str, cut: int) -> None:
    path = written(tmp_path / name, FORMS["lines"](patients(3))[: -1 - cut])
    last = found(path)[-1]

    assert ids(path) == ["P0", "P1", "!"]
    assert last.where == f"{path}:3"
    assert last.error is not None
    assert "cut off" in last.error.remedy


def test_file_cut_inside_a_character_is_cut_off_and_not_of_another_encoding(tmp_path: Path) -> None:
    body = json.dumps({"id": "é"}, ensure_ascii=False).encode()

    assert "cut off" in only_error(written(tmp_path / "x.jsonl", body[:8]))[1]


def test_half_written_list_keeps_what_is_whole(tmp_path: Path) -> None:
    whole = json.dumps(patients(3)).encode()

    assert ids(written(tmp_path / "a.json", whole[:-20])) == ["P0", "P1", "!"]
    assert ids(written(tmp_path / "b.json", whole[:-1])) == ["P0", "P1", "P2", "!"]
    assert ids(written(tmp_path / "c.json", b"[")) == ["!"]


def test_half_written_document_is_said_to_be_cut_off(tmp_path: Path) -> None:
    body = json.dumps(a_patient(), indent=2).encode()

    assert "cut off" in only_error(written(tmp_path / "x.json", body[:-20]))[1]


def test_bad_line_costs_only_itself(tmp_path: Path) -> None:
    bad = [b"nonsense", b"[1", b'{"id": 1, "id": 2}', b'{"id": NaN}', b"[]", b"5", b"[" * 100_000, b'{"id": "\\ud800"}']
    path = written(tmp_path / "x.jsonl", b"\n".join([lines(patients(1)).strip(), *bad, lines(patients(1))]))

    assert ids(path) == ["P0", *"!" * len(bad), "P0"]
    assert all(r.error is None or (r.error.message and r.error.remedy) for r in found(path))


def test_strictness_in_a_list_costs_only_the_element(tmp_path: Path) -> None:
    body = b'[{"id": "a"}, {"id": 1, "id": 2}, {"id": NaN}, 5, null, {"id": "b"}]'

    assert ids(written(tmp_path / "x.json", body)) == ["a", "!", "!", "!", "!", "b"]


@pytest.mark.parametrize("body", [b"<html>", b"id,features\nP1,HP:0001250", b"\x89PNG\r\n", b"42", b'"x"'])
def test_what_is_no_json_is_said_to_be_none(tmp_path: Path, body: bytes) -> None:
    assert only_error(written(tmp_path / "x.json", body))[0] in {"is no JSON", "is UTF-16 or no text"}


def test_missing_and_unreadable_paths_are_named(tmp_path: Path) -> None:
    here = written(tmp_path / "here.json", json.dumps(a_patient(id="P0")).encode())
    gone, loose = tmp_path / "gone.json", tmp_path / "loose.json"
    loose.symlink_to(gone)

    assert ids(gone, loose, here) == ["!", "!", "P0"]
    assert only_error(gone)[0] == "there is no such file"


# size


def test_elements_longer_than_what_is_read_at_once_are_read(tmp_path: Path) -> None:
    long = [a_patient(id=f"P{i}", notes="é" * 400_000) for i in range(3)]

    assert ids(written(tmp_path / "a.json", json.dumps(long, ensure_ascii=False).encode())) == ["P0", "P1", "P2"]
    assert ids(written(tmp_path / "b.jsonl", lines(long))) == ["P0", "P1", "P2"]
    assert ids(written(tmp_path / "c.json", json.dumps(long[0]).encode())) == ["P0"]


def test_record_without_end_is_refused_in_bounded_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_RECORD", 1_000_000)
    endless = json.dumps(a_patient(notes="x" * 2_000_000)).encode()

    assert ids(written(tmp_path / "a.jsonl", endless + b"\n" + lines(patients(1)))) == ["!", "P0"]
    assert "larger than" in only_error(written(tmp_path / "b.json", endless))[0]
    assert "larger than" in only_error(written(tmp_path / "c.json", b"[" + endless + b"]"))[0]


def test_gzip_that_unpacks_without_end_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.jsonl.gz", gzip.compress(b" " * 2**25))

    assert is_a_bomb(path)


def test_damaged_gzip_keeps_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(lines(patients(5_000)))

    assert ids(written(tmp_path / "x.jsonl.gz", packed[:-500]))[:2] == ["P0", "P1"]
    assert ids(tmp_path / "x.jsonl.gz")[-1] == "!"


# folders and archives


def an_archive(members: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, body in members.items():
            archive.writestr(name, body)
    return out.getvalue()


def test_folder_is_read_by_name_without_what_is_no_record(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    (folder / "b" / ".hidden").mkdir(parents=True)
    for name, id_ in [
        ("b/x.json", "P2"),
        ("a.jsonl", "P0"),
        ("a.json.gz", "P1"),
        (".x.json", "no"),
        ("b/.hidden/x.json", "no"),
    ]:
        body = lines([a_patient(id=id_)])
        written(folder / name, gzip.compress(body) if name.endswith(".gz") else body)
    written(folder / "README.md", b"# not a case")
    written(folder / "z.zip", an_archive({"one.json": lines([a_patient(id="P3")])}))

    assert sorted(ids(folder)) == ["P0", "P1", "P2", "P3"]


def test_pipe_among_the_files_of_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    written(tmp_path / "a.json", lines([a_patient(id="P0")]))
    os.mkfifo(tmp_path / "b.json")

    assert sorted(ids(tmp_path)) == ["P0"]


def test_zip_is_read_member_by_member(tmp_path: Path) -> None:
    members = {
        "0.0/ACTB/one.json": json.dumps(PACKET).encode(),
        "two.jsonl": lines(patients(2)),
        "three.json.gz": gzip.compress(lines(patients(1))),
        "README.md": b"# not a case",
        "__MACOSX/._one.json": b"\x00\x05",
        "0.0/.DS_Store": b"",
    }
    path = written(tmp_path / "packets.zip", an_archive(members))

    assert ids(path) == ["packet-1", "P0", "P1", "P0"]
    assert found(path)[0].where == f"{path}!0.0/ACTB/one.json"


@pytest.mark.parametrize(
    "name", ["/etc/x.json", "../x.json", "a/../../x.json", "C:\\x.json", "..\\x.json", "inner.zip"]
)
def test_member_that_no_honest_archive_has_is_refused_and_the_others_are_read(tmp_path: Path, name: str) -> None:
    path = written(tmp_path / "x.zip", an_archive({name: lines(patients(1)), "good.json": lines(patients(1))}))

    assert sorted(ids(path)) == ["!", "P0"]
    assert list(tmp_path.iterdir()) == [path]


def test_zip_bomb_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path / "x.zip", an_archive({"x.jsonl": b" " * 2**25}))

    assert is_a_bomb(path)


def test_damaged_zip_is_said_to_be_damaged(tmp_path: Path) -> None:
    whole = an_archive({"x.json": lines([a_patient(notes="".join(map(str, range(5000))))])})

    assert "damaged" in only_error(written(tmp_path / "a.zip", whole.replace(whole[100:110], b"0123456789")))[0]
    assert found(written(tmp_path / "b.zip", whole[:-30]))[0].error is not None


def test_encrypted_member_is_said_to_be_encrypted(tmp_path: Path) -> None:
    body = bytearray(an_archive({"x.json": lines(patients(1))}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        body[body.index(signature) + offset] |= 1

    assert only_error(written(tmp_path / "x.zip", bytes(body))) == ("is encrypted", "unpack it first")


@pytest.mark.parametrize("empty", [True, False])
def test_folder_and_archive_without_records_are_named(tmp_path: Path, empty: bool) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    members = {} if empty else {"README.md": b"#"}
    for name, body in members.items():
        written(folder / name, body)

    assert only_error(folder)[0] == "holds no JSON file"
    assert only_error(written(tmp_path / "x.zip", an_archive(members)))[0] == "holds no JSON file"


DEEP = 200_000


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("whole.json", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
        ("whole.jsonl", b'{"a":' * DEEP + b"1" + b"}" * DEEP),
        ("open.json", b'{"a":' * DEEP),
        ("list.json", b"[" * DEEP),
        ("inner.json", b'[{"a":' + b"[" * DEEP + b"]" * DEEP + b"}]"),
    ],
)
def test_deep_nesting_is_said_to_be_that(tmp_path: Path, name: str, body: bytes) -> None:
    message, remedy = only_error(written(tmp_path / name, body))

    assert "nested more than 64 levels deep" in message
    assert "cut off" not in remedy


@pytest.mark.parametrize("indent", [0, 2])
def test_document_over_several_lines_is_read_though_its_file_is_called_json_lines(tmp_path: Path, indent: int) -> None:
    one = json.dumps(patients(1)[0], indent=indent).encode()
    several = json.dumps(patients(3), indent=indent).encode()

    assert ids(written(tmp_path / "one.jsonl", one)) == ["P0"]
    assert ids(written(tmp_path / "several.ndjson", several)) == ["P0", "P1", "P2"]


def test_damaged_document_in_a_file_called_json_lines_is_said_once(tmp_path: Path) -> None:
    body = json.dumps(a_patient(), indent=2).encode()

    assert "cut off" in only_error(written(tmp_path / "x.jsonl", body[:-20]))[1]
    assert "not JSON" in only_error(written(tmp_path / "y.jsonl", body + b"\n" + body))[0]
