"""The delivered server under requests that no peer would send; the long form is `python -m benchmarks fuzz`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import fuzz
from benchmarks.peers import made_up


@pytest.mark.slow
def test_no_request_makes_the_node_fail_show_a_trace_or_die(tmp_path: Path) -> None:
    figures = fuzz.measure(made_up(20), tmp_path / "home", n_requests=2000)

    assert figures.wrong == ()
    assert figures.requests >= 1900
    assert (figures.server_errors, figures.stack_traces, figures.hanging, figures.traces_in_log) == (0, 0, 0, 0)
    assert (figures.good_requests_refused, figures.restarts) == (0, 0)
    assert figures.drawn.failures == ()
    assert (figures.drawn.operations >= 25, figures.drawn.requests >= 100) == (True, True)
    # All ways of refusing were reached, and some mutated patients were answered.
    assert {"200", "400", "401", "404", "405", "415", "422", "431"} <= set(figures.statuses)
