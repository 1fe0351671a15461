"""Programs that call the API of a node."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from matchmaker.api_tokens import Scope
from matchmaker.current import matchmaker_of
from tests.web.browsers import ADDRESS, api_token

HERS = "bran@cork.example.org"


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A program with a token that has all scopes."""

    app: Flask
    token: str

    def call(self, method: str, path: str, **sent: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.token}", **sent.pop("headers", {})}
        return self.app.test_client().open(f"/api/v1{path}", method=method, headers=headers, **sent)

    def get(self, path: str, **sent: Any) -> TestResponse:
        return self.call("GET", path, **sent)

    def post(self, path: str, **sent: Any) -> TestResponse:
        return self.call("POST", path, **sent)

    def put(self, path: str, **sent: Any) -> TestResponse:
        return self.call("PUT", path, **sent)


def program_of_dublin(app: Flask) -> Program:
    return Program(app=app, token=api_token(matchmaker_of(app), *Scope, email=ADDRESS))


def program_of_cork(app: Flask) -> Program:
    return Program(app=app, token=api_token(matchmaker_of(app), *Scope, email=HERS, centre="Cork"))


def a_patient(**stated: Any) -> dict[str, Any]:
    """A patient in Matchmaker Exchange form, as a hospital system sends it."""
    return {
        "id": "P-17",
        "contact": {"name": "Aoife Byrne", "href": "mailto:aoife@dublin.example.org"},
        "features": [{"id": "HP:0000252"}, {"id": "HP:0001250"}],
        "genomicFeatures": [{"gene": {"id": "PHGDH"}}],
        **stated,
    }
