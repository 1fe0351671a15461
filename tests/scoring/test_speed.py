from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest

from ontology.releases import shipped
from scoring.speed import Extent, growth, measure
from scoring.speed.drawn import Drawing


@pytest.mark.slow
def test_report_says_that_the_search_is_exact_and_how_it_compares_with_a_scan():
    release = shipped()
    steps: list[int] = []
    report = measure(release, Extent(n_cases=600, n_queries=6, stages=(200,), starts=False), advance=steps.append)
    assert (report["cases"], report["queries"], report["exact"]) == (600, 6, "6 of 6")
    assert steps == [200, 600]
    assert 0.0 < report["share_scored"]["median"] < 0.5
    assert all(ratio > 0.0 for ratio in report["ratios"].values())
    assert report["goals"]["exact"] == {"goal": "all", "measured": "6 of 6", "met": True}
    assert "start to first answer with compiled code, ms" not in report["goals"]  # it was not measured
    assert report["goals"]["median search, of a scan"]["measured"] == report["ratios"]["median_search_to_scan"]
    assert 0.0 < report["worst_search_to_scan"] < 3.0
    assert [stage["cases"] for stage in report["growth"]] == [200, 600]
    assert report["files"]["same_answer"]
    assert len(growth.table(report["growth"]).splitlines()) == 4
    assert ElementTree.fromstring(growth.plot(report["growth"])).tag.endswith("svg")
    assert report["index_bytes_per_case"] < 300


@pytest.mark.slow
def test_kept_index_is_measured_again_and_not_built(tmp_path: Path):
    release, kept = shipped(), tmp_path / "index"
    first = measure(release, Extent(n_cases=300, n_queries=3, starts=False, folder=kept))
    built: list[int] = []
    again = measure(release, Extent(n_cases=300, n_queries=3, starts=False, folder=kept), advance=built.append)
    assert not built
    assert again["exact"] == first["exact"] == "3 of 3"
    assert again["index_bytes_per_case"] == first["index_bytes_per_case"]
    with pytest.raises(ValueError, match="300 cases"):
        measure(release, Extent(n_cases=200, n_queries=3, starts=False, folder=kept))


@pytest.mark.slow
def test_drawn_cases_are_the_same_for_a_seed_and_hold_what_a_store_holds():
    drawn = list(Drawing(shipped(), seed=5).cases(200))
    assert drawn == list(Drawing(shipped(), seed=5).cases(200))
    assert len({case.case_id for case in drawn}) == 200
    assert any(case.excluded for case in drawn)
    assert all(case.genes for case in drawn)
    graph = shipped().hpo.graph
    for case in drawn:
        above = {int(a) for term in case.observed for a in graph.closure(term)}
        assert not above & set(case.excluded)
