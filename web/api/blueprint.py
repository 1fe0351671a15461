"""A blueprint of the API: flask-smorest's, reading bodies with the one strict reader of JSON."""

from __future__ import annotations

from flask_smorest import Blueprint

from web.api.bodies import StrictParser


class ApiBlueprint(Blueprint):
    """Addresses below /api/v1 that belong together; the name is also their heading in the documentation."""

    ARGUMENTS_PARSER = StrictParser()

    def __init__(self, name: str, import_name: str, *, url_prefix: str, description: str) -> None:
        super().__init__(name, import_name, url_prefix=f"/api/v1{url_prefix}", description=description)
