"""The match page: why, how strong, who, what next; what became of a match; nothing of other centres."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from federation import opened
from matchmaker import cases, match_life, recording
from matchmaker.actors import SYSTEM
from matchmaker.model import CaseId, Consent, Contact, NodeName, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store import searches
from matchmaker.store.matches import MatchStatus
from matchmaker.store.searches import NodeRow
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.worlds import register
from tests.web.browsers import ADDRESS, signed_in, submit
from web import asking, match_list, match_page

HERS = "bran@cork.example.org"
EVIL = '"><script>alert(1)</script>'


def stored(mm: Matchmaker, owner: str, label: str, **fields: object) -> CaseId:
    content = {
        "features": [a_feature("HP:0000252"), a_feature("HP:0001250"), a_feature("HP:0002521")],
        "genomic_features": [a_genomic_feature(gene="HGNC:8923")],
        "sharing": Sharing.NATIONAL,
        "consent": Consent(basis="consent"),
        **fields,
    }
    return cases.submit(mm, a_case(owner=owner, label=label, **content), by=SYSTEM).case_id


@pytest.fixture
def case_id(sqlite_mm: Matchmaker) -> CaseId:
    """A case of Dublin with one match, of another centre whose texts are hostile."""
    hers = Contact(name=EVIL, institution=EVIL, href="javascript:alert(1)", opened=True)
    ours = stored(sqlite_mm, ADDRESS, "Martin")
    stored(sqlite_mm, HERS, "Canary", notes="canary", contact=hers)
    recording.match_case(sqlite_mm, ours)
    return ours


def best(app: Flask, case_id: CaseId) -> tuple[str, TestResponse]:
    browser = signed_in(app)
    answer = browser.get(f"/cases/{case_id}/matches")
    return answer.location, browser.get(answer.location)


@pytest.mark.slow
def test_match_page_says_why_how_strong_who_and_what_next(app: Flask, case_id: CaseId) -> None:
    _, page = best(app, case_id)

    assert page.status_code == 200
    for text in ("Why", "How strong", "Who", "What next", "PHGDH", "Hypsarrhythmia", "(HP:0002521)", "Martin"):
        assert text in page.text
    assert "Canary" not in page.text
    assert "canary" not in page.text
    assert HERS not in page.text


def test_what_another_centre_wrote_does_not_become_markup_or_script(app: Flask, case_id: CaseId) -> None:
    _, page = best(app, case_id)

    assert "<script>alert" not in page.text
    assert "javascript:" not in page.text


def test_looking_at_a_match_makes_it_no_longer_new(app: Flask, case_id: CaseId) -> None:
    browser = signed_in(app)
    assert "1 new" in browser.get("/cases/").text

    best(app, case_id)

    assert "1 new" not in browser.get("/cases/").text
    assert "looked at" in browser.get("/matches").text


@pytest.mark.slow
def test_match_is_confirmed_noted_and_set_aside(app: Flask, case_id: CaseId) -> None:
    address, _ = best(app, case_id)
    browser = signed_in(app)

    submit(browser, f"{address}/status", page=address, status="confirmed", reason="")
    submit(browser, f"{address}/notes", page=address, text="Ask for serine.")
    page = browser.get(address).text
    assert "Ask for serine." in page
    assert "confirmed" in page

    refused = submit(browser, f"{address}/status", page=address, status="dismissed", reason="")
    assert refused.status_code == 422
    assert "say in a few words why" in refused.text

    submit(browser, f"{address}/status", page=address, status="dismissed", reason="Another gene.")
    assert "Nothing here" in browser.get("/matches").text
    assert "PHGDH" in browser.get("/matches?show=aside").text


@pytest.mark.slow
def test_status_that_is_none_is_refused_beside_the_field(app: Flask, case_id: CaseId) -> None:
    address, _ = best(app, case_id)

    for status in ("new", "married", ""):
        answer = submit(signed_in(app), f"{address}/status", page=address, status=status, reason="x")
        assert answer.status_code == 422
        assert "choose another one" in answer.text


@pytest.mark.slow
def test_others_see_no_such_match(app: Flask, case_id: CaseId) -> None:
    address, _ = best(app, case_id)
    stranger = signed_in(app, "eve@galway.example.org", centre="Galway")

    assert stranger.get(address).status_code == 404
    assert stranger.get(f"/cases/{case_id}").status_code == 404
    assert stranger.get(f"/cases/{case_id}/matches").status_code == 404
    assert stranger.get(f"/cases/{case_id}/matches.csv").status_code == 404


def test_case_without_matches_says_what_to_do(app: Flask, sqlite_mm: Matchmaker) -> None:
    alone = stored(sqlite_mm, ADDRESS, "Alone", sharing=Sharing.PRIVATE)

    page = signed_in(app).get(f"/cases/{alone}/matches")

    assert page.status_code == 200
    assert "standing search" in page.text


def test_centre_without_cases_is_told_what_this_page_is_for(app: Flask) -> None:
    assert "no case here yet" in signed_in(app).get("/matches").text
    assert "no case here yet" in signed_in(app).get("/cases/").text


def test_list_as_csv_has_no_formula(app: Flask, sqlite_mm: Matchmaker) -> None:
    ours = stored(sqlite_mm, ADDRESS, "=HYPERLINK(1)")
    stored(sqlite_mm, HERS, "other")
    recording.match_case(sqlite_mm, ours)

    answer = signed_in(app).get(f"/cases/{ours}/matches.csv")

    assert answer.mimetype == "text/csv"
    header, row, *_, last = answer.text.splitlines()
    assert header.startswith("case,node")
    assert row.startswith("'=HYPERLINK")
    assert "Not for decisions" in last


def test_filters_count_what_they_would_show(app: Flask, case_id: CaseId, sqlite_mm: Matchmaker) -> None:
    best(app, case_id)
    (pair,) = match_life.of_case(sqlite_mm, case_id, by=SYSTEM)
    with app.test_request_context():
        entries = [match_page.entry(one, sqlite_mm.release) for one in opened.open_all(sqlite_mm, [pair], by=SYSTEM)]
        narrowed = match_list.narrow(entries, kind="gene", node="nowhere")

    assert pair.match.status is MatchStatus.SEEN
    assert {kind.value: kind.n for kind in narrowed.kinds} == {
        "open": 1,
        "new": 0,
        "gene": 1,
        "findings": 0,
        "confirmed": 0,
        "aside": 0,
    }
    assert len(narrowed.entries) == 1


@pytest.mark.slow
def test_letter_reaches_the_other_centre_and_its_answer_comes_back(app: Flask, sqlite_mm: Matchmaker) -> None:
    ours = stored(sqlite_mm, ADDRESS, "Martin")
    theirs = stored(sqlite_mm, HERS, "hers")
    recording.match_case(sqlite_mm, ours)
    address, page = best(app, ours)
    assert "Dear colleague" in page.text

    submit(signed_in(app), f"{address}/letters", page=address, letter="Is her serine low?")

    bran = signed_in(app, HERS, centre="Cork")
    there = bran.get(f"/cases/{theirs}/matches").location
    assert "Is her serine low?" in bran.get(there).text
    submit(bran, f"{there}/letters", page=there, letter="It is.")
    ours_now = signed_in(app).get(address).text
    assert "It is." in ours_now
    assert HERS not in ours_now


def test_empty_letter_is_refused_beside_the_field(app: Flask, case_id: CaseId) -> None:
    address, _ = best(app, case_id)

    answer = submit(signed_in(app), f"{address}/letters", page=address, letter=" ")

    assert answer.status_code == 422
    assert 'id="letter-error"' in answer.text


@pytest.mark.slow
def test_all_nodes_are_asked_while_one_watches(app: Flask, case_id: CaseId, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)

    register(sqlite_mm, "Nowhere", "http://127.0.0.1:9/mme")
    address = browser.get(f"/cases/{case_id}/matches").location

    back = submit(browser, f"/cases/{case_id}/ask?match={address.rpartition('/')[2]}", page=address).location

    assert back == f"{address}#asked"
    page = browser.get(address).text
    assert "Nowhere" in page[page.index('id="asked-nodes"') : page.index('id="listed"')]
    progress = browser.get(f"/cases/{case_id}/asked").get_json()
    assert "Nowhere" in progress["nodes"]
    assert [f"/matches/{match_id}" for match_id in progress["matches"]] == [address]
    assert f'href="{address}"' in browser.get(f"/cases/{case_id}/matches/list").text
    stranger = signed_in(app, "eve@galway.example.org", centre="Galway")
    for theirs in ("asked", "matches/list"):
        assert stranger.get(f"/cases/{case_id}/{theirs}").status_code == 404


def test_what_became_of_each_node_is_said_with_the_reason_and_failures_first(
    app: Flask, case_id: CaseId, sqlite_mm: Matchmaker
) -> None:
    at = dt.datetime.now(dt.UTC)
    names = [NodeName(name) for name in ("Austria", "Belgium", "Cyprus", "Denmark")]
    with sqlite_mm.transaction() as db:
        begun = {"at": at - dt.timedelta(seconds=6), "ends_at": at + dt.timedelta(minutes=1)}
        search = searches.begin(db, case_id, nodes=names, **begun)
        answered = NodeRow(node=names[0], state="answered", seconds=0.44, n_results=2, n_dropped=1)
        searches.settle(db, search.id, answered)
        searches.settle(db, search.id, NodeRow(node=names[1], state="unreachable", error="Belgium: no such host"))
        searches.settle(db, search.id, NodeRow(node=names[3], state="not-shared"))
    with app.test_request_context():
        found = asking.overview(sqlite_mm, cases.get(sqlite_mm, case_id, by=SYSTEM).case, by=SYSTEM)["asking"]

    assert [(row.node, row.said) for row in found.rows] == [
        ("Belgium", "not reachable: no such host"),
        ("Cyprus", "slow: no answer after 6 s"),
        ("Austria", "answered (2) in 0.4 s; 1 of its results could not be read"),
        ("Denmark", "not asked: the case is not shared with it"),
    ]
    assert (found.said, found.done) == ("answered: 1, did not answer: 1, still asked: 1", False)


@pytest.mark.slow
def test_confirmed_match_is_seen_as_such_by_both_centres(app: Flask, sqlite_mm: Matchmaker) -> None:
    ours = stored(sqlite_mm, ADDRESS, "Martin")
    theirs = stored(sqlite_mm, HERS, "hers")
    recording.match_case(sqlite_mm, ours)
    address, _ = best(app, ours)

    submit(signed_in(app), f"{address}/status", page=address, status="confirmed")

    bran = signed_in(app, HERS, centre="Cork")
    there = bran.get(f"/cases/{theirs}/matches").location
    shown = bran.get(there).text
    assert 'id="confirmed-there"' in shown
    assert "they confirmed" in bran.get("/matches").text
    assert ADDRESS not in shown
    submit(bran, f"{there}/status", page=there, status="confirmed")
    assert "confirmed by both sides" in signed_in(app).get(address).text
