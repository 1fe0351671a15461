"""The OpenAPI document, finished: scopes from the table that enforces them, names, and every answer there may be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from flask import current_app
from werkzeug.http import HTTP_STATUS_CODES
from werkzeug.routing import Rule

from web.access import ROUTES, Door
from web.api.problems import MEDIA_TYPE

METHODS = ("get", "post", "put", "patch", "delete")
_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_WHY = {
    400: "Not to be read: no JSON, or a character that cannot be kept",
    401: "No token, or none that is good any more",
    403: "The token lacks the scope, or the account the role",
    404: "There is none, or none for you",
    406: "Nothing that is answered here is accepted",
    412: "Somebody else saved first: get the case again",
    413: "Too large",
    415: "Of a type that is not read here",
    422: "What is wrong, where, and what to do",
    428: "If-Match is missing",
    503: "Not now: try again after Retry-After seconds; nothing that was accepted is lost",
    507: "The disk of the node is full or read-only; reading goes on",
}
# What the answer of an operation names, and the operations that take it: for tools that try out sequences.
_LINKS = {
    "cases_create": (
        "case_id",
        "id",
        ("cases_show", "cases_put", "cases_withdraw", "matches_of_case", "searches_begin"),
    ),
    "cases_index": ("case_id", "cases/0/id", ("cases_show", "matches_of_case")),
    "matches_of_case": ("match_id", "matches/0/id", ("matches_show", "matches_move", "matches_note")),
    "searches_begin": ("search_id", "id", ("searches_show",)),
    "terms_terms": ("term_id", "terms/0/id", ("terms_term",)),
    "terms_genes": ("gene_id", "genes/0/id", ("terms_gene",)),
}
_HEADERS = {401: "WWW-Authenticate", 503: "Retry-After"}


def finish(document: dict[str, Any]) -> dict[str, Any]:
    """Say of each operation what flask-smorest does not know of."""
    for rule, method, operation in _operations(document):
        access = ROUTES[rule.endpoint]
        if access.door is Door.API and "security" not in operation:
            operation["security"] = [{"token": [access.scope] if access.scope else []}]
            operation["responses"] = _answers(rule, method, operation)
        operation["operationId"] = rule.endpoint.removeprefix("api_").replace(".", "_")
        _link(operation)
        operation["tags"] = [tag.removeprefix("api_") for tag in operation["tags"]]
    for tag in document["tags"]:
        tag["name"] = tag["name"].removeprefix("api_")
    document["components"].pop("responses", None)
    document["components"]["schemas"].pop("PaginationMetadata", None)
    _type_words(document)
    return document


def _operations(document: dict[str, Any]) -> Iterator[tuple[Rule, str, dict[str, Any]]]:
    for rule in current_app.url_map.iter_rules():
        described = document["paths"].get(address_of(rule), {})
        for method in METHODS:
            if method in described and method.upper() in (rule.methods or ()):
                yield rule, method, described[method]


def address_of(rule: Rule) -> str:
    """Spell the address of a rule as OpenAPI does."""
    return _PARAMETER.sub(r"{\1}", rule.rule)


def _answers(rule: Rule, method: str, operation: dict[str, Any]) -> dict[str, Any]:
    """What is answered when all is well, as it is described, and every way of being refused."""
    refusals = {400, 401, 403, 503} | ({404} if rule.arguments else set())
    if any(parameter.get("in") == "query" for parameter in operation.get("parameters", ())):
        refusals.add(422)
    if "requestBody" in operation:
        refusals |= {413, 415, 422}
    if method != "get":
        refusals.add(507)
    described = {status: said for status, said in operation["responses"].items() if status.isdecimal()}
    refusals |= {int(status) for status in described if int(status) >= 400}
    well = {status: said for status, said in described.items() if int(status) < 400}
    return {**dict(sorted(well.items())), **{str(status): _problem(status) for status in sorted(refusals)}}


def _problem(status: int) -> dict[str, Any]:
    example = {"type": "about:blank", "title": HTTP_STATUS_CODES[status], "status": status, "detail": _WHY[status]}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "example": example}
    answer: dict[str, Any] = {"description": _WHY[status], "content": {MEDIA_TYPE: content}}
    if status in _HEADERS:
        answer["headers"] = {_HEADERS[status]: {"schema": {"type": "string"}}}
    return answer


def _link(operation: dict[str, Any]) -> None:
    if operation["operationId"] not in _LINKS:
        return
    parameter, place, takers = _LINKS[operation["operationId"]]
    links = {taker: {"operationId": taker, "parameters": {parameter: f"$response.body#/{place}"}} for taker in takers}
    for status, answer in operation["responses"].items():
        if status in {"200", "201", "202"}:
            answer["links"] = links


def _type_words(value: Any) -> None:
    """Say of each list of words that words are texts: some generators of clients need it."""
    if isinstance(value, dict):
        if isinstance(value.get("enum"), list) and "type" not in value:
            value["type"] = ["string", "null"] if None in value["enum"] else "string"
        for below in value.values():
            _type_words(below)
    elif isinstance(value, list):
        for below in value:
            _type_words(below)
