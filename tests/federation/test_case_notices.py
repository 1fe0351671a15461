"""Withdrawal, erasure and correction reach every node that holds something of a case: two real nodes, real mail."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from federation import beside, case_notices, nodes
from matchmaker import cases, disclosure, worker
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import audit, matches, sent_cases
from matchmaker.store import case_notices as notices
from matchmaker.store.case_notices import Kind, State
from tests.builders import a_case, a_feature, a_genomic_feature, a_node
from tests.federation.asking import Asker, an_asker, answer_of
from tests.federation.loopback import a_node_of, pair, serving
from tests.federation.peers import answering, peer
from tests.federation.worlds import a_result, an_answer, register
from tests.mailbox import Mailbox, mailbox

SPAIN, IRELAND = NodeName("ES"), NodeName("IE")
TERMS = [a_feature("HP:0000252"), a_feature("HP:0001250")]
JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    ireland: Matchmaker
    spain: Matchmaker
    post: Mailbox

    def settle(self) -> None:
        """Let both nodes do what is due, until nobody has anything to do."""
        while worker.drain(self.ireland) + worker.drain(self.spain):
            pass


def world_of(stack: ExitStack, folder: Path) -> World:
    """Pair two nodes that know of one another that they are of one kind."""
    post = stack.enter_context(mailbox())
    ireland = stack.enter_context(a_node_of("IE", folder / "ie", smtp_url=post.url))
    spain = stack.enter_context(a_node_of("ES", folder / "es", smtp_url=post.url))
    at_dublin, at_madrid = stack.enter_context(serving(ireland)), stack.enter_context(serving(spain))
    pair(ireland, spain, at_madrid)
    pair(spain, ireland, at_dublin)
    for mm in (ireland, spain):
        mm.warm()  # compiling must not count as a node that does not answer
        worker.ask_heartbeats(mm)
    return World(ireland=ireland, spain=spain, post=post)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield world_of(stack, tmp_path)


def submit(mm: Matchmaker, **stated: object) -> CaseId:
    case = a_case(**{"features": TERMS, "genomic_features": [a_genomic_feature()], **stated})
    return cases.submit(mm, case, by=SYSTEM).case_id


def found(mm: Matchmaker, case_id: CaseId) -> list[matches.Match]:
    with mm.reading() as db:
        return matches.of_case(db, case_id)


def sent(mm: Matchmaker) -> list[tuple[str, Kind, State]]:
    return [(notice.node, notice.kind, notice.state) for notice in case_notices.sent(mm, by=SYSTEM)]


def at_once(mm: Matchmaker) -> None:
    """Let what waits for a correction to settle be due."""
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    while True:
        with mm.transaction() as db:
            claims = notices.claim(db, at=later, limit=10)
        if not claims:
            return
        for claimed in claims:
            case_notices.send(mm, claimed)


@pytest.mark.slow
@pytest.mark.parametrize(("end", "kind"), [(cases.withdraw, Kind.WITHDRAWAL), (cases.erase, Kind.ERASURE)])
def test_other_node_drops_what_it_holds_of_a_case_that_left(world: World, end: Callable[..., None], kind: Kind) -> None:
    there, here = submit(world.spain), submit(world.ireland)
    world.settle()
    assert [match.finding.node for match in found(world.spain, there)] == [IRELAND]
    assert [match.finding.node for match in found(world.ireland, here)] == [SPAIN]

    end(world.ireland, here, by=SYSTEM)
    world.settle()

    assert found(world.spain, there) == []
    assert sent(world.ireland) == [(SPAIN, kind, State.ACKNOWLEDGED)]
    (notice,) = case_notices.sent(world.ireland, by=SYSTEM)
    assert notice.reply == "the node took it, 1 matches"
    (received,) = case_notices.received(world.spain, by=SYSTEM, case_id=there)
    assert (received.node, received.kind, received.n_matches) == (IRELAND, kind, 1)
    assert received.other_id == disclosure.peer_id_of(world.ireland, here, SPAIN)
    with world.spain.reading() as db:
        assert [e.event.action for e in audit.entries(db)][-2:] == ["notice received", "notices asked"]


@pytest.mark.slow
def test_corrected_case_is_asked_about_again_and_what_is_not_alike_any_more_goes(world: World) -> None:
    there, here = submit(world.spain), submit(world.ireland)
    world.settle()
    stored = cases.get(world.ireland, here, by=SYSTEM)
    other = replace(stored.case, features=(a_feature("HP:0000365"),), genomic_features=())

    cases.edit(world.ireland, other, version=stored.version, by=SYSTEM)
    at_once(world.ireland)
    (outdated,) = found(world.spain, there)
    assert outdated.outdated_at is not None
    world.settle()

    assert sent(world.ireland) == [(SPAIN, Kind.CORRECTION, State.ACKNOWLEDGED)]
    assert found(world.spain, there) == []


@pytest.mark.slow
def test_match_that_still_holds_after_a_correction_stays_and_is_up_to_date(world: World) -> None:
    there, here = submit(world.spain), submit(world.ireland)
    world.settle()
    stored = cases.get(world.ireland, here, by=SYSTEM)

    more = replace(stored.case, features=(*stored.case.features, a_feature("HP:0001263")))
    cases.edit(world.ireland, more, version=stored.version, by=SYSTEM)
    at_once(world.ireland)
    world.settle()

    (match,) = found(world.spain, there)
    assert match.outdated_at is None


def test_notes_and_names_are_no_correction_and_a_lower_level_is_a_withdrawal(sqlite_mm: Matchmaker) -> None:
    with sqlite_mm.transaction() as db:
        nodes_there = [a_node("spain").name, a_node("chile").name]
    register(sqlite_mm, "spain", None)
    register(sqlite_mm, "chile", None, country="CL")
    chile = replace(nodes.show(sqlite_mm, NodeName("chile")).node, transfer_basis="clauses")
    nodes.change(sqlite_mm, chile, by=SYSTEM)
    case_id = submit(sqlite_mm)
    stored = cases.get(sqlite_mm, case_id, by=SYSTEM)
    with sqlite_mm.transaction() as db:
        at = dt.datetime.now(dt.UTC)
        sent_cases.record(db, case_id, nodes=nodes_there, level=stored.case.disclosure, at=at)

    cases.edit(sqlite_mm, replace(stored.case, notes="seen again", label="Ann"), version=1, by=SYSTEM)
    assert sent(sqlite_mm) == []

    cases.edit(sqlite_mm, replace(stored.case, sharing=Sharing.EEA), version=2, by=SYSTEM)
    assert sent(sqlite_mm) == [("chile", Kind.WITHDRAWAL, State.WAITING)]


@pytest.mark.slow
def test_operator_of_another_kind_of_node_gets_a_mail_with_the_id_alone(sqlite_mm: Matchmaker) -> None:
    with mailbox() as post, peer(answering(an_answer(a_result("S-1")))) as spain:
        mm = Matchmaker(replace(sqlite_mm.settings, smtp_url=post.url), sqlite_mm.keys)
        register(mm, "spain", spain.url)
        case_id = submit(mm, label="Canary Label", local_id="Canary-Id", notes="Canary Notes")
        worker.drain(mm)
        cases.withdraw(mm, case_id, by=SYSTEM)
        worker.drain(mm)
        (waiting,) = case_notices.sent(mm, by=SYSTEM)
        assert waiting.state is State.WAITING
        assert "operator's address" in (waiting.last_error or "")

        known = nodes.show(mm, NodeName("spain")).node
        nodes.change(mm, replace(known, operator_mail="operator@spain.example.org"), by=SYSTEM)
        worker.drain(mm)
        mm.close()

    assert post.recipients[1:] == ["operator@spain.example.org"]  # the first was the owner's alert
    text = f"{post.mails[1].as_string()} {post.mails[1].get_content()}"
    assert disclosure.peer_id_of(sqlite_mm, case_id, NodeName("spain")) in text
    for private in ("Canary", case_id, "HP:", "PHGDH", "HGNC", "owner@example.org"):
        assert private not in text
    (told,) = case_notices.sent(sqlite_mm, by=SYSTEM)
    assert told.state is State.MAILED

    case_notices.record_reply(sqlite_mm, told.id, "Removed,\nDr Operator", by=SYSTEM)
    (answered,) = case_notices.sent(sqlite_mm, by=SYSTEM, case_id=case_id)
    assert (answered.state, answered.reply) == (State.ACKNOWLEDGED, "Removed, Dr Operator")


def test_node_that_is_down_is_told_later_and_a_notice_that_was_overtaken_is_not_sent(mm: Matchmaker) -> None:
    register(mm, "spain", "http://127.0.0.1:9/mme")
    nodes.change(mm, replace(nodes.show(mm, NodeName("spain")).node, kin=True), by=SYSTEM)
    case_id = submit(mm)
    with mm.transaction() as db:
        stored = cases.get(mm, case_id, by=SYSTEM)
        sent_cases.record(
            db, case_id, nodes=[NodeName("spain")], level=stored.case.disclosure, at=dt.datetime.now(dt.UTC)
        )
    cases.withdraw(mm, case_id, by=SYSTEM)
    worker.drain(mm)

    (waiting,) = case_notices.sent(mm, by=SYSTEM)
    assert (waiting.state, waiting.attempts) == (State.WAITING, 1)
    assert waiting.due_at > dt.datetime.now(dt.UTC)

    cases.erase(mm, case_id, by=SYSTEM)
    assert sent(mm) == [("spain", Kind.ERASURE, State.WAITING)]


def test_same_notice_again_is_acknowledged_again_and_changes_nothing(world: World) -> None:
    there = submit(world.spain)
    node = nodes.show(world.spain, IRELAND).node
    body = json.dumps({"notice": {"id": "n1", "kind": "withdrawal", "case": "x"}}).encode()

    first = case_notices.receive(world.spain, node, body)
    second = case_notices.receive(world.spain, node, body)

    assert first == second == {"acknowledged": "n1", "matches": 0}
    assert len(case_notices.received(world.spain, by=SYSTEM)) == 1
    assert case_notices.received(world.spain, by=SYSTEM, case_id=there) == []


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"{", 400, ""),
        (b"[]", 422, "notice"),
        (b'{"notice": {"kind": "withdrawal", "case": "x"}}', 422, "notice.id"),
        (b'{"notice": {"id": "1", "kind": "gossip", "case": "x"}}', 422, "notice.kind"),
        (b'{"notice": {"id": "1", "kind": ["erasure"], "case": "x"}}', 422, "notice.kind"),
        (b'{"notice": {"id": "1", "kind": "erasure", "case": ""}}', 422, "notice.case"),
    ],
)
def test_notice_that_is_none_is_refused_with_a_remedy(
    sqlite_mm: Matchmaker, body: bytes, status: int, path: str
) -> None:
    asker = an_asker_beside(sqlite_mm)

    refused = asker.post(body, path="/federation/notices", headers=JSON)

    assert refused.status_code == status
    assert [issue["path"] for issue in answer_of(refused).get("errors", [{"path": ""}])] == [path]


def test_nothing_is_taken_from_who_has_no_token(sqlite_mm: Matchmaker) -> None:
    body = b'{"notice": {"id": "1", "kind": "erasure", "case": "x"}}'

    refused = an_asker_beside(sqlite_mm).post(body, path="/federation/notices", token=None, headers=JSON)

    assert refused.status_code == 401
    assert case_notices.received(sqlite_mm, by=SYSTEM) == []


def an_asker_beside(mm: Matchmaker) -> Asker:
    asker = an_asker(mm)
    asker.app.register_blueprint(beside.blueprint(mm))
    return asker
