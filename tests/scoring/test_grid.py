"""The grid of two cases: every pair of findings, as the score sees it."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker.service import Matchmaker
from scoring.grid import Grid, grid
from scoring.phenotype import similarity
from tests.builders import a_case, a_feature


def grid_of(mm: Matchmaker, here: list[str], there: list[str]) -> Grid:
    sides = (mm.profile(a_case(features=[a_feature(term) for term in terms])) for terms in (here, there))
    return grid(mm.scorer.corpus, *sides)


def test_each_square_is_the_similarity_of_its_two_findings(sqlite_mm: Matchmaker) -> None:
    here, there = ["HP:0000252", "HP:0001250"], ["HP:0011451", "HP:0001250", "HP:0000365"]
    found = grid_of(sqlite_mm, here, there)

    corpus = sqlite_mm.scorer.corpus
    rows = {str(term): row for row, term in enumerate(corpus.term_ids)}
    table = similarity(corpus, [rows[t] for t in found.query], [rows[t] for t in found.match])
    most = max(np.sqrt(corpus.ic[rows[term]]) for term in here + there)
    assert (set(found.query), set(found.match)) == (set(here), set(there))
    assert found.values == pytest.approx(table.values.T / most)
    same = found.values[found.query.index("HP:0001250"), found.match.index("HP:0001250")]
    assert same == found.values[found.query.index("HP:0001250")].max()
    assert found.mica[found.query.index("HP:0000252")][found.match.index("HP:0011451")] == "HP:0000252"


@pytest.mark.parametrize(("here", "there"), [([], ["HP:0001250"]), (["HP:0001250"], []), ([], [])])
def test_side_without_findings_has_an_empty_grid(sqlite_mm: Matchmaker, here: list[str], there: list[str]) -> None:
    found = grid_of(sqlite_mm, here, there)

    assert found.values.shape == (len(here), len(there))
