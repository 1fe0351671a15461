from __future__ import annotations

import datetime as dt
from dataclasses import fields, replace

import pytest

from matchmaker.errors import NotFound, Unavailable
from matchmaker.model import Case, CaseId, NodeName, Score
from matchmaker.service import Matchmaker
from matchmaker.store import cases, matches
from matchmaker.store.matches import Finding, MatchStatus
from tests.builders import a_case, a_score

NOW = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=400)


@pytest.fixture
def ours(mm: Matchmaker) -> list[Case]:
    stored = [a_case() for _ in range(3)]
    with mm.transaction() as db:
        cases.insert_all(db, stored, at=NOW)
    return stored


def full_finding(case_id: CaseId) -> Finding:
    return Finding(
        case_id=case_id,
        other_id="ES-1",
        node=NodeName("spain"),
        asked_by_us=False,
        score=Score(total=0.75, phenotype=0.5, genotype=1 / 3),
        release="2025-01-16",
        scoring="R-1",
        calibration="R-1/2025",
        phenotype_ratio=4.5,
        gene_ratio=-0.6,
        n_searched=4_946,
        told='{"patient": {"label": "Señor"}}',
    )


def a_finding(case: Case, other: Case, *, total: float = 0.5) -> Finding:
    return Finding(case_id=case.id, other_id=other.id, score=a_score(total), release="r", scoring="s", calibration="c")


def record(mm: Matchmaker, *findings: Finding, at: dt.datetime = NOW) -> None:
    with mm.transaction() as db:
        for finding in findings:
            matches.record(db, finding, at=at)


def test_every_field_of_a_finding_comes_back(mm: Matchmaker, ours: list[Case]) -> None:
    finding = full_finding(ours[0].id)
    assert all(getattr(finding, field.name) != field.default for field in fields(Finding))

    record(mm, finding)

    with mm.reading() as db:
        (match,) = matches.of_case(db, ours[0].id)
        assert match.finding == finding
        assert (match.status, match.first_seen, match.last_seen) == (MatchStatus.NEW, NOW, NOW)
        assert matches.get(db, match.id) == match


def test_question_of_theirs_leaves_how_likely_our_search_found_the_pair(mm: Matchmaker, ours: list[Case]) -> None:
    searched = full_finding(ours[0].id)
    record(mm, searched)

    record(mm, replace(searched, n_searched=None, phenotype_ratio=None, gene_ratio=None))

    with mm.reading() as db:
        (match,) = matches.of_case(db, ours[0].id)
    assert match.finding == searched


def test_same_pair_again_is_one_match_with_its_life_kept(mm: Matchmaker, ours: list[Case]) -> None:
    record(mm, a_finding(ours[0], ours[1], total=0.4))
    with mm.transaction() as db:
        (before,) = matches.of_case(db, ours[0].id)
        matches.set_status(db, before.id, MatchStatus.CONTACTED)

    record(mm, a_finding(ours[0], ours[1], total=0.6), at=LATER)

    with mm.reading() as db:
        (after,) = matches.of_case(db, ours[0].id)
    assert (after.id, after.status, after.first_seen) == (before.id, MatchStatus.CONTACTED, NOW)
    assert (after.finding.score.total, after.last_seen) == (0.6, LATER)


def test_same_id_of_two_nodes_is_two_cases(mm: Matchmaker, ours: list[Case]) -> None:
    spanish = full_finding(ours[0].id)

    record(mm, spanish, replace(spanish, node=NodeName("finland")))

    with mm.reading() as db:
        assert len(matches.of_case(db, ours[0].id)) == matches.count(db) == 2


def test_matches_come_best_first(mm: Matchmaker, ours: list[Case]) -> None:
    record(mm, a_finding(ours[0], ours[1], total=0.4), a_finding(ours[0], ours[2], total=0.9))

    with mm.reading() as db:
        found = matches.of_case(db, ours[0].id)

    assert [match.finding.other_id for match in found] == [ours[2].id, ours[1].id]


@pytest.mark.slow
def test_match_of_a_case_that_is_gone_is_not_recorded(mm: Matchmaker, ours: list[Case]) -> None:
    with pytest.raises(Unavailable, match="somebody else changed the same"):
        record(mm, a_finding(a_case(), ours[0]))
    with pytest.raises(Unavailable, match="somebody else changed the same"):
        record(mm, a_finding(ours[0], a_case()))


def test_unknown_match_is_not_found(mm: Matchmaker) -> None:
    with mm.transaction() as db:
        with pytest.raises(NotFound):
            matches.get(db, "none")
        with pytest.raises(NotFound):
            matches.set_status(db, "none", MatchStatus.CONFIRMED)


def test_what_nodes_told_is_forgotten_unless_confirmed(mm: Matchmaker, ours: list[Case]) -> None:
    kept, dropped = full_finding(ours[0].id), full_finding(ours[1].id)
    record(mm, kept, dropped, a_finding(ours[0], ours[1]))
    with mm.transaction() as db:
        (match,) = (match for match in matches.of_case(db, ours[0].id) if match.finding.node)
        matches.set_status(db, match.id, MatchStatus.CONFIRMED)

        assert matches.forget_of_nodes_before(db, NOW) == 0
        assert matches.forget_of_nodes_before(db, LATER) == 1
        assert len(matches.of_case(db, ours[0].id)) == 2
        assert matches.of_case(db, ours[1].id) == []
