from __future__ import annotations

import pytest
from distributed import Client, LocalCluster

from ontology.releases import shipped
from scoring import batch, spread
from scoring.scorer import Scorer
from scoring.speed.drawn import Drawing


@pytest.mark.slow
def test_cluster_ranks_as_one_machine_does() -> None:
    release = shipped()
    cases = list(Drawing(release, seed=1).cases(300))
    queries = list(Drawing(release, seed=2).cases(25, prefix="q"))
    twice = [*cases[:5], *cases]

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        spread_out = list(spread.rank(queries, twice, client=client, top=7, gene_links=True, sizes=(70, 10)))

    assert spread_out == list(batch.rank(queries, twice, scorer=Scorer(release), top=7))
    assert all(len(ranking) == 7 for _, ranking in spread_out)
