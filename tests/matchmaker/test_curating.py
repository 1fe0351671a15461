"""The work list of a centre: what it finds, who may mend it, and that nothing happens by itself."""

from __future__ import annotations

import datetime as dt

import pytest

from matchmaker import cases, consent, curating, mending, pausing
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.consent import Withheld
from matchmaker.curating import Kind, ToDo
from matchmaker.errors import Forbidden, Invalid, NotFound, Stale
from matchmaker.model import Case, CaseId, Consent, GivenBy, Sharing, Status, StoredCase, TermId, VitalStatus
from matchmaker.service import Matchmaker
from matchmaker.store import audit, history, lapsing
from tests.builders import a_case, a_feature, a_genomic_feature, a_node

OWNER = "aoife@dublin.example.org"
CURATOR = User(email="curator@dublin.example.org", role=Role.CURATOR, centre="Dublin", colleagues=frozenset({OWNER}))
ELSEWHERE = User(email="curator@cork.example.org", role=Role.CURATOR, centre="Cork")
TODAY = dt.datetime.now(dt.UTC).date()
SEIZURE, MYOCLONIC, NERVOUS_SYSTEM, MICROCEPHALY = "HP:0001250", "HP:0002123", "HP:0000707", "HP:0000252"


def store(mm: Matchmaker, **stated: object) -> CaseId:
    return cases.submit(mm, a_case(owner=OWNER, **stated), by=SYSTEM).case_id


def stored(mm: Matchmaker, case_id: CaseId) -> StoredCase:
    return cases.get(mm, case_id, by=SYSTEM)


def listed(mm: Matchmaker, kind: Kind, *, on: dt.date = TODAY) -> list[ToDo]:
    return [one for one in curating.to_do(mm, by=CURATOR, on=on) if one.kind is kind]


def month_of_birth(*, years_ago: int, months_later: int = 0) -> str:
    months = (TODAY.year - years_ago) * 12 + TODAY.month - 1 + months_later
    return f"{months // 12:04}-{months % 12 + 1:02}"


def a_childs(**stated: object) -> Consent:
    return Consent(**{"basis": "consent", "given_by": GivenBy.GUARDIAN, **stated})  # type: ignore[arg-type]


def test_case_in_order_is_not_on_the_list(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, features=[a_feature(MYOCLONIC)], genomic_features=[a_genomic_feature()])

    assert curating.to_do(sqlite_mm, by=CURATOR) == []


def test_only_cases_of_the_own_centre_are_listed_and_mended(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, features=[a_feature(NERVOUS_SYSTEM), a_feature(SEIZURE)])
    (one,) = listed(sqlite_mm, Kind.GENERAL)

    assert curating.to_do(sqlite_mm, by=ELSEWHERE) == []
    with pytest.raises(NotFound):
        curating.mend(sqlite_mm, case_id, one.fixes[0].key, version=1, by=ELSEWHERE)
    with pytest.raises(Forbidden):
        curating.to_do(sqlite_mm, by=User(email="auditor@example.org", role=Role.AUDITOR))


def test_too_general_term_is_taken_out_and_the_case_keeps_its_history(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, features=[a_feature(NERVOUS_SYSTEM), a_feature(SEIZURE)])
    (one,) = listed(sqlite_mm, Kind.GENERAL)
    assert one.subject == NERVOUS_SYSTEM

    curating.mend(sqlite_mm, case_id, one.fixes[0].key, version=one.stored.version, by=CURATOR)

    assert [f.term for f in stored(sqlite_mm, case_id).case.features] == [SEIZURE]
    with sqlite_mm.reading() as db:
        (before,) = history.of_case(db, case_id)
        actions = [entry.event.action for entry in audit.entries(db)]
    assert [f.term for f in before.case.features] == [NERVOUS_SYSTEM, SEIZURE]
    assert actions[-1] == "case mended"
    assert listed(sqlite_mm, Kind.GENERAL) == []


def test_present_finding_under_an_excluded_one_is_mended_either_way(sqlite_mm: Matchmaker) -> None:
    features = [a_feature(MYOCLONIC), a_feature(SEIZURE, excluded=True), a_feature(MICROCEPHALY, excluded=True)]
    first, second = store(sqlite_mm, features=features), store(sqlite_mm, features=features)
    found = {one.stored.case.id: one for one in listed(sqlite_mm, Kind.CONTRADICTION)}
    assert (found[first].subject, found[first].other) == (MYOCLONIC, SEIZURE)

    absent, present = found[first].fixes
    curating.mend(sqlite_mm, first, absent.key, version=1, by=CURATOR)
    curating.mend(sqlite_mm, second, present.key, version=1, by=CURATOR)

    assert _features(stored(sqlite_mm, first).case) == [(MYOCLONIC, False), (MICROCEPHALY, True)]
    assert _features(stored(sqlite_mm, second).case) == [(SEIZURE, True), (MICROCEPHALY, True)]
    assert listed(sqlite_mm, Kind.CONTRADICTION) == []


