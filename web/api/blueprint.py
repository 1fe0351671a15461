"""A blueprint of the API: flask-smorest's, reading bodies with the one strict reader of JSON."""

from __future__ import annotations

from typing import Any

from flask import Request
from flask_smorest import Blueprint
from webargs.flaskparser import FlaskParser

from federation import strict_json


class _StrictParser(FlaskParser):
    def _raw_load_json(self, req: Request) -> Any:
        return strict_json.loads(req.get_data())


class ApiBlueprint(Blueprint):
    """Addresses below /api/v1 that belong together; the name is also their heading in the documentation."""

    ARGUMENTS_PARSER = _StrictParser()

    def __init__(self, name: str, import_name: str, *, url_prefix: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix=f"/api/v1{url_prefix}", description=description)
