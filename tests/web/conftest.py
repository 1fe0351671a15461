"""The application of a node of this test's own."""

from __future__ import annotations

import pytest
from flask import Flask

from matchmaker.service import Matchmaker
from web.app import create_app


@pytest.fixture
def app(sqlite_mm: Matchmaker) -> Flask:
    return create_app(sqlite_mm)
