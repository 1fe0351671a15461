"""Another implementation of Matchmaker Exchange as a peer; the long form is `python -m benchmarks patient_matcher`."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import patient_matcher
from benchmarks._environment import RegistryUnreachableError

N = 3


@pytest.mark.slow
def test_patient_matcher_asks_us_and_is_asked_and_each_patient_finds_its_copy(tmp_path: Path) -> None:
    try:
        figures = patient_matcher.measure(tmp_path / "home", n_patients=N)
    except RegistryUnreachableError as error:
        pytest.fail(f"nothing was tested: the package index must be reachable once for this test. {error}")

    assert figures.heartbeat == "answered"
    for direction in (figures.they_ask_us, figures.we_ask_them):
        assert direction.faults == ()
        assert (direction.asked, direction.answered, direction.copies_found) == (N, N, N)
    assert (figures.as_client.same, figures.as_client.different) == (figures.as_client.calls, ())
