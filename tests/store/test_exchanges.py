from __future__ import annotations

import datetime as dt
from dataclasses import fields

from sqlalchemy import select

from matchmaker.model import GeneId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import exchanges
from matchmaker.store.exchanges import Direction, Exchange, Totals
from matchmaker.store.tables import exchanges as exchanges_table

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
SPAIN = NodeName("spain")


def a_request(**stated: object) -> Exchange:
    usual = {"node": SPAIN, "direction": Direction.RECEIVED, "kind": "match", "at": NOW, "status": "200"}
    return Exchange(**{**usual, **stated})  # type: ignore[arg-type]


def test_every_field_of_an_exchange_is_stored(mm: Matchmaker) -> None:
    full = a_request(n_results=3, fingerprint="f" * 64, seconds=0.25, test=True)
    with mm.transaction() as db:
        exchanges.record(db, full)

        row = db.execute(select(exchanges_table)).one()

    assert {field.name: getattr(row, field.name) for field in fields(Exchange)} == {
        field.name: getattr(full, field.name) for field in fields(Exchange)
    }


def test_totals_are_of_real_match_requests_received(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        assert exchanges.totals(db) == Totals(requests=0, results=0, genes=0)
        exchanges.record(db, a_request(n_results=3), genes=[GeneId("HGNC:1"), GeneId("HGNC:2"), GeneId("HGNC:1")])
        exchanges.record(db, a_request(n_results=2), genes=[GeneId("HGNC:2"), GeneId("HGNC:3")])
        exchanges.record(db, a_request(n_results=9, test=True), genes=[GeneId("HGNC:4")])
        exchanges.record(db, a_request(n_results=9, direction=Direction.SENT))
        exchanges.record(db, a_request(kind="metrics"))

        assert exchanges.totals(db) == Totals(requests=2, results=5, genes=3)


def test_requests_of_a_node_are_counted_from_a_moment_on(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        for minutes in (0, 1, 2):
            exchanges.record(db, a_request(at=NOW + dt.timedelta(minutes=minutes)))
        exchanges.record(db, a_request(node=NodeName("finland"), at=NOW + dt.timedelta(minutes=2)))
        exchanges.record(db, a_request(direction=Direction.SENT, at=NOW + dt.timedelta(minutes=2)))

        assert exchanges.count_since(db, SPAIN, NOW + dt.timedelta(minutes=1)) == 2
        assert exchanges.count_since(db, SPAIN, NOW, direction=Direction.SENT) == 1
        assert exchanges.count_since(db, NodeName("nowhere"), NOW) == 0


def test_fingerprints_tell_equal_from_different_and_nothing_else(mm: Matchmaker) -> None:
    with mm.reading() as db:
        assert exchanges.fingerprint(db, "HP:0001250") == exchanges.fingerprint(db, "HP:0001250")
        assert exchanges.fingerprint(db, "HP:0001250") != exchanges.fingerprint(db, "HP:0000252")
        assert "HP" not in exchanges.fingerprint(db, "HP:0001250")
