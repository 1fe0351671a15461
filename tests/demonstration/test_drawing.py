"""Drawn cases: the same from the same seed, and nobody who could exist."""

from __future__ import annotations

import pytest

from matchmaker.demonstration.drawing import KEPT_FOR_THE_STORY, MAX_TERMS, draw_cases
from matchmaker.model import Case
from ontology import releases

pytestmark = pytest.mark.slow


def _drawn(seed: int, n_cases: int = 20) -> list[Case]:
    return list(draw_cases(releases.shipped(), country="FI", n_cases=n_cases, seed=seed))


def test_same_seed_draws_the_same_cases() -> None:
    assert _drawn(1) == _drawn(1)
    assert _drawn(1) != _drawn(2)


def test_drawn_cases_are_marked_as_invented_and_live_at_reserved_addresses() -> None:
    for case in _drawn(3):
        assert case.label is not None
        assert "invented" in case.label
        assert "invented" in (case.contact.institution or "")
        assert (case.contact.mailbox or "").endswith(".example.org")


def test_drawn_cases_have_findings_of_the_release_and_leave_the_genes_of_the_story_alone() -> None:
    hpo = releases.shipped().hpo
    for case in _drawn(4):
        assert 1 <= len(case.features) <= MAX_TERMS
        assert all(hpo.index_of(feature.term) is not None for feature in case.features)
        assert not {feature.gene for feature in case.genomic_features} & KEPT_FOR_THE_STORY
