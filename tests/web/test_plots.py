"""Plots: what is drawn stands in the table, and fits the drawing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.plots import HEIGHT, LEFT, TOP, WIDTH, Form, Plot, Series

VALUES = st.lists(st.none() | st.floats(0, 1e9) | st.integers(0, 10**9), min_size=1, max_size=40)


def a_plot(*rows: list[float | None], form: Form = Form.BARS, hidden: str = "") -> Plot:
    labels = [f"{number:02}" for number in range(len(rows[0]))]
    series = [Series(name=f"series {tone}", values=row, tone=tone) for tone, row in enumerate(rows)]
    return Plot(title="Calls", labels=labels, series=series, form=form, hidden=hidden)


@given(VALUES)
def test_bars_stay_inside_the_drawing(values: list[float | None]) -> None:
    for bar in a_plot(values, values).bars:
        assert LEFT <= bar.x <= bar.x + bar.width <= WIDTH
        assert TOP - 0.01 <= bar.y <= bar.y + bar.height <= HEIGHT


@given(VALUES)
def test_lines_stay_inside_the_drawing(values: list[float | None]) -> None:
    for line in a_plot(values, form=Form.LINES).lines:
        for point in line.points.split():
            x, y = map(float, point.split(","))
            assert LEFT <= x <= WIDTH
            assert TOP - 0.1 <= y <= HEIGHT


def test_bars_of_one_label_stand_on_each_other() -> None:
    lower, upper = a_plot([2.0], [3.0]).bars

    assert upper.y + upper.height == pytest.approx(lower.y)
    assert upper.height == pytest.approx(1.5 * lower.height, abs=0.02)


def test_value_that_is_not_shown_is_a_gap_and_is_said_in_the_table() -> None:
    plot = a_plot([20.0, None, 30.0, 40.0], form=Form.LINES, hidden="fewer than 10")

    assert len(plot.lines) == 2
    assert plot.rows[1] == ("01", ["fewer than 10"])


def test_plot_without_values_is_empty() -> None:
    assert a_plot([0, None]).empty
    assert not a_plot([0, 1]).empty
    assert Plot(title="Calls", labels=[], series=[]).captions == []
