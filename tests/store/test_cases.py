from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import pytest

from matchmaker.errors import NotFound, Stale, Unavailable
from matchmaker.model import Case, CaseId, Family, Status
from matchmaker.service import Matchmaker
from matchmaker.store import cases, engine, history, matches, work
from matchmaker.store.matches import Finding
from tests.builders import a_case, a_feature, a_score
from tests.full_case import FULL_CASE

NOW = dt.datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(days=1)


def insert(mm: Matchmaker, *new: Case) -> None:
    with mm.transaction() as db:
        cases.insert_all(db, new, at=NOW)


def update(mm: Matchmaker, case: Case, *, version: int) -> None:
    with mm.transaction() as db:
        cases.update_all(db, [(case, version)], at=LATER)


def changes(mm: Matchmaker, *, since: int) -> dict[CaseId, Case | None]:
    with mm.reading() as db:
        return {change.case_id: change.case for change in cases.changed_since(db, since)}


def test_full_case_comes_back_as_it_went_in(mm: Matchmaker) -> None:
    insert(mm, FULL_CASE)

    with mm.reading() as db:
        stored = cases.get(db, FULL_CASE.id)

    assert stored.case == FULL_CASE
    assert (stored.version, stored.revision, stored.created_at, stored.updated_at) == (1, 1, NOW, NOW)


def test_update_counts_versions_and_keeps_what_was(mm: Matchmaker) -> None:
    before = a_case(features=[a_feature("HP:0001250")])
    after = replace(before, features=(a_feature("HP:0000252"),), label="changed")
    insert(mm, before)

    update(mm, after, version=1)

    with mm.reading() as db:
        stored = cases.get(db, before.id)
        earlier = history.of_case(db, before.id)
    assert (stored.case, stored.version, stored.revision) == (after, 2, 2)
    assert (stored.created_at, stored.updated_at) == (NOW, LATER)
    assert [(old.case, old.version, old.updated_at) for old in earlier] == [(before, 1, NOW)]


def test_edit_of_an_older_version_is_stale(mm: Matchmaker) -> None:
    case = a_case()
    insert(mm, case)
    update(mm, replace(case, label="first"), version=1)

    with pytest.raises(Stale, match="version 1 was seen, 2 is stored"):
        update(mm, replace(case, label="second"), version=1)

    with mm.reading() as db:
        assert cases.get(db, case.id).case.label == "first"


def test_case_that_is_not_there_is_not_found(mm: Matchmaker) -> None:
    absent = a_case()

    with pytest.raises(NotFound), mm.reading() as db:
        cases.get(db, absent.id)
    with pytest.raises(NotFound):
        update(mm, absent, version=1)
    with pytest.raises(NotFound), mm.transaction() as db:
        cases.withdraw(db, absent.id, at=NOW)
    with pytest.raises(NotFound), mm.transaction() as db:
        cases.erase(db, absent.id, at=NOW)


def test_case_is_found_by_how_its_owner_names_it(mm: Matchmaker) -> None:
    case = a_case(owner="one@example.org", local_id="P1")
    namesake = a_case(owner="two@example.org", local_id="P1")
    insert(mm, case, namesake)

    with mm.reading() as db:
        found = cases.find(db, ("one@example.org", "P1"))
        nobody = cases.find(db, ("one@example.org", "P2"))

    assert found is not None
    assert found.case == case
    assert nobody is None


def test_second_case_of_one_name_collides(mm: Matchmaker) -> None:
    case = a_case()
    insert(mm, case)

    with pytest.raises(Unavailable, match="somebody else changed the same"):
        insert(mm, replace(case, id=CaseId("f" * 32)))


def test_list_is_ordered_by_id_and_can_be_one_owners(mm: Matchmaker) -> None:
    mine = [a_case(owner="me@example.org"), a_case(owner="me@example.org")]
    other = a_case(owner="you@example.org")
    insert(mm, other, *reversed(mine))

    with mm.reading() as db:
        everything = [stored.case for stored in cases.list_(db)]
        only_mine = [stored.case for stored in cases.list_(db, owners={"me@example.org"})]

    assert everything == [*mine, other]
    assert only_mine == mine


def test_family_is_one_owners_family(mm: Matchmaker) -> None:
    brothers = [a_case(family=Family(id="F1")), a_case(family=Family(id="F1"))]
    namesake = a_case(owner="other@example.org", family=Family(id="F1"))
    single = a_case()
    insert(mm, *brothers, namesake, single)

    with mm.reading() as db:
        assert set(cases.of_family(db, brothers[0])) == {brother.id for brother in brothers}
        assert cases.of_family(db, single) == []


