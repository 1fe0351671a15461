"""OpenID Connect (Authlib): sign-in at the hospital's own identity provider, beside local accounts."""

from __future__ import annotations

from typing import Any

import structlog
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import OAuth
from flask import Flask, current_app, url_for
from flask_babel import gettext as _
from joserfc.errors import JoseError
from werkzeug.wrappers import Response

from matchmaker.errors import SettingsError, Unauthorised
from matchmaker.identities import Identity
from matchmaker.settings import Settings
from web.headers import is_loopback

TIMEOUT_SECONDS = 10.0
# Only signatures that the provider alone can make: with HS256 whoever knows the client's secret could.
_SIGNATURES = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})
_EXTENSION, _NAME = "matchmaker-provider", "provider"
log = structlog.get_logger(__name__)


def offer(app: Flask, settings: Settings) -> None:
    """Let people sign in at the provider that the settings name, if they do.

    Raises
    ------
    SettingsError
        When its address is not https, or the client's id or secret is missing.
    """
    issuer = settings.oidc_issuer.rstrip("/")
    app.extensions[_EXTENSION] = None
    app.context_processor(lambda: {"provider_name": settings.oidc_name if issuer else None})
    if not issuer:
        return
    if not issuer.startswith("https://") and not is_loopback(issuer):
        raise SettingsError("MATCHMAKER_OIDC_ISSUER", "must begin with https:")
    if not settings.oidc_client_id or not settings.oidc_client_secret:
        raise SettingsError(
            "MATCHMAKER_OIDC_CLIENT_ID", "and MATCHMAKER_OIDC_CLIENT_SECRET are needed beside the issuer"
        )
    clients: Any = OAuth(app)
    app.extensions[_EXTENSION] = clients.register(
        _NAME,
        server_metadata_url=f"{issuer}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        client_kwargs={
            "scope": "openid email",
            "code_challenge_method": "S256",
            "default_timeout": TIMEOUT_SECONDS,
        },
    )


def is_offered() -> bool:
    """Say whether there is a provider."""
    return current_app.extensions[_EXTENSION] is not None


def leave() -> Response:
    """Send the browser to the provider.

    Raises
    ------
    Unauthorised
        When the provider does not answer.
    """
    try:
        there: Response = _provider().authorize_redirect(url_for("provider.back", _external=True))
    except (AuthlibBaseError, OSError, ValueError, RuntimeError) as error:
        raise _failed(error) from error
    return there


def come_back(settings: Settings) -> Identity:
    """Return whom the provider named, after checking its signature and that the browser left from here.

    Raises
    ------
    Unauthorised
        When anything of it is not as it should be.
    """
    try:
        provider = _provider()
        token = provider.authorize_access_token()
        said = dict(token.get("userinfo") or {})
        if "sub" in said and "email" not in said:
            more = provider.userinfo(token=token)
            said = {**more, **said} if more.get("sub") == said["sub"] else said
    except (AuthlibBaseError, JoseError, OSError, ValueError, KeyError, RuntimeError) as error:
        raise _failed(error) from error
    if not said.get("sub"):
        raise Unauthorised(_("The identity provider did not say who you are."))
    return Identity(
        issuer=settings.oidc_issuer.rstrip("/"),
        subject=str(said["sub"]),
        email=said.get("email"),
        email_verified=said.get("email_verified") is True,
    )


def _provider() -> Any:
    """The client, once its provider has proved to be the one that the settings name."""
    provider = current_app.extensions[_EXTENSION]
    metadata = provider.load_server_metadata()
    expected = provider._server_metadata_url.removesuffix("/.well-known/openid-configuration")
    if str(metadata.get("issuer", "")).rstrip("/") != expected:
        raise ValueError("the provider names itself otherwise than the settings do")
    offered = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [name for name in offered if name in _SIGNATURES]
    return provider


def _failed(error: Exception) -> Unauthorised:
    log.warning("sign-in by the identity provider failed", error=type(error).__name__)
    return Unauthorised(_("Signing in at the identity provider did not work. Try again, or use a password."))
