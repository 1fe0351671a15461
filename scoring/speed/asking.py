"""Whom the search is measured with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from matchmaker.model import CaseId, Sharing
from ontology.releases import Release
from scoring.index import Filter
from scoring.profile import Profile
from scoring.speed.drawn import Drawing


def drawn_queries(release: Release, n: int) -> list[Profile]:
    """Cases like the stored ones, and none of them."""
    return list(Drawing(release, seed=2).cases(n, prefix="q"))


def picked(cases: Sequence[Profile], n: int) -> list[Profile]:
    """Some of the cases that have findings."""
    stated = [case for case in cases if case.observed]
    step = max(1, len(stated) // n)
    return [replace(case, case_id=CaseId(f"q{case.case_id}")) for case in stated[::step][:n]]


# Filters that let few cases through, or none.
NARROW = (Filter(test=True), Filter(species="NCBITaxon:10090"), Filter(sharing=Sharing.FEDERATED, exclude_owner="o1"))


def hard(release: Release) -> list[Profile]:
    """Queries of which bounds know little: one term that says hardly anything, and very long lists."""
    graph, ic = release.hpo.graph, release.annotations
    said = np.bincount(ic.term_disease, minlength=graph.n_terms)
    common = np.argsort(-said)[:60].tolist()
    anything = np.random.default_rng(4).choice(np.flatnonzero(said), 300, replace=False).tolist()
    lists = [(common[0],), (common[5],), tuple(common[:3]), tuple(common[:25]), tuple(common), tuple(anything)]
    return [
        Profile(case_id=CaseId(f"hard{n}"), release=release.id, observed=tuple(sorted(terms)))
        for n, terms in enumerate(lists)
    ]
