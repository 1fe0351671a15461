"""A comparison of two releases, for people and for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from matchmaker.cli import output

if TYPE_CHECKING:
    from matchmaker.impact import CaseImpact, Comparison

MOST = 20  # lines of one kind on a screen


def as_json(found: Comparison) -> dict[str, Any]:
    """Everything, as one object."""
    return {
        "before": found.diff.before,
        "after": found.diff.after,
        "terms": [asdict(change) for change in found.diff.terms],
        "genes": [asdict(change) for change in found.diff.genes],
        "counts": {
            "terms": {kind.value: n for kind, n in found.diff.n_terms.items()},
            "genes": {kind.value: n for kind, n in found.diff.n_genes.items()},
            "information_content": len(found.contents),
        },
        "information_content": [asdict(change) for change in found.contents],
        "cases": {"compared": found.n_cases, "touched": [_case(one) for one in found.cases]},
    }


def print_(found: Comparison) -> None:
    """Counts of every kind first, then the first few changes of each, then what becomes of cases."""
    output.say(f"From release {found.diff.before} to {found.diff.after}:")
    for kind, n_changed in found.diff.n_terms.items():
        output.say(f"Terms {kind.value}: {n_changed:,}")
        for change in [c for c in found.diff.terms if c.kind is kind][:MOST]:
            open_ = "" if change.settled else " (to be decided)"
            output.say(f"  {change.term} {change.label}{_arrow(change.before, change.after)}{open_}")
    for gene_kind, n_changed in found.diff.n_genes.items():
        output.say(f"Genes {gene_kind.value}: {n_changed:,}")
        for gene in [g for g in found.diff.genes if g.kind is gene_kind][:MOST]:
            output.say(f"  {gene.gene} {' -> '.join(symbol for symbol in (gene.before, gene.after) if symbol)}")
    output.say(f"Terms that say much more or less: {len(found.contents):,}")
    for content in found.contents[:MOST]:
        output.say(f"  {content.term} {content.before:.2f} -> {content.after:.2f} nats")
    if found.n_cases:
        _print_cases(found)


def _print_cases(found: Comparison) -> None:
    using = [one for one in found.cases if one.terms]
    moving = [one for one in found.cases if one.places]
    n_first = sum(one.another_is_first for one in moving)
    output.say(f"Of {found.n_cases:,} cases {len(using):,} use a changed term.")
    output.say(f"The ten best matches of {len(moving):,} change, and the first one of {n_first:,}.")
    for one in found.cases[:MOST]:
        terms = f": {', '.join(one.terms)}" if one.terms else ""
        output.say(f"  {one.case_id}{terms}; {one.n_entering} matches come, {one.n_leaving} go")
    if len(found.cases) > MOST:
        output.say(f"  ... and {len(found.cases) - MOST:,} more: --json lists all")


def _case(one: CaseImpact) -> dict[str, Any]:
    return {
        "id": one.case_id,
        "terms": list(one.terms),
        "entering": one.n_entering,
        "leaving": one.n_leaving,
        "another_is_first": one.another_is_first,
        "matches": [asdict(place) for place in one.places],
    }


def _arrow(before: tuple[str, ...], after: tuple[str, ...]) -> str:
    if not before and not after:
        return ""
    return f": {', '.join(before)} -> {', '.join(after)}" if before else f" -> {', '.join(after)}"
