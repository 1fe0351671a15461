"""Reference patients: one for each of a fixed choice of diseases, drawn once per release and the same for ever.

How much a case resembles them says how common its picture is. They are drawn by hashes and not by a generator of random
numbers, so that every node of one release has the same, whatever its libraries.
"""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from ontology.annotations import Annotations
from ontology.hpo import Hpo

N_PATIENTS = 2000
UNSTATED = 0.5  # the share of patients with a finding where no source states one


def reference_patients(annotations: Annotations, hpo: Hpo, *, n_patients: int = N_PATIENTS) -> list[tuple[int, ...]]:
    """Draw patients from disease annotations.

    Returns
    -------
    list of tuple of int
        Dense term ids, ascending, at least two each: of the diseases with the smallest SHA-256 of their ids, the terms
        whose hash falls below their frequency. Fewer than `n_patients` where the release has fewer such diseases.

    Notes
    -----
    A patient has each finding of the disease independently and with its frequency; terms that a disease excludes are
    not in it.
    """
    order = sorted(range(len(annotations)), key=lambda d: hashlib.sha256(annotations.ids[d].encode()).digest())
    shares = np.where(np.isnan(annotations.frequencies), UNSTATED, annotations.frequencies)
    drawn: list[tuple[int, ...]] = []
    for disease in order:
        if len(drawn) == n_patients:
            break
        found = slice(annotations.term_offsets[disease], annotations.term_offsets[disease + 1])
        terms, frequencies = annotations.term_disease[found].tolist(), shares[found].tolist()
        patient = tuple(
            term
            for term, share in zip(terms, frequencies, strict=True)
            if _uniform(f"{annotations.ids[disease]}|{hpo.term_ids[term]}") < share
        )
        if len(patient) > 1:
            drawn.append(patient)
    return drawn


def background(similar: NDArray[np.float64], *, top: int) -> float:
    """Average the `top` largest of a case's raw similarities to reference patients; 1.0, which divides by 1, for none.

    Examples
    --------
    >>> background(np.array([0.5, 2.0, 1.0]), top=2), background(np.zeros(0), top=2)
    (1.5, 1.0)
    """
    largest = np.partition(similar, -top)[-top:] if len(similar) > top else similar
    return float(np.mean(largest)) if len(largest) else 1.0


def _uniform(text: str) -> float:
    """A number in [0, 1) that a text alone decides."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big") / 2**64
