from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker import adoption, cases, releases
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden
from matchmaker.impact import compare
from matchmaker.model import CaseId, Sharing
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature
from tests.ontology.files import OBO, newer_obo, write_release

OLD, NEW = "2031-02-03", "2032-02-03"
MYOCLONIC, SEIZURE, SMALL_HEAD = "HP:0002123", "HP:0001250", "HP:0000252"


@pytest.fixture
def node(sqlite_mm: Matchmaker, tmp_path: Path) -> Matchmaker:
    for name, obo in (("older", OBO), ("newer", newer_obo())):
        releases.import_files(sqlite_mm.settings, write_release(tmp_path / name, obo=obo))
    return sqlite_mm


def store(mm: Matchmaker, *terms: str, owner: str = "owner@example.org", sharing: Sharing = Sharing.EEA) -> CaseId:
    case = a_case(owner=owner, sharing=sharing, features=[a_feature(term) for term in terms])
    return cases.submit(mm, case, by=SYSTEM).case_id


def test_cases_that_use_a_changed_term_are_named(node: Matchmaker) -> None:
    touched, untouched = store(node, MYOCLONIC, SEIZURE), store(node, SEIZURE)

    found = compare(node, OLD, NEW, by=SYSTEM)

    terms = {one.case_id: one.terms for one in found.cases}
    assert found.n_cases == 2
    assert terms[touched] == (MYOCLONIC,)
    assert terms.get(untouched, ()) == ()


def test_match_that_goes_is_shown_with_its_rank_and_score(node: Matchmaker) -> None:
    one, other = store(node, MYOCLONIC), store(node, MYOCLONIC)

    found = {impact.case_id: impact for impact in compare(node, OLD, NEW, by=SYSTEM).cases}

    (place,) = found[one].places
    assert (place.other, place.rank_before, place.rank_after) == (other, 1, None)
    assert place.score_before == pytest.approx(1.0)
    assert place.score_after is None
    assert (found[one].n_entering, found[one].n_leaving, found[one].another_is_first) == (0, 1, True)


def test_comparing_backwards_lets_it_come(node: Matchmaker) -> None:
    one, _ = store(node, MYOCLONIC), store(node, MYOCLONIC)

    found = {impact.case_id: impact for impact in compare(node, NEW, OLD, by=SYSTEM).cases}

    assert (found[one].n_entering, found[one].n_leaving) == (1, 0)


def test_release_compared_with_itself_touches_no_case(node: Matchmaker) -> None:
    store(node, MYOCLONIC), store(node, MYOCLONIC)

    assert compare(node, OLD, OLD, by=SYSTEM).cases == ()


def test_private_cases_of_two_owners_are_no_match_to_lose(node: Matchmaker) -> None:
    store(node, MYOCLONIC, owner="one@example.org", sharing=Sharing.PRIVATE)
    store(node, MYOCLONIC, owner="other@example.org")

    assert all(impact.places == () for impact in compare(node, OLD, NEW, by=SYSTEM).cases)


def test_comparing_changes_nothing(node: Matchmaker) -> None:
    store(node, MYOCLONIC)
    before = node.release.checksum

    compare(node, OLD, NEW, by=SYSTEM)

    assert adoption.in_use(node).checksum == before
    assert node.follow() is False


def test_without_cases_only_the_releases_are_compared(node: Matchmaker) -> None:
    store(node, MYOCLONIC)

    found = compare(node, OLD, NEW, by=User(email="a@example.org", role=Role.CLINICIAN), with_cases=False)

    assert found.diff.n_terms
    assert (found.n_cases, found.cases) == (0, ())
    with pytest.raises(Forbidden):
        compare(node, OLD, NEW, by=User(email="a@example.org", role=Role.CLINICIAN))
