"""The addresses of patientMatcher, for the description of the API."""

from __future__ import annotations

from typing import Any

from federation.media_type import JSON
from web.api.bodies import MME
from web.patient_matcher import PREFIX, SENTENCES

TAG = {
    "name": "submitters",
    "description": f"For clients of patientMatcher, such as Scout; without `{PREFIX}` for who sends X-Auth-Token",
}
SECURITY = {"submitterToken": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}}
_PATIENT_ID = {
    "in": "path",
    "name": "patient_id",
    "required": True,
    "schema": {"type": "string", "minLength": 1},
    "description": "The id by which the patient was added",
}
_NODE = {"in": "query", "name": "node", "schema": {"type": "string"}, "description": "Ask this one alone"}
_TEXT = {"type": "string"}
_SENT = {
    "required": True,
    "content": {t: {"schema": {"$ref": "#/components/schemas/MatchRequest"}} for t in (*MME, JSON)},
}
_SAID = {"type": "object", "required": ["message"], "properties": {"message": _TEXT}}
_BY_NODE = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["node", "patients"],
        "properties": {
            "node": {"type": "object", "properties": {"id": _TEXT, "label": _TEXT}},
            "patients": {"type": "array", "items": {"type": "object", "required": ["patient", "score"]}},
            "disclaimer": _TEXT,
            "terms": _TEXT,
        },
    },
}
_MATCHES = {
    "type": "object",
    "properties": {
        "message": _TEXT,
        "matches": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["_id", "created", "has_matches", "data", "results", "match_type"],
                "properties": {
                    "_id": {"type": "object", "properties": {"$oid": _TEXT}},
                    "created": {"type": "object", "properties": {"$date": {"type": "string", "format": "date-time"}}},
                    "match_type": {"type": "string", "enum": ["internal", "external"]},
                    "results": _BY_NODE,
                },
            },
        },
    },
}
_NODES = {"type": "array", "items": {"type": "object", "properties": {"id": _TEXT, "description": _TEXT}}}
_OTHER = {
    403: "The token lacks the scope",
    404: "There is none",
    413: "Too large",
    415: "Of a type that is not read here",
    503: "Not now: try again later; nothing that was accepted is lost",
    507: "The disk of the node is full or read-only",
}


def _operation(summary: str, answer: dict[str, Any], *refusals: int, **more: Any) -> dict[str, Any]:
    missing = more.pop("missing", None)
    answers: dict[str, Any] = {"200": {"description": "OK", "content": {JSON: {"schema": answer}}}}
    for status in sorted({400, 401, 403, 503, *refusals}):
        sentence = {"type": "string", "example": SENTENCES.get(status, _OTHER.get(status))}
        schema = missing if status == 404 and missing is not None else sentence
        content = {JSON: {"schema": schema}}
        answers[str(status)] = {"description": SENTENCES.get(status) or _OTHER[status], "content": content}
    return {
        "summary": summary,
        "tags": [TAG["name"]],
        "security": [{"submitterToken": []}, {"token": []}],
        "responses": answers,
        **more,
    }


_PATHS: dict[str, dict[str, dict[str, Any]]] = {
    "/patient/add": {"post": _operation("Add or update a patient.", _SAID, 413, 415, 422, 507, requestBody=_SENT)},
    "/patient/delete/{patient_id}": {
        "delete": _operation("Delete a patient and its matches.", _SAID, 507, parameters=[_PATIENT_ID])
    },
    "/patient/{patient_id}": {
        "get": _operation(
            "Show a patient as it is stored.",
            {"$ref": "#/components/schemas/StoredPatient"},
            404,
            parameters=[_PATIENT_ID],
            missing=_SAID,
        )
    },
    "/matches/{patient_id}": {
        "get": _operation("Show what was found for a patient.", _MATCHES, parameters=[_PATIENT_ID])
    },
    "/match": {
        "post": _operation(
            "Match a stored patient with the others of this node.",
            {"$ref": "#/components/schemas/MatchResponse"},
            404,
            413,
            415,
            422,
            507,
            requestBody=_SENT,
        )
    },
    "/match/external/{patient_id}": {
        "post": _operation(
            "Let a patient ask other nodes, and wait for their answers.",
            {"type": "object", "properties": {"message": _TEXT, "results": _BY_NODE}},
            507,
            parameters=[_PATIENT_ID, _NODE],
        )
    },
    "/nodes": {"get": _operation("List the nodes that can be asked.", _NODES)},
}
PATHS = {PREFIX + address: operations for address, operations in _PATHS.items()}
