"""Text shows in the order in which it is written: what others wrote cannot turn the words beside it around."""

from __future__ import annotations

from typing import Any

from flask import Flask

# Unicode's embeddings, overrides and isolates (UAX #9); Hebrew and Arabic are written without them.
_TURNING = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])


def keep(app: Flask) -> None:
    """Let every value that a template shows go through `plain`; before the templates are first used."""
    app.jinja_options = {**app.jinja_options, "finalize": plain}


def plain(value: Any) -> Any:
    """Leave out what turns text around; markup stays markup, and what is no text stays what it is."""
    return value.translate(_TURNING) if isinstance(value, str) and not value.isascii() else value
