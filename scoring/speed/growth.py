"""How the costs of a search grow with the number of cases: as a table in Markdown, and as a picture."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

Report = dict[str, Any]
Cost = Callable[[Report], float]

_COSTS: dict[str, Cost] = {
    "search, median": lambda stage: stage["search_ms"]["median"],
    "search, p95": lambda stage: stage["search_ms"]["p95"],
    "with genes, median": lambda stage: stage["search_with_genes_ms"]["median"],
    "scoring every case": lambda stage: stage["scan_ms"]["median"],
    "one pass over the columns": lambda stage: stage["pass_ms"],
    "opening the files": lambda stage: stage["files"]["open_ms"],
    "checking them": lambda stage: stage["files"]["check_ms"],
}
_COLOURS = ("#0b57d0", "#7aa7f0", "#8e24aa", "#c62828", "#616161", "#2e7d32", "#a5d6a7")
_WIDTH, _HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 760, 420, 76, 220, 24, 48


def table(stages: Sequence[Report]) -> str:
    """A line for each number of cases; times in ms."""
    names = ["cases", *_COSTS, "scored", "build, s", "bytes a case", "bytes in files", "segments"]
    lines = ["| " + " | ".join(names) + " |", "|" + "---|" * len(names)]
    for stage in stages:
        cells = [
            f"{stage['cases']:,}",
            *(f"{cost(stage):.3g}" for cost in _COSTS.values()),
            f"{stage['share_scored']['median']:.2%}",
            f"{stage['build_s']:.3g}",
            f"{stage['index_bytes_per_case']:.0f}",
            f"{stage['files']['bytes_per_case']:.0f}",
            f"{len(stage['files']['segments'])}",
        ]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def plot(stages: Sequence[Report]) -> str:
    """Milliseconds over cases, both by powers of ten, as SVG."""
    sizes = [math.log10(stage["cases"]) for stage in stages]
    costs = {name: [math.log10(max(cost(stage), 1e-3)) for stage in stages] for name, cost in _COSTS.items()}
    low, high = math.floor(min(map(min, costs.values()))), math.ceil(max(map(max, costs.values())))
    first, last = math.floor(sizes[0]), max(math.ceil(sizes[-1]), math.floor(sizes[0]) + 1)

    def x(size: float) -> float:
        return _LEFT + (size - first) / (last - first) * (_WIDTH - _LEFT - _RIGHT)

    def y(cost: float) -> float:
        return _HEIGHT - _BOTTOM - (cost - low) / (high - low) * (_HEIGHT - _TOP - _BOTTOM)

    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
            'font-size="12"><title>Cost of a search by number of cases</title>'
            f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>'
        )
    ]
    for power in range(low, high + 1):
        parts.append(f'<path d="M{_LEFT} {y(power):.1f}H{_WIDTH - _RIGHT}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(power) + 4:.1f}" text-anchor="end">{10.0**power:g} ms</text>')
    for power in range(first, last + 1):
        parts.append(f'<path d="M{x(power):.1f} {_TOP}V{_HEIGHT - _BOTTOM}" stroke="#ddd"/>')
        parts.append(f'<text x="{x(power):.1f}" y="{_HEIGHT - _BOTTOM + 20}" text-anchor="middle">{10**power:,}</text>')
    parts.append(f'<text x="{(_LEFT + _WIDTH - _RIGHT) / 2}" y="{_HEIGHT - 6}" text-anchor="middle">cases</text>')
    for line, (name, values) in enumerate(costs.items()):
        places = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in zip(sizes, values, strict=True))
        colour, legend = _COLOURS[line], _TOP + 16 + 22 * line
        parts.append(f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>'
            for size, value in zip(sizes, values, strict=True)
        ]
        parts.append(f'<path d="M{_WIDTH - _RIGHT + 12} {legend - 4}h18" stroke="{colour}" stroke-width="3"/>')
        parts.append(f'<text x="{_WIDTH - _RIGHT + 36}" y="{legend}">{name}</text>')
    return "".join(parts) + "</svg>\n"
