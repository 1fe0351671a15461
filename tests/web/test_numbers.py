"""Numbers on pages: as the reader's language writes them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask_babel import force_locale

from web import numbers


@pytest.mark.parametrize(
    ("spell", "value", "english", "german"),
    [
        (numbers.hundredths, 0.63, "0.63", "0,63"),
        (numbers.hundredths, 1.0, "1.00", "1,00"),
        (numbers.tenths, 12.74, "12.7", "12,7"),
        (numbers.plain, 1234.5, "1,234.5", "1.234,5"),
        (numbers.plain, 0.00042, "0.00042", "0,00042"),
        (numbers.two_digits, 20340.6, "20,341", "20.341"),
        (numbers.two_digits, 0.0346, "0.035", "0,035"),
        (numbers.probability, 0.1712, "17\N{NO-BREAK SPACE}%", "17\N{NO-BREAK SPACE}%"),
        (numbers.probability, 0.0234, "2.3\N{NO-BREAK SPACE}%", "2,3\N{NO-BREAK SPACE}%"),
        (numbers.probability, 0.9999, "above 99 %", "above 99 %"),  # its words are those of the request
    ],
)
def test_number_has_the_decimal_point_of_the_language(
    app: Flask, spell: Callable[[float], str], value: float, english: str, german: str
) -> None:
    with app.test_request_context():
        for language, written in (("en", english), ("de", german)):
            with force_locale(language):
                assert spell(value) == written
