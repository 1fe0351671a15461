from __future__ import annotations

import datetime as dt
from dataclasses import asdict, replace

from matchmaker.model import DiseaseId, Disorder, GeneId, NodeName, Sharing, Status, Variant
from matchmaker.service import Matchmaker
from matchmaker.store import cases, exchanges, metrics
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.store.metrics import Counters
from tests.builders import a_case, a_feature, a_genomic_feature

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
TODAY = NOW.date()
NOTHING = Counters(**dict.fromkeys(Counters.__slots__, 0))


def count(mm: Matchmaker) -> Counters:
    with mm.reading() as db:
        return metrics.count(db)


def test_empty_node_counts_nothing(mm: Matchmaker) -> None:
    assert count(mm) == NOTHING


def test_counters_are_what_the_standard_means(mm: Matchmaker) -> None:
    variant = Variant(assembly="GRCh38", chromosome="1", start=5, reference_bases="A", alternate_bases="T")
    first = a_case(
        owner="one@example.org",
        features=[a_feature("HP:0001250"), a_feature("HP:0000252"), a_feature("HP:0001251", excluded=True)],
        genomic_features=[a_genomic_feature("HGNC:1", variants=[variant]), a_genomic_feature("HGNC:2")],
        disorders=[Disorder(id=DiseaseId("OMIM:1"))],
    )
    second = a_case(
        owner="two@example.org",
        sharing=Sharing.EEA,
        features=[a_feature("HP:0001250")],
        genomic_features=[a_genomic_feature("HGNC:1", variants=[variant, replace(variant, start=6)])],
    )
    genes_alone = a_case(owner="two@example.org", features=[], genomic_features=[a_genomic_feature(None)])
    answered = Exchange(
        node=NodeName("spain"), direction=Direction.RECEIVED, kind="match", at=NOW, status="200", n_results=4
    )
    with mm.transaction() as db:
        cases.insert_all(db, [first, second, genes_alone], at=NOW)
        exchanges.record(db, answered, genes=[GeneId("HGNC:1")])

    assert count(mm) == Counters(
        number_of_cases=3,
        number_of_submitters=2,
        number_of_genes=3,
        number_of_unique_genes=2,
        number_of_variants=3,
        number_of_unique_variants=2,
        number_of_features=3,
        number_of_unique_features=2,
        number_of_feature_sets=2,
        number_of_unique_genes_matched=1,
        number_of_cases_with_diagnosis=1,
        number_of_requests_received=1,
        number_of_potential_matches_sent=4,
    )


def test_only_cases_that_nodes_may_be_told_of_are_counted(mm: Matchmaker) -> None:
    hidden = [
        a_case(sharing=Sharing.PRIVATE),
        a_case(sharing=Sharing.NATIONAL),
        a_case(consent=None),
        a_case(status=Status.WITHDRAWN),
        a_case(test=True),
    ]
    with mm.transaction() as db:
        cases.insert_all(db, hidden, at=NOW)

    assert count(mm) == NOTHING


def test_count_of_a_day_is_kept_and_stays(mm: Matchmaker) -> None:
    first = Counters(**{name: number for number, name in enumerate(asdict(NOTHING))})
    with mm.transaction() as db:
        assert metrics.of_day(db, TODAY) is None
        metrics.keep(db, TODAY, first)
        metrics.keep(db, TODAY, NOTHING)

        assert metrics.of_day(db, TODAY) == first
        assert metrics.of_day(db, TODAY + dt.timedelta(days=1)) is None
