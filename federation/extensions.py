"""What we add to a Matchmaker Exchange patient about the record itself, each name with a leading underscore.

Only exports have these: what a peer gets is written without them. A part that cannot be read is left out with a
warning, and never costs the case.
"""

from __future__ import annotations

import re
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, post_dump

from federation.reading import Entry, Warn, choice, shown, text, truth
from matchmaker.model import (
    AgeBand,
    Case,
    Consent,
    Disclosure,
    Family,
    GivenBy,
    Purpose,
    Relation,
    Sharing,
    Status,
    VitalStatus,
)
from matchmaker.registration import Registration
from matchmaker.texts import gettext as _

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_AGE = re.compile(r"prenatal|P(?=\d)(\d{1,3}Y)?(\d{1,2}M)?(\d{1,2}W)?(\d{1,3}D)?")


def is_month(text: str) -> bool:
    """Say whether a text is a month.

    Examples
    --------
    >>> is_month("2019-06"), is_month("2019-13"), is_month("June")
    (True, False, False)
    """
    return bool(_MONTH.fullmatch(text))


def is_age(text: str) -> bool:
    """Say whether a text is an age, as a duration of ISO 8601 or before birth.

    Examples
    --------
    >>> is_age("P3Y6M"), is_age("P0D"), is_age("prenatal"), is_age("3 years"), is_age("P")
    (True, True, True, False, False)
    """
    return bool(_AGE.fullmatch(text))


class _Stated(Schema):
    """A nested record of which only what is stated is written."""

    class Meta:
        unknown = EXCLUDE

    @post_dump
    def drop_what_is_not_stated(self, written: dict[str, Any], **_: Any) -> dict[str, Any]:
        return {key: value for key, value in written.items() if value is not None and value != []}


class _ConsentSchema(_Stated):
    basis = fields.String(required=True)
    condition = fields.String(allow_none=True)
    purposes = fields.List(fields.Enum(Purpose, by_value=True))
    form_version = fields.String(data_key="formVersion", allow_none=True)
    given_by = fields.Enum(GivenBy, by_value=True, data_key="givenBy", allow_none=True)
    date = fields.Date(allow_none=True)
    recontact = fields.Boolean(allow_none=True)
    review_date = fields.Date(data_key="reviewDate", allow_none=True)
    birth_month = fields.String(data_key="birthMonth", validate=is_month, allow_none=True)
    vital_status = fields.Enum(VitalStatus, by_value=True, data_key="vitalStatus", allow_none=True)


class _RegistrationSchema(_Stated):
    first_contact = fields.Date(data_key="firstContact", allow_none=True)
    age_at_diagnosis = fields.String(data_key="ageAtDiagnosis", validate=is_age, allow_none=True)
    death_month = fields.String(data_key="deathMonth", validate=is_month, allow_none=True)
    biosample = fields.Boolean(allow_none=True)
    biobank = fields.String(allow_none=True)
    functioning = fields.String(allow_none=True)


class _FamilySchema(_Stated):
    id = fields.String(required=True)
    relation = fields.Enum(Relation, by_value=True, allow_none=True)


_CONSENT, _FAMILY, _REGISTRATION = _ConsentSchema(), _FamilySchema(), _RegistrationSchema()


def read_extensions(patient: Entry, warn: Warn) -> dict[str, Any]:
    """Read what an export says beside the standard, as fields of `Case`."""
    return {
        "label": text(patient.get("label")),
        "notes": text(patient.get("_notes")),
        "age_band": choice(patient.get("_ageBand"), "_ageBand", AgeBand, warn),
        "ethnicity": text(patient.get("_ethnicity")),
        "family": _family(patient.get("_family"), warn),
        "consent": _consent(patient.get("_consent"), warn),
        "registration": _registration(patient.get("_registration"), warn),
        "sharing": choice(patient.get("_sharing"), "_sharing", Sharing, warn) or Sharing.PRIVATE,
        "disclosure": choice(patient.get("_disclosure"), "_disclosure", Disclosure, warn) or Disclosure.MATCHING_TERMS,
        "status": choice(patient.get("_status"), "_status", Status, warn) or Status.UNSOLVED,
        "acute": truth(patient.get("_acute")),
    }


def write_extensions(case: Case) -> dict[str, Any]:
    """Write what `read_extensions` reads; the sharing level always, since an import may have a default for it."""
    written = {
        "label": case.label,
        "_owner": case.owner or None,
        "_notes": case.notes,
        "_ageBand": case.age_band,
        "_ethnicity": case.ethnicity,
        "_family": None if case.family is None else _FAMILY.dump(case.family),
        "_consent": None if case.consent is None else _CONSENT.dump(case.consent),
        "_registration": None if case.registration is None else _REGISTRATION.dump(case.registration),
        "_sharing": case.sharing,
        "_disclosure": case.disclosure,
        "_status": case.status,
        "_acute": case.acute or None,
    }
    return {key: value for key, value in written.items() if value is not None}


def _consent(value: Any, warn: Warn) -> Consent | None:
    """Read the record of consent; without a basis there is none, and the case stays private."""
    stated = _valid({"basis": value} if isinstance(value, str) else value, _CONSENT, "_consent", warn)
    if "basis" not in stated:
        return None
    return Consent(**{**stated, "purposes": tuple(stated.get("purposes", ()))})


def _registration(value: Any, warn: Warn) -> Registration | None:
    stated = _valid(value, _REGISTRATION, "_registration", warn)
    return Registration(**stated) if stated else None


def _family(value: Any, warn: Warn) -> Family | None:
    stated = _valid({"id": value} if isinstance(value, str) else value, _FAMILY, "_family", warn)
    return Family(**stated) if stated.get("id") else None


def _valid(value: Any, schema: Schema, path: str, warn: Warn) -> dict[str, Any]:
    """The fields of a record that can be read; a warning for each that cannot."""
    if value is None:
        return {}
    if not isinstance(value, dict):
        warn(path, _("%(value)s is no object; ignored", value=shown(value)), _("send an object, as an export has it"))
        return {}
    try:
        stated = schema.load(value)
    except ValidationError as error:
        for name in error.messages_dict:
            warn(f"{path}.{name}", _("is missing or cannot be read; ignored"), _("send it as an export has it"))
        stated = error.valid_data
    return {name: found for name, found in stated.items() if name in schema.fields} if isinstance(stated, dict) else {}
