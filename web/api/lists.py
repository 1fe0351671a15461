"""Pages of a list: how many at most, and where the next one is, in the body and as a header (RFC 8288)."""

from __future__ import annotations

from typing import Any

from flask import request, url_for
from marshmallow import fields, validate


def LIMIT(usual: int, most: int) -> fields.Integer:  # noqa: N802 - stands among the fields of a schema
    """How many of a list are wanted at once."""
    return fields.Integer(
        load_default=usual, strict=False, validate=validate.Range(1, most), metadata={"description": "at most so many"}
    )


def next_page(cursor: str | None) -> dict[str, str]:
    """Point to the next page of what was asked for."""
    if cursor is None:
        return {}
    asked: dict[str, Any] = {**request.args.to_dict(), **(request.view_args or {}), "cursor": cursor}
    return {"Link": f'<{url_for(request.endpoint or "", **asked)}>; rel="next"'}
