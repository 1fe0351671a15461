from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matchmaker.errors import Invalid
from matchmaker.model import TermId
from ontology.releases import Release
from scoring.quality import quality
from scoring.quality.cases import PublishedCase, Truth, choose_queries, read_cases
from scoring.quality.measures import Resampling, best_ranks
from scoring.quality.missing import missing
from scoring.quality.tasks import noisy


def a_case(name: str, disease: str, paper: str) -> PublishedCase:
    return PublishedCase(id=name, terms=(), disease=disease, gene=None, paper=paper)


#       disease A: q, r (its own paper), s, t; B: u
CASES = [
    a_case(n, d, p) for n, d, p in (("q", "A", "1"), ("r", "A", "1"), ("s", "A", "2"), ("t", "A", "3"), ("u", "B", "4"))
]
TRUTH = Truth.of(CASES)


def ranks(*scores: float, single: bool = False) -> float:
    found = best_ranks(np.array([scores]), np.array([0]), TRUTH, single=single)
    return float(found[0])


def test_best_of_the_relevant_cases_counts():
    assert ranks(9.0, 0.0, 1.0, 3.0, 2.0) == 1
    assert ranks(9.0, 0.0, 1.0, 2.0, 3.0) == 2


def test_cases_of_the_querys_own_paper_count_neither_way():
    assert ranks(9.0, 8.0, 1.0, 0.5, 0.1) == 1


def test_score_of_nought_is_not_found():
    assert ranks(9.0, 9.0, 0.0, 0.0, 1.0) == np.inf


def test_only_one_relevant_case_stays_when_single():
    outcomes = {ranks(9.0, 9.0, 3.0, 1.0, 2.0, single=True), ranks(9.0, 9.0, 1.0, 3.0, 2.0, single=True)}
    assert outcomes == {1.0, 2.0}


def test_equal_scores_are_ordered_by_a_hash_and_not_by_position():
    backwards = Truth.of(CASES[::-1])
    tied = best_ranks(np.ones((1, 5)), np.array([4]), backwards, single=False)
    assert tied[0] == ranks(1.0, 1.0, 1.0, 1.0, 1.0)


def test_cases_of_one_paper_take_one_place_where_that_is_asked():
    crowd = [replace(a_case(f"u{n}", "B", "4"), terms=(TermId("HP:0000252"),)) for n in range(12)]
    cases = [replace(case, terms=(TermId("HP:0001250"),)) for case in CASES[:3]] + crowd
    scores = np.array([[9.0, 0.0, 1.0] + [2.0] * len(crowd)])

    found = missing(scores, np.array([0]), cases, Truth.of(cases))

    assert found["by_shared_terms"]["1"] == {"share": 1.0, "hit@10": 0.0}
    assert found["by_shared_terms"]["0"] == {"share": 0.0, "hit@10": None}
    assert found["one_place_per_paper"] == 1.0


def test_queries_have_a_relevant_case_in_another_paper_and_are_ten_per_disease():
    many = [a_case(f"m{n}", "C", str(n)) for n in range(30)]
    chosen = choose_queries([*CASES, *many])
    assert [i for i in chosen if i < 5] == [0, 1, 2, 3]
    assert len([i for i in chosen if i >= 5]) == 10


def test_means_are_over_diseases_and_not_over_queries():
    resampling = Resampling.of(np.array([7, 7, 7, 9]))
    summary = resampling.summary(resampling.means(np.array([1.0, 1.0, 1.0, np.inf])))
    assert summary["hit@1"]["value"] == 0.5
    low, high = summary["hit@1"]["interval"]
    assert low == 0.0
    assert high == 1.0


def test_noise_keeps_at_most_five_terms_and_adds_two_to_four(release: Release):
    terms = [TermId(t) for t in ("HP:0001250", "HP:0000252", "HP:0001263", "HP:0000274", "HP:0002521", "HP:0011451")]
    noise = [TermId(t) for t in ("HP:0001627", "HP:0000077", "HP:0002664", "HP:0000924", "HP:0001596", "HP:0001392")]
    blurred = noisy(random.Random(3), terms, noise, release.hpo)
    assert blurred == noisy(random.Random(3), terms[::-1], noise, release.hpo)
    assert 2 <= len(set(blurred) & set(noise)) <= 4
    assert len(set(blurred) - set(noise)) <= 5


def test_line_that_is_no_case_is_named(tmp_path: Path, release: Release):
    file = tmp_path / "cases.jsonl"
    file.write_text('{"patient": {"id": "a"}}\n', encoding="utf-8")
    with pytest.raises(Invalid, match=r"cases\.jsonl:1"):
        read_cases(file, release.hpo)


@pytest.mark.slow
def test_report_of_a_small_file_is_json_and_names_every_task(tmp_path: Path, release: Release):
    diseases = {"OMIM:1": ["HP:0001250", "HP:0000252"], "OMIM:2": ["HP:0001627", "HP:0001631"]}
    file = tmp_path / "cases.jsonl"
    with file.open("w", encoding="utf-8") as lines:
        for n in range(8):
            disease = f"OMIM:{1 + n % 2}"
            features = [{"id": term, "observed": "yes"} for term in diseases[disease]]
            truth = {"disease": disease, "gene": f"GENE{n % 2}", "pmid": f"PMID:{n}"}
            lines.write(json.dumps({"patient": {"id": f"c{n}", "features": features}, "truth": truth}) + "\n")
    scored: list[int] = []

    report = quality(file, release, advance=scored.append)

    assert json.loads(json.dumps(report)) == report
    assert list(report["tasks"]) == ["T1", "T4", "T2", "T2b", "T3"]
    assert report["tasks"]["T1"]["methods"]["S"]["hit@1"]["value"] == 1.0
    assert report["tasks"]["T1"]["differences"]["S - PhenoDigm"]["hit@1"]["value"] == 0.0
    assert sum(scored) == 8 * 4
    assert report["cpu_ms_per_query"]["T1"]["cases"] == 8
    assert report["probability"]["checks"].keys() == {"phenotype", "phenotype and genes", "phenotype of a part"}
    assert report["suggestions"]["queries"] == 0  # no disease of that id is annotated


@pytest.mark.slow
def test_ranking_of_published_cases_is_as_good_as_the_score_was_chosen_for(published: Path, release: Release):
    report = quality(published, release)
    hit = {task: found["methods"]["S"]["hit@1"]["value"] for task, found in report["tasks"].items()}
    # The row of S in the benchmark's table; T2 and T3 depend on a draw.
    assert hit["T1"] >= 0.51
    assert hit["T4"] >= 0.34
    assert hit["T3"] >= 0.34
    assert hit["T2"] >= 0.77
    assert hit["T2b"] >= 0.60
    assert report["tasks"]["T1"]["differences"]["S - PhenoDigm"]["mrr"]["interval"][0] > 0.0
    assert report["calibration"]["unrelated_share_passing"] == pytest.approx(0.005, abs=0.0005)
    assert all(found["ece_from_0.1"] < 0.05 for found in report["probability"]["checks"].values())
    # What a disease's annotations took from the case itself must not be counted as being right.
    right = {name: found["hit@1"]["value"] for name, found in report["suggestions"].items() if "disease" in name}
    assert right["disease, without the case's own paper"] < right["disease, all annotations"]
