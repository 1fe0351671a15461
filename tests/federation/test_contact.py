"""Two clinicians write to each other over two real nodes and real mail, and neither learns the other's address."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from federation import contact, conversing, nodes, visiting
from federation.deadline import Deadline
from federation.outcomes import State as SearchState
from federation.reaching import Route
from federation.search import ask_all
from matchmaker import cases, disclosure, match_life, relaying, worker
from matchmaker.actors import SYSTEM
from matchmaker.errors import Invalid, NotFound
from matchmaker.model import CaseId, Contact, Disclosure, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import messages, relays
from matchmaker.store import nodes as registry
from matchmaker.store.matches import MatchStatus
from matchmaker.store.messages import State
from matchmaker.store.relays import Conversation
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.asking import an_asker, answer_of
from tests.federation.peers import answering, peer
from tests.federation.test_case_notices import World, submit, world_of
from tests.federation.worlds import a_result, an_answer, register
from tests.web.browsers import submit as submit_form
from web.app import create_app

SPAIN, IRELAND = NodeName("ES"), NodeName("IE")
AOIFE, MARIA = "aoife@dublin.example.org", "maria@madrid.example.org"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with ExitStack() as stack:
        yield world_of(stack, tmp_path)


@pytest.fixture
def app(sqlite_mm: Matchmaker) -> Flask:
    return create_app(sqlite_mm)


def match_of(mm: Matchmaker, case_id: CaseId) -> str:
    (pair,) = match_life.of_case(mm, case_id, by=SYSTEM)
    return pair.match.id


def said(mm: Matchmaker, match_id: str) -> list[tuple[bool, str, State]]:
    return [(m.by_us, m.text, m.state) for m in contact.thread(mm, match_id, by=SYSTEM)]


@pytest.mark.slow
def test_letter_and_answer_go_through_both_nodes_and_show_no_address(world: World) -> None:
    there = submit(world.spain, owner=MARIA, local_id="ES-Canary")
    here = submit(world.ireland, owner=AOIFE, local_id="IE-Canary")
    world.settle()
    ours, theirs = match_of(world.ireland, here), match_of(world.spain, there)
    assert contact.way(world.ireland, ours, by=SYSTEM).route is Route.RELAY

    letter = contact.draft(world.ireland, ours, by=SYSTEM)
    assert "PHGDH" in letter
    contact.write(world.ireland, ours, f"{letter}\nAoife\r\nBcc: x@y.z", by=SYSTEM)
    world.settle()

    (_, text, state) = said(world.ireland, ours)[0]
    assert state is State.DELIVERED
    assert said(world.spain, theirs) == [(False, text, State.DELIVERED)]
    mail = world.post.mails[-1]
    assert (world.post.recipients[-1], mail["Subject"]) == (MARIA, "[Matchmaker ES] a colleague wrote to you")
    assert mail["Bcc"] is None
    assert "> Bcc: x@y.z" in mail.get_content()
    assert match_life.get(world.spain, theirs, by=SYSTEM).match.status is MatchStatus.CONTACTED_US
    assert match_life.get(world.ireland, ours, by=SYSTEM).match.status is MatchStatus.CONTACTED

    alias = alias_in(mail.get_content())
    visiting.receive(world.spain, alias, "Dear Aoife, yes.")
    world.settle()

    assert said(world.ireland, ours)[1] == (False, "Dear Aoife, yes.", State.DELIVERED)
    assert world.post.recipients[-1] == AOIFE
    back = world.post.mails[-1].as_string()
    for private in (MARIA, "ES-Canary", there):
        assert private not in back
    for private in (AOIFE, "IE-Canary", here):
        assert private not in mail.as_string() + mail.get_content()


@pytest.mark.slow
def test_withdrawn_case_takes_no_letters_at_once_and_the_writer_is_told(world: World) -> None:
    there, here = submit(world.spain, owner=MARIA), submit(world.ireland, owner=AOIFE)
    world.settle()
    ours = match_of(world.ireland, here)
    with world.spain.transaction() as db:
        db.exec_driver_sql("DELETE FROM work")  # nothing but the letter is to go
    cases.withdraw(world.spain, there, by=SYSTEM)

    contact.write(world.ireland, ours, "Hello?", by=SYSTEM)
    worker.drain(world.ireland)

    assert said(world.ireland, ours) == [(True, "Hello?", State.REFUSED)]


def alias_in(text: str) -> str:
    found = re.search(r"/relay/([0-9a-f]{40})", text)
    assert found
    return found.group(1)


def asked_by_kin(mm: Matchmaker, case_id: CaseId, *, id_: str = "S-1", kin: bool = True) -> str:
    """Let a node ask about a case; return the address that it is told to write to."""
    asker = an_asker(mm, SPAIN)
    register(mm, "ES", "http://127.0.0.1:9/mme")
    with mm.transaction() as db:
        registry.upsert(db, replace(registry.get(db, SPAIN), kin=kin))
    patient = {
        "id": id_,
        "contact": {"name": "Dr Peer", "href": "mailto:peer@example.org"},
        "genomicFeatures": [{"gene": {"id": "PHGDH"}}],
    }
    (result,) = answer_of(asker.match(patient))["results"]
    href: str = result["patient"]["contact"]["href"]
    return href


def an_owned_case(mm: Matchmaker, **stated: object) -> CaseId:
    usual = {"owner": AOIFE, "features": [a_feature("HP:0001250")], "genomic_features": [a_genomic_feature()]}
    return cases.submit(mm, a_case(**{**usual, **stated}), by=SYSTEM).case_id


def test_alias_is_the_same_for_the_same_two_cases_and_others_have_another(sqlite_mm: Matchmaker) -> None:
    case_id = an_owned_case(sqlite_mm)

    first = asked_by_kin(sqlite_mm, case_id)
    other = asked_by_kin(sqlite_mm, case_id, id_="S-2")

    assert first == asked_by_kin(sqlite_mm, case_id)
    assert first != other
    assert first.startswith(f"{sqlite_mm.settings.base_url}/relay/")


def test_alias_makes_no_answer_new_to_the_ledger(sqlite_mm: Matchmaker) -> None:
    from federation import ledger

    case_id = an_owned_case(sqlite_mm)
    for number in range(3):
        asked_by_kin(sqlite_mm, case_id, id_=f"S-{number}")

    assert [line.times for line in ledger.seen(sqlite_mm, case_id)] == [3]


def test_other_kinds_of_nodes_and_open_contacts_get_an_address_to_mail_to(sqlite_mm: Matchmaker) -> None:
    case_id = an_owned_case(sqlite_mm)
    assert asked_by_kin(sqlite_mm, case_id, kin=False).startswith("mailto:")

    cases.erase(sqlite_mm, case_id, by=SYSTEM)
    opened = an_owned_case(sqlite_mm, contact=Contact(name="Aoife", email=AOIFE, opened=True))
    assert asked_by_kin(sqlite_mm, opened) == f"mailto:{AOIFE}"


def test_visitor_without_an_account_writes_and_reads_the_answer(app: Flask, sqlite_mm: Matchmaker) -> None:
    case_id = an_owned_case(sqlite_mm)
    path = "/relay/" + alias_in(asked_by_kin(sqlite_mm, case_id))
    visitor = app.test_client()

    taken = submit_form(visitor, path, text="<b>Hello</b>\nfrom Madrid")
    assert taken.status_code == 303
    shown = visitor.get(path)
    assert "&lt;b&gt;Hello&lt;/b&gt;" in shown.text
    assert AOIFE not in shown.text

    worker.drain(sqlite_mm)
    (mail,) = (sqlite_mm.settings.home / "outbox").glob("*.eml")
    owners_path = "/relay/" + alias_in(mail.read_text().replace("=\n", ""))
    assert submit_form(app.test_client(), owners_path, text="Good morning").status_code == 303
    assert "Good morning" in visitor.get(path).text


def test_empty_long_and_frequent_letters_are_refused_and_what_was_typed_stays(
    app: Flask, sqlite_mm: Matchmaker
) -> None:
    path = "/relay/" + alias_in(asked_by_kin(sqlite_mm, an_owned_case(sqlite_mm)))
    visitor = app.test_client()

    assert submit_form(visitor, path, text=" \x01 ").status_code == 422
    assert submit_form(visitor, path, text="a" * (conversing.LONGEST + 1)).status_code == 422
    answers = [submit_form(visitor, path, text=f"letter {n}").status_code for n in range(conversing.AN_HOUR + 1)]
    assert answers == [303] * conversing.AN_HOUR + [429]
    assert "one more" in submit_form(visitor, path, text="one more").text


@pytest.mark.parametrize("end", ["withdrawn", "private", "expired", "paused"])
def test_alias_of_a_case_that_left_opens_nothing(app: Flask, sqlite_mm: Matchmaker, end: str) -> None:
    case_id = an_owned_case(sqlite_mm)
    path = "/relay/" + alias_in(asked_by_kin(sqlite_mm, case_id))
    assert app.test_client().get(path).status_code == 200

    if end == "withdrawn":
        cases.withdraw(sqlite_mm, case_id, by=SYSTEM)
    elif end == "private":
        stored = cases.get(sqlite_mm, case_id, by=SYSTEM)
        cases.edit(sqlite_mm, replace(stored.case, consent=None), version=1, by=SYSTEM)
    elif end == "paused":
        nodes.disable(sqlite_mm, SPAIN, by=SYSTEM)
    else:
        with sqlite_mm.transaction() as db:
            relays.forget_before(db, dt.datetime.now(dt.UTC) + relaying.LASTS * 2)

    assert app.test_client().get(path).status_code == 404
    assert app.test_client().get("/relay/" + "0" * 40).status_code == 404
    assert app.test_client().get("/relay/nonsense").status_code == 404


def test_letters_are_sealed_and_deleted_when_their_time_is_over(mm: Matchmaker) -> None:
    case_id = an_owned_case(mm)
    conversation = Conversation(case_id=case_id, node=SPAIN, other_id="S-1")
    with mm.transaction() as db:
        letter = conversing.take(mm, db, conversation, "Canary letter")
        conversing.take(mm, db, conversation, "Canary letter", id_=letter.id)
        assert [one.text for one in messages.of_conversation(db, conversation)] == ["Canary letter"]
        rows = db.exec_driver_sql("SELECT * FROM messages").all()
    assert b"Canary" not in b"".join(bytes(value) for value in rows[0] if isinstance(value, bytes | memoryview))

    with mm.transaction() as db:
        assert messages.forget_before(db, letter.expires_at + dt.timedelta(seconds=1)) == 1


def test_two_centres_of_one_node_write_to_each_other(sqlite_mm: Matchmaker) -> None:
    here, there = an_owned_case(sqlite_mm, owner=AOIFE), an_owned_case(sqlite_mm, owner=MARIA)
    worker.drain(sqlite_mm)
    ours, theirs = match_of(sqlite_mm, here), match_of(sqlite_mm, there)

    contact.write(sqlite_mm, ours, "Hello", by=SYSTEM)
    worker.drain(sqlite_mm)

    assert said(sqlite_mm, ours) == [(True, "Hello", State.DELIVERED)]
    assert said(sqlite_mm, theirs) == [(False, "Hello", State.DELIVERED)]


def test_node_that_takes_mail_only_is_written_to_by_mail_and_the_draft_is_still_there(sqlite_mm: Matchmaker) -> None:
    with peer(answering(an_answer(a_result("S-1")))) as spain:
        register(sqlite_mm, "spain", spain.url)
        case_id = an_owned_case(sqlite_mm, disclosure=Disclosure.GENE)
        worker.drain(sqlite_mm)
    match_id = match_of(sqlite_mm, case_id)

    assert contact.way(sqlite_mm, match_id, by=SYSTEM).address == "mailto:colleague@peer.example"
    letter = contact.draft(sqlite_mm, match_id, by=SYSTEM)
    assert "PHGDH" in letter
    assert "HP:" not in letter  # the case is at the level of genes
    assert disclosure.peer_id_of(sqlite_mm, case_id, NodeName("spain")) in letter
    with pytest.raises(Invalid, match="colleague@peer"):
        contact.write(sqlite_mm, match_id, letter, by=SYSTEM)


def test_case_that_is_only_in_a_file_asks_nodes_of_our_kind_with_an_address_to_mail_to(sqlite_mm: Matchmaker) -> None:
    with peer(answering(an_answer(a_result("S-1")))) as spain:
        node = replace(register(sqlite_mm, "spain", spain.url), kin=True)
        nodes.change(sqlite_mm, node, by=SYSTEM)
        (answer,) = ask_all(sqlite_mm, a_case(), [node], deadline=Deadline.after(10))

    assert answer.state is SearchState.ANSWERED
    assert b"mailto:" in spain.asked[0].body
    assert b"/relay/" not in spain.asked[0].body


def test_letter_for_another_pair_of_cases_is_refused(sqlite_mm: Matchmaker) -> None:
    alias = alias_in(asked_by_kin(sqlite_mm, an_owned_case(sqlite_mm)))
    with sqlite_mm.transaction() as db:
        node = registry.get(db, SPAIN)
        assert visiting.for_node(sqlite_mm, db, node, alias, "S-1").other_id == "S-1"
        for stranger, other_id in ((node, "S-9"), (replace(node, name=IRELAND), "S-1")):
            with pytest.raises(NotFound):
                visiting.for_node(sqlite_mm, db, stranger, alias, other_id)
