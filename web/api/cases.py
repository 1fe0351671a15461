"""Cases: list, show, create, replace, withdraw; each in the forms in which cases are imported and exported."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, url_for
from marshmallow import Schema, fields, validate
from werkzeug.wrappers import Response as AnyResponse

from federation import strict_json, submitting
from federation.importing import Defaults
from federation.phenopackets import write_phenopacket
from federation.schemas import write_case
from federation.submitting import Sent
from matchmaker import cases, match_life
from matchmaker.cases import Submitted
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Stale
from matchmaker.match_life import Counts
from matchmaker.model import Case, CaseId, Sharing, Status, StoredCase
from matchmaker.store.cases import Wanted
from web.api import bodies
from web.api.blueprint import ApiBlueprint
from web.api.bodies import CASE_TYPES, MME, PHENOPACKET
from web.api.lists import LIMIT, next_page
from web.api.patients import PATIENT
from web.api.problems import IssueSchema
from web.auth import current_user, stated_by_token

bp = ApiBlueprint("api_cases", __name__, url_prefix="/cases", description="Cases of your centre")
LONGEST_KEY = 255
CASE_ID = "[0-9a-f]{32}"
_ID: dict[str, Any] = {
    "example": "0f8fad5bd9cb469fa16570867728950e",
    "description": "Ours, random",
}
_SENT = {
    type_: {"schema": {"$ref": "#/components/schemas/SentPatient"}, "example": PATIENT} for type_ in CASE_TYPES[:-1]
}
_SENT[PHENOPACKET] = {"schema": {"$ref": "#/components/schemas/Phenopacket"}}
_BODY = {"required": True, "content": _SENT, "description": "One patient, alone or as {patient: ...}, or a phenopacket"}
_KEY = {
    "in": "header",
    "name": "Idempotency-Key",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "The same request again with the same key, within a day, gets the same answer and is not done twice",
}
_IF_MATCH = {
    "in": "header",
    "name": "If-Match",
    "required": True,
    "schema": {"type": "string"},
    "example": '"3"',
    "description": "The ETag of the case as you saw it last; * for whatever is stored",
}

_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "example": '"3"',
    "description": "The ETag of the case as you have it",
}
_SHOWN = {
    **{type_: {"schema": {"$ref": "#/components/schemas/MatchRequest"}} for type_ in MME},
    PHENOPACKET: {"schema": {"$ref": "#/components/schemas/Phenopacket"}},
}


class CountsSchema(Schema):
    """Recorded matches of a case: never looked at, and not set aside."""

    new = fields.Integer(attribute="n_new", required=True)
    open = fields.Integer(attribute="n_open", required=True)


class CaseLineSchema(Schema):
    """A case as a list has it."""

    id = fields.String(required=True, metadata=_ID)
    version = fields.Integer(required=True, metadata={"description": "Goes up with every change; also the ETag"})
    owner = fields.String(required=True, metadata={"example": "aoife@dublin.example.org"})
    local_id = fields.String(required=True, metadata={"description": "What its owner calls it", "example": "P-17"})
    label = fields.String(required=True, allow_none=True)
    status = fields.Enum(Status, by_value=True, required=True)
    sharing = fields.Enum(Sharing, by_value=True, required=True, metadata={"description": "The level that was chosen"})
    effective_sharing = fields.Enum(
        Sharing, by_value=True, required=True, metadata={"description": "private without a recorded legal basis"}
    )
    test = fields.Boolean(required=True)
    created_at = fields.AwareDateTime(required=True)
    updated_at = fields.AwareDateTime(required=True)
    matches = fields.Nested(CountsSchema, required=True)


class CaseSchema(CaseLineSchema):
    """A case with everything that is stored of it."""

    patient = fields.Raw(required=True, metadata={"$ref": "#/components/schemas/Patient"})


class CasePageSchema(Schema):
    """Some cases of a list."""

    cases = fields.List(fields.Nested(CaseLineSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "cursor of the next page, or null"})


class SubmittedSchema(Schema):
    """What became of a case that was sent."""

    id = fields.String(required=True, metadata=_ID)
    version = fields.Integer(required=True)
    created = fields.Boolean(required=True, metadata={"description": "false: the owner's case with this id was there"})
    changed = fields.Boolean(required=True, metadata={"description": "false: the same content was stored already"})
    warnings = fields.List(fields.Nested(IssueSchema), required=True)


class ValidatedSchema(Schema):
    """What would be stored; nothing was."""

    valid = fields.Boolean(required=True)
    warnings = fields.List(fields.Nested(IssueSchema), required=True)
    patient = fields.Raw(required=True, metadata={"$ref": "#/components/schemas/Patient"})


class WantedSchema(Schema):
    """Which cases, and which page of them."""

    status = fields.Enum(Status, by_value=True)
    sharing = fields.Enum(Sharing, by_value=True, metadata={"description": "The level that the stated one amounts to"})
    owner = fields.String(validate=validate.Length(1, 255))
    local_id = fields.String(validate=validate.Length(1, 255))
    changed_since = fields.AwareDateTime(format="iso", metadata={"example": "2026-03-01T00:00:00Z"})
    cursor = fields.String(
        validate=validate.Regexp(f"^{CASE_ID}$", error="is none that a page named as its next"),
        metadata={"description": "next of the page before"},
    )
    limit = LIMIT(50, 200)


class HowSchema(Schema):
    """What becomes of the case that is sent."""

    dry_run = fields.Boolean(
        data_key="validate",
        load_default=False,
        metadata={"description": "true: only say what is wrong with it and what would be stored"},
    )


class HowNewSchema(HowSchema):
    """What becomes of a new case; level and basis are for a record that states none, before those of the token."""

    sharing = fields.Enum(Sharing, by_value=True, metadata={"description": "The token's where it is not given"})
    basis = fields.String(validate=validate.Length(1, 255), metadata={"example": "consent"})


@bp.get("")
@bp.arguments(WantedSchema, location="query")
@bp.response(200, CasePageSchema, headers={"Link": {"schema": {"type": "string"}, "description": "rel=next"}})
def index(query: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    """List the cases of your centre, by id; withdrawn ones too."""
    limit, cursor = query.pop("limit"), query.pop("cursor", None)
    page = cases.page(mm, Wanted(**query), after=cursor, limit=limit, by=current_user)
    counted = match_life.counts(mm, page.cases, by=current_user)
    lines = [_line(stored, counted.get(stored.case.id, Counts())) for stored in page.cases]
    return {"cases": lines, "next": page.next}, 200, next_page(page.next)


@bp.post("")
@bp.doc(requestBody=_BODY, parameters=[_KEY])
@bp.arguments(HowNewSchema, location="query")
@bp.response(201, SubmittedSchema, headers={"Location": {"schema": {"type": "string"}}})
@bp.alt_response(200, schema=SubmittedSchema, description="An update of the owner's case with this id, or a dry run")
def create(query: dict[str, Any]) -> AnyResponse | tuple[dict[str, Any], int, dict[str, str]]:
    """Store a case, new or an update of the owner's case with this id; it is matched afterwards.

    Unknown terms, ambiguous genes and unusable variants are warnings, and the case is kept. A record that names no
    owner is the caller's own. A withdrawn case stays withdrawn.
    """
    sharing, basis = stated_by_token()
    defaults = Defaults(sharing=query.get("sharing", sharing), basis=query.get("basis", basis))
    sent = submitting.read(mm, bodies.body(*CASE_TYPES), by=current_user, defaults=defaults)
    if query["dry_run"]:
        return _validated(sent)
    done = submitting.submit(mm, sent, by=current_user, idempotency_key=_idempotency_key())
    there = url_for("api_cases.show", case_id=done.case_id)
    headers = {"Location": there, "ETag": bodies.etag(done.version)}
    return _submitted(done, sent), 201 if done.created else 200, headers


@bp.get("/<case_id>")
@bp.doc(parameters=[_IF_NONE_MATCH], responses={200: {"content": _SHOWN}})
@bp.response(200, CaseSchema, headers={"ETag": {"schema": {"type": "string"}}})
@bp.alt_response(304, description="As you have it already")
@bp.alt_response(406)
def show(case_id: CaseId) -> AnyResponse:
    """Show a case: with everything, or as Matchmaker Exchange or a phenopacket has it."""
    stored = cases.get(mm, case_id, by=current_user)
    type_ = bodies.accepted(*CASE_TYPES)
    answer = Response(strict_json.dumps(_spelled(stored, type_)), content_type=type_)
    answer.headers["Vary"] = "Accept"
    answer.set_etag(str(stored.version))
    return answer.make_conditional(request)


@bp.put("/<case_id>")
@bp.doc(requestBody=_BODY, parameters=[_IF_MATCH])
@bp.arguments(HowSchema, location="query")
@bp.response(200, SubmittedSchema, headers={"ETag": {"schema": {"type": "string"}}})
@bp.alt_response(412, description="Somebody else saved first: get the case again")
@bp.alt_response(428, description="If-Match is missing")
def put(query: dict[str, Any], case_id: CaseId) -> AnyResponse | tuple[dict[str, Any], int, dict[str, str]]:
    """Replace a case, unless somebody else saved it since you saw it.

    What stands beside the standard (names with an underscore, and label) and is not sent stays as it is; null clears
    it. The owner's id comes from the record.
    """
    sent = submitting.read_again(mm, case_id, bodies.body(*CASE_TYPES), by=current_user)
    if query["dry_run"]:
        return _validated(sent)
    now = sent.before.version if sent.before else 0
    try:
        done = submitting.put(mm, sent, version=bodies.expected_version(now), by=current_user)
    except Stale as error:
        abort(412, str(error))
    return _submitted(done, sent), 200, {"ETag": bodies.etag(done.version)}


@bp.post("/<case_id>/withdraw")
@bp.response(204)
def withdraw(case_id: CaseId) -> None:
    """Take a case out of matching at once; whoever was told of it hears of it."""
    cases.withdraw(mm, case_id, by=current_user)


def _line(stored: StoredCase, counted: Counts) -> dict[str, Any]:
    case: Case = stored.case
    return {
        "id": case.id,
        "version": stored.version,
        "owner": case.owner,
        "local_id": case.local_id,
        "label": case.label,
        "status": case.status,
        "sharing": case.sharing,
        "effective_sharing": case.effective_sharing,
        "test": case.test,
        "created_at": stored.created_at,
        "updated_at": stored.updated_at,
        "matches": counted,
    }


def _spelled(stored: StoredCase, type_: str) -> dict[str, Any]:
    patient = write_case(stored.case, mm.release)
    if type_ == PHENOPACKET:
        return write_phenopacket(stored.case, mm.release, created=stored.updated_at)
    if type_ in MME:
        return {"patient": patient}
    counted = match_life.counts(mm, [stored], by=current_user).get(stored.case.id, Counts())
    spelled: dict[str, Any] = CaseSchema().dump({**_line(stored, counted), "patient": patient})
    return spelled


def _submitted(done: Submitted, sent: Sent) -> dict[str, Any]:
    return {
        "id": done.case_id,
        "version": done.version,
        "created": done.created,
        "changed": done.changed,
        "warnings": sent.warnings,
    }


def _validated(sent: Sent) -> AnyResponse:
    said = {"valid": True, "warnings": sent.warnings, "patient": write_case(sent.case, mm.release)}
    return Response(strict_json.dumps(ValidatedSchema().dump(said)), content_type=CASE_TYPES[0])


def _idempotency_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if key is not None and not 0 < len(key) <= LONGEST_KEY:
        abort(400, f"Idempotency-Key: send 1 to {LONGEST_KEY} characters, such as a random UUID")
    return key
