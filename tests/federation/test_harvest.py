"""Short form of `python -m benchmarks harvest`, whose figures docs/privacy.md prints."""

from __future__ import annotations

import pytest

from benchmarks import harvest
from benchmarks.harvest import Plan
from benchmarks.peers import made_up

pytestmark = pytest.mark.slow
PLAN = Plan(cases=300, gene_probes=250, phenotype_probes=50, weekly_cases=5, hub_cases=150)


def test_harvester_is_stopped_while_others_find_what_they_look_for() -> None:
    figures = harvest.measure(made_up(460), PLAN, copies=made_up(50, seed=2))

    # The budget is a number of cases, not a share: 190 are less than a tenth of the 2,000 of the long form.
    assert figures.harvest.cases_learned <= 190
    assert figures.harvest.by_all_genes == 0
    assert figures.weekly.same_first_result >= 0.95
    # Who stands for many clinicians finds every case that shares a gene; each patient finds its own copy first.
    assert figures.hub.found == figures.hub.cases_found == figures.copies_at_rank_1 == 1.0
