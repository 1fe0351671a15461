"""The minimal data set that this node declares, and how much of it a case has.

It is the sixteen common data elements of the European platform on rare disease registration, by their numbers, and what
the 1+MG initiative needs beside them to find and to use a genome: findings as HPO terms, candidate genes, the legal
basis. What does not apply to a case is not asked of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import Case, Consent, Status, VitalStatus
from matchmaker.registration import Registration


class Element(StrEnum):
    """What is asked, in the order of the European elements."""

    PSEUDONYM = "1.1"
    BIRTH = "2.1"
    SEX = "2.2"
    VITAL_STATUS = "3.1"
    DEATH = "3.2"
    FIRST_CONTACT = "4.1"
    ONSET = "5.1"
    AGE_AT_DIAGNOSIS = "5.2"
    DIAGNOSIS = "6.1"
    GENETIC_DIAGNOSIS = "6.2"
    UNDIAGNOSED = "6.3"
    RECONTACT = "7.1"
    REUSE = "7.2"
    BIOSAMPLE = "7.3"
    BIOBANK = "7.4"
    FUNCTIONING = "8.1"
    FINDINGS = "findings"
    GENES = "genes"
    BASIS = "basis"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quality:
    """How much of what applies is there, in [0, 1], and what is missing."""

    share: float
    missing: tuple[Element, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Several cases: the mean of their shares, and of each element the share of the cases that have it."""

    n_cases: int
    share: float
    elements: dict[Element, float]  # only those that apply to some case


def quality(case: Case) -> Quality:
    """Judge one case: every element that applies counts the same."""
    there = stated(case)
    missing = tuple(element for element, found in there.items() if not found)
    return Quality(share=_share(there), missing=missing)


def together(cases: Iterable[Case]) -> Together:
    """Judge several cases."""
    judged = [stated(case) for case in cases]
    shares = [_share(there) for there in judged]
    found: dict[Element, float] = {}
    for element in Element:
        answers: Sequence[bool] = [there[element] for there in judged if element in there]
        if answers:
            found[element] = sum(answers) / len(answers)
    return Together(n_cases=len(judged), share=sum(shares) / len(shares) if shares else 0.0, elements=found)


def stated(case: Case) -> dict[Element, bool]:
    """Say of each element that applies to a case whether it is there."""
    consent, kept = case.consent or Consent(basis=""), case.registration or Registration()
    solved, dead = case.status is Status.SOLVED, consent.vital_status is VitalStatus.DECEASED
    asked: dict[Element, Callable[[], bool]] = {
        Element.PSEUDONYM: lambda: bool(case.local_id),
        Element.BIRTH: lambda: consent.birth_month is not None,
        Element.SEX: lambda: case.sex is not None,
        Element.VITAL_STATUS: lambda: consent.vital_status is not None,
        Element.DEATH: lambda: kept.death_month is not None,
        Element.FIRST_CONTACT: lambda: kept.first_contact is not None,
        Element.ONSET: lambda: case.onset is not None,
        Element.AGE_AT_DIAGNOSIS: lambda: kept.age_at_diagnosis is not None,
        Element.DIAGNOSIS: lambda: bool(case.disorders),
        Element.GENETIC_DIAGNOSIS: lambda: any(feature.gene for feature in case.genomic_features),
        Element.UNDIAGNOSED: lambda: case.status is not Status.WITHDRAWN,
        Element.RECONTACT: lambda: consent.recontact is not None,
        Element.REUSE: lambda: bool(consent.purposes),
        Element.BIOSAMPLE: lambda: kept.biosample is not None,
        Element.BIOBANK: lambda: kept.biobank is not None,
        Element.FUNCTIONING: lambda: kept.functioning is not None,
        Element.FINDINGS: lambda: any(not feature.excluded for feature in case.features),
        Element.GENES: lambda: bool(case.genomic_features),
        Element.BASIS: lambda: bool(consent.basis.strip()) and consent.date is not None,
    }
    applies = {
        Element.DEATH: dead,
        Element.AGE_AT_DIAGNOSIS: solved or bool(case.disorders),
        Element.DIAGNOSIS: solved,
        Element.GENETIC_DIAGNOSIS: solved,
        Element.BIOBANK: kept.biosample is True,
        Element.GENES: not solved,
    }
    return {element: there() for element, there in asked.items() if applies.get(element, True)}


def _share(there: dict[Element, bool]) -> float:
    return sum(there.values()) / len(there)
