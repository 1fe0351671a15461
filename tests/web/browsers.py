"""Browsers in which somebody is signed in already, and what fills in a form."""

from __future__ import annotations

import datetime as dt
import re

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from matchmaker import accounts
from matchmaker.actors import SYSTEM, Role
from matchmaker.current import matchmaker_of
from matchmaker.store import accounts as stored
from matchmaker.store import sessions
from web.auth import TOKEN

ADDRESS = "aoife@dublin.example.org"


def signed_in(
    app: Flask, email: str = ADDRESS, *, role: Role = Role.CLINICIAN, centre: str | None = "Dublin"
) -> FlaskClient:
    """Return a browser with a session; an account that is not there is made."""
    mm, at = matchmaker_of(app), dt.datetime.now(dt.UTC)
    with mm.reading() as db:
        known = stored.find(db, email)
    if known is None:
        accounts.add(mm, email, role=role, centre=centre, by=SYSTEM)
    with mm.transaction() as db:
        account = stored.find(db, email)
        assert account is not None
        expires_at = at + dt.timedelta(hours=1)
        token = sessions.start(db, account.id, complete=True, device="test", expires_at=expires_at, at=at)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client


def submit(client: FlaskClient, address: str, *, page: str | None = None, **fields: object) -> TestResponse:
    """Open a page with a form (`page`, if it is not where the form goes), and send it with its hidden token."""
    shown = client.get(page or address).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    assert token, f"no form at {page or address}"
    return client.post(address, data={"csrf_token": token.group(1), **fields})