def test_changes_are_told_since_a_revision_and_each_case_once(mm: Matchmaker) -> None:
    first, second = a_case(), a_case()
    insert(mm, first)
    insert(mm, second)
    update(mm, replace(first, label="a"), version=1)
    update(mm, replace(first, label="b"), version=2)

    assert changes(mm, since=0) == {first.id: replace(first, label="b"), second.id: second}
    assert changes(mm, since=2) == {first.id: replace(first, label="b")}
    assert changes(mm, since=4) == {}


def test_withdrawn_case_is_told_as_gone_and_stays_readable(mm: Matchmaker) -> None:
    case = a_case()
    insert(mm, case)

    with mm.transaction() as db:
        cases.withdraw(db, case.id, at=LATER)

    assert changes(mm, since=1) == {case.id: None}
    with mm.reading() as db:
        assert cases.get(db, case.id).case == replace(case, status=Status.WITHDRAWN)


def test_withdrawing_twice_changes_nothing(mm: Matchmaker) -> None:
    case = a_case()
    insert(mm, case)
    for _ in range(2):
        with mm.transaction() as db:
            cases.withdraw(db, case.id, at=LATER)

    with mm.reading() as db:
        assert cases.get(db, case.id).version == 2


def test_erased_case_leaves_a_tombstone_and_nothing_else(mm: Matchmaker) -> None:
    case, other = a_case(), a_case()
    insert(mm, case, other)
    update(mm, replace(case, label="changed"), version=1)
    finding = Finding(case_id=other.id, other_id=case.id, score=a_score(0.5), release="r", scoring="s", calibration="c")
    with mm.transaction() as db:
        matches.record(db, finding, at=NOW)
        work.add(db, [work.Task(kind=work.Kind.MATCH, case_id=case.id, version=2)], at=NOW)

    with mm.transaction() as db:
        cases.erase(db, case.id, at=LATER)

    assert changes(mm, since=2) == {case.id: None}
    with mm.reading() as db:
        assert history.of_case(db, case.id) == []
        assert matches.of_case(db, other.id) == []
        assert work.count(db) == {}
        with pytest.raises(NotFound):
            cases.get(db, case.id)


def test_erasing_removes_the_bytes_from_every_file(sqlite_mm: Matchmaker) -> None:
    case = a_case(features=[a_feature("HP:7654321")])
    insert(sqlite_mm, case, a_case())
    update(sqlite_mm, replace(case, acute=True), version=1)
    assert b"HP:7654321" in everything_below(folder_of(sqlite_mm))

    with sqlite_mm.transaction() as db:
        cases.erase(db, case.id, at=LATER)
    emptied = engine.truncate_log(sqlite_mm.engine)

    assert emptied
    assert b"HP:7654321" not in everything_below(folder_of(sqlite_mm))


@pytest.mark.slow
def test_log_that_a_reader_needs_is_not_emptied_and_says_so(sqlite_mm: Matchmaker) -> None:
    with sqlite_mm.reading() as reader:
        list(cases.list_(reader))
        insert(sqlite_mm, a_case())

        assert not engine.truncate_log(sqlite_mm.engine)

    assert engine.truncate_log(sqlite_mm.engine)


def test_personal_data_is_in_no_file(sqlite_mm: Matchmaker) -> None:
    insert(sqlite_mm, FULL_CASE)
    update(sqlite_mm, replace(FULL_CASE, acute=False), version=1)

    stored = everything_below(folder_of(sqlite_mm))

    for personal in ("example.org", "P-17", "third floor", "Aoife", "Example Hospital", "exome", "2019-06", "no fits"):
        assert personal.encode() not in stored
    assert b"HP:0001250" in stored


def test_hundreds_of_cases_are_one_revision(mm: Matchmaker) -> None:
    many = [a_case() for _ in range(1201)]

    insert(mm, *many)

    with mm.transaction() as db:
        known = cases.known(db, [(case.owner, case.local_id) for case in many])
        revisions = {stored.revision for stored in cases.list_(db)}
    assert len(known) == 1201
    assert revisions == {1}


def folder_of(mm: Matchmaker) -> Path:
    return mm.settings.home.parent


def everything_below(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())
