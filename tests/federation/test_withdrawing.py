"""A case is withdrawn in one process: at once no path of another one leads to it, begun or not."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import pytest

from federation import beside, contact, exporting, live_search, nodes, server, visiting
from federation.importing import import_paths
from matchmaker import cases, disclosure, match_life, matching, notifications, relaying
from matchmaker.actors import SYSTEM
from matchmaker.api_tokens import Scope
from matchmaker.errors import Forbidden, NotFound
from matchmaker.model import CaseId, NodeName, Status
from matchmaker.service import Matchmaker
from matchmaker.store import messages
from matchmaker.store.engine import Connection
from matchmaker.store.matches import Match
from matchmaker.store.messages import State
from matchmaker.store.relays import Conversation
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.asking import Asker, a_patient, answer_of
from tests.federation.test_case_notices import SPAIN, TERMS, World, submit, world_of
from tests.federation.test_live_search import until
from tests.web.browsers import api_token, signed_in
from web.app import create_app

AOIFE, BRAN, MARIA = "aoife@dublin.example.org", "bran@cork.example.org", "maria@madrid.example.org"
LIKE = a_case(features=TERMS, genomic_features=[a_genomic_feature()])


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A case with a match here and one in Spain, and everything about it begun: told, asked, written, not yet done."""

    world: World
    other: Matchmaker  # the other process of Ireland, in which the case is withdrawn
    asker: Asker  # Spain, asking Ireland by itself
    case: CaseId
    here: CaseId  # alike, of another centre of Ireland
    there: CaseId  # alike, in Spain
    alias: str


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Begun]:
    with ExitStack() as stack:
        world = world_of(stack, tmp_path)
        other = stack.enter_context(closing(Matchmaker.open(world.ireland.settings)))
        case, here = submit(world.ireland, owner=AOIFE), submit(world.ireland, owner=BRAN)
        there = submit(world.spain, owner=MARIA)
        world.post.refusing = "451 later"  # mails stay to be sent
        world.settle()
        asker = Asker(app=server.create_app(world.ireland), token=nodes.issue_token(world.ireland, SPAIN, by=SYSTEM))
        asker.app.register_blueprint(beside.blueprint(world.ireland))
        yield _go_on(Begun(world=world, other=other, asker=asker, case=case, here=here, there=there, alias=""))


def _go_on(begun: Begun) -> Begun:
    """Let Spain ask and write, and Aoife write and change her case, so that each of these is still to be worked on."""
    ireland = begun.world.ireland
    conversation = conversation_of(begun)
    alias = relaying.alias_of(ireland, conversation)
    letter = {"id": "m1", "to": alias, "from": conversation.other_id, "reply_to": "", "text": "Shall we compare?"}
    told = begun.asker.post(
        json.dumps({"message": letter}).encode(),
        path="/federation/messages",
        headers={"Content-Type": "application/json"},
    )
    assert told.status_code == 200, told.text
    (to_spain,) = (m for m in matches_of(ireland, begun.case) if m.finding.node == SPAIN)
    contact.write(ireland, to_spain.id, "Dear colleague", by=SYSTEM)
    stored = cases.get(ireland, begun.case, by=SYSTEM)
    more = (*stored.case.features, a_feature("HP:0002521"))
    cases.edit(ireland, dataclasses.replace(stored.case, features=more), version=stored.version, by=SYSTEM)
    assert begun.case in told_of(begun, id_="S-9")
    return dataclasses.replace(begun, alias=alias)


def matches_of(mm: Matchmaker, case_id: CaseId) -> list[Match]:
    return [pair.match for pair in match_life.of_case(mm, case_id, by=SYSTEM)]


def told_of(begun: Begun, *, id_: str = "S-8") -> list[CaseId]:
    """Ask like Spain, and say which of our cases it is told of."""
    ours = {disclosure.peer_id_of(begun.world.ireland, case, SPAIN): case for case in (begun.case, begun.here)}
    genes = [{"gene": {"id": "PHGDH"}}]
    answer = begun.asker.match(a_patient(id=id_, features=[{"id": f.term} for f in TERMS], genomicFeatures=genes))
    return [ours[result["patient"]["id"]] for result in answer_of(answer)["results"]]


def conversation_of(begun: Begun) -> Conversation:
    other_id = disclosure.peer_id_of(begun.world.spain, begun.there, NodeName("IE"))
    return Conversation(case_id=begun.case, node=SPAIN, other_id=other_id)


def n_questions(mm: Matchmaker) -> int:
    with mm.reading() as db:
        return count(db, "exchanges WHERE direction = 'received' AND kind = 'match'")


