"""What the search is to cost at a million cases, beside what it does: as ratios within one run where that can be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Report = dict[str, Any]

# What must not be exceeded, and where it stands in a report.
_GOALS: dict[str, tuple[float, Callable[[Report], float]]] = {
    "median search, passes over the columns": (3.0, lambda r: r["ratios"]["median_search_to_pass"]),
    "p95 search, passes": (6.0, lambda r: r["ratios"]["p95_search_to_pass"]),
    "median search with genes, passes": (3.0, lambda r: r["ratios"]["median_with_genes_to_pass"]),
    "p95 search with genes, passes": (6.0, lambda r: r["ratios"]["p95_with_genes_to_pass"]),
    "median search, of a scan": (0.5, lambda r: r["ratios"]["median_search_to_scan"]),
    "worst search, of its scan": (1.1, lambda r: r["worst_search_to_scan"]),
    "insert, us": (10.0, lambda r: r["insert_us"]),
    "background of a new list of terms, us": (10.0, lambda r: r["background_us"]),
    "withdraw, us": (10.0, lambda r: r["withdraw_us"]),
    "open, ms": (5.0, lambda r: r["files"]["open_ms"]),
    "start to first answer with compiled code, ms": (2000.0, lambda r: r["start_ms"]["warm"]),
    "memory of a million cases, MB": (150.0, lambda r: r["memory_bytes_per_case"]),
}


def compared(report: Report) -> Report:
    """Each goal with what was measured; one of which nothing was measured is left out."""
    found: Report = {}
    for name, (goal, measured) in _GOALS.items():
        try:
            value = measured(report)
        except KeyError:
            continue
        found[name] = {"goal": goal, "measured": value, "met": value <= goal}
    n_exact, n_asked = report["exact"].split(" of ")
    return {**found, "exact": {"goal": "all", "measured": report["exact"], "met": n_exact == n_asked}}
