"""SIGKILL at any moment: no case, question, alert, letter or notice is lost; a mail is doubled once per kill at most.

The long form is `python -m benchmarks kills`.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import kills

KILLS = 3


@pytest.mark.slow
def test_killing_a_serving_node_under_load_loses_nothing_and_doubles_one_mail_per_kill_at_most(tmp_path: Path) -> None:
    figures = kills.measure(tmp_path / "home", kills=KILLS)

    assert figures.cases_acknowledged > 0
    assert figures.requests_acknowledged > 0
    assert figures.alerts > 0
    assert (figures.cases_lost, figures.requests_lost, figures.questions_to_the_peer_lost) == (0, 0, 0)
    assert (figures.alerts_lost, figures.work_left) == (0, 0)
    assert min(figures.letters_written, figures.letters_received) > 0
    assert min(figures.withdrawals_acknowledged, figures.notices, figures.recalls_acknowledged) > 0
    assert (figures.letters_written_lost, figures.letters_written_doubled, figures.letters_received_lost) == (0, 0, 0)
    assert (figures.withdrawals_lost, figures.notices_lost, figures.recalls_lost) == (0, 0, 0)
    assert figures.mails_doubled <= KILLS
    assert figures.audit_holds
