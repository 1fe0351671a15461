"""The minimal data set: what is asked of a case, and what is not."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest

from matchmaker import cases, minimal_data, quality
from matchmaker.actors import SYSTEM, Role, User
from matchmaker.errors import Forbidden
from matchmaker.minimal_data import Element
from matchmaker.model import Consent, Disorder, Sex, Status, VitalStatus
from matchmaker.registration import Registration
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_genomic_feature
from tests.full_case import FULL_CASE
from tests.matchmaker.people import with_account

BARE = a_case(features=[], consent=None)


def test_full_case_has_everything_that_applies() -> None:
    found = minimal_data.quality(FULL_CASE)

    assert (found.share, found.missing) == (1.0, ())
    # A solved case is not asked for candidates, a living one not for its death.
    assert set(Element) - minimal_data.stated(FULL_CASE).keys() == {Element.GENES, Element.DEATH}


def test_bare_case_has_its_pseudonym_and_that_it_is_undiagnosed() -> None:
    there = minimal_data.stated(BARE)

    assert {element for element, found in there.items() if found} == {Element.PSEUDONYM, Element.UNDIAGNOSED}
    assert minimal_data.quality(BARE).share == 2 / len(there)


@pytest.mark.parametrize("field", [field.name for field in fields(Registration)])
def test_every_part_of_a_registration_counts(field: str) -> None:
    dead = replace(FULL_CASE, consent=Consent(basis="consent", vital_status=VitalStatus.DECEASED), registration=None)
    without = replace(dead, registration=replace(FULL_CASE.registration, **{field: None}))  # type: ignore[type-var]
    whole = replace(dead, registration=FULL_CASE.registration)

    lost = set(minimal_data.quality(without).missing) - set(minimal_data.quality(whole).missing)

    assert len(lost) == 1
    assert minimal_data.quality(without).share < minimal_data.quality(whole).share


@pytest.mark.parametrize(
    ("changes", "asked", "not_asked"),
    [
        ({"status": Status.SOLVED}, {Element.DIAGNOSIS, Element.GENETIC_DIAGNOSIS}, {Element.GENES}),
        ({"status": Status.UNSOLVED}, {Element.GENES}, {Element.DIAGNOSIS, Element.AGE_AT_DIAGNOSIS}),
        ({"disorders": (Disorder(id="OMIM:1"),)}, {Element.AGE_AT_DIAGNOSIS}, {Element.GENETIC_DIAGNOSIS}),  # type: ignore[arg-type]
        ({"registration": Registration(biosample=True)}, {Element.BIOBANK}, {Element.DEATH}),
        ({"registration": Registration(biosample=False)}, {Element.BIOSAMPLE}, {Element.BIOBANK}),
        ({"consent": Consent(basis="consent", vital_status=VitalStatus.DECEASED)}, {Element.DEATH}, set()),
    ],
)
def test_what_does_not_apply_is_not_asked(changes: dict[str, object], asked: set[str], not_asked: set[str]) -> None:
    there = minimal_data.stated(replace(BARE, **changes))  # type: ignore[arg-type]

    assert asked <= there.keys()
    assert not not_asked & there.keys()


def test_together_is_the_mean_of_cases_and_the_share_of_each_element() -> None:
    halves = [replace(BARE, sex=Sex.MALE), BARE]

    found = minimal_data.together(halves)

    assert (found.n_cases, found.elements[Element.SEX], found.elements[Element.PSEUDONYM]) == (2, 0.5, 1.0)
    assert found.share == sum(minimal_data.quality(case).share for case in halves) / 2
    assert minimal_data.together([]).share == 0.0


def test_centre_sees_its_own_cases_the_least_complete_first(sqlite_mm: Matchmaker) -> None:
    ours, theirs = with_account(sqlite_mm), with_account(sqlite_mm, "cian@cork.example.org", centre="Cork")
    stated = [
        a_case(owner=ours.email, local_id="rich", sex=Sex.FEMALE, genomic_features=[a_genomic_feature()]),
        a_case(owner=ours.email, local_id="poor"),
        a_case(owner=ours.email, local_id="gone", status=Status.WITHDRAWN),
        a_case(owner=theirs.email, local_id="theirs"),
    ]
    cases.submit_many(sqlite_mm, stated, by=SYSTEM)
    curator = with_account(sqlite_mm, "curator@dublin.example.org", role=Role.CURATOR)

    for reader in (ours, curator):
        assert [one.stored.case.local_id for one in quality.of_cases(sqlite_mm, by=reader)] == ["poor", "rich"]


def test_operators_see_centres_of_ten_cases_and_no_case(sqlite_mm: Matchmaker) -> None:
    many, few = with_account(sqlite_mm), with_account(sqlite_mm, "cian@cork.example.org", centre="Cork")
    stated = [a_case(owner=many.email) for _ in range(10)] + [a_case(owner=few.email) for _ in range(9)]
    cases.submit_many(sqlite_mm, stated, by=SYSTEM)
    operator = User(email="o@example.org", role=Role.OPERATOR)

    dublin, cork = quality.of_centres(sqlite_mm, by=operator)

    assert (dublin.name, cork) == ("Dublin", quality.Centre(name="Cork", together=None))
    assert dublin.together is not None
    assert dublin.together.n_cases == 10
    with pytest.raises(Forbidden):
        quality.of_cases(sqlite_mm, by=operator)
    with pytest.raises(Forbidden):
        quality.of_centres(sqlite_mm, by=many)
