"""One Flask application for pages, Matchmaker Exchange and health."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask
from flask_bootstrap import Bootstrap5
from werkzeug.middleware.proxy_fix import ProxyFix

import federation.beside
import federation.health
import federation.server
from matchmaker import current
from matchmaker.errors import SettingsError
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from web import (
    api,
    auth,
    errors,
    headers,
    identity_provider,
    languages,
    navigation,
    numbers,
    patient_matcher,
    reading_order,
    words,
)
from web.views import BLUEPRINTS

MAX_FORM_BYTES = 20 * 1024 * 1024  # a spreadsheet of cases; Matchmaker Exchange has its own, smaller limit


def create_app(mm: Matchmaker) -> Flask:
    """Build the application that serves one node.

    Raises
    ------
    SettingsError
        When a node in production is not reached by https.
    """
    if mm.settings.mode is Mode.PRODUCTION and not mm.settings.base_url.startswith("https:"):
        raise SettingsError("MATCHMAKER_BASE_URL", "must begin with https: in production; let a proxy do TLS")
    app = Flask("web")
    reading_order.keep(app)
    app.config.update(_config(mm))
    if mm.settings.proxies:
        n = mm.settings.proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=n, x_proto=n, x_host=n)  # type: ignore[method-assign]
    current.attach(app, mm)
    app.jinja_env.globals["node_name"] = mm.settings.node_name
    Bootstrap5(app)
    headers.protect(app, mm.settings.mode)
    languages.offer(app)
    errors.register(app)
    auth.protect(app)
    identity_provider.offer(app, mm.settings)
    navigation.offer(app)
    numbers.offer(app)
    words.offer(app)
    app.register_blueprint(federation.server.blueprint(mm))
    app.register_blueprint(federation.beside.blueprint(mm))
    app.register_blueprint(federation.health.blueprint(mm))
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    patient_matcher.offer(app)
    api.offer(app)
    return app


def _config(mm: Matchmaker) -> dict[str, object]:
    settings = mm.settings
    https = settings.base_url.startswith("https:")
    return {
        "SECRET_KEY": mm.keys.pseudonym("session cookies"),
        # Ports do not part cookies: several nodes on one machine would overwrite each other's.
        "SESSION_COOKIE_NAME": f"{'__Host-' if https else ''}matchmaker-{mm.keys.pseudonym('cookie name')[:8]}",
        "SESSION_COOKIE_SECURE": https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "MAX_CONTENT_LENGTH": MAX_FORM_BYTES,
        "TRUSTED_HOSTS": _trusted_hosts(settings),
        "BOOTSTRAP_SERVE_LOCAL": True,
    }


def _trusted_hosts(settings: Settings) -> list[str]:
    """The host of our own address; on a developer's machine also loopback by any name."""
    own = urlsplit(settings.base_url).hostname or "localhost"
    return [own, *headers.LOOPBACK] if settings.mode is not Mode.PRODUCTION else [own]
