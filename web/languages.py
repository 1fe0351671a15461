"""The languages of the pages: what the account says, or else what the browser asks for."""

from __future__ import annotations

from flask import Flask, current_app, request
from flask_babel import Babel, get_locale

from web.auth import signed_in

NAMES = {"en": "English", "de": "Deutsch", "es": "Español", "fr": "Français"}  # each in its own
SOURCE = "en"


def offer(app: Flask) -> None:
    """Translate texts, and tell templates in which language they speak."""
    Babel(app, default_locale=SOURCE, locale_selector=_choose)
    app.context_processor(lambda: {"language": (get_locale() or SOURCE)})


def available() -> dict[str, str]:
    """Return the languages that have a compiled translation, English first, with their names."""
    translated = {str(locale) for locale in current_app.extensions["babel"].instance.list_translations()}
    return {code: name for code, name in NAMES.items() if code == SOURCE or code in translated}


def _choose() -> str | None:
    found = signed_in()
    if found is not None and found.account.language in available():
        return found.account.language
    return request.accept_languages.best_match(list(available()), default=SOURCE)
