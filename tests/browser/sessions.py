"""A real browser in which somebody is signed in already."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import Browser, BrowserContext


def signed_in_context(browser: Browser, app: Flask, client: FlaskClient, url: str, **options: Any) -> BrowserContext:
    """Give a browser of its own the session that a test client has."""
    name = app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    context = browser.new_context(viewport={"width": 1280, "height": 800}, **options)
    context.set_default_timeout(30_000)
    context.add_cookies([{"name": name, "value": cookie.value, "url": url}])
    return context
