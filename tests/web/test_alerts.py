"""Being told on the pages: news since the last visit, mails, what was taken back, what is shared where."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace

import pytest
from flask import Flask

from federation import case_notices, nodes
from matchmaker import cases, freshness, match_life, notifications, recording
from matchmaker.actors import SYSTEM
from matchmaker.freshness import Outdated
from matchmaker.model import CaseId, Disclosure, NodeName, Score
from matchmaker.service import Matchmaker
from matchmaker.store import matches, sent_cases
from matchmaker.store.matches import Finding, MatchStatus
from matchmaker.store.notifications import Choice
from tests.builders import a_feature
from tests.federation.worlds import register
from tests.web.browsers import ADDRESS, signed_in, submit
from tests.web.test_matches import HERS, best, stored

SPAIN = NodeName("spain")


@pytest.fixture
def case_id(app: Flask, sqlite_mm: Matchmaker) -> CaseId:
    """A case of Dublin that resembles one of Cork."""
    signed_in(app)
    ours = stored(sqlite_mm, ADDRESS, "Martin")
    stored(sqlite_mm, HERS, "hers")
    recording.match_case(sqlite_mm, ours)
    return ours


def only_pair(mm: Matchmaker, case_id: CaseId) -> match_life.Pair:
    (pair,) = match_life.of_case(mm, case_id, by=SYSTEM)
    return pair


def test_new_match_is_counted_listed_and_opened(app: Flask, case_id: CaseId) -> None:
    browser = signed_in(app)
    listed = browser.get("/alerts").text
    assert 'News <span class="badge' in listed
    assert "Martin resembles a case of our node" in listed
    assert "hers" not in listed
    assert "· new" not in listed  # the badge says it

    address = listed.split('href="/alerts/')[1].split('"')[0]
    alert = browser.get(f"/alerts/{address}").text
    assert "just now, for the first time" in alert
    assert "PHGDH" in alert
    assert 'News <span class="badge' not in browser.get("/alerts").text
    assert signed_in(app, HERS, centre="Cork").get(f"/alerts/{address}").status_code == 404


def test_news_of_one_day_come_strongest_first(app: Flask, sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    stored(sqlite_mm, HERS, "told later, and weaker", genomic_features=[])
    recording.match_case(sqlite_mm, case_id)

    listed = signed_in(app).get("/alerts").text

    assert 0 < listed.index("PHGDH") < listed.index("findings only")


def test_everything_can_be_marked_as_seen_and_the_match_stays_new(
    app: Flask, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    browser = signed_in(app)

    assert submit(browser, "/alerts/seen", page="/alerts").status_code == 303

    assert 'News <span class="badge' not in browser.get("/alerts").text
    assert only_pair(sqlite_mm, case_id).match.status is MatchStatus.NEW


def test_mails_are_chosen_where_one_reads_what_they_are(app: Flask, sqlite_mm: Matchmaker) -> None:
    browser = signed_in(app)
    assert "Nothing yet" in browser.get("/alerts").text

    submit(browser, "/alerts/mails", page="/alerts", mails="off")
    submit(browser, "/alerts/mails", page="/alerts", mails="hourly")

    assert notifications.choice_of(sqlite_mm, ADDRESS) is Choice.OFF


def test_match_that_was_set_aside_is_no_news_and_is_listed_with_its_reason(app: Flask, case_id: CaseId) -> None:
    browser = signed_in(app)
    address, _ = best(app, case_id)
    submit(browser, f"{address}/status", page=address, status="dismissed", reason="<b>another</b> disease")

    assert "Martin resembles" not in browser.get("/alerts").text
    assert "set aside: &lt;b&gt;another&lt;/b&gt; disease" in browser.get("/matches?show=aside").text


def test_what_a_node_took_back_is_told_on_the_page(app: Flask, sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    register(sqlite_mm, SPAIN, None)
    score = Score(total=0.5, phenotype=0.5, genotype=0.0)
    patient = {
        "id": "S-1",
        "contact": {"name": "x", "href": "mailto:x@example.org"},
        "features": [{"id": "HP:0001250"}],
    }
    told = json.dumps({"patient": patient, "partial": True})
    finding = Finding(
        case_id=case_id, node=SPAIN, other_id="S-1", score=score, release="r", scoring="s", calibration="c", told=told
    )
    with sqlite_mm.transaction() as db:
        matches.record(db, finding, at=dt.datetime.now(dt.UTC))
    node = nodes.show(sqlite_mm, SPAIN).node
    case_notices.receive(sqlite_mm, node, b'{"notice": {"id": "1", "kind": "erasure", "case": "S-1"}}')

    page = signed_in(app).get("/alerts").text

    assert "erased a case that resembled Martin; the match is gone" in page
    assert "erased" not in signed_in(app, HERS, centre="Cork").get("/alerts").text


def test_match_found_before_the_case_changed_says_so_and_can_be_looked_at_again(
    app: Flask, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    one = cases.get(sqlite_mm, case_id, by=SYSTEM)
    assert freshness.of_pair(sqlite_mm, only_pair(sqlite_mm, case_id)) == ()
    changed = replace(one.case, features=(*one.case.features, a_feature("HP:0001263")))
    cases.edit(sqlite_mm, changed, version=one.version, by=SYSTEM)
    assert freshness.of_pair(sqlite_mm, only_pair(sqlite_mm, case_id)) == (Outdated.CASE,)
    address, page = best(app, case_id)
    assert "Your case was changed since" in page.text
    assert "outdated" in page.text

    browser = signed_in(app)

    submit(browser, f"{address}/again", page=address)

    now = browser.get(address).text
    assert "It was found again" in now
    assert 'id="outdated"' not in now


def test_match_that_is_not_found_any_more_stays_with_its_date(
    app: Flask, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    one = cases.get(sqlite_mm, case_id, by=SYSTEM)
    other = replace(one.case, features=(a_feature("HP:0000365"),), genomic_features=())
    cases.edit(sqlite_mm, other, version=one.version, by=SYSTEM)
    address, _ = best(app, case_id)

    browser = signed_in(app)

    submit(browser, f"{address}/again", page=address)

    assert "It is not found any more" in browser.get(address).text


def test_match_of_another_release_says_with_which_it_was_computed(sqlite_mm: Matchmaker, case_id: CaseId) -> None:
    pair = only_pair(sqlite_mm, case_id)
    older = replace(pair, match=replace(pair.match, finding=replace(pair.match.finding, release="2020-01-01")))

    assert freshness.of_pair(sqlite_mm, older) == (Outdated.RELEASE,)


def test_what_is_shared_where_names_every_node_and_what_it_holds(
    app: Flask, sqlite_mm: Matchmaker, case_id: CaseId
) -> None:
    register(sqlite_mm, SPAIN, None)
    at = dt.datetime.now(dt.UTC)
    with sqlite_mm.transaction() as db:
        sent_cases.record(db, case_id, nodes=[SPAIN, NodeName("gone")], level=Disclosure.GENE, at=at)
    browser = signed_in(app)

    assert "gone, spain" in browser.get("/sharing").text
    shown = browser.get(f"/cases/{case_id}/sharing").text
    assert "1 times, last" in shown
    assert "this node was removed" in shown
    assert "no: its level does not reach that node" in shown
    assert signed_in(app, HERS, centre="Cork").get(f"/cases/{case_id}/sharing").status_code == 404