def count(db: Connection, what: str) -> int:
    found: int = db.exec_driver_sql(f"SELECT count(*) FROM {what}").scalar_one()
    return found


@pytest.mark.slow
def test_withdrawn_case_is_found_asked_told_written_to_and_shown_on_no_path(begun: Begun, tmp_path: Path) -> None:
    ireland, spain, post = begun.world.ireland, begun.world.spain, begun.world.post
    app = create_app(ireland)
    cork, anybody = signed_in(app, BRAN, centre="Cork"), app.test_client()
    (match_here,) = (m.id for m in matches_of(ireland, begun.here) if m.finding.other_id == begun.case)
    # Each path leads to it while it should.
    assert begun.case in [result.case.id for result in matching.match(ireland, LIKE).results]
    assert cork.get(f"/matches/{match_here}").status_code == 200
    assert anybody.get(f"/relay/{begun.alias}").status_code == 200
    assert {m.finding.node for m in matches_of(spain, begun.there)} == {"IE"}
    n_asked = n_questions(spain)
    with ireland.reading() as db:
        waiting = [count(db, what) for what in ("work", "heard", "messages", "notifications WHERE mailed_at IS NULL")]
    assert all(waiting), waiting

    cases.withdraw(begun.other, begun.case, by=SYSTEM)
    post.refusing = None

    # Searches of our own users, of other nodes, and by what a search had found before.
    assert begun.case not in [result.case.id for result in matching.match(ireland, LIKE).results]
    assert told_of(begun) == [begun.here]
    # Recorded matches, here and on the other side; their pages; the relay; the API.
    assert {m.finding.node for m in matches_of(ireland, begun.here)} == {SPAIN}
    assert cork.get(f"/matches/{match_here}").status_code == 404
    assert anybody.get(f"/relay/{begun.alias}").status_code == 404
    with pytest.raises(NotFound):
        visiting.receive(ireland, begun.alias, "Hello?")
    headers = {"Authorization": f"Bearer {api_token(ireland, *Scope, email=BRAN, centre='Cork')}"}
    for path in (f"/api/v1/cases/{begun.case}", f"/api/v1/matches/{match_here}"):
        assert anybody.get(path, headers=headers).status_code == 404
    # A preview, and a search that somebody begins with it now.
    with pytest.raises(Forbidden):
        disclosure.preview(ireland, cases.get(ireland, begun.case, by=SYSTEM).case, nodes.show(ireland, SPAIN).node)
    progress = until(ireland, live_search.begin(ireland, begun.case, by=SYSTEM).search.id, n_answers=1)
    assert [row.state for row in progress.nodes] == ["not-shared"]
    # An export says that it is withdrawn, wherever it is read.
    file = tmp_path / "one.jsonl"
    exporting.export_lines([cases.get(ireland, begun.case, by=SYSTEM).case], file, ireland.release)
    assert json.loads(file.read_text())["_status"] == "withdrawn"

    # What was begun and is worked on only now: questions, requests heard, alerts, letters.
    begun.world.settle()
    assert n_questions(spain) == n_asked
    known_as = disclosure.peer_id_of(ireland, begun.case, SPAIN)
    assert known_as not in {m.finding.other_id for m in matches_of(spain, begun.there)}
    with ireland.reading() as db:
        letters = messages.of_conversation(db, conversation_of(begun))
    assert {(letter.by_us, letter.state) for letter in letters} == {(True, State.REFUSED), (False, State.SHOWN)}
    assert AOIFE not in post.recipients
    assert not any(match_here in mail.as_string() for mail in post.mails)
    assert all(alert.case_id != begun.case for alert in notifications.alerts(ireland, by=SYSTEM))


@pytest.mark.slow
def test_withdrawn_case_stays_so_where_its_export_is_read(begun: Begun, tmp_path: Path) -> None:
    cases.withdraw(begun.other, begun.case, by=SYSTEM)
    file = tmp_path / "all.jsonl"
    exporting.export_lines((one.case for one in cases.list_(begun.other, by=SYSTEM)), file, begun.other.release)
    spain = begun.world.spain

    import_paths(spain, [file], by=SYSTEM)

    brought = [one.case for one in cases.list_(spain, by=SYSTEM) if one.case.owner == AOIFE]
    assert [case.status for case in brought] == [Status.WITHDRAWN]
    assert matching.match(spain, LIKE, asker=None).results
    assert all(result.case.owner != AOIFE for result in matching.match(spain, LIKE).results)
