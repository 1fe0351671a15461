"""The node's own API for hospital systems, one module for each area; `BLUEPRINTS` is all of them."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_smorest import Api

from web.api import addresses, cases, documentation, matches, me, patients, searches, submitters, terms
from web.api.blueprint import ApiBlueprint
from web.api.problems import ProblemSchema

BLUEPRINTS: tuple[ApiBlueprint, ...] = (me.bp, cases.bp, matches.bp, searches.bp, terms.bp)


class _Api(Api):
    """flask-smorest without its own answers to errors: `web.errors` has one for all addresses."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        pass


def offer(app: Flask) -> None:
    """Serve the API, its OpenAPI document and its documentation."""
    app.config.update(API_TITLE="Matchmaker", API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    options: dict[str, Any] = {"info": {"description": documentation.DESCRIPTION}}
    api = _Api(app, spec_kwargs=options)
    api.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    for name, schema in {**patients.SCHEMAS, **addresses.SCHEMAS}.items():
        api.spec.components.schema(name, schema)
    for blueprint in BLUEPRINTS:
        api.register_blueprint(blueprint)
    for name, scheme in {**submitters.SECURITY, **addresses.SECURITY}.items():
        api.spec.components.security_scheme(name, scheme)
    for tag in (submitters.TAG, *addresses.TAGS):
        api.spec.tag(tag)
    app.register_blueprint(documentation.blueprint(api.spec))
