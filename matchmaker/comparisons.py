"""A comparison of two releases as it is kept: written when it is counted, read by the pages that show it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from matchmaker.impact import CaseImpact, Comparison, Place
from matchmaker.model import CaseId, GeneId, TermId
from ontology.diff import GeneChange, GeneChangeKind, ReleaseDiff, TermChange, TermChangeKind
from scoring.changes import ContentChange


def write(found: Comparison) -> bytes:
    """Spell a comparison as JSON."""
    return json.dumps(asdict(found), separators=(",", ":")).encode()


def read(written: bytes) -> Comparison:
    """Read what `write` wrote."""
    held = json.loads(written)
    return Comparison(
        diff=_diff(held["diff"]),
        contents=tuple(ContentChange(**{**one, "term": TermId(one["term"])}) for one in held["contents"]),
        n_cases=held["n_cases"],
        cases=tuple(_case(one) for one in held["cases"]),
    )


def _diff(held: Mapping[str, Any]) -> ReleaseDiff:
    return ReleaseDiff(
        before=held["before"],
        after=held["after"],
        terms=tuple(_term(one) for one in held["terms"]),
        genes=tuple(
            GeneChange(**{**one, "kind": GeneChangeKind(one["kind"]), "gene": GeneId(one["gene"])})
            for one in held["genes"]
        ),
    )


def _term(held: Mapping[str, Any]) -> TermChange:
    return TermChange(
        kind=TermChangeKind(held["kind"]),
        term=TermId(held["term"]),
        label=held["label"],
        before=tuple(held["before"]),
        after=tuple(held["after"]),
        settled=held["settled"],
    )


def _case(held: Mapping[str, Any]) -> CaseImpact:
    return CaseImpact(
        case_id=CaseId(held["case_id"]),
        terms=tuple(TermId(term) for term in held["terms"]),
        places=tuple(Place(**{**place, "other": CaseId(place["other"])}) for place in held["places"]),
    )
