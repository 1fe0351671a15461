"""Both sides see that one confirmed a match: two real nodes, two centres of one, and nodes that take no such word."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from federation import case_notices, confirmations, ledger, nodes
from matchmaker import audit, cases, disclosure, match_life, notifications, worker
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.model import CaseId, Consent, NodeName, Score, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import matches
from matchmaker.store.case_notices import State
from matchmaker.store.matches import Finding, Match, MatchStatus
from matchmaker.store.notifications import Kind
from tests.federation.peers import answering, peer
from tests.federation.test_case_notices import World, found, submit, world_of
from tests.federation.worlds import a_result, an_answer, register
from tests.matchmaker.people import ADDRESS

SPAIN, IRELAND = NodeName("ES"), NodeName("IE")
MARIA = "maria@madrid.example.org"


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with ExitStack() as stack:
        yield world_of(stack, tmp_path_factory.mktemp("world"))


@pytest.fixture
def pair(world: World) -> Iterator[tuple[CaseId, CaseId]]:
    """A case in Spain and one in Ireland that found each other; gone again after the test."""
    there, here = submit(world.spain, owner=MARIA), submit(world.ireland, owner=ADDRESS)
    world.settle()
    yield there, here
    cases.erase(world.spain, there, by=SYSTEM)
    cases.erase(world.ireland, here, by=SYSTEM)
    world.settle()


def clinician(email: str) -> User:
    return User(email=email, role=Role.CLINICIAN)


def only_match(mm: Matchmaker, case_id: CaseId) -> Match:
    (match,) = found(mm, case_id)
    return match


def move(mm: Matchmaker, case_id: CaseId, status: MatchStatus) -> None:
    match_life.move(mm, only_match(mm, case_id).id, status, by=SYSTEM)


def told(mm: Matchmaker, case_id: CaseId) -> State | None:
    said = confirmations.said(mm, only_match(mm, case_id).id, by=SYSTEM)
    return None if said is None else said.state


def news(mm: Matchmaker, owner: str) -> list[Kind]:
    return [alert.notified.notice.kind for alert in notifications.alerts(mm, by=clinician(owner))]


pytestmark = pytest.mark.slow


def test_confirmed_match_is_confirmed_there_on_the_page_of_the_other_node(
    world: World, pair: tuple[CaseId, CaseId]
) -> None:
    there, here = pair
    move(world.spain, there, MatchStatus.CONFIRMED)
    world.settle()

    match = only_match(world.ireland, here)
    assert match.confirmed_there_at is not None
    assert match.status is MatchStatus.NEW
    assert told(world.spain, there) is State.ACKNOWLEDGED
    assert Kind.CONFIRMED in news(world.ireland, ADDRESS)
    notifications.send_due(world.ireland, at=dt.datetime.now(dt.UTC) + notifications.PAUSE)  # the last was just now
    assert "A colleague at the node ES confirmed a match with a case of yours" in world.post.mails[-1].get_content()
    assert world.post.recipients[-1] == ADDRESS
    event = match_life.history(world.ireland, match.id, by=SYSTEM)[-1]
    assert (event.by, event.status, event.there) == ("ES", MatchStatus.CONFIRMED, True)


def test_confirmation_is_in_the_ledger_and_in_the_audit_log_of_both(world: World, pair: tuple[CaseId, CaseId]) -> None:
    there, here = pair
    move(world.spain, there, MatchStatus.CONFIRMED)
    world.settle()

    assert [line.told.extent for line in ledger.seen(world.spain, there)][-1] == "confirmation"
    with world.spain.reading() as db:
        assert "notice sent" in {entry.event.action for entry in audit.about(db, there)}
    with world.ireland.reading() as db:
        assert "word on a match" in {entry.event.action for entry in audit.about(db, here)}


def test_confirmation_that_is_taken_back_is_told_as_well(world: World, pair: tuple[CaseId, CaseId]) -> None:
    there, here = pair
    move(world.spain, there, MatchStatus.CONFIRMED)
    world.settle()
    move(world.spain, there, MatchStatus.CONTACTED)
    world.settle()

    assert only_match(world.ireland, here).confirmed_there_at is None
    assert Kind.RECONSIDERED in news(world.ireland, ADDRESS)


def test_confirmation_that_was_taken_back_before_it_left_is_not_told(world: World, pair: tuple[CaseId, CaseId]) -> None:
    there, here = pair
    match_id = only_match(world.spain, there).id
    match_life.move(world.spain, match_id, MatchStatus.CONFIRMED, by=SYSTEM)
    match_life.move(world.spain, match_id, MatchStatus.SEEN, by=SYSTEM)
    world.settle()

    assert only_match(world.ireland, here).confirmed_there_at is None
    assert Kind.CONFIRMED not in news(world.ireland, ADDRESS)


def test_no_word_leaves_of_a_case_that_is_not_shared_any_more(world: World, pair: tuple[CaseId, CaseId]) -> None:
    there, here = pair
    stored = cases.get(world.spain, there, by=SYSTEM)
    move(world.spain, there, MatchStatus.CONFIRMED)
    cases.edit(world.spain, replace(stored.case, sharing=Sharing.PRIVATE), version=stored.version, by=SYSTEM)
    world.settle()

    assert all(match.confirmed_there_at is None for match in found(world.ireland, here))
    assert "confirmation" not in [line.told.extent for line in ledger.seen(world.spain, there)]


def test_looking_setting_aside_and_notes_are_told_to_nobody(world: World, pair: tuple[CaseId, CaseId]) -> None:
    there, _ = pair
    match_id = only_match(world.spain, there).id
    match_life.look(world.spain, match_id, by=clinician(MARIA))
    match_life.note(world.spain, match_id, "a note", by=SYSTEM)
    match_life.move(world.spain, match_id, MatchStatus.DISMISSED, by=SYSTEM, reason="no")
    world.settle()

    assert told(world.spain, there) is None


def test_word_on_another_nodes_pair_is_not_kept(world: World, pair: tuple[CaseId, CaseId]) -> None:
    _, here = pair
    spain = nodes.show(world.ireland, SPAIN).node
    match = only_match(world.ireland, here)
    wrong = {"id": "w1", "kind": "confirmation", "case": match.finding.other_id, "other": here}
    answer = case_notices.receive(world.ireland, spain, json.dumps({"notice": wrong}).encode())
    assert answer == {"acknowledged": "w1", "matches": 0}
    assert only_match(world.ireland, here).confirmed_there_at is None

    right = {**wrong, "other": disclosure.peer_id_of(world.ireland, here, SPAIN)}
    assert case_notices.receive(world.ireland, spain, json.dumps({"notice": right}).encode())["matches"] == 1
    assert only_match(world.ireland, here).confirmed_there_at is not None


def test_node_of_another_kind_is_not_told_and_the_page_says_so(sqlite_mm: Matchmaker) -> None:
    with peer(answering(an_answer(a_result("S-1")))) as spain:
        register(sqlite_mm, "spain", spain.url)
        case_id = submit(sqlite_mm)
        worker.drain(sqlite_mm)
        move(sqlite_mm, case_id, MatchStatus.CONFIRMED)
        worker.drain(sqlite_mm)

    assert told(sqlite_mm, case_id) is State.NOT_TAKEN


def test_two_centres_of_one_node_see_it_too(mm: Matchmaker) -> None:
    shared = {"sharing": Sharing.NATIONAL, "consent": Consent(basis="consent")}
    ours, theirs = submit(mm, owner=ADDRESS, **shared), submit(mm, owner=MARIA, **shared)
    worker.drain(mm)

    move(mm, ours, MatchStatus.CONFIRMED)

    assert only_match(mm, theirs).confirmed_there_at is not None
    assert only_match(mm, ours).confirmed_there_at is None
    assert Kind.CONFIRMED in news(mm, MARIA)
    assert Kind.CONFIRMED not in news(mm, ADDRESS)


def test_what_the_other_side_confirmed_is_kept_when_old_matches_go(mm: Matchmaker) -> None:
    register(mm, "ES", None)
    case_id = submit(mm)
    score = Score(total=0.5, phenotype=0.5, genotype=0.0)
    at = dt.datetime.now(dt.UTC)
    findings = [
        Finding(
            case_id=case_id, node=SPAIN, other_id=id_, score=score, release="r", scoring="s", calibration="c", told="{}"
        )
        for id_ in ("S-1", "S-2")
    ]
    with mm.transaction() as db:
        kept, _ = matches.record_all(db, findings, at=at)
        matches.set_confirmed_there(db, kept.id, at=at)
        matches.forget_of_nodes_before(db, at + dt.timedelta(days=400))
        assert [match.id for match in matches.of_case(db, case_id)] == [kept.id]
