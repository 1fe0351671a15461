from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from matchmaker import adoption, audit, cases, matching, releases, worker
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden, Invalid, ReleaseError
from matchmaker.following import following
from matchmaker.model import CaseId
from matchmaker.service import Matchmaker
from matchmaker.store import matches, work
from matchmaker.store.audit import entries
from matchmaker.store.work import Kind
from ontology.releases import Release
from tests.builders import a_case, a_feature
from tests.ontology.files import newer_obo, write_release

OLD, NEW = "2031-02-03", "2032-02-03"
MYOCLONIC, SEIZURE, SMALL_HEAD = "HP:0002123", "HP:0001250", "HP:0000252"


@pytest.fixture
def imported(mm: Matchmaker, tmp_path: Path) -> tuple[Release, Release]:
    """Two small releases in the home, of which none is in use yet."""
    older = releases.import_files(mm.settings, write_release(tmp_path / "older"))
    return older, releases.import_files(mm.settings, write_release(tmp_path / "newer", obo=newer_obo()))


@contextmanager
def another_process(mm: Matchmaker) -> Iterator[Matchmaker]:
    opened = Matchmaker.open(mm.settings)
    yield opened
    opened.close()


def store(mm: Matchmaker, *terms: str) -> CaseId:
    return cases.submit(mm, a_case(features=[a_feature(term) for term in terms]), by=SYSTEM).case_id


def best(mm: Matchmaker, *terms: str) -> list[CaseId]:
    query = a_case(features=[a_feature(term) for term in terms])
    return [result.case.id for result in matching.match(mm.pinned(), query).results]


