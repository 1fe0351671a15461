import os
import signal
import subprocess
import sys
from pathlib import Path

import click
import pytest

from matchmaker.cli.main import cli
from tests.cli.conftest import PROGRAM, Command
from tests.cli.records import a_file, a_patient

HEAVY = ("alembic", "flask", "numba", "numpy", "pronto", "requests", "rich", "scipy", "sqlalchemy", "structlog")
IMPORTED = """
import sys
from matchmaker.cli.main import run
for line in sys.stdin:
    run(line.split())
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
"""
INTERRUPTIBLE = """
import signal, sys
from matchmaker.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
main(sys.argv[1:])
"""


def all_commands() -> list[tuple[str, ...]]:
    found: list[tuple[str, ...]] = [()]
    for name in cli.list_commands(click.Context(cli)):
        command = cli.get_command(click.Context(cli), name)
        found.append((name,))
        if isinstance(command, click.Group):
            found += [(name, below) for below in command.commands]
    return found


def imported_by(*command_lines: str) -> set[str]:
    """Run commands in a fresh process; the packages that it has imported by then."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORTED], input="\n".join(command_lines), capture_output=True, text=True, check=True
    )
    return set(done.stderr.splitlines()[-1].split())


@pytest.mark.parametrize("command", all_commands(), ids=" ".join)
def test_every_command_answers_help(command: tuple[str, ...], matchmaker: Command) -> None:
    outcome = matchmaker(*command, "--help")

    assert outcome.status == 0
    assert outcome.out.startswith(f"Usage: matchmaker {' '.join(command)}".rstrip())
    assert outcome.err == ""


def test_help_of_any_command_imports_nothing_heavy() -> None:
    assert imported_by(*(" ".join((*command, "--help")) for command in all_commands())).isdisjoint(HEAVY)


@pytest.mark.slow
def test_commands_that_do_not_rank_import_no_numerics(node: Command) -> None:
    imported = imported_by("case list", "node list", "node token spain", "node show spain", "node disable spain")

    assert "sqlalchemy" in imported
    assert imported.isdisjoint({"alembic", "numba", "numpy", "pronto", "rich", "scipy", "structlog"})


@pytest.mark.slow
def test_commands_that_rank_nothing_never_wait_for_compiled_code(node: Command, tmp_path: Path) -> None:
    stored = a_file(tmp_path / "some.jsonl", a_patient("P-0"))
    imported = imported_by(
        f"case import {stored} --sharing federated --basis consent",
        "case list",
        f"case export {tmp_path / 'out.jsonl'}",
        "user list",
        "audit verify",
        "release list",
        "alerts",
        "alarms",
        "notices",
        f"backup {tmp_path / 'node.backup'}",
    )

    assert "numba" not in imported


@pytest.mark.parametrize(
    "arguments",
    [
        ("no-such-command",),
        ("case", "no-such-command"),
        ("case", "import"),
        ("case", "import", "file", "--sharing", "everybody"),
        ("match",),
        ("match", "file", "--top", "0"),
        ("rank", "--database", "file"),
        ("node", "add", "spain"),
        ("serve", "--port", "100000"),
        ("case", "export", "--json"),
    ],
    ids=" ".join,
)
def test_wrong_usage_exits_with_2(arguments: tuple[str, ...], matchmaker: Command) -> None:
    outcome = matchmaker(*arguments)

    assert outcome.status == 2
    assert outcome.out == ""
    assert "Usage: matchmaker" in outcome.err


def test_version_is_printed_alone(matchmaker: Command) -> None:
    assert matchmaker("--version").out.strip().count(".") == 2


def test_what_could_not_be_done_is_one_line_with_what_to_do(matchmaker: Command) -> None:
    outcome = matchmaker("case", "list")

    assert outcome.status == 1
    assert outcome.out == ""
    assert outcome.err.startswith("matchmaker: home ")
    assert outcome.err.endswith("run `matchmaker init`\n")
    assert outcome.err.count("\n") == 1


def test_wrong_setting_is_one_line_that_names_it(matchmaker: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHMAKER_MIN_SCORE", "high")

    outcome = matchmaker("case", "list")

    assert outcome.status == 1
    assert outcome.err.startswith("matchmaker: MATCHMAKER_MIN_SCORE: ")
    assert outcome.err.count("\n") == 1


def test_home_that_cannot_be_made_is_one_line(matchmaker: Command, home: Path) -> None:
    home.write_text("a file is in its place")

    outcome = matchmaker("init")

    assert outcome.status == 1
    assert outcome.err.startswith(f"matchmaker: home {home}: ")
    assert outcome.err.count("\n") == 1


def test_error_in_the_program_is_one_line_and_a_trace_only_if_asked(
    matchmaker: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A command that is broken, not a broken part of one that works.
    nothing: dict[str, str] = {}
    broken = click.Command("broken", callback=lambda: nothing["here"])
    monkeypatch.setattr(cli, "get_command", lambda ctx, name: broken)

    outcome = matchmaker("broken")

    assert outcome.status == 1
    assert outcome.err.startswith("matchmaker: KeyError in the program itself")
    with pytest.raises(KeyError):
        matchmaker("--trace", "broken")


@pytest.mark.slow
def test_closed_pipe_ends_a_command_without_a_word(node: Command) -> None:
    reading, writing = os.pipe()
    os.close(reading)

    done = subprocess.run([PROGRAM, "node", "list", "--json"], stdout=writing, stderr=subprocess.PIPE, text=True)

    os.close(writing)
    assert done.returncode == 1
    assert done.stderr == ""


@pytest.mark.slow
def test_interrupt_ends_a_command_without_a_trace(node: Command) -> None:
    waiting = subprocess.Popen(
        [sys.executable, "-c", INTERRUPTIBLE, "node", "add", "spain", "--url", "https://x.example.org", "--token", "-"],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(2)
    waiting.send_signal(signal.SIGINT)
    _, err = waiting.communicate(timeout=20)

    assert waiting.returncode == 130
    assert "Traceback" not in err
