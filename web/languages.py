"""The languages of the pages: what the account says, else what was chosen in this browser, else what it asks for."""

from __future__ import annotations

from typing import Any

from flask import Flask, current_app, has_request_context, request
from flask_babel import Babel, Domain, get_locale
from werkzeug.wrappers import Response

from matchmaker import texts
from web.access import ROUTES, Door
from web.auth import signed_in

NAMES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}  # each in its own
COOKIE = "matchmaker-language"
COOKIE_SECONDS = 366 * 24 * 3600


class _Texts(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The texts of the whole program, where Flask-Babel looks for those of the pages."""

    def get_translations(self) -> Any:
        return texts.catalogue(current())


def offer(app: Flask) -> None:
    """Translate texts, and tell templates in which language they speak. Comes before who is asking is looked at."""
    babel = Babel(app, default_locale=texts.SOURCE, locale_selector=_choose)
    babel.domain_instance = _Texts()
    app.before_request(_speak)
    app.teardown_request(lambda _error: texts.speak_source())
    app.context_processor(
        lambda: {"language": current(), "languages": available(), "here": _here()},
    )


def available() -> dict[str, str]:
    """Return the languages that have a translation, English first, with their names."""
    return {code: NAMES.get(code, code) for code in texts.languages()}


def current() -> str:
    """Return the language of this request."""
    return str(get_locale() or texts.SOURCE) if has_request_context() else texts.SOURCE


def remember(answer: Response, language: str) -> None:
    """Let this browser say which language was chosen, also before somebody signs in."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    answer.set_cookie(COOKIE, language, max_age=COOKIE_SECONDS, secure=secure, httponly=True, samesite="Lax")


def _speak() -> None:
    """What use cases say to somebody on a page is said in the language of the page; programs are told in English."""
    access = ROUTES.get(request.endpoint or "")
    if access is None or access.door in {Door.NONE, Door.SESSION}:
        texts.speak(current)


def _choose() -> str | None:
    found = signed_in()
    chosen = (found.account.language if found else None, request.cookies.get(COOKIE))
    known = [language for language in chosen if language in available()]
    return known[0] if known else request.accept_languages.best_match(list(available()), default=texts.SOURCE)


def _here() -> str:
    """The address to come back to after choosing a language."""
    adapter = current_app.create_url_adapter(request)
    readable = request.method == "GET" or (adapter is not None and adapter.test(request.path, "GET"))
    return request.full_path.rstrip("?") if readable else "/"
