"""Short form of `python -m benchmarks withdrawal`."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from benchmarks import withdrawal
from matchmaker.settings import Settings

pytestmark = pytest.mark.slow


def test_withdrawal_in_one_of_four_processes_is_obeyed_by_all_at_their_next_answer(
    new_postgresql: Callable[[], str], tmp_path: Path
) -> None:
    settings = Settings(home=tmp_path / "home", database_url=new_postgresql())

    figures = withdrawal.measure(settings, n_answers=40)

    assert (figures.processes, figures.answers) == (4, 40)
    assert figures.told_before == 40  # it would have been noticed
    assert figures.told_after == 0
