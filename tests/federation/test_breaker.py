import datetime as dt
from collections.abc import Sequence

import pytest

from federation.breaker import Breaker, breaker_of
from matchmaker.model import NodeName
from matchmaker.store.exchanges import Direction, Exchange

NOW = dt.datetime(2026, 1, 15, 12, 0, tzinfo=dt.UTC)


def calls(statuses: Sequence[str], *, newest: dt.timedelta = dt.timedelta(seconds=10)) -> list[Exchange]:
    """Calls ten seconds apart, the newest first."""
    return [
        Exchange(
            node=NodeName("Peer"),
            direction=Direction.SENT,
            kind="match",
            at=NOW - newest - i * dt.timedelta(seconds=10),
            status=status,
        )
        for i, status in enumerate(statuses)
    ]


@pytest.mark.parametrize(
    "statuses",
    [
        [],
        ["timeout"],
        ["timeout"] * 4,
        ["timeout"] * 4 + ["answered"] + ["timeout"] * 5,
        ["answered"] + ["timeout"] * 20,
        ["refused"] * 20,
    ],
)
def test_node_with_fewer_than_five_failures_in_a_row_is_asked(statuses: Sequence[str]) -> None:
    assert breaker_of(calls(statuses), at=NOW) is Breaker.CLOSED


def test_five_failures_of_any_kind_in_a_row_open_the_breaker() -> None:
    mixed = ["timeout", "unreachable", "invalid", "too-large", "timeout"]

    assert breaker_of(calls(mixed), at=NOW) is Breaker.OPEN


@pytest.mark.parametrize(("seconds", "expected"), [(0, Breaker.OPEN), (59, Breaker.OPEN), (60, Breaker.PROBE)])
def test_open_breaker_lets_one_probe_a_minute_through(seconds: int, expected: Breaker) -> None:
    assert breaker_of(calls(["timeout"] * 5, newest=dt.timedelta(seconds=seconds)), at=NOW) is expected
