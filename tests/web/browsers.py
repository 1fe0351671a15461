"""Browsers in which somebody is signed in already, and what fills in a form."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from matchmaker import api_tokens
from matchmaker.actors import Role, User
from matchmaker.api_tokens import NewToken, Scope
from matchmaker.current import matchmaker_of
from matchmaker.service import Matchmaker
from matchmaker.store import accounts as stored
from matchmaker.store import sessions
from tests.matchmaker.people import ADDRESS, user_of, with_account
from web.auth import TOKEN

__all__ = ["ADDRESS", "api_token", "signed_in", "submit", "text_of"]


def signed_in(
    app: Flask, email: str = ADDRESS, *, role: Role = Role.CLINICIAN, centre: str | None = "Dublin"
) -> FlaskClient:
    """Return a browser with a session; an account that is not there is made."""
    mm, at = matchmaker_of(app), dt.datetime.now(dt.UTC)
    account_id = _account(mm, email, role=role, centre=centre).account_id
    with mm.transaction() as db:
        expires_at = at + dt.timedelta(hours=1)
        token = sessions.start(db, account_id, complete=True, device="test", expires_at=expires_at, at=at)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie[TOKEN] = token
    return client


def api_token(
    mm: Matchmaker,
    *scopes: Scope,
    email: str = ADDRESS,
    role: Role = Role.CLINICIAN,
    centre: str | None = "Dublin",
) -> str:
    """Return an API token with these scopes; an account that is not there is made."""
    user = _account(mm, email if role is Role.CLINICIAN else f"{role}@example.org", role=role, centre=centre)
    return api_tokens.issue(mm, NewToken(name="test", scopes=scopes), by=user)


def submit(client: FlaskClient, address: str, *, page: str | None = None, **fields: object) -> TestResponse:
    """Open a page with a form (`page`, if it is not where the form goes), and send it with its hidden token."""
    shown = client.get(page or address).text
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', shown)
    assert token, f"no form at {page or address}"
    return client.post(address, data={"csrf_token": token.group(1), **fields})


def text_of(answer: TestResponse) -> str:
    """Return what an answer says, a workbook's compressed parts unpacked."""
    if not zipfile.is_zipfile(io.BytesIO(answer.data)):
        return answer.text
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        return "\n".join(archive.read(name).decode() for name in archive.namelist())


def _account(mm: Matchmaker, email: str, *, role: Role, centre: str | None) -> User:
    with mm.reading() as db:
        known = stored.find(db, email)
    return with_account(mm, email, role=role, centre=centre) if known is None else user_of(mm, email)
