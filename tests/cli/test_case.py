import json
from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.records import a_file, a_patient


def test_import_reports_counts_rejections_and_warnings(node: Command, tmp_path: Path) -> None:
    path = a_file(
        tmp_path / "patients.jsonl",
        a_patient("P-1"),
        a_patient("P-2", "HP:0001250", "HP:9999999"),
        {"id": "P-3", "contact": {"name": "Dr Invented"}},
    )

    outcome = node("case", "import", path, "--basis", "consent", "--sharing", "eea", "--json")

    assert outcome.status == 1
    assert outcome.err == "matchmaker: rejected: 1; mend what the report names, and import it again\n"
    assert (outcome.report["imported"], outcome.report["updated"]) == (2, 0)
    assert set(outcome.report) == {"imported", "updated", "rejected", "warnings"}
    [rejected] = outcome.report["rejected"]
    assert set(rejected) == {"record", "field", "message", "remedy"}
    assert rejected["record"].endswith("patients.jsonl:3")
    assert any(warning["field"] == "features[1].id" for warning in outcome.report["warnings"])


def test_good_records_are_kept_and_found(node: Command, tmp_path: Path) -> None:
    good = a_file(tmp_path / "good.jsonl", a_patient("P-1"), a_patient("P-2"))
    bad = tmp_path / "bad.json"
    bad.write_text('{"patient": ')

    outcome = node("case", "import", bad, good, "--basis", "consent", "--sharing", "federated")

    assert outcome.status == 1
    assert outcome.out.startswith("Imported 2, updated 0, rejected 1.\n")
    assert f"Rejected: {bad}" in outcome.out
    listed = node("case", "list", "--json").report["cases"]
    assert {case["local_id"] for case in listed} == {"P-1", "P-2"}
    assert {case["sharing"] for case in listed} == {"federated"}


def test_import_of_a_path_that_is_not_there_says_so(node: Command, tmp_path: Path) -> None:
    outcome = node("case", "import", tmp_path / "missing.json", "--json")

    assert outcome.status == 1
    assert outcome.report["rejected"][0]["record"].endswith("missing.json")


