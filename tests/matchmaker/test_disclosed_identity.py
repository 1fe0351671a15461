"""By what score, id and contact other nodes know a case."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker import disclosure
from matchmaker.model import Contact
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_genomic_feature, a_node
from tests.matchmaker.answers import PEER, answered

# Scores and ids


@pytest.mark.parametrize(
    ("score", "step", "told"),
    [(0.3, 0.05, 0.3), (0.9999, 0.05, 0.95), (1.0, 0.05, 1.0), (0.0, 0.05, 0.0), (0.37, 0, 0.37)],
)
def test_score_is_rounded_down_to_a_step(score: float, step: float, told: float) -> None:
    assert disclosure.stepped(score, step) == told


@given(st.floats(0, 1), st.sampled_from([0.01, 0.05, 0.1, 0.25]))
def test_step_never_raises_a_score_and_costs_less_than_one_step(score: float, step: float) -> None:
    told = disclosure.stepped(score, step)

    assert told <= score + 1e-6
    assert score - told < step
    assert math.isclose(told / step, round(told / step), abs_tol=1e-6)


def test_each_peer_knows_a_case_by_another_id_and_always_by_the_same(sqlite_mm: Matchmaker) -> None:
    case = a_case()
    spain, finland = a_node("spain"), a_node("finland")

    ids = {disclosure.peer_id(sqlite_mm, case, node) for node in (spain, finland)}

    assert len(ids) == 2
    assert case.id not in ids
    assert disclosure.peer_id(sqlite_mm, case, replace(spain, enabled=False)) in ids


def test_preview_is_what_the_peer_is_asked_with_and_told(sqlite_mm: Matchmaker) -> None:
    case = a_case(genomic_features=[a_genomic_feature()])

    preview = disclosure.preview(sqlite_mm, case, PEER)

    assert preview.asking == disclosure.request_view(sqlite_mm, case, PEER)
    assert preview.answering == answered(sqlite_mm, case, case)


# Contact


def test_peers_see_the_centre_and_its_mailbox(sqlite_mm: Matchmaker) -> None:
    contact = Contact(name="Dr A", institution="Hospital", email="a@x.org", href="mailto:a@x.org", mailbox="rare@x.org")

    told = disclosure.request_view(sqlite_mm, a_case(contact=contact), PEER).contact

    assert told == Contact(name="Hospital", institution="Hospital", href="mailto:rare@x.org")


def test_opened_contact_is_shown_as_one_valid_uri(sqlite_mm: Matchmaker) -> None:
    contact = Contact(name="Dr A", institution="Hospital", email="a@x.org", opened=True)

    told = disclosure.request_view(sqlite_mm, a_case(contact=contact), PEER).contact

    assert told == Contact(name="Dr A", institution="Hospital", href="mailto:a@x.org")


@pytest.mark.parametrize(
    "mailbox", [None, "", "not an address", "a@x.org?bcc=b@y.org", "a@x.org,b@y.org", "a@x.org\nBcc: b"]
)
def test_centre_without_a_usable_mailbox_is_reached_through_the_node(
    sqlite_mm: Matchmaker, mailbox: str | None
) -> None:
    contact = Contact(name="Dr A", email="a@x.org", mailbox=mailbox)

    told = disclosure.request_view(sqlite_mm, a_case(contact=contact), PEER).contact

    assert told.href == "mailto:matchmaker@127.0.0.1"
    assert told.name == sqlite_mm.settings.node_name


@pytest.mark.slow
@pytest.mark.parametrize("href", ["javascript:alert(1)", "ftp://x.org", "https://x.org/ a", "https://", "mailto:"])
def test_opened_contact_with_a_dangerous_href_falls_back_to_the_address(sqlite_mm: Matchmaker, href: str) -> None:
    contact = Contact(name="Dr A", href=href, email="a@x.org", opened=True)

    assert disclosure.request_view(sqlite_mm, a_case(contact=contact), PEER).contact.href == "mailto:a@x.org"
