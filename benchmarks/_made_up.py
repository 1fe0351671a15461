"""Cases drawn from disease annotations, as patients of Matchmaker Exchange: for measuring speed, not ranking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ontology.releases import Release, shipped
from scoring.profile import Profile
from scoring.speed.drawn import Drawing


def made_up(n: int, *, seed: int, prefix: str = "") -> Iterator[dict[str, Any]]:
    """Draw n patients; the same seed gives the same ones."""
    release = shipped()
    drawn = Drawing(release, seed=seed).cases(n, prefix=prefix)
    return (_patient(case, release) for case in drawn)


def _patient(case: Profile, release: Release) -> dict[str, Any]:
    stated = [(term, "yes") for term in case.observed] + [(term, "no") for term in case.excluded]
    return {
        "id": case.case_id,
        "contact": {"name": "Made up", "institution": "Benchmark", "href": "mailto:nobody@example.org"},
        "features": [{"id": release.hpo.term_ids[term], "observed": observed} for term, observed in stated],
        "genomicFeatures": [{"gene": {"id": release.genes.symbol(gene)}} for gene in case.genes],
    }
