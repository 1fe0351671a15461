from __future__ import annotations

import stat
from dataclasses import replace
from email.message import EmailMessage
from pathlib import Path

import pytest

from matchmaker import mail
from matchmaker.errors import SettingsError
from matchmaker.mail import NotSent
from matchmaker.settings import Mode, Settings
from tests.federation.certificates import authority, issued, server_context
from tests.mailbox import mailbox


def a_message() -> EmailMessage:
    message = EmailMessage()
    message["Subject"], message["From"], message["To"] = "New matches", "node@example.org", "owner@example.org"
    message["Message-ID"] = "<abc@node.example>"
    message.set_content("Hello")
    return message


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


def test_mail_reaches_the_server(settings: Settings) -> None:
    with mailbox() as post:
        mail.send(replace(settings, smtp_url=post.url), a_message())

    assert (post.recipients, post.encrypted, post.logins) == (["owner@example.org"], [False], [])
    assert post.mails[0]["Message-ID"] == "<abc@node.example>"


def test_starttls_is_used_when_offered_and_only_then_the_password_is_sent(settings: Settings) -> None:
    ca = authority()
    (settings.home / "tls").mkdir()
    (settings.home / "tls" / "smtp.ca.pem").write_bytes(ca.pem)
    with mailbox(starttls=server_context(settings.home, issued(ca, "localhost"))) as post:
        url = f"smtp://node%40x:s%2Fecret@localhost:{post.port}"
        mail.send(replace(settings, smtp_url=url), a_message())

    assert post.encrypted == [True]
    assert post.logins == [(b"node@x", b"s/ecret")]


def test_smtps_is_encrypted_from_the_first_byte(settings: Settings) -> None:
    ca = authority()
    (settings.home / "tls").mkdir()
    (settings.home / "tls" / "smtp.ca.pem").write_bytes(ca.pem)
    with mailbox(tls=server_context(settings.home, issued(ca, "localhost"))) as post:
        mail.send(replace(settings, smtp_url=f"smtps://localhost:{post.port}"), a_message())

    assert post.encrypted == [True]


def test_password_is_not_sent_without_tls(settings: Settings) -> None:
    with mailbox() as post:
        url = f"smtp://user:secret@127.0.0.1:{post.port}"
        with pytest.raises(NotSent, match="in clear") as raised:
            mail.send(replace(settings, smtp_url=url), a_message())

    assert "secret" not in str(raised.value)
    assert post.logins == []


def test_certificate_of_nobody_is_refused_before_the_mail_is_sent(settings: Settings) -> None:
    nobody = server_context(settings.home, issued(None, "localhost"))
    with mailbox(starttls=nobody) as post, pytest.raises(NotSent, match="SSLCertVerificationError"):
        mail.send(replace(settings, smtp_url=f"smtp://localhost:{post.port}"), a_message())

    assert post.mails == []


def test_what_the_server_says_of_a_person_is_not_repeated(settings: Settings) -> None:
    with mailbox() as post:
        post.refusing = "550 owner@example.org is unknown"
        with pytest.raises(NotSent) as raised:
            mail.send(replace(settings, smtp_url=post.url), a_message())

    assert "owner@" not in str(raised.value)


def test_server_that_is_down_is_a_mail_not_sent(settings: Settings) -> None:
    with pytest.raises(NotSent, match="ConnectionRefusedError"):
        mail.send(replace(settings, smtp_url="smtp://127.0.0.1:9"), a_message())


@pytest.mark.parametrize("url", ["mail.example.org", "http://mail.example.org", "smtp://", "smtp://x:port"])
def test_address_that_is_none_is_said_by_name(settings: Settings, url: str) -> None:
    with pytest.raises(SettingsError, match="MATCHMAKER_SMTP_URL"):
        mail.send(replace(settings, smtp_url=url), a_message())


def test_without_a_server_a_development_node_writes_files_that_only_it_can_read(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        mail.send(settings, a_message())
        mail.send(settings, a_message())

    (written,) = (settings.home / "outbox").iterdir()
    assert written.name == "abc.eml"
    assert b"owner@example.org" in written.read_bytes()
    assert stat.S_IMODE(written.stat().st_mode) == 0o600
    assert "owner@" not in caplog.text


def test_production_without_a_server_sends_nothing(settings: Settings) -> None:
    assert not mail.can_send(replace(settings, mode=Mode.PRODUCTION))
    assert mail.can_send(replace(settings, mode=Mode.PRODUCTION, smtp_url="smtps://mail.example.org"))
    assert mail.can_send(settings)
