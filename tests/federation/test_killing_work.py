"""SIGKILL at any moment: no case, no question to a node, no alert is lost; a mail is doubled once per kill at most.

The long form is `python -m benchmarks kills`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import kills

KILLS = 2


@pytest.mark.slow
def test_killing_a_serving_node_under_load_loses_nothing_and_doubles_one_mail_per_kill_at_most(tmp_path: Path) -> None:
    figures = kills.measure(tmp_path / "home", kills=KILLS)

    assert figures.cases_acknowledged > 0
    assert figures.requests_acknowledged > 0
    assert figures.alerts >= figures.requests_acknowledged
    assert (figures.cases_lost, figures.requests_lost, figures.questions_to_the_peer_lost) == (0, 0, 0)
    assert (figures.alerts_lost, figures.work_left) == (0, 0)
    assert figures.mails_doubled <= KILLS
    assert figures.audit_holds
