"""Published cases with what is true of them, read from a benchmark file."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import Invalid, Issue
from matchmaker.model import TermId
from ontology.hpo import Hpo

QUERIES_PER_DISEASE = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedCase:
    """One individual: the terms that were observed, as published and resolved, and what the case is known to be."""

    id: str
    terms: tuple[TermId, ...]
    disease: str
    gene: str | None
    paper: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is known of n cases; arrays of shape (n_cases,).

    Attributes
    ----------
    disease, gene, paper : int64
        Equal numbers mean equal; a gene that is not known is -1.
    tie : uint64
        A salted hash of the id, which orders cases with equal scores so that no order of a file does.
    """

    disease: NDArray[np.int64]
    gene: NDArray[np.int64]
    paper: NDArray[np.int64]
    tie: NDArray[np.uint64]

    @classmethod
    def of(cls, cases: Sequence[PublishedCase]) -> Truth:
        return cls(
            disease=_codes([case.disease for case in cases]),
            gene=_codes([case.gene for case in cases]),
            paper=_codes([case.paper for case in cases]),
            tie=np.array([salted(case.id, "tie") for case in cases], np.uint64),
        )


def read_cases(path: Path, hpo: Hpo) -> list[PublishedCase]:
    """Read JSON Lines of `{"patient": ..., "truth": ...}`, gzipped or not.

    Raises
    ------
    Invalid
        When a line holds no such object; it names the line.
    """
    cases = []
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                try:
                    cases.append(_published(json.loads(line), hpo))
                except (ValueError, KeyError, TypeError) as error:
                    issue = Issue(
                        path=f"{path}:{number}",
                        message="is no case with its truth",
                        remedy='send {"patient": {...}, "truth": {"disease": ..., "gene": ..., "pmid": ...}} per line',
                    )
                    raise Invalid([issue]) from error
    return cases


def choose_queries(cases: Sequence[PublishedCase]) -> list[int]:
    """Choose at most ten cases per disease, of those whose disease another paper has too; ascending positions."""
    papers: dict[str, set[str]] = defaultdict(set)
    for case in cases:
        papers[case.disease].add(case.paper)
    eligible = [i for i, case in enumerate(cases) if len(papers[case.disease]) > 1]
    eligible.sort(key=lambda i: salted(cases[i].id, "query-sample"))
    taken: Counter[str] = Counter()
    chosen = []
    for i in eligible:
        if taken[cases[i].disease] < QUERIES_PER_DISEASE:
            taken[cases[i].disease] += 1
            chosen.append(i)
    return sorted(chosen)


def salted(text: str, salt: str) -> int:
    """A stable 64-bit number for a text, so that no sample depends on the order of a file."""
    return int.from_bytes(hashlib.sha256(f"{salt}|{text}".encode()).digest()[:8], "big")


def _published(record: Any, hpo: Hpo) -> PublishedCase:
    patient, truth = record["patient"], record["truth"]
    observed = [f["id"] for f in patient.get("features", []) if f.get("observed", "yes") == "yes"]
    resolved = (hpo.resolve(term).term for term in observed if hpo.index_of(term) is not None)
    return PublishedCase(
        id=patient["id"],
        terms=tuple(sorted({term for term in resolved if term is not None})),
        disease=truth["disease"],
        gene=truth["gene"],
        paper=truth["pmid"],
    )


def _codes(names: Sequence[str | None]) -> NDArray[np.int64]:
    number = {name: n for n, name in enumerate(sorted({name for name in names if name is not None}))}
    return np.array([-1 if name is None else number[name] for name in names], np.int64)