def test_same_owner_and_id_again_is_an_update(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")))

    outcome = node("case", "import", a_file(tmp_path / "two.jsonl", a_patient("P-1", "HP:0000252")), "--json")

    assert (outcome.report["imported"], outcome.report["updated"]) == (0, 1)


def test_case_without_a_basis_stays_private_and_the_report_says_so(node: Command, tmp_path: Path) -> None:
    outcome = node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")), "--sharing", "federated")

    assert outcome.status == 0
    assert "stay private" in outcome.out
    assert node("case", "list", "--json").report["cases"][0]["sharing"] == "private"


def test_owner_is_the_one_given(node: Command, tmp_path: Path) -> None:
    # However it is written, it is the address of an account.
    node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")), "--owner", "Ana@Example.org")

    [listed] = node("case", "list", "--owner", "ana@example.org", "--json").report["cases"]
    assert listed["owner"] == "ana@example.org"
    assert node("case", "list", "--owner", "nobody@example.org", "--json").report["cases"] == []


def test_list_in_a_pipe_is_tabs_without_a_heading(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")))

    [line] = node("case", "list").out.splitlines()

    assert line.split("\t")[2:] == ["P-1", "private", "matching_terms", "unsolved"]


def test_show_for_a_node_is_what_it_would_see(node: Command, tmp_path: Path) -> None:
    secret = a_patient("HOSPITAL-7", label="Aoife Ni Example")
    node("case", "import", a_file(tmp_path / "one.jsonl", secret), "--sharing", "federated", "--basis", "consent")
    case_id = node("case", "list", "--json").report["cases"][0]["id"]
    node("node", "add", "spain", "--url", "https://spain.example.org/mme", "--country", "ES")
    node("node", "add", "finland", "--url", "https://finland.example.org/mme", "--country", "FI")

    spain = node("case", "show", case_id, "--for", "spain", "--json")
    finland = node("case", "show", case_id, "--for", "finland", "--json")

    assert spain.report["id"] == spain.report["asking"]["id"] == spain.report["answering"]["patient"]["id"]
    assert spain.report["id"] not in {case_id, finland.report["id"]}
    for hidden in ("HOSPITAL-7", "Aoife", case_id):
        assert hidden not in spain.out


def test_case_that_is_not_shared_is_shown_to_no_node(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")))
    case_id = node("case", "list", "--json").report["cases"][0]["id"]
    node("node", "add", "spain", "--url", "https://spain.example.org/mme", "--country", "ES")

    outcome = node("case", "show", case_id, "--for", "spain")

    assert outcome.status == 1
    assert outcome.err.startswith("matchmaker: not allowed to share with spain")


def test_withdrawn_case_is_listed_and_matches_nothing(node: Command, tmp_path: Path) -> None:
    path = a_file(tmp_path / "one.jsonl", a_patient("P-1"))
    node("case", "import", path)
    case_id = node("case", "list", "--json").report["cases"][0]["id"]
    assert len(node("match", path, "--json").report["matches"]) == 1

    assert node("case", "withdraw", case_id).status == 0

    assert node("case", "list", "--json").report["cases"][0]["status"] == "withdrawn"
    assert node("match", path, "--json").report["matches"] == []


def test_erased_case_is_gone(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")))
    case_id = node("case", "list", "--json").report["cases"][0]["id"]

    assert node("case", "erase", case_id).status == 0

    assert node("case", "list").out == ""
    outcome = node("case", "show", case_id)
    assert outcome.status == 1
    assert outcome.err.startswith(f"matchmaker: no case {case_id} here")


def test_export_comes_back_as_it_was(node: Command, tmp_path: Path) -> None:
    patient = a_patient("P-1", "HP:0001250", "HP:0000252", label="Kept at home")
    node("case", "import", a_file(tmp_path / "one.jsonl", patient), "--sharing", "eea", "--basis", "consent")
    exported = tmp_path / "all.jsonl"

    assert node("case", "export", exported, "--json").report == {"exported": 1, "path": str(exported)}

    [written] = [json.loads(line) for line in exported.read_text("utf-8").splitlines()]
    assert (written["id"], written["label"]) == ("P-1", "Kept at home")
    assert node("case", "import", exported, "--json").report["updated"] == 1
    assert node("case", "list", "--json").report["cases"][0]["sharing"] == "eea"


def test_export_to_standard_output_is_json_lines(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "two.jsonl", a_patient("P-1"), a_patient("P-2")))

    lines = node("case", "export").out.splitlines()

    assert {json.loads(line)["id"] for line in lines} == {"P-1", "P-2"}


def test_owner_that_is_no_mail_address_is_refused_and_nothing_is_stored(node: Command, tmp_path: Path) -> None:
    outcome = node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")), "--owner", "not an email")

    assert outcome.status == 1
    assert outcome.err == "matchmaker: --owner 'not an email' is no mail address; write it as name@hospital.example\n"
    assert node("case", "list", "--json").report["cases"] == []


def test_spreadsheet_is_taken_in_and_given_out_as_the_same(node: Command, tmp_path: Path) -> None:
    given, out = tmp_path / "given.csv", tmp_path / "out.xlsx"
    given.write_text("id;findings;genes;basis;sharing\n0012;Seizure; PHGDH;consent;eea\n0013;seizre;;;\n", "utf-8")

    outcome = node("case", "import", given, "--owner", "aoife@example.org", "--json")
    assert (outcome.status, outcome.report["imported"]) == (1, 1)
    [rejected] = outcome.report["rejected"]
    assert rejected["record"].endswith("given.csv row 3")
    assert rejected["field"] == "findings"

    assert node("case", "export", out, "--format", "spreadsheet").status == 0
    again = node("case", "import", out, "--json")
    assert (again.status, again.report["imported"], again.report["updated"]) == (0, 0, 1)
    [listed] = node("case", "list", "--json").report["cases"]
    assert (listed["local_id"], listed["sharing"], listed["version"]) == ("0012", "eea", 1)


def test_template_is_a_spreadsheet_to_fill_in(node: Command, tmp_path: Path) -> None:
    path = tmp_path / "template.xlsx"

    assert node("case", "template", path).status == 0
    assert node("case", "import", path, "--owner", "aoife@example.org", "--json").report["imported"] == 0
