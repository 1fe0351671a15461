"""What a centre does with a match: look, note, confirm, set aside; and what brings it back."""

from __future__ import annotations

from dataclasses import replace

import pytest

from federation import opened
from matchmaker import cases, match_life, recording
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, NotFound
from matchmaker.match_life import Pair
from matchmaker.model import CaseId, Consent, Disclosure, Sharing
from matchmaker.service import Matchmaker
from matchmaker.store.matches import MatchStatus
from tests.builders import a_case, a_feature, a_genomic_feature

AOIFE = User(email="aoife@dublin.example.org", role=Role.CLINICIAN)
BRAN = User(email="bran@cork.example.org", role=Role.CLINICIAN)
SHARED = {"sharing": Sharing.NATIONAL, "consent": Consent(basis="consent")}
FINDINGS = [a_feature("HP:0000252"), a_feature("HP:0001250"), a_feature("HP:0002521")]


def submitted(mm: Matchmaker, owner: User, **fields: object) -> CaseId:
    content = {"features": FINDINGS, "genomic_features": [a_genomic_feature(gene="HGNC:8923")], **SHARED, **fields}
    return cases.submit(mm, a_case(owner=owner.email, **content), by=SYSTEM).case_id


@pytest.fixture
def pair(mm: Matchmaker) -> Pair:
    """The match of Aoife's case with Bran's."""
    hers = submitted(mm, AOIFE, label="canary of hers")
    submitted(mm, BRAN, label="canary of his", notes="canary", disclosure=Disclosure.GENE)
    recording.match_case(mm, hers)
    (found,) = match_life.of_case(mm, hers, by=AOIFE)
    return found


def test_each_centre_has_its_own_side_of_a_match(mm: Matchmaker, pair: Pair) -> None:
    his = pair.match.finding.other_id
    match_life.move(mm, pair.match.id, MatchStatus.CONFIRMED, by=AOIFE)

    (back,) = match_life.of_case(mm, CaseId(his), by=BRAN)

    assert back.match.status is MatchStatus.NEW
    assert match_life.get(mm, pair.match.id, by=AOIFE).match.status is MatchStatus.CONFIRMED


def test_others_have_no_such_match(mm: Matchmaker, pair: Pair) -> None:
    for act in (
        lambda: match_life.get(mm, pair.match.id, by=BRAN),
        lambda: match_life.look(mm, pair.match.id, by=BRAN),
        lambda: match_life.note(mm, pair.match.id, "mine now", by=BRAN),
        lambda: match_life.move(mm, pair.match.id, MatchStatus.CONFIRMED, by=BRAN),
        lambda: match_life.history(mm, pair.match.id, by=BRAN),
    ):
        with pytest.raises((NotFound, Forbidden)):
            act()
    assert match_life.get(mm, pair.match.id, by=AOIFE).match.status is MatchStatus.NEW


def test_what_was_done_is_kept_with_who_did_it(mm: Matchmaker, pair: Pair) -> None:
    match_life.look(mm, pair.match.id, by=AOIFE)
    match_life.look(mm, pair.match.id, by=AOIFE)
    match_life.note(mm, pair.match.id, "Ask for serine.", by=AOIFE)
    match_life.move(mm, pair.match.id, MatchStatus.DISMISSED, reason="Another gene explains her.", by=AOIFE)

    history = match_life.history(mm, pair.match.id, by=AOIFE)

    assert [(event.status, event.text) for event in history] == [
        (MatchStatus.SEEN, ""),
        (None, "Ask for serine."),
        (MatchStatus.DISMISSED, "Another gene explains her."),
    ]
    assert {event.by for event in history} == {AOIFE.email}


