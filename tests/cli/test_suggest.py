from pathlib import Path

from tests.cli.conftest import Command
from tests.cli.records import a_file, a_patient


def test_diseases_and_genes_that_explain_a_case_are_listed(node: Command, tmp_path: Path) -> None:
    genes = [{"gene": {"id": "SHOX"}}, {"gene": {"id": "FBN1"}}]
    marfan = ("HP:0001083", "HP:0002616", "HP:0001166", "HP:0001519")

    report = node(
        "suggest", a_file(tmp_path / "q.json", a_patient("Q", *marfan, genomicFeatures=genes)), "--json"
    ).report

    assert len(report["diseases"]) == 10
    assert any("Marfan" in disease["name"] for disease in report["diseases"])
    assert [gene["symbol"] for gene in report["genes"]] == ["FBN1", "SHOX"]
