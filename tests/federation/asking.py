"""Another node that asks us, over the WSGI application itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Flask
from werkzeug.test import TestResponse

from federation import nodes, server
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
V1_1 = "application/vnd.ga4gh.matchmaker.v1.1+json"
SPAIN = NodeName("spain")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """A registered node with its token."""

    app: Flask
    token: str

    def match(self, patient: Any, **options: Any) -> TestResponse:
        return self.post(json.dumps({"patient": patient}).encode(), **options)

    def post(
        self, body: bytes, *, path: str = "/mme/match", token: str | None = "", headers: dict[str, str] | None = None
    ) -> TestResponse:
        """Send a body in version 1.0 unless headers say otherwise; a token of None sends none."""
        sent = {"Content-Type": V1_0, "Accept": V1_0} if headers is None else dict(headers)
        return self.app.test_client().post(path, data=body, headers=self._with_token(sent, token))

    def get(self, path: str, *, token: str | None = "", headers: dict[str, str] | None = None) -> TestResponse:
        return self.app.test_client().get(path, headers=self._with_token(dict(headers or {}), token))

    def _with_token(self, headers: dict[str, str], token: str | None) -> dict[str, str]:
        return headers if token is None else {**headers, "X-Auth-Token": token or self.token}


def an_asker(mm: Matchmaker, name: NodeName = SPAIN) -> Asker:
    return Asker(app=server.create_app(mm), token=nodes.issue_token(mm, name, by=SYSTEM))


def a_patient(**stated: Any) -> dict[str, Any]:
    """What a peer sends; what is None is left out."""
    usual = {
        "id": "1",
        "contact": {"name": "Dr Peer", "href": "mailto:peer@example.org"},
        "features": [{"id": "HP:0000252"}, {"id": "HP:0002521"}, {"id": "HP:0001263"}],
    }
    return {name: value for name, value in {**usual, **stated}.items() if value is not None}


def answer_of(response: TestResponse) -> dict[str, Any]:
    """The JSON of an answer, whatever its type."""
    said: dict[str, Any] = json.loads(response.data)
    return said
