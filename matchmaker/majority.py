"""When the consent that was given for a child ends to hold: the person is of age, and must be asked.

What rests on another legal basis goes on, and so does what the person confirmed after coming of age.
"""

from __future__ import annotations

import datetime as dt
import re

AGE = 18
_CONSENT = re.compile(r"\s*(consent\b|.*\b6\s*\(1\)\s*\(a\)|.*\b9\s*\(2\)\s*\(a\))", re.IGNORECASE)


def rests_on_consent(basis: str, condition: str | None) -> bool:
    """Say whether a recorded basis is consent, in words or as the article of the GDPR."""
    return any(_CONSENT.match(text) for text in (basis, condition or ""))


def lapses_on(*, birth_month: str | None, of_age_since: dt.date | None) -> dt.date | None:
    """Return the first day on which somebody born in that month is surely of age; None when not known.

    `of_age_since`: when the person, and nobody else, gave the consent that holds now.

    Examples
    --------
    >>> lapses_on(birth_month="2010-12", of_age_since=None)
    datetime.date(2029, 1, 1)
    >>> lapses_on(birth_month="2010-12", of_age_since=dt.date(2028, 12, 1)) is None
    True
    """
    if birth_month is None:
        return None
    year, month = (int(part) for part in birth_month.split("-"))
    first, following = dt.date(year + AGE, month, 1), (year + AGE + month // 12, month % 12 + 1)
    if of_age_since is not None and of_age_since >= first:
        return None
    return dt.date(*following, 1)
