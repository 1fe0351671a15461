"""The addresses beside the API, for its description: for other nodes, and for who watches this one."""

from __future__ import annotations

from typing import Any

from federation.media_type import JSON, SUPPORTED_VERSIONS, vendor_type
from matchmaker.store.case_notices import Kind
from web.api.patients import PATIENT

NODES, WATCHERS = "nodes", "health"
TAGS = (
    {"name": NODES, "description": "For other nodes: Matchmaker Exchange 1.0 and 1.1, and what nodes of our kind add"},
    {"name": WATCHERS, "description": "For who watches or finds this node"},
)
SECURITY = {"nodeToken": {"type": "apiKey", "in": "header", "name": "X-Auth-Token"}}
_VENDOR = [vendor_type(version) for version in reversed(SUPPORTED_VERSIONS)]
_WHY = {
    "400": "No JSON that every reader reads the same way",
    "401": "No token, or none that is good any more",
    "403": "A signature is missing or wrong",
    "404": "There is none, or none for this node",
    "406": "Another version than 1.x is asked for",
    "413": "Over 64 KiB",
    "415": "No JSON by its type",
    "422": "What is wrong, where, and what to do",
    "429": "The budget of this node is spent: try again after Retry-After seconds",
    "503": "Not now: try again after Retry-After seconds",
    "507": "The disk of the node is full or read-only",
}
_MESSAGE = {
    "type": "object",
    "required": ["message"],
    "properties": {
        "message": {"type": "string", "example": "patient.contact: is missing"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/Issue"}},
        "supportedVersions": {"type": "array", "items": {"type": "string"}, "example": SUPPORTED_VERSIONS},
    },
}
_RESULT = {
    "type": "object",
    "required": ["score", "patient"],
    "properties": {
        "score": {
            "type": "object",
            "required": ["patient"],
            "properties": {"patient": {"type": "number", "minimum": 0, "maximum": 1}},
        },
        "patient": {"$ref": "#/components/schemas/Patient"},
    },
}


def _object(*required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "required": list(required), "properties": properties}


SCHEMAS: dict[str, dict[str, Any]] = {
    "Message": _MESSAGE,
    "MatchRequest": {
        "type": "object",
        "required": ["patient"],
        "properties": {"patient": {"$ref": "#/components/schemas/SentPatient"}},
        "example": {"patient": PATIENT},
    },
    "StoredPatient": _object("patient", patient={"$ref": "#/components/schemas/Patient"}),
    "MatchResponse": {
        "type": "object",
        "required": ["results"],
        "properties": {
            "results": {"type": "array", "items": _RESULT},
            "disclaimer": {"type": "string"},
            "terms": {"type": "string"},
        },
    },
}


def _content(schema: dict[str, Any], *types: str) -> dict[str, Any]:
    return {type_: {"schema": schema} for type_ in types}


def _refusals(statuses: str, *types: str) -> dict[str, Any]:
    message = {"$ref": "#/components/schemas/Message"}
    return {status: {"description": _WHY[status], "content": _content(message, *types)} for status in statuses.split()}


def _for_nodes(summary: str, answer: dict[str, Any], refusals: str, **more: Any) -> dict[str, Any]:
    types = more.pop("types", (JSON,))
    well = {"200": {"description": "OK", "content": _content(answer, *types)}}
    refused = _refusals(refusals, *more.pop("refused", (JSON,)))
    return {"summary": summary, "tags": [NODES], "responses": well | refused, "security": [{"nodeToken": []}], **more}


def _body(schema: dict[str, Any], *types: str) -> dict[str, Any]:
    return {"required": True, "content": _content(schema, *types)}


def _watched(summary: str, answer: dict[str, Any], *failing: str, type_: str = JSON) -> dict[str, Any]:
    answers = {status: {"description": "", "content": _content(answer, type_)} for status in ("200", *failing)}
    answers["200"]["description"] = "OK"
    for status in failing:
        answers[status]["description"] = _WHY[status]
    return {"summary": summary, "tags": [WATCHERS], "responses": answers, "security": []}


_TEXT = {"type": "string"}
_ID = {"type": "string", "pattern": "^[0-9A-Za-z_-]{1,32}$"}
_KIND = {"type": "string", "enum": [kind.value for kind in Kind]}
_STEP = {"type": "string", "enum": ["accept", "ready", "finish"]}
_REPORT = "401 403 406 429 503 507"
_BESIDE = "400 401 403 404 413 422 429 503 507"
_STATUS = _object("status", status={"type": "string"}, message=_TEXT)

PATHS: dict[str, dict[str, dict[str, Any]]] = {
    "/mme/match": {
        "post": _for_nodes(
            "Find cases that resemble a patient.",
            {"$ref": "#/components/schemas/MatchResponse"},
            "400 401 403 406 413 415 422 429 503 507",
            types=tuple(_VENDOR),
            refused=(_VENDOR[0],),
            requestBody=_body({"$ref": "#/components/schemas/MatchRequest"}, *_VENDOR, JSON),
        )
    },
    "/mme/heartbeat": {
        "get": _for_nodes(
            "Say that we are there, and what we speak.",
            _object("heartbeat", heartbeat=_object("production", "version", "accept")),
            _REPORT,
            types=(JSON, *_VENDOR),
        )
    },
    "/mme/metrics": {
        "get": _for_nodes(
            "Say how much there is to match with, rounded.",
            _object("metrics", metrics=_object("numberOfCases")),
            _REPORT,
            types=(JSON, *_VENDOR),
        )
    },
    "/federation/notices": {
        "post": _for_nodes(
            "Tell that a case was withdrawn, erased or corrected, or a match confirmed.",
            _object("acknowledged", acknowledged=_TEXT, matches={"type": "integer"}),
            _BESIDE,
            requestBody=_body(
                _object("notice", notice=_object("id", "kind", "case", id=_ID, kind=_KIND, case=_ID)), JSON
            ),
        )
    },
    "/federation/messages": {
        "post": _for_nodes(
            "Carry a letter between the clinicians of a match.",
            {"type": "object"},
            _BESIDE,
            requestBody=_body(_object("message", message=_object("id", id=_ID)), JSON),
        )
    },
    "/federation/pairing": {
        "post": _for_nodes(
            "Pair with another node, one step of the handshake at a time; the invitation is the proof.",
            {"type": "object"},
            _BESIDE.replace("401 ", ""),
            requestBody=_body(_object("pairing", pairing=_object("id", "step", id=_TEXT, step=_STEP)), JSON),
        )
        | {"security": []}
    },
    "/health/live": {"get": _watched("Say that the process is alive.", _STATUS)},
    "/health/ready": {"get": _watched("Say whether requests can be answered now.", _STATUS, "503")},
    "/health/metrics": {
        "get": _watched(
            "Say how the node does, as Prometheus reads it; to callers from this machine or a private network.",
            _TEXT,
            type_="text/plain",
        )
    },
    "/service-info": {
        "get": _watched(
            "Describe the node as GA4GH service-info 1.0.0 does.",
            _object("id", "name", "type", "organization", "version", id=_TEXT, name=_TEXT, version=_TEXT),
        )
    },
    "/api/v1/openapi.json": {"get": _watched("Describe all this as OpenAPI.", {"type": "object"})},
}
