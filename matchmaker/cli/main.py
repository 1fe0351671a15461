"""The `matchmaker` command: its groups, loaded when asked for, and what becomes of every error."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Mapping, Sequence

import click

from matchmaker import __version__
from matchmaker.errors import MatchmakerError

INTERRUPTED = 130  # 128 + SIGINT, as shells count

COMMANDS: Mapping[str, str] = {
    "demo": "matchmaker.cli.demo:demo",
    "init": "matchmaker.cli.init:init",
    "serve": "matchmaker.cli.serve:serve",
    "worker": "matchmaker.cli.worker:worker",
    "case": "matchmaker.cli.case:case",
    "match": "matchmaker.cli.match:match",
    "alerts": "matchmaker.cli.alerts:alerts",
    "notices": "matchmaker.cli.notices:notices",
    "alarms": "matchmaker.cli.alarms:alarms",
    "suggest": "matchmaker.cli.suggest:suggest",
    "rank": "matchmaker.cli.rank:rank",
    "node": "matchmaker.cli.node:node",
    "user": "matchmaker.cli.user:user",
    "release": "matchmaker.cli.release:release",
    "backup": "matchmaker.cli.backup:backup",
    "restore": "matchmaker.cli.backup:restore",
    "doctor": "matchmaker.cli.doctor:doctor",
    "index": "matchmaker.cli.index:index",
    "audit": "matchmaker.cli.audit:audit",
    "benchmark": "matchmaker.cli.benchmark:benchmark",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are named, so that no command waits for another's libraries."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name].partition(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, message="%(version)s")
@click.option("--trace", is_flag=True, help="Show where an unexpected error came from.")
def cli(trace: bool) -> None:
    """Find similar cases of rare diseases, here and at the nodes of other hospitals.

    For professionals to discuss cases; not for decisions on diagnosis or treatment.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: 0 done, 1 could not be done, 2 wrong usage."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; what goes wrong is one line on standard error."""
    try:
        status = cli.main(list(arguments), prog_name="matchmaker", standalone_mode=False)
        sys.stdout.flush()
        return status if isinstance(status, int) else 0
    except click.Abort:
        return INTERRUPTED
    except click.UsageError as error:
        error.show()
        return error.exit_code
    except click.ClickException as error:
        return _failed(error.format_message())
    except MatchmakerError as error:
        return _failed(str(error))
    except BrokenPipeError:
        return _closed_pipe()
    except OSError as error:
        return _failed(f"{error.filename or 'this machine'}: {error.strerror or error}; nothing more was done")
    except Exception as error:
        if "--trace" in arguments:
            raise
        return _failed(f"{type(error).__name__} in the program itself: please report what `matchmaker --trace` shows")


def _failed(message: str) -> int:
    click.echo(f"matchmaker: {' '.join(message.split())}", err=True)
    return 1


def _closed_pipe() -> int:
    """The reader has enough (`| head`): leave without a word, also when Python flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
