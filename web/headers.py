"""What every answer tells the browser: load nothing from elsewhere, frame us nowhere, keep nothing."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request

from matchmaker.settings import Mode

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",  # Bootstrap's style sheet draws its icons from data: addresses
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "object-src 'none'",
        "frame-ancestors 'none'",
    )
)
FOR_ALL = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
ONE_YEAR = 31_536_000
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")


def is_loopback(address: str) -> bool:
    """Say whether an http address is one of this machine."""
    parts = urlsplit(address)
    return parts.scheme == "http" and parts.hostname in {name.strip("[]") for name in LOOPBACK}


def protect(app: Flask, mode: Mode) -> None:
    """Add the security headers to every answer, errors included."""

    @app.after_request
    def add(response: Response) -> Response:
        for name, value in FOR_ALL.items():
            response.headers.setdefault(name, value)
        if request.endpoint != "static":
            response.headers.setdefault("Cache-Control", "no-store")
        if mode is Mode.PRODUCTION:
            response.headers.setdefault("Strict-Transport-Security", f"max-age={ONE_YEAR}; includeSubDomains")
        return response
