"""The application of a node of this test's own."""

from __future__ import annotations

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from matchmaker.service import Matchmaker
from web.app import create_app


@pytest.fixture(scope="session")
def compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Where each template is compiled once, and not once for each test."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def app(sqlite_mm: Matchmaker, compiled_templates: FileSystemBytecodeCache) -> Flask:
    made = create_app(sqlite_mm)
    made.jinja_env.bytecode_cache = compiled_templates
    return made
