"""Handing a mail to the server that MATCHMAKER_SMTP_URL names, or to a folder where there is none.

`smtps://` is TLS from the first byte; `smtp://` changes to TLS when the server offers it, and a password is never sent
without. The certificate is checked against `<home>/tls/smtp.ca.pem` if that is there, the public ones otherwise.
"""

from __future__ import annotations

import contextlib
import logging
import os
import smtplib
import ssl
import time
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from matchmaker.errors import MatchmakerError, SettingsError
from matchmaker.settings import Mode, Settings

TIMEOUT_SECONDS = 30.0  # far less than a lease of work: nobody else sends the same mail meanwhile
PAUSE_SECONDS = 60.0  # after a server did not answer: other work does not wait for it mail by mail
_DEAF = (smtplib.SMTPServerDisconnected, smtplib.SMTPConnectError)
_not_before: dict[str, float] = {}  # on the monotonic clock, by the server's URL
log = logging.getLogger(__name__)


class NotSent(MatchmakerError):
    """The server did not take a mail; it is tried again later."""

    def __init__(self, why: str) -> None:
        super().__init__(f"mail: {why}; check MATCHMAKER_SMTP_URL and the mail server")


def can_send(settings: Settings) -> bool:
    """Say whether mails go anywhere now; in production without a server they are kept as unsent."""
    if not settings.smtp_url:
        return settings.mode is not Mode.PRODUCTION
    return time.monotonic() >= _not_before.get(settings.smtp_url, 0.0)


def send(settings: Settings, message: EmailMessage) -> None:
    """Hand over one mail.

    Raises
    ------
    NotSent
        When it cannot be; it may be tried again.
    SettingsError
        When MATCHMAKER_SMTP_URL cannot be read.
    """
    try:
        if settings.smtp_url:
            _hand_over(settings, _read(settings.smtp_url), message)
        else:
            _write(settings.home / "outbox", message)
    except (OSError, smtplib.SMTPException) as error:
        if not isinstance(error, smtplib.SMTPException) or isinstance(error, _DEAF):
            _not_before[settings.smtp_url] = time.monotonic() + PAUSE_SECONDS
        # What the server says may name the person it refused; the log and the row keep the kind of fault only.
        raise NotSent(type(error).__name__) from error


def reach(settings: Settings) -> None:
    """Greet the mail server, and sign in if a password is set; nothing is sent.

    Raises
    ------
    NotSent
        When it does not answer or does not let us in.
    SettingsError
        When MATCHMAKER_SMTP_URL cannot be read.
    """
    try:
        with _connected(settings, _read(settings.smtp_url)) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        raise NotSent(type(error).__name__) from error


def _read(url: str) -> SplitResult:
    parts = urlsplit(url)
    try:
        readable = parts.scheme in {"smtp", "smtps"} and parts.hostname and parts.port != 0
    except ValueError:
        readable = False
    if not readable:
        raise SettingsError("MATCHMAKER_SMTP_URL", "must be smtp://host:port or smtps://user:password@host:port")
    return parts


def _hand_over(settings: Settings, url: SplitResult, message: EmailMessage) -> None:
    with _connected(settings, url) as server:
        server.send_message(message)


@contextlib.contextmanager
def _connected(settings: Settings, url: SplitResult) -> Iterator[smtplib.SMTP]:
    host, own = url.hostname or "", settings.home / "tls" / "smtp.ca.pem"
    server: smtplib.SMTP
    if url.scheme == "smtps":
        server = smtplib.SMTP_SSL(host, url.port or 465, timeout=TIMEOUT_SECONDS, context=_tls(own))
    else:
        server = smtplib.SMTP(host, url.port or 587, timeout=TIMEOUT_SECONDS)
    with server:
        server.ehlo()
        encrypted = url.scheme == "smtps"
        if not encrypted and server.has_extn("starttls"):
            server.starttls(context=_tls(own))
            encrypted = True
        if url.username:
            if not encrypted:
                raise NotSent("the server offers no TLS, and the password is not sent in clear")
            server.login(unquote(url.username), unquote(url.password or ""))
        yield server


def _tls(own: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(own) if own.exists() else None)


def _write(folder: Path, message: EmailMessage) -> None:
    """Keep the mail as a file that a mail program opens; the same mail again is the same file."""
    folder.mkdir(mode=0o700, exist_ok=True)
    name = str(message["Message-ID"]).strip("<>").partition("@")[0]
    path = folder / f"{name}.eml"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as out:
        out.write(message.as_bytes())
    log.info("mail written to %s", path.name)
