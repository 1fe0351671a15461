import io
import json
import logging
import time
from collections.abc import Iterator

import pytest
import structlog

from matchmaker import logs
from matchmaker.settings import Mode

CANARY = "Aoife Ni Example"


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers, root.level = handlers, level
    structlog.reset_defaults()


def logged(monkeypatch: pytest.MonkeyPatch, mode: Mode) -> io.StringIO:
    said = io.StringIO()
    monkeypatch.setattr("sys.stderr", said)
    logs.configure(mode)
    return said


def test_production_logs_one_json_object_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = logged(monkeypatch, Mode.PRODUCTION)

    logging.getLogger("matchmaker.cases").info("match %s", "m-1")
    structlog.get_logger("web").warning("slow", seconds=3.5)

    first, second = (json.loads(line) for line in said.getvalue().splitlines())
    assert (first["event"], first["level"], first["logger"]) == ("match m-1", "info", "matchmaker.cases")
    assert (second["event"], second["seconds"]) == ("slow", 3.5)
    assert first["timestamp"].endswith("Z")


@pytest.mark.parametrize("mode", list(Mode))
def test_what_an_exception_says_is_not_logged(mode: Mode, monkeypatch: pytest.MonkeyPatch) -> None:
    said = logged(monkeypatch, mode)

    try:
        raise KeyError(CANARY)
    except KeyError as error:
        logging.getLogger("a").exception("failed")
        structlog.get_logger("b").exception("failed")
        structlog.get_logger("c").error("failed", exc_info=error)

    assert CANARY not in said.getvalue()
    assert said.getvalue().count("KeyError") == 3
    assert said.getvalue().count("test_logs.py:") == 3


def test_libraries_that_talk_of_themselves_are_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    said = logged(monkeypatch, Mode.DEVELOPMENT)

    for name in logs.QUIET:
        logging.getLogger(name).info("chatter")

    assert said.getvalue() == ""


def test_library_that_fails_every_second_is_logged_once_a_minute_with_how_often() -> None:
    sparingly = logs.Sparingly(("huey",), seconds=0.2)
    said = [sparingly.filter(logging.makeLogRecord({"name": "huey.consumer", "msg": "no room"})) for _ in range(5)]
    other = logging.makeLogRecord({"name": "huey.consumer", "msg": "something else"})
    ours = [sparingly.filter(logging.makeLogRecord({"name": "matchmaker", "msg": "no room"})) for _ in range(2)]
    assert said == [True, False, False, False, False]
    assert sparingly.filter(other)
    assert ours == [True, True]

    time.sleep(0.25)
    later = logging.makeLogRecord({"name": "huey.consumer", "msg": "no room"})

    assert sparingly.filter(later)
    assert later.getMessage() == "no room (and 4 times before)"
