from pathlib import Path

from matchmaker.wording import percent
from tests.cli.conftest import Command
from tests.cli.records import a_file, a_patient

PHGDH = [{"gene": {"id": "PHGDH"}}]


def test_matches_come_best_first_with_reasons_in_sentences(node: Command, tmp_path: Path) -> None:
    stored = a_file(
        tmp_path / "stored.jsonl",
        a_patient("FAR", "HP:0001250"),
        a_patient("NEAR", "HP:0000252", "HP:0001263", genomicFeatures=PHGDH),
    )
    node("case", "import", stored)
    query = a_file(tmp_path / "query.json", a_patient("Q", "HP:0011451", "HP:0001263", genomicFeatures=PHGDH))

    report = node("match", query, "--json").report

    assert [match["id"] for match in report["matches"]] == ["NEAR", "FAR"][: len(report["matches"])]
    best = report["matches"][0]
    assert best["genes"] == ["PHGDH"]
    assert 0.3 < best["score"] <= 1.0
    assert any("PHGDH (HGNC:8923)" in reason for reason in best["reasons"])
    assert any(reason.startswith("Both have Global developmental delay (HP:0001263)") for reason in best["reasons"])
    assert report["nodes"] == []
    assert best["probability"]["searched"] == 2
    assert best["probability"]["gene_ratio"] > 1.0
    assert 0.5 < best["probability"]["probability"] < 1.0
    assert f"({percent(best['probability']['probability'])}), among 2 cases" in node("match", query).out


def test_stored_case_is_matched_by_its_id_and_does_not_find_itself(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "two.jsonl", a_patient("P-1"), a_patient("P-2")))
    first, second = node("case", "list", "--json").report["cases"]

    [match] = node("match", first["id"], "--json").report["matches"]

    assert match["id"] == second["local_id"]
    assert match["case"] == second["id"]


def test_top_is_the_most_that_is_shown(node: Command, tmp_path: Path) -> None:
    node("case", "import", a_file(tmp_path / "some.jsonl", *(a_patient(f"P-{n}") for n in range(5))))

    assert len(node("match", tmp_path / "some.jsonl").err.splitlines()) == 1  # several records: which one?
    query = a_file(tmp_path / "query.json", a_patient("Q"))
    assert len(node("match", query, "--top", 3, "--json").report["matches"]) == 3


def test_node_that_is_down_is_named_with_its_state(node: Command, tmp_path: Path) -> None:
    node("node", "add", "spain", "--url", "http://127.0.0.1:9/mme", "--token", "t", "--country", "ES")
    query = a_patient("Q", _sharing="federated", _consent={"basis": "consent"})

    report = node("match", a_file(tmp_path / "query.json", query), "--nodes", "all", "--json").report

    [spain] = report["nodes"]
    assert (spain["name"], spain["state"], spain["results"]) == ("spain", "unreachable", 0)
    assert spain["seconds"] >= 0


def test_case_that_is_not_shared_asks_nobody(node: Command, tmp_path: Path) -> None:
    node("node", "add", "spain", "--url", "http://127.0.0.1:9/mme", "--token", "t", "--country", "ES")

    report = node("match", a_file(tmp_path / "query.json", a_patient("Q")), "--nodes", "spain", "--json").report

    assert report["nodes"][0]["state"] == "not-shared"


def test_file_that_states_no_level_and_basis_is_told_how_to_ask(node: Command, tmp_path: Path) -> None:
    node("node", "add", "spain", "--url", "http://127.0.0.1:9/mme", "--token", "t", "--country", "ES")
    query = a_file(tmp_path / "query.json", a_patient("Q"))

    private = node("match", query, "--nodes", "all").out
    without_basis = node("match", query, "--nodes", "all", "--sharing", "federated").out
    asked = node("match", query, "--nodes", "all", "--sharing", "federated", "--basis", "consent").out

    assert "not shared with it (sharing level)" in private
    assert "not shared with it (no recorded basis)" in without_basis
    for said in (private, without_basis):
        assert said.splitlines()[-1].startswith("To ask with a file")
        assert "--sharing federated --basis consent" in said
    assert "not shared" not in asked
    assert "To ask" not in asked
    assert "spain: unreachable" in asked


def test_stored_case_that_is_not_shared_is_told_where_to_share_it(node: Command, tmp_path: Path) -> None:
    node("node", "add", "spain", "--url", "http://127.0.0.1:9/mme", "--token", "t", "--country", "ES")
    node("case", "import", a_file(tmp_path / "one.jsonl", a_patient("P-1")))
    [stored] = node("case", "list", "--json").report["cases"]

    assert "set its sharing" in node("match", stored["id"], "--nodes", "all").out


def test_node_without_an_address_is_told_how_to_get_one(node: Command, tmp_path: Path) -> None:
    node("node", "token", "mars")
    outcome = node("match", a_file(tmp_path / "query.json", a_patient("Q")), "--nodes", "mars")

    assert outcome.status == 1
    assert "mars has no address to ask at" in outcome.err
    assert "matchmaker node add mars --url" in outcome.err


def test_unknown_node_is_one_line(node: Command, tmp_path: Path) -> None:
    outcome = node("match", a_file(tmp_path / "query.json", a_patient("Q")), "--nodes", "atlantis")

    assert outcome.status == 1
    assert "no node is called atlantis: `matchmaker node list`" in outcome.err
    assert outcome.err.count("\n") == 1


def test_file_that_cannot_be_used_is_one_line_with_field_and_remedy(node: Command, tmp_path: Path) -> None:
    nothing = {"id": "Q", "contact": {"name": "Dr Invented", "href": "mailto:invented@example.org"}}

    outcome = node("match", a_file(tmp_path / "query.json", nothing))

    assert outcome.status == 1
    assert "query.json" in outcome.err
    assert "features" in outcome.err
    assert outcome.err.count("\n") == 1


def test_what_cannot_be_compared_is_said(node: Command, tmp_path: Path) -> None:
    some = a_patient("Q", "HP:0001250", "HP:9999999", genomicFeatures=[{"gene": {"id": "MLL2"}}])
    outcome = node("match", a_file(tmp_path / "query.json", some))

    assert outcome.status == 0
    assert "HP:9999999 (unknown to our release) is not compared: release " in outcome.out
    assert "MLL2 is not compared: several genes have this name." in outcome.out

    nothing = a_file(tmp_path / "nothing.json", a_patient("Q", "HP:9999999"))
    report = node("match", nothing, "--json").report
    assert report["matches"] == []
    assert report["unused"][-1] == "The case states no finding, no gene and no variant that can be compared."


def test_copy_of_the_case_and_one_person_twice_are_not_counted_as_independent(node: Command, tmp_path: Path) -> None:
    terms = ("HP:0000252", "HP:0001263", "HP:0001250", "HP:0001999", "HP:0000365")
    stored = a_file(
        tmp_path / "stored.jsonl",
        a_patient("COPY", *terms, genomicFeatures=PHGDH),
        a_patient("OTHER", *terms[:2], genomicFeatures=PHGDH),
    )
    node("case", "import", stored)
    query = a_file(tmp_path / "query.json", a_patient("Q", *terms, genomicFeatures=PHGDH))

    report = node("match", query, "--json").report

    groups = {match["id"]: (match["group"], match["joined"]) for match in report["matches"]}
    why = "the same gene and exactly the same findings"
    assert groups["COPY"] == (0, {"kinship": "same person", "why": why, "with": None})
    assert groups["OTHER"] == (1, None)
    assert report["independent"] == 1
    assert "Perhaps the same person as the case that you searched for" in node("match", query).out
