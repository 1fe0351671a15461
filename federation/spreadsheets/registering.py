"""The cells of a row that say on what basis a case is kept, and what registries ask of its person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from federation.spreadsheets.words import SAYS_NOTHING, Words
from matchmaker.errors import Issue
from matchmaker.model import Consent, Purpose, VitalStatus
from matchmaker.registration import Registration
from matchmaker.texts import gettext as _

OF_CONSENT = ("basis", "consent date", "research", "recontact", "birth month", "vital status")
# The columns of what registries ask beside, with the fields that they fill and how their cells are read.
_REGISTERED: Mapping[str, tuple[str, Callable[[Words, str], object]]] = {
    "first contact": ("first_contact", Words.date),
    "age at diagnosis": ("age_at_diagnosis", Words.age),
    "death month": ("death_month", Words.month),
    "biosample": ("biosample", Words.truth),
    "biobank": ("biobank", Words.text),
    "functioning": ("functioning", Words.text),
}
OF_REGISTRATION = tuple(_REGISTERED)


def consent(words: Words, before: Consent | None) -> Consent | None:
    """Read the record of consent; without a basis there is none."""
    basis = words.cell("basis") if words.has("basis") else before.basis if before else ""
    if basis.casefold() in SAYS_NOTHING | {"no"}:
        _say_what_has_no_place(words)
        return None
    basis = "consent" if basis.casefold() == "yes" else basis
    read = before if before is not None and before.basis == basis else Consent(basis=basis)
    if words.has("consent date"):
        read = replace(read, date=words.date("consent date"))
    if words.has("research"):
        research = words.truth("research")
        purposes = (Purpose.CARE, Purpose.RESEARCH) if research else (Purpose.CARE,) if research is False else ()
        read = replace(read, purposes=purposes)
    if words.has("recontact"):
        read = replace(read, recontact=words.truth("recontact"))
    if words.has("birth month"):
        read = replace(read, birth_month=words.month("birth month"))
    if words.has("vital status"):
        read = replace(read, vital_status=words.choice("vital status", VitalStatus))
    return read


def registration(words: Words, before: Registration | None) -> Registration | None:
    """Read what registries ask beside; None when nothing is stated."""
    said: dict[str, Any] = {
        field: read(words, column) for column, (field, read) in _REGISTERED.items() if words.has(column)
    }
    read = replace(before or Registration(), **said)
    return None if read == Registration() else read


def _say_what_has_no_place(words: Words) -> None:
    for column in OF_CONSENT[1:]:
        if words.text(column) is not None:
            remedy = _("record a basis in the column basis, such as consent")
            words.issues.append(
                Issue(path=column, message=_("is kept with a legal basis alone; left out"), remedy=remedy)
            )
