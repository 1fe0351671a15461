"""The three countries of the demonstration and their running nodes."""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.service import Matchmaker
from matchmaker.traffic import Traffic


@dataclass(frozen=True, slots=True, kw_only=True)
class Country:
    code: str
    name: str
    capital: str


COUNTRIES = (
    Country(code="IE", name="Ireland", capital="Dublin"),
    Country(code="ES", name="Spain", capital="Madrid"),
    Country(code="FI", name="Finland", capital="Helsinki"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """The account of one clinician, whose password is made anew on every start."""

    name: str
    email: str
    password: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoNode:
    """One running node of the demonstration."""

    country: Country
    mm: Matchmaker
    url: str
    sign_in: SignIn
    traffic: Traffic
