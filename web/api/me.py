"""Who is calling: for trying a token."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from web.api.blueprint import ApiBlueprint
from web.auth import current_scopes, current_user

bp = ApiBlueprint("me", __name__, url_prefix="/me", description="Who is calling, and with what")


class MeSchema(Schema):
    """The account that a token calls for."""

    email = fields.String()
    role = fields.String()
    centre = fields.String(allow_none=True)
    scopes = fields.List(fields.String(), allow_none=True, metadata={"description": "null: signed in, not by a token"})


@bp.get("")
@bp.response(200, MeSchema)
def show() -> dict[str, Any]:
    """Say for whom this token calls."""
    user, scopes = current_user, current_scopes()
    return {
        "email": user.email,
        "role": user.role.value,
        "centre": user.centre,
        "scopes": None if scopes is None else sorted(scopes),
    }
