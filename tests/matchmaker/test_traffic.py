"""Background work lets requests go first, and does not wait for ever."""

from __future__ import annotations

import threading
import time

import pytest

from matchmaker.traffic import PATIENCE_SECONDS, QUIET_SECONDS, Traffic


def test_node_that_nobody_asks_is_quiet() -> None:
    assert Traffic().quiet


def test_request_under_way_is_not_quiet_and_neither_is_the_moment_after() -> None:
    traffic = Traffic()
    seen: list[bool] = []

    def answer(*_: object) -> list[bytes]:
        seen.append(traffic.quiet)
        return [b"answer"]

    assert traffic.watched(answer)({}, None) == [b"answer"]
    assert seen == [False]
    assert not traffic.quiet
    time.sleep(QUIET_SECONDS + 0.05)
    assert traffic.quiet


def test_request_that_fails_is_over_too() -> None:
    traffic = Traffic()

    def failing(*_: object) -> list[bytes]:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        traffic.watched(failing)({}, None)
    time.sleep(QUIET_SECONDS + 0.05)
    assert traffic.quiet


@pytest.mark.slow
def test_work_waits_for_a_request_but_only_so_long() -> None:
    traffic, release = Traffic(), threading.Event()

    def slow(*_: object) -> list[bytes]:
        release.wait(30)
        return []

    asked = threading.Thread(target=lambda: traffic.watched(slow)({}, None))
    asked.start()
    while traffic.quiet:
        time.sleep(0.01)
    began = time.monotonic()
    traffic.let_pass()
    waited = time.monotonic() - began
    release.set()
    asked.join()

    assert waited >= PATIENCE_SECONDS


def test_process_that_stops_waits_for_nobody() -> None:
    traffic, stopping = Traffic(), threading.Event()
    stopping.set()
    traffic.watched(lambda *_: [])({}, None)
    began = time.monotonic()
    traffic.let_pass(stopping)

    assert time.monotonic() - began < QUIET_SECONDS