def test_merged_id_is_replaced_by_its_term_once(sqlite_mm: Matchmaker) -> None:
    alternative = next(one for one in sqlite_mm.release.hpo.term(TermId(SEIZURE)).alt_ids)
    case_id = store(sqlite_mm, features=[a_feature(alternative, label="fits"), a_feature(SEIZURE)])
    (one,) = listed(sqlite_mm, Kind.OBSOLETE)

    curating.mend(sqlite_mm, case_id, one.fixes[0].key, version=1, by=CURATOR)

    assert _features(stored(sqlite_mm, case_id).case) == [(SEIZURE, False)]


def test_ambiguous_gene_name_becomes_the_gene_that_was_chosen(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, features=[a_feature(MYOCLONIC)], genomic_features=[a_genomic_feature("MLL2")])
    candidates = sqlite_mm.release.genes.resolve("MLL2").candidates
    assert len(candidates) > 1
    (one,) = listed(sqlite_mm, Kind.GENE)

    curating.mend(sqlite_mm, case_id, one.fixes[1].key, version=1, by=CURATOR)

    assert stored(sqlite_mm, case_id).case.genomic_features[0].gene == candidates[1]


def test_status_is_to_be_confirmed_after_a_year_and_then_for_another(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, features=[a_feature(MYOCLONIC)])
    assert listed(sqlite_mm, Kind.STATUS, on=TODAY + dt.timedelta(days=364)) == []
    (one,) = listed(sqlite_mm, Kind.STATUS, on=TODAY + dt.timedelta(days=366))
    assert [fix.key for fix in one.fixes] == ["confirm", "solved"]

    with sqlite_mm.transaction() as db:
        lapsing.confirm(db, case_id, at=dt.datetime.now(dt.UTC) + dt.timedelta(days=360))

    assert listed(sqlite_mm, Kind.STATUS, on=TODAY + dt.timedelta(days=366)) == []
    assert stored(sqlite_mm, case_id).version == 1  # nothing of the case has changed


@pytest.mark.parametrize(("status", "otherwise"), [(Status.UNSOLVED, "solved"), (Status.SOLVED, "unsolved")])
def test_solved_cases_are_confirmed_too_and_either_status_may_turn_out_wrong(
    sqlite_mm: Matchmaker, status: Status, otherwise: str
) -> None:
    store(sqlite_mm, features=[a_feature(MYOCLONIC)], status=status)
    (one,) = listed(sqlite_mm, Kind.STATUS, on=TODAY + dt.timedelta(days=366))

    assert [fix.key for fix in one.fixes] == ["confirm", otherwise]
    assert mending.mended(one.stored.case, one.fixes[1], on=TODAY).status is Status(otherwise)


def test_confirming_and_solving_are_recorded(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, features=[a_feature(MYOCLONIC)])

    curating.confirm(sqlite_mm, case_id, by=CURATOR)

    assert stored(sqlite_mm, case_id).confirmed_at is not None
    with pytest.raises(Invalid, match="not there to be mended"):
        curating.mend(sqlite_mm, case_id, "solved", version=1, by=CURATOR)  # its status is not due


def test_review_of_a_consent_is_due_a_month_before_its_date(sqlite_mm: Matchmaker) -> None:
    review = Consent(basis="consent", review_date=TODAY + dt.timedelta(days=29))
    case_id = store(sqlite_mm, features=[a_feature(MYOCLONIC)], consent=review)
    (one,) = listed(sqlite_mm, Kind.REVIEW)

    curating.mend(sqlite_mm, case_id, one.fixes[0].key, version=1, by=CURATOR)

    assert listed(sqlite_mm, Kind.REVIEW) == []


def test_fix_of_a_case_that_somebody_changed_since_is_refused(sqlite_mm: Matchmaker) -> None:
    case_id = store(sqlite_mm, features=[a_feature(NERVOUS_SYSTEM), a_feature(SEIZURE)])
    (one,) = listed(sqlite_mm, Kind.GENERAL)

    with pytest.raises(Stale):
        curating.mend(sqlite_mm, case_id, one.fixes[0].key, version=7, by=CURATOR)


def test_person_who_comes_of_age_is_listed_half_a_year_before_and_the_case_is_shared_until_then(
    sqlite_mm: Matchmaker,
) -> None:
    soon = a_childs(birth_month=month_of_birth(years_ago=18, months_later=3))
    case_id = store(sqlite_mm, features=[a_feature(MYOCLONIC)], consent=soon)
    store(
        sqlite_mm,
        features=[a_feature(MYOCLONIC)],
        consent=a_childs(birth_month=month_of_birth(years_ago=18, months_later=8)),
    )

    assert [one.stored.case.id for one in listed(sqlite_mm, Kind.OF_AGE)] == [case_id]
    assert stored(sqlite_mm, case_id).case.effective_sharing is Sharing.FEDERATED


