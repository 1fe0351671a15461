"""What is said to people is said in every language, whole."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from matchmaker import texts

ROOT = Path(__file__).parent.parent.parent
LANGUAGES = [language for language in texts.languages() if language != texts.SOURCE]
MEND = "run `make translations`, and translate what is empty in matchmaker/translations"
_PLACE = re.compile(r"%\(\w+\)[.\d]*[a-z]")


def _catalogue(path: Path, language: str | None = None) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, locale=language)


def _forms(said: object) -> list[str]:
    return [said] if isinstance(said, str) else list(said) if isinstance(said, tuple | list) else []


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> set[object]:
    """Every text of the sources, as `make translations` finds them."""
    path = tmp_path_factory.mktemp("texts") / "messages.pot"
    program = str(Path(sys.executable).with_name("pybabel"))
    subprocess.run([ROOT / ".ci" / "texts", path], check=True, env={**os.environ, "PYBABEL": program})
    return {message.id for message in _catalogue(path) if message.id}


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_sources_is_translated(language: str, source: set[object]) -> None:
    found = {one.id: one for one in _catalogue(texts.FOLDER / language / "LC_MESSAGES/messages.po", language) if one.id}

    assert source - found.keys() == set(), MEND
    assert [id_ for id_, one in found.items() if one.fuzzy or not all(_forms(one.string))] == [], MEND
    assert found.keys() - source == set(), MEND


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_translation_has_the_places_and_the_ends_of_its_text(language: str) -> None:
    for message in _catalogue(texts.FOLDER / language / "LC_MESSAGES/messages.po", language):
        for text, said in zip(_forms(message.id), _forms(message.string), strict=True) if message.id else ():
            assert _places(said) == _places(text), said
            assert said[:1].isspace() == text[:1].isspace() or language == "fr", said
            assert said[-1:].isspace() == text[-1:].isspace(), said


def _places(text: str) -> list[str]:
    return sorted(_PLACE.findall(text))


@pytest.mark.slow
def test_no_text_hides_in_an_f_string_where_it_would_not_be_gathered() -> None:
    for folder in ("matchmaker", "federation", "ontology", "web"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.JoinedStr):
                    assert not any(map(_says_a_text, ast.walk(node))), f"{path}:{node.lineno}"


def _says_a_text(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
        return False
    return node.func.id in {"_", "gettext", "ngettext"} and isinstance(node.args[0], ast.Constant)


@pytest.mark.slow
def test_templates_say_nothing_that_is_not_translated() -> None:
    # What is the same in every language: names, addresses, what is typed into a terminal.
    same = re.compile(r"UTC|GRCh3[78]|Matchmaker|/mme|curl .*|Authorization: .*|submit|[&;\w]+=|\w+\.(?:org|jax\.org)")
    for path in (ROOT / "web" / "templates").rglob("*.html"):
        text = re.sub(r"\{[#%].*?[#%]\}|\{\{.*?\}\}", "\n", path.read_text("utf-8"), flags=re.DOTALL)
        said = re.sub(r"&\w+;|<[^>]*>", "\n", text)
        for line in map(str.strip, said.splitlines()):
            assert not re.search(r"[A-Za-z]{2}", line) or same.fullmatch(line), f"{path.name}: {line}"


def test_text_is_said_in_the_language_that_is_spoken_and_then_in_english_again() -> None:
    with texts.speaking("de"):
        assert texts.gettext("is empty") == "ist leer"
        assert texts.ngettext("%(num)s new match", "%(num)s new matches", 2) == "2 neue Treffer"

    assert texts.gettext("is empty") == "is empty"


def test_language_that_is_not_here_is_english() -> None:
    with texts.speaking("xx"):
        assert texts.gettext("use at most %(most)s", most=3) == "use at most 3"