def test_match_is_set_aside_with_a_reason_only(mm: Matchmaker, pair: Pair) -> None:
    with pytest.raises(Invalid, match="reason"):
        match_life.move(mm, pair.match.id, MatchStatus.DISMISSED, reason="  ", by=AOIFE)
    with pytest.raises(Invalid, match="status"):
        match_life.move(mm, pair.match.id, MatchStatus.NEW, by=AOIFE)
    with pytest.raises(Invalid, match="text"):
        match_life.note(mm, pair.match.id, "", by=AOIFE)
    with pytest.raises(Invalid, match="4,001"):
        match_life.note(mm, pair.match.id, "x" * 4001, by=AOIFE)


@pytest.mark.parametrize("whose", ["ours", "theirs"])
def test_set_aside_match_comes_back_when_a_case_changes(mm: Matchmaker, pair: Pair, whose: str) -> None:
    match_life.move(mm, pair.match.id, MatchStatus.DISMISSED, reason="No.", by=AOIFE)
    case_id = pair.stored.case.id if whose == "ours" else CaseId(pair.match.finding.other_id)
    stored = cases.get(mm, case_id, by=SYSTEM)

    more = (*stored.case.features, a_feature("HP:0001263"))
    cases.edit(mm, replace(stored.case, features=more), version=stored.version, by=SYSTEM)

    assert match_life.get(mm, pair.match.id, by=AOIFE).match.status is MatchStatus.NEW


def test_match_with_a_case_that_became_private_is_gone(mm: Matchmaker, pair: Pair) -> None:
    stored = cases.get(mm, CaseId(pair.match.finding.other_id), by=SYSTEM)
    cases.edit(mm, replace(stored.case, sharing=Sharing.PRIVATE), version=stored.version, by=SYSTEM)

    assert match_life.of_case(mm, pair.stored.case.id, by=AOIFE) == []
    with pytest.raises(NotFound):
        match_life.get(mm, pair.match.id, by=AOIFE)


def test_case_of_another_centre_is_opened_at_its_level_and_no_further(mm: Matchmaker, pair: Pair) -> None:
    (shown,) = opened.open_all(mm, [pair], by=AOIFE)

    assert shown.finding.case.features == ()
    assert [feature.gene for feature in shown.finding.case.genomic_features] == ["HGNC:8923"]
    assert shown.finding.score == pair.match.finding.score
    assert "canary" not in repr(shown.finding.case)
    assert BRAN.email not in repr(shown.finding.case)


def test_case_of_the_own_centre_is_opened_whole(mm: Matchmaker) -> None:
    one, other = submitted(mm, AOIFE), submitted(mm, AOIFE, label="the other one")
    recording.match_case(mm, one)

    (shown,) = opened.open_all(mm, match_life.of_case(mm, one, by=AOIFE), by=AOIFE)

    assert shown.own
    assert (shown.finding.case.id, shown.finding.case.label) == (other, "the other one")


def test_colleague_who_was_told_of_nothing_looks_at_a_match_of_the_centre(mm: Matchmaker, pair: Pair) -> None:
    colleague = replace(AOIFE, email="second@dublin.example.org", colleagues=frozenset({AOIFE.email}))

    match_life.look(mm, pair.match.id, by=colleague)

    assert match_life.get(mm, pair.match.id, by=colleague).match.status is MatchStatus.SEEN


def test_best_of_the_newest_day_comes_first_and_the_rest_is_counted(mm: Matchmaker) -> None:
    mine = [submitted(mm, AOIFE, label=name, features=FINDINGS[:n]) for n, name in ((3, "all"), (1, "few"))]
    for case_id in (submitted(mm, BRAN), *mine):
        recording.match_case(mm, case_id)
    stored = list(cases.list_(mm, by=AOIFE))

    both, none_left = match_life.of_cases(mm, stored, most=10, by=AOIFE)
    best, one_left = match_life.of_cases(mm, stored, most=1, by=AOIFE)

    totals = [pair.match.finding.score.total for pair in both]
    assert totals == sorted(totals, reverse=True)
    assert (len(both), none_left) == (4, 0)
    assert (best, one_left) == (both[:1], 3)