def test_case_pauses_when_its_person_is_of_age_until_the_person_confirms(mm: Matchmaker) -> None:
    of_age = month_of_birth(years_ago=18, months_later=-1)
    case_id = store(mm, features=[a_feature(MYOCLONIC)], consent=a_childs(birth_month=of_age))
    case = stored(mm, case_id).case
    assert consent.withheld(case, a_node(), jurisdiction="EEA") is Withheld.PAUSED

    (one,) = listed(mm, Kind.PAUSED)
    curating.mend(mm, case_id, one.fixes[0].key, version=1, by=CURATOR)

    case = stored(mm, case_id).case
    assert case.effective_sharing is Sharing.FEDERATED
    assert case.consent is not None
    assert (case.consent.given_by, case.consent.date) == (GivenBy.PATIENT, TODAY)
    assert listed(mm, Kind.PAUSED) == []


@pytest.mark.slow
def test_day_that_passes_pauses_rows_index_and_what_was_still_to_be_asked(mm: Matchmaker) -> None:
    soon = month_of_birth(years_ago=18, months_later=3)
    case_id = store(mm, features=[a_feature(MYOCLONIC)], consent=a_childs(birth_month=soon))
    other = store(mm, features=[a_feature(MYOCLONIC)])
    assert pausing.pause_due(mm) == 0
    before = mm.index().revision

    assert pausing.pause_due(mm, on=TODAY + dt.timedelta(days=200)) == 1
    assert pausing.pause_due(mm, on=TODAY + dt.timedelta(days=200)) == 0

    with mm.reading() as db:
        assert lapsing.due(db, on=TODAY + dt.timedelta(days=200), limit=9) == []
        last = list(audit.entries(db))[-1]
    assert last.event.action == "case paused"
    assert mm.index().revision > before
    assert stored(mm, other).case.effective_sharing is Sharing.FEDERATED
    assert stored(mm, case_id).version == 1


@pytest.mark.parametrize(
    "consent_",
    [
        a_childs(birth_month="1990-01", basis="public interest, GDPR art. 6(1)(e)"),
        a_childs(birth_month="1990-01", given_by=GivenBy.PATIENT, date=dt.date(2010, 1, 1)),
        a_childs(birth_month="1990-01", vital_status=VitalStatus.DECEASED),
        a_childs(),
    ],
    ids=["another basis", "given of age", "deceased", "birth not known"],
)
def test_case_does_not_pause_otherwise(consent_: Consent) -> None:
    assert not a_case(consent=consent_).paused


@pytest.mark.parametrize(
    "consent_",
    [
        a_childs(birth_month="1990-01"),
        a_childs(birth_month="1990-01", basis="GDPR art. 6(1)(a)"),
        a_childs(birth_month="1990-01", basis="research law", condition="9(2)(a)"),
        a_childs(birth_month="1990-01", given_by=GivenBy.PATIENT, date=dt.date(2007, 12, 31)),
        a_childs(birth_month="1990-01", given_by=None, date=dt.date(2012, 1, 1)),
    ],
    ids=["guardian", "as an article", "as a condition", "given as a child", "nobody said who"],
)
def test_consent_that_somebody_else_gave_or_a_child_pauses(consent_: Consent) -> None:
    assert a_case(consent=consent_).paused


def test_withdrawn_case_needs_nothing(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, features=[a_feature(NERVOUS_SYSTEM)], status=Status.WITHDRAWN)

    assert curating.to_do(sqlite_mm, by=CURATOR) == []


def _features(case: Case) -> list[tuple[str, bool]]:
    return [(one.term, one.excluded) for one in case.features]


def test_those_who_must_be_asked_are_counted_without_reading_the_cases(mm: Matchmaker) -> None:
    soon, later = (month_of_birth(years_ago=18, months_later=months) for months in (2, 12))
    store(mm, consent=a_childs(birth_month=soon))
    store(mm, consent=a_childs(birth_month=month_of_birth(years_ago=30)))
    store(mm, consent=a_childs(birth_month=later))
    store(mm, consent=a_childs(birth_month=soon), status=Status.WITHDRAWN)
    store(mm)

    assert curating.n_to_ask(mm, by=CURATOR) == 2
    assert curating.n_to_ask(mm, by=ELSEWHERE) == 0
    assert len(listed(mm, Kind.OF_AGE) + listed(mm, Kind.PAUSED)) == 2
