"""The map of the countries asked: each in a square of its own, with what it answered."""

from __future__ import annotations

import pytest
from flask import Flask

from matchmaker.asked_nodes import Asked, NodeState
from matchmaker.model import NodeName
from tests.builders import a_node
from web.country_map import picture


def state(name: str, country: str | None, asked: Asked = Asked.ANSWERED) -> NodeState:
    return NodeState(node=a_node(name, country=country), asked=asked)


def test_each_country_has_a_square_of_its_own_even_far_away_ones(app: Flask) -> None:
    with app.test_request_context():
        drawn = picture("IE", [state(code, code) for code in ("ES", "FI", "US", "CA", "AU", "NZ", "JP", "BR")], {})

    assert drawn is not None
    places = {one.code: (one.column, one.row) for one in drawn.squares}
    assert len(set(places.values())) == len(places)
    assert places["IE"][0] < places["FI"][0]
    assert places["FI"][1] < places["ES"][1]
    assert places["US"][0] < places["IE"][0] < places["AU"][0]


@pytest.mark.parametrize(
    ("asked", "n_found", "kind"),
    [
        (Asked.ANSWERED, 2, "found"),
        (Asked.ANSWERED, 0, "answered"),
        (Asked.FAILED, 0, "failed"),
        (Asked.WAITING, 0, "waiting"),
        (Asked.NOT_ASKED, 0, "not-asked"),
    ],
)
def test_square_says_how_its_nodes_answered(app: Flask, asked: Asked, n_found: int, kind: str) -> None:
    with app.test_request_context():
        drawn = picture("IE", [state("madrid", "ES", asked)], {NodeName("madrid"): n_found})

    assert drawn is not None
    spain = next(one for one in drawn.squares if one.code == "ES")
    assert (spain.kind, spain.n_found) == (kind, n_found)
    assert spain.title.startswith("Spain, madrid: ")


def test_nodes_of_no_known_country_make_no_map(app: Flask) -> None:
    with app.test_request_context():
        assert picture("IE", [state("somewhere", None), state("nowhere", "XX")], {}) is None
