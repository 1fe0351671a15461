"""What registries of rare diseases ask of a person beside what matching needs; nothing of it is ever sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """Numbers are those of the European common data elements."""

    first_contact: dt.date | None = None  # 4.1, with a specialised centre
    age_at_diagnosis: str | None = None  # 5.2, ISO 8601: P3Y6M; P0D is at birth; "prenatal"
    death_month: str | None = None  # 3.2, YYYY-MM: no day, as of the birth
    biosample: bool | None = None  # 7.3, one is kept for research
    biobank: str | None = None  # 7.4, which one keeps it
    functioning: str | None = None  # 8.1, as coded: an ICF profile or a score
