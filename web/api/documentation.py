"""The OpenAPI document as an address, and a page that shows it without a script."""

from __future__ import annotations

import json
import re
from copy import deepcopy
from dataclasses import dataclass
from functools import cache
from typing import Any

from apispec import APISpec
from flask import Blueprint, Response, render_template

from federation import strict_json
from web.api import addresses, submitters
from web.api.document import METHODS, finish

DESCRIPTION = (
    "The API of one node, for hospital systems; the addresses for other nodes stand beside it. Call "
    "it with a token: `Authorization: Bearer mmk_...`. A token has "
    "scopes, and never reaches more than the account that it belongs to. For professionals to discuss cases, not for "
    "decisions on diagnosis or treatment."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One address and method, as the page shows it."""

    method: str
    path: str
    summary: str
    description: str
    tag: str
    proof: str  # the token that is needed: its scheme in the document; empty: none
    scope: str | None
    parameters: tuple[dict[str, Any], ...]
    body: str
    answers: tuple[tuple[str, str, str], ...]  # status, meaning, schema

    @property
    def anchor(self) -> str:
        return re.sub(r"[^a-z0-9]+", "-", f"{self.method} {self.path}".lower()).strip("-")


def blueprint(spec: APISpec) -> Blueprint:
    """Build the two addresses of the documentation."""
    bp = Blueprint("api_docs", __name__)

    @cache
    def document() -> dict[str, Any]:
        said = spec.to_dict()
        return finish({**said, "paths": {**said["paths"], **deepcopy({**submitters.PATHS, **addresses.PATHS})}})

    @bp.get("/api/v1/openapi.json")
    def openapi() -> Response:
        return Response(strict_json.dumps(document()), content_type="application/json")

    @bp.get("/api/docs")
    def index() -> str:
        said = document()
        return render_template("api/docs.html", tags=said.get("tags", []), operations=_operations(said))

    return bp


def _operations(document: dict[str, Any]) -> list[Operation]:
    return [
        _operation(path, method, described[method], document)
        for path, described in document["paths"].items()
        for method in METHODS
        if method in described
    ]


def _operation(path: str, method: str, said: dict[str, Any], document: dict[str, Any]) -> Operation:
    needed: dict[str, list[str]] = next(iter(said["security"]), {})
    return Operation(
        method=method.upper(),
        path=path,
        summary=said.get("summary", ""),
        description=said.get("description", ""),
        tag=next(iter(said.get("tags", [])), ""),
        proof=next(iter(needed), ""),
        scope=next(iter(needed.get("token", ())), None),
        parameters=tuple(_resolved(parameter, document) for parameter in said.get("parameters", ())),
        body=_schema(said.get("requestBody", {}), document),
        answers=tuple(_answer(status, answer, document) for status, answer in said.get("responses", {}).items()),
    )


def _answer(status: str, answer: dict[str, Any], document: dict[str, Any]) -> tuple[str, str, str]:
    answer = _resolved(answer, document)
    return status, answer.get("description", ""), _schema(answer, document) if status.startswith("2") else ""


def _schema(holder: dict[str, Any], document: dict[str, Any]) -> str:
    """The schema of a body, with what it refers to written out one level deep."""
    for content in holder.get("content", {}).values():
        schema = _resolved(content.get("schema", {}), document)
        if schema.get("type") == "array":
            schema = {**schema, "items": _resolved(schema["items"], document)}
        return json.dumps(schema, indent=2, ensure_ascii=False)
    return ""


def _resolved(value: dict[str, Any], document: dict[str, Any]) -> dict[str, Any]:
    reference = value.get("$ref")
    if reference is None:
        return value
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)
