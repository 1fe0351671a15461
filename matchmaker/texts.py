"""What is said to people, in their language. Programs, other nodes and logs are told in English, as it is written.

The translations are `translations/<language>/LC_MESSAGES/messages.po`, compiled in memory when a language is first
spoken: there is no compiled file that could be missing, or be of other sources.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from babel.support import Translations

FOLDER = Path(__file__).parent / "translations"
SOURCE = "en"

_language: ContextVar[Callable[[], str]] = ContextVar("language", default=lambda: SOURCE)


@cache
def languages() -> tuple[str, ...]:
    """The languages that can be spoken, English first."""
    return (SOURCE, *sorted(path.parts[-3] for path in FOLDER.glob("*/LC_MESSAGES/messages.po")))


@cache
def catalogue(language: str) -> Translations:
    """The compiled translations of a language; of English, and of one that is not here, an empty one."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po
    from babel.support import Translations

    compiled = io.BytesIO()
    with contextlib.suppress(FileNotFoundError), (FOLDER / language / "LC_MESSAGES/messages.po").open("rb") as file:
        write_mo(compiled, read_po(file, locale=language))
    compiled.seek(0)
    return Translations(compiled if compiled.getbuffer().nbytes else None)


def later(text: str) -> str:
    """Mark a text that is said with `gettext` where it is used, since nobody is there yet to be spoken to."""
    return text


def speak(choose: Callable[[], str]) -> None:
    """Speak the language that is chosen when the first text is needed, until `speak_source`."""
    _language.set(choose)


def speak_source() -> None:
    """Speak English again."""
    _language.set(lambda: SOURCE)


@contextlib.contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak a language inside the block; None, and one that is not here: English."""
    before = _language.set(lambda: language or SOURCE)
    try:
        yield
    finally:
        _language.reset(before)


def gettext(text: str, /, **values: object) -> str:
    """Say a text in the language that is spoken now, with its places `%(name)s` filled in."""
    language = _language.get()()
    said = text if language == SOURCE else catalogue(language).gettext(text)
    return said % values if values else said


def ngettext(one: str, many: str, n: int, /, **values: object) -> str:
    """Say one of two texts, for one thing or many; `%(num)s` is the number."""
    return catalogue(_language.get()()).ngettext(one, many, n) % {"num": n, **values}