def test_process_that_starts_later_uses_the_adopted_release(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    adopted = adoption.adopt(mm, OLD, by=SYSTEM)

    with another_process(mm) as later:
        assert later.release.checksum == adopted.release.checksum == imported[0].checksum


def test_running_process_changes_over_when_it_follows_and_not_before(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    store(mm, SEIZURE)
    before = mm.index()
    adoption.adopt(mm, NEW, by=SYSTEM)
    assert mm.index() is before

    assert mm.follow() is True

    assert mm.release.id == NEW
    assert mm.index().scorer.version.endswith(NEW)
    assert len(mm.index()) == 1
    assert mm.follow() is False


def test_request_that_began_before_ends_with_the_same_release(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    store(mm, SEIZURE)
    request = mm.pinned()
    shipped = request.release
    adoption.adopt(mm, NEW, by=SYSTEM)
    mm.follow()
    added = store(mm, SEIZURE)

    assert request.release is shipped
    assert added in best(request, SEIZURE)
    assert mm.pinned().release.id == NEW


@pytest.mark.slow
def test_thread_takes_up_what_another_process_adopted(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    assert mm.release.id not in {OLD, NEW}
    changed = threading.Event()
    with following(mm, then=changed.set), another_process(mm) as curator:
        adoption.adopt(curator, OLD, by=SYSTEM)

        assert changed.wait(20.0)
    assert mm.release.id == OLD


def test_adopting_again_changes_nothing(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    store(mm, SEIZURE)
    first, second = adoption.adopt(mm, OLD, by=SYSTEM), adoption.adopt(mm, OLD, by=SYSTEM)

    assert (first.changed, first.n_cases) == (True, 1)
    assert (second.changed, second.n_cases) == (False, 0)


def test_rolling_back_uses_the_release_before_and_twice_goes_forward(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    shipped = mm.release.id
    adoption.adopt(mm, NEW, by=SYSTEM)

    assert adoption.rollback(mm, by=SYSTEM).release.id == shipped
    assert adoption.in_use(mm).id == shipped
    assert adoption.rollback(mm, by=SYSTEM).release.id == NEW
    with mm.reading() as db:
        actions = [entry.event.action for entry in entries(db)]
    assert actions == ["release adopted", "release rolled back", "release rolled back"]


def test_without_an_adoption_there_is_nothing_to_roll_back(mm: Matchmaker) -> None:
    with pytest.raises(ReleaseError, match="none to go back to"):
        adoption.rollback(mm, by=SYSTEM)


def test_adopting_rewrites_no_case_and_rolling_back_finds_what_was_found(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    adoption.adopt(mm, OLD, by=SYSTEM)
    mm.follow()
    case_id = store(mm, MYOCLONIC)
    stored = cases.get(mm, case_id, by=SYSTEM)
    assert best(mm, MYOCLONIC) == [case_id]

    adoption.adopt(mm, NEW, by=SYSTEM)
    mm.follow()
    assert best(mm, SEIZURE) == []  # there the case's only term is obsolete

    adoption.rollback(mm, by=SYSTEM)
    mm.follow()
    assert best(mm, MYOCLONIC) == [case_id]
    assert cases.get(mm, case_id, by=SYSTEM) == stored


def test_standing_searches_look_again_and_matches_show_their_release(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    adoption.adopt(mm, OLD, by=SYSTEM)
    mm.follow()
    one, other = store(mm, SEIZURE, SMALL_HEAD), store(mm, SEIZURE, SMALL_HEAD)
    worker.drain(mm)

    adoption.adopt(mm, NEW, by=SYSTEM)
    with mm.reading() as db:
        assert work.count(db)[Kind.MATCH] == 2
    worker.drain(mm)
    with mm.reading() as db:  # this process is behind, and leaves the work to one that is not
        assert work.count(db)[Kind.MATCH] == 2
    mm.follow()
    worker.drain(mm)

    with mm.reading() as db:
        assert [match.finding.release for match in matches.of_case(db, one)] == [NEW]
        assert [match.finding.other_id for match in matches.of_case(db, one)] == [other]
        assert work.count(db) == {}


@pytest.mark.parametrize("role", [Role.CLINICIAN, Role.OPERATOR, Role.AUDITOR])
def test_only_a_curator_changes_the_release(sqlite_mm: Matchmaker, role: Role) -> None:
    by = User(email="somebody@example.org", role=role)

    for change in (
        lambda: adoption.adopt(sqlite_mm, OLD, by=by),
        lambda: adoption.rollback(sqlite_mm, by=by),
        lambda: adoption.choose(sqlite_mm, MYOCLONIC, SEIZURE, by=by),
    ):
        with pytest.raises(Forbidden):
            change()


def test_release_that_is_not_here_is_named_with_what_to_do(sqlite_mm: Matchmaker) -> None:
    with pytest.raises(ReleaseError, match=r"no release 2001-01-01.*release list"):
        adoption.adopt(sqlite_mm, "2001-01-01", by=SYSTEM)


def test_two_releases_of_one_date_are_told_apart_by_checksum(sqlite_mm: Matchmaker, tmp_path: Path) -> None:
    one = releases.import_files(sqlite_mm.settings, write_release(tmp_path / "one"))
    extra = "\n[Term]\nid: HP:0009200\nname: More\nis_a: HP:0001250\n"
    obo = (tmp_path / "one" / "hp.obo").read_text("utf-8") + extra
    other = releases.import_files(sqlite_mm.settings, write_release(tmp_path / "other", obo=obo))

    with pytest.raises(ReleaseError, match="means 2 releases"):
        adoption.adopt(sqlite_mm, OLD, by=SYSTEM)
    assert adoption.adopt(sqlite_mm, one.checksum[:12], by=SYSTEM).release.checksum == one.checksum
    assert adoption.adopt(sqlite_mm, other.checksum[:12], by=SYSTEM).release.checksum == other.checksum


def test_process_whose_home_lacks_the_release_goes_on_with_its_own(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    assert mm.release.id not in {OLD, NEW}
    adoption.adopt(mm, NEW, by=SYSTEM)
    for path in (mm.settings.home / "releases").glob(f"{NEW}-*.npz"):
        path.unlink()

    with pytest.raises(ReleaseError, match="import it again"):
        mm.follow()

    store(mm, SEIZURE)
    assert len(best(mm, SEIZURE)) == 1


# Obsolete terms without one replacement


def in_new_release(mm: Matchmaker) -> None:
    adoption.adopt(mm, NEW, by=SYSTEM)
    mm.follow()


def test_queue_names_obsolete_terms_that_cases_use(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    in_new_release(mm)
    case_id = store(mm, MYOCLONIC, SMALL_HEAD)
    cases.withdraw(mm, store(mm, "HP:0009003"), by=SYSTEM)

    (open_,) = adoption.ambiguous(mm, by=SYSTEM)

    assert (open_.term, open_.cases, open_.chosen) == (MYOCLONIC, (case_id,), None)
    assert open_.consider == (SMALL_HEAD, SEIZURE)


def test_queue_can_be_looked_at_before_adopting(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    store(mm, MYOCLONIC)

    assert [one.term for one in adoption.ambiguous(mm, NEW, by=SYSTEM)] == [MYOCLONIC]
    assert adoption.ambiguous(mm, OLD, by=SYSTEM) == []


def test_chosen_term_counts_for_every_process_and_no_case_is_rewritten(
    mm: Matchmaker, imported: tuple[Release, Release]
) -> None:
    in_new_release(mm)
    case_id = store(mm, MYOCLONIC)
    assert best(mm, SEIZURE) == []

    adoption.choose(mm, MYOCLONIC, SEIZURE, by=SYSTEM)
    mm.follow()

    assert best(mm, SEIZURE) == [case_id]
    assert cases.get(mm, case_id, by=SYSTEM).case.features[0].term == MYOCLONIC
    with another_process(mm) as other:
        assert best(other, SEIZURE) == [case_id]
    assert [one.chosen for one in adoption.ambiguous(mm, by=SYSTEM)] == [SEIZURE]


def test_decision_for_nothing_can_be_changed(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    in_new_release(mm)
    case_id = store(mm, MYOCLONIC)

    adoption.choose(mm, MYOCLONIC, None, by=SYSTEM)
    mm.follow()
    assert best(mm, SEIZURE) == []
    assert [one.chosen for one in adoption.ambiguous(mm, by=SYSTEM)] == [MYOCLONIC]

    adoption.choose(mm, MYOCLONIC, SEIZURE, by=SYSTEM)
    mm.follow()
    assert best(mm, SEIZURE) == [case_id]


@pytest.mark.parametrize(
    ("term", "replacement"),
    [(SEIZURE, SMALL_HEAD), ("HP:0009000", SEIZURE), (MYOCLONIC, "HP:0009003"), (MYOCLONIC, "HP:0000007")],
)
def test_only_an_obsolete_term_is_decided_and_only_for_a_current_abnormality(
    mm: Matchmaker, imported: tuple[Release, Release], term: str, replacement: str
) -> None:
    in_new_release(mm)

    with pytest.raises(Invalid):
        adoption.choose(mm, term, replacement, by=SYSTEM)


def test_decisions_are_in_the_audit_log(mm: Matchmaker, imported: tuple[Release, Release]) -> None:
    in_new_release(mm)
    adoption.choose(mm, MYOCLONIC, SEIZURE, by=SYSTEM)

    assert audit.verify(mm).problems == ()
    with mm.reading() as db:
        assert [entry.event.action for entry in entries(db)] == ["release adopted", "term replacement chosen"]
