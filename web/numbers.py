"""Numbers as the reader's language writes them: for pages and prints, never for files, forms or programs."""

from __future__ import annotations

from flask import Flask
from flask_babel import format_decimal

from matchmaker import wording


def offer(app: Flask) -> None:
    """Let templates say `{{ entry.score|hundredths }}`."""
    app.jinja_env.filters["hundredths"] = hundredths


def hundredths(value: float) -> str:
    """A score or seconds, with two decimals."""
    return str(format_decimal(value, "#,##0.00"))


def tenths(value: float) -> str:
    """Seconds, with one decimal."""
    return str(format_decimal(value, "#,##0.0"))


def plain(value: float) -> str:
    """As many decimals as it has, up to six."""
    return str(format_decimal(value, "#,##0.######"))


def two_digits(value: float) -> str:
    """A whole number, or of a small one the two digits that say something."""
    return plain(round(value)) if value >= 10.0 else plain(float(f"{value:.2g}"))


def probability(value: float) -> str:
    """A probability as people read it; nothing is certain, and nothing impossible."""
    if value < wording.LEAST or value > wording.MOST:
        return wording.percent(value)
    return f"{plain(round(100 * value, 1 if value < 0.1 else 0))}\N{NO-BREAK SPACE}%"
