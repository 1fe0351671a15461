"""Matchmaker Exchange's spelling of a case: what is refused, and the doors in and out.

The schemas decide on the few things that `/mme/match` answers with 422 (MME.md, The patient); everything else is read
leniently in `federation.reading` and `federation.genomic`. What the standard does not have begins with `_`.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, fields, validates_schema

from federation import genomic, reading
from federation.extensions import read_extensions
from federation.spelling import addresses_in, contact_uri
from federation.writing import write_case, write_patient
from matchmaker.errors import Invalid, Issue
from matchmaker.model import Case, CaseId, Contact
from matchmaker.texts import gettext as _
from matchmaker.texts import later
from ontology.releases import Release

__all__ = [
    "ANSWER_LIMITS",
    "IMPORT_LIMITS",
    "REQUEST_LIMITS",
    "Limits",
    "MatchRequest",
    "Read",
    "read_case",
    "read_request",
    "write_case",
    "write_patient",
]

MAX_ID = 255  # characters, MME 1.1
_MISSING: dict[str, Any] = {"required": later("is missing"), "null": later("is missing")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much one patient may hold (SAFETY.md, Request limits)."""

    features: int = 100
    disorders: int = 10
    genes: int = 300


REQUEST_LIMITS = Limits()
IMPORT_LIMITS = Limits(features=1000)
ANSWER_LIMITS = Limits(features=1000, disorders=100, genes=1000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A case that was read, and what of it could not be used as it was sent."""

    case: Case
    warnings: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchRequest:
    """What a node asks with, and under which conditions it does."""

    case: Case
    warnings: tuple[Issue, ...] = ()
    disclaimer: str | None = None
    terms: str | None = None


def read_request(
    request: Any, *, release: Release, limits: Limits = REQUEST_LIMITS, owner: str | None = None
) -> MatchRequest:
    """Read the body of `/match`.

    Raises
    ------
    Invalid
        When it holds no patient that can be matched; paths start with `patient`.
    """
    patient = request.get("patient") if isinstance(request, dict) else None
    if not isinstance(patient, dict):
        raise Invalid([Issue(path="patient", message="is missing or no object", remedy='send {"patient": {...}}')])
    try:
        read = read_case(patient, release=release, limits=limits, owner=owner)
    except Invalid as error:
        raise Invalid([_below("patient", issue) for issue in error.issues]) from error
    return MatchRequest(
        case=read.case,
        warnings=tuple(_below("patient", issue) for issue in read.warnings),
        disclaimer=reading.text(request.get("disclaimer")) or reading.text(request.get("_disclaimer")),
        terms=reading.text(request.get("terms")) or reading.text(request.get("_terms")),
    )


def read_case(patient: Any, *, release: Release, limits: Limits = REQUEST_LIMITS, owner: str | None = None) -> Read:
    """Read one patient; the case gets a new random id, and belongs to `owner` or else to its contact.

    Raises
    ------
    Invalid
        When there is no id, nobody to contact, nothing to match by, another JSON type in these places, or too much.
    """
    try:
        shape: dict[str, Any] = _PATIENT.load(patient)
    except ValidationError as error:
        raise Invalid(list(_issues(error.messages_dict))) from error
    _refuse_too_much(shape, limits)
    warnings: list[Issue] = []

    def warn(path: str, message: str, remedy: str) -> None:
        warnings.append(Issue(path=path, message=message, remedy=remedy))

    hpo, contact = release.hpo, shape["contact"]
    case = Case(
        id=CaseId(secrets.token_hex(16)),
        owner=owner or reading.text(shape.get("_owner")) or _reached_at(contact),
        local_id=shape["id"],
        contact=contact,
        species=reading.species(shape.get("species"), warn),
        sex=reading.sex(shape.get("sex"), warn),
        onset=reading.onset(shape.get("ageOfOnset"), "ageOfOnset", hpo, warn),
        inheritance_mode=reading.inheritance_mode(shape.get("inheritanceMode"), "inheritanceMode", hpo, warn),
        features=reading.phenotypic_features(shape["features"] or (), hpo, warn),
        genomic_features=genomic.genomic_features(shape["genomicFeatures"] or (), release.genes, warn),
        disorders=reading.disorders(shape.get("disorders"), warn),
        test=reading.truth(shape.get("test")),
        **read_extensions(shape, warn),
    )
    return Read(case=case, warnings=tuple(warnings))


class _Objects(fields.Field[Any]):
    """A list of JSON objects; null stands for none, and an element that is null for nothing."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        if not isinstance(value, list):
            raise ValidationError(later("is not a list"))
        wrong = {
            i: [later("is not an object")] for i, v in enumerate(value) if v is not None and not isinstance(v, dict)
        }
        if wrong:
            raise ValidationError(wrong)
        return value


class _WhomToAsk(fields.Field[Contact]):
    """A URI, a bare address in its place, or an e-mail: one of them has to reach somebody."""

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Contact:
        if not isinstance(value, dict):
            raise ValidationError(later("is not an object"))
        wrong = {key: [later("is not text")] for key in ("href", "email") if not isinstance(value.get(key), str | None)}
        if wrong:
            raise ValidationError(wrong)
        sent, emails = value.get("href") or value.get("email"), addresses_in(value.get("email") or "")
        href = contact_uri(value.get("href") or "")
        if href is None and not emails:
            raise ValidationError({"href": [later("reaches nobody") if sent else later("is missing")]})
        if href is None and len(emails) > 1:
            href = contact_uri(",".join(emails))
        institution = reading.text(value.get("institution"))
        return Contact(
            name=reading.text(value.get("name")) or institution or (emails or [str(href).removeprefix("mailto:")])[0],
            institution=institution,
            href=None if value.get("_hrefDerived") is True else href,
            email=emails[0] if emails else None,
            mailbox=reading.text(value.get("_mailbox")),
            opened=reading.truth(value.get("_opened")),
        )


def _is_an_id(id_: str) -> None:
    if not 0 < len(id_.strip()) <= len(id_) <= MAX_ID:
        raise ValidationError(_("is empty or longer than %(most)s characters", most=MAX_ID))


class _PatientSchema(Schema):
    """The parts of a patient that decide whether it is one."""

    class Meta:
        unknown = INCLUDE

    error_messages = {"type": later("is not an object")}  # noqa: RUF012 - marshmallow reads it from the class

    id = fields.String(required=True, validate=_is_an_id, error_messages={**_MISSING, "invalid": later("is not text")})
    contact = _WhomToAsk(required=True, error_messages=_MISSING)
    features = _Objects(load_default=(), allow_none=True)
    genomicFeatures = _Objects(load_default=(), allow_none=True)  # noqa: N815 - the standard's own spelling

    @validates_schema
    def has_something_to_match_by(self, patient: dict[str, Any], **_: Any) -> None:
        if not any(patient["features"] or ()) and not any(patient["genomicFeatures"] or ()):
            raise ValidationError(later("has neither features nor genomicFeatures"), "features")


_PATIENT = _PatientSchema()
_REMEDIES = {
    "id": later("send an id of 1 to %(most)s characters, as text"),
    "contact": later("send contact.href (https: or mailto:) or contact.email, as text"),
    "features": later("send at least one HPO term or one gene, in lists of objects"),
    "genomicFeatures": later("send a list of objects, each with gene.id"),
}


def _refuse_too_much(shape: Mapping[str, Any], limits: Limits) -> None:
    disorders = shape.get("disorders")
    counts = (
        ("features", len(shape["features"] or ()), limits.features),
        ("disorders", len(disorders) if isinstance(disorders, list) else 0, limits.disorders),
        ("genomicFeatures", genomic.n_genes(shape["genomicFeatures"] or ()), limits.genes),
    )
    issues = [
        Issue(
            path=path,
            message=_("holds %(n)s, the limit is %(most)s", n=count, most=limit),
            remedy=_("send the most telling ones"),
        )
        for path, count, limit in counts
        if count > limit
    ]
    if issues:
        raise Invalid(issues)


def _issues(messages: Mapping[Any, Any], path: str = "") -> Iterator[Issue]:
    """Flatten marshmallow's tree of messages into paths such as `features[2]`."""
    for key, message in messages.items():
        below = path if key == "_schema" else f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}".lstrip(".")
        if isinstance(message, dict):
            yield from _issues(message, below)
        else:
            top = below.partition(".")[0].partition("[")[0]
            remedy = _(_REMEDIES.get(top, later("send a patient as MME 1.1 describes it")), most=MAX_ID)
            yield Issue(path=below, message=" ".join(map(_, message)), remedy=remedy)


def _below(prefix: str, issue: Issue) -> Issue:
    path = f"{prefix}.{issue.path}" if issue.path else prefix
    return Issue(path=path, message=issue.message, remedy=issue.remedy)


def _reached_at(contact: Contact) -> str:
    return contact.email or (contact.href or "").removeprefix("mailto:")
