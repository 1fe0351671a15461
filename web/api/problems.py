"""What the API says when something went wrong: problem details (RFC 9457), with where and what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flask import Response
from marshmallow import Schema, fields
from werkzeug.http import HTTP_STATUS_CODES

from federation import strict_json
from matchmaker.errors import Issue

MEDIA_TYPE = "application/problem+json"


class IssueSchema(Schema):
    """One thing that the caller can mend."""

    path = fields.String(metadata={"description": "Where, such as features[2].id"})
    message = fields.String(metadata={"description": "What is wrong"})
    remedy = fields.String(metadata={"description": "What to do"})


class ProblemSchema(Schema):
    """Problem details."""

    type = fields.String(metadata={"description": "about:blank: the status says what kind of problem it is"})
    title = fields.String(metadata={"description": "The status in words"})
    status = fields.Integer()
    detail = fields.String(metadata={"description": "What went wrong, in a line"})
    errors = fields.List(fields.Nested(IssueSchema))


def problem(status: int, detail: str, issues: Sequence[Issue] = ()) -> Response:
    """Answer with problem details."""
    said: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTP_STATUS_CODES[status],
        "status": status,
        "detail": detail,
    }
    if issues:
        said["errors"] = [asdict(issue) for issue in issues]
    return Response(strict_json.dumps(said), status=status, content_type=MEDIA_TYPE)


def issues_of(messages: Any, path: str = "") -> Iterator[Issue]:
    """Flatten what marshmallow says of a body into issues, each with its path."""
    if isinstance(messages, Mapping):
        for key, below in messages.items():
            yield from issues_of(below, _joined(path, key))
    else:
        for message in messages if isinstance(messages, list) else [messages]:
            text = str(message).rstrip(".")
            yield Issue(path=path, message=text[:1].lower() + text[1:], remedy="see /api/docs")


def _joined(path: str, key: object) -> str:
    if isinstance(key, int):
        return f"{path}[{key}]"
    if key in {"json", "query", "files", "form", "_schema"} and not path:
        return ""
    return f"{path}.{key}" if path else str(key)
