from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from matchmaker.errors import NotFound
from matchmaker.model import Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes
from tests.builders import a_node

FULL_NODE = Node(
    name=NodeName("spain"),
    base_url="https://es.example.org/mme",
    country="ES",
    jurisdiction="EEA",
    transfer_basis="standard clauses",
    enabled=False,
    version="1.0",
    start_offset=-1,
    declared_cases=1200,
    operator_mail="operator@spain.example.org",
    kin=True,
    signing_key="a" * 44,
    must_sign=True,
)


def test_full_node_states_every_field() -> None:
    assert all(getattr(FULL_NODE, field.name) != field.default for field in fields(Node))


def test_every_field_of_a_node_comes_back(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, FULL_NODE)

    with mm.reading() as db:
        assert nodes.get(db, FULL_NODE.name) == FULL_NODE
        assert nodes.list_(db) == [FULL_NODE]


def test_same_name_again_changes_the_node_and_keeps_its_token(mm: Matchmaker) -> None:
    changed = a_node("spain", country="PT")
    with mm.transaction() as db:
        nodes.upsert(db, FULL_NODE, token="their secret")
        nodes.upsert(db, changed)

        assert nodes.get(db, changed.name) == changed
        assert nodes.outbound_token(db, changed.name) == "their secret"


def test_token_can_be_replaced_and_need_not_be_there(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"), token="old")
        nodes.upsert(db, a_node("spain"), token="new")
        nodes.upsert(db, a_node("finland"))

        assert nodes.outbound_token(db, NodeName("spain")) == "new"
        assert nodes.outbound_token(db, NodeName("finland")) is None
        assert nodes.outbound_token(db, NodeName("nowhere")) is None


def test_outbound_token_is_not_in_the_files(sqlite_mm: Matchmaker) -> None:
    with sqlite_mm.transaction() as db:
        nodes.upsert(db, a_node("spain"), token="their-secret-token")

    folder: Path = sqlite_mm.settings.home.parent
    assert not [path for path in folder.rglob("*") if path.is_file() and b"their-secret" in path.read_bytes()]


def test_nodes_are_listed_by_name_and_can_be_switched_off(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        for name in ("spain", "finland"):
            nodes.upsert(db, a_node(name))
        nodes.set_enabled(db, NodeName("spain"), enabled=False)

        assert [(node.name, node.enabled) for node in nodes.list_(db)] == [("finland", True), ("spain", False)]


def test_unknown_node_is_not_found(mm: Matchmaker) -> None:
    nowhere = NodeName("nowhere")
    with mm.transaction() as db:
        with pytest.raises(NotFound):
            nodes.get(db, nowhere)
        with pytest.raises(NotFound):
            nodes.set_enabled(db, nowhere, enabled=True)
        with pytest.raises(NotFound):
            nodes.remove(db, nowhere)


def test_removed_node_is_gone(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        nodes.upsert(db, a_node("spain"), token="secret")
        nodes.remove(db, NodeName("spain"))

        assert nodes.list_(db) == []
