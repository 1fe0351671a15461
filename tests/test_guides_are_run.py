"""Every command in a block of the guides for operators and curators is run by a test."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cli import test_guides
from tests.deploy import test_from_nothing, test_typed_by_root

ROOT = Path(__file__).parents[1]
BY_ROOT = "tests/deploy/test_typed_by_root.py"
# What a test runs in other words: the same on a smaller scale, or with another path in front.
IN_OTHER_WORDS = {
    "python3 -m venv .venv": BY_ROOT,
    ".venv/bin/pip install -r requirements.lock && .venv/bin/pip install --no-deps .": BY_ROOT,
    'export MATCHMAKER_HOME="$HOME/matchmaker"': "tests/cli/test_serve.py",
    ".venv/bin/matchmaker init": "tests/deploy/test_from_nothing.py",
    ".venv/bin/matchmaker user add aoife@hospital.example --role clinician --centre Dublin": "tests/cli/test_user.py",
    ".venv/bin/matchmaker serve": "tests/cli/test_serve.py",
    ".venv/bin/python -m benchmarks withdrawal --database postgresql+psycopg://... --answers 10000": (
        "tests/matchmaker/test_withdrawal.py"
    ),
    ".venv/bin/python -m benchmarks adoption --release FOLDER --cases 10000": (
        "tests/matchmaker/test_adoption_under_requests.py"
    ),
}


def typed(guide: str) -> list[str]:
    """Every line of every block of a guide, indented or fenced, without remarks."""
    text = (ROOT / "docs" / guide).read_text("utf-8")
    fenced = re.findall(r"^```(\w+)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    rest = re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    lines = [line for kind, block in fenced for line in _of(kind, block)]
    return [line for line in (*lines, *_indented(rest)) if line]


def run(guide: str) -> set[str]:
    """The lines that tests run as they stand."""
    ran = set(test_guides.commands(guide))
    if guide == "operators.md":
        ran |= {line for block in test_from_nothing.blocks() for line in _of("sh", block)}
        ran |= {line for block in test_typed_by_root.blocks() for line in block}
    return ran


@pytest.mark.parametrize("guide", ["operators.md", "curators.md"])
def test_every_command_of_a_guide_is_run(guide: str) -> None:
    assert [line for line in typed(guide) if line not in run(guide) | IN_OTHER_WORDS.keys()] == []


def test_what_is_run_in_other_words_stands_in_a_guide_and_names_a_test() -> None:
    stand = {*typed("operators.md"), *typed("curators.md")}

    assert IN_OTHER_WORDS.keys() <= stand
    assert [test for test in IN_OTHER_WORDS.values() if not (ROOT / test).is_file()] == []


def test_guide_names_every_program_that_something_stands_in_for() -> None:
    guide = (ROOT / "docs" / "operators.md").read_text("utf-8")
    section = guide[guide.index("### What was not run as it stands") :]

    assert [name for name in test_typed_by_root.STAND_INS if f"`{name}" not in section[: section.index("\n## ")]] == []


def _of(kind: str, block: str) -> list[str]:
    lines = [
        line.removeprefix("# ") if kind == "console" else re.sub(r"(^|\s+)#.*", "", line) for line in block.splitlines()
    ]
    return [line.strip() for line in lines]


def _indented(text: str) -> list[str]:
    """Those of indented blocks, which an empty line comes before; the lines of a list are no block."""
    blocks = re.findall(r"(?<=\n\n)((?: {4}\S.*\n)+)", text)
    return [re.sub(r"\s+#.*", "", line).strip() for block in blocks for line in block.splitlines()]
