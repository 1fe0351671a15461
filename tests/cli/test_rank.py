import gzip
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tests.cli.records import a_file, a_patient


def test_each_query_gets_a_line_with_the_best_first(matchmaker: Command, tmp_path: Path) -> None:
    database = a_file(
        tmp_path / "db.jsonl",
        {"patient": a_patient("c-far", "HP:0004322")},
        a_patient("c-same", "HP:0001250", "HP:0000252"),
        a_patient("c-near", "HP:0001250", "HP:0000256"),
    )
    queries = a_file(tmp_path / "q.jsonl", a_patient("q-1", "HP:0001250", "HP:0000252"), a_patient("q-2", "HP:0004322"))
    output = tmp_path / "ranking.jsonl"

    outcome = matchmaker("rank", "--database", database, "--queries", queries, "--top", 2, "--output", output, "--json")

    assert outcome.report == {"queries": 2, "cases": 3, "empty": 0, "output": str(output)}
    first, second = (json.loads(line) for line in output.read_text("utf-8").splitlines())
    assert first["query"] == "q-1"
    assert [case for case, _ in first["ranking"]] == ["c-same", "c-near"]
    assert first["ranking"][0][1] == pytest.approx(1.0)
    assert second["ranking"][0][0] == "c-far"


def test_files_may_be_gzipped_and_empty_cases_match_nothing(matchmaker: Command, tmp_path: Path) -> None:
    empty = {"id": "c-empty", "contact": {"name": "Dr Invented", "href": "mailto:invented@example.org"}}
    database = tmp_path / "db.jsonl.gz"
    database.write_bytes(gzip.compress("\n".join(map(json.dumps, (empty, a_patient("c-1")))).encode()))
    output = tmp_path / "ranking.jsonl"

    outcome = matchmaker(
        "rank", "--database", database, "--queries", a_file(tmp_path / "q.jsonl", empty, a_patient("q-1")),
        "--output", output, "--json",
    )  # fmt: skip

    assert outcome.report["empty"] == 2
    first, second = (json.loads(line) for line in output.read_text("utf-8").splitlines())
    assert first == {"query": "c-empty", "ranking": []}
    assert [case for case, _ in second["ranking"]] == ["c-1"]


@pytest.mark.parametrize(
    "line", ['{"id": ', '{"features": []}', "[]", '{"id": "q", "features": [{"id": "HP:0001250"}]}']
)
def test_bad_line_is_named_and_an_earlier_result_stays(line: str, matchmaker: Command, tmp_path: Path) -> None:
    queries = tmp_path / "q.jsonl"
    queries.write_text(f"{json.dumps(a_patient('q-1'))}\n{line}\n")
    output = tmp_path / "ranking.jsonl"
    output.write_text("earlier")

    outcome = matchmaker("rank", "--database", queries, "--queries", queries, "--output", output)

    assert outcome.status == 1
    assert f"{queries}:2" in outcome.err
    assert outcome.err.count("\n") == 1
    assert output.read_text() == "earlier"


@pytest.mark.slow
def test_cluster_writes_the_same_rankings(matchmaker: Command, tmp_path: Path) -> None:
    from distributed import LocalCluster

    database = a_file(
        tmp_path / "db.jsonl", *(a_patient(f"c-{n}", "HP:0001250", f"HP:000{4320 + n}") for n in range(5))
    )
    queries = a_file(tmp_path / "q.jsonl", a_patient("q-1", "HP:0001250", "HP:0000252"), a_patient("q-2", "HP:0004322"))
    files = ("rank", "--database", database, "--queries", queries, "--top", 3, "--output")

    assert matchmaker(*files, tmp_path / "here.jsonl").status == 0
    with LocalCluster(n_workers=1, dashboard_address=None) as cluster:
        assert matchmaker(*files, tmp_path / "there.jsonl", "--cluster", cluster.scheduler_address).status == 0

    assert (tmp_path / "there.jsonl").read_text("utf-8") == (tmp_path / "here.jsonl").read_text("utf-8")
