"""From the body of a match request to the body of its answer: read, search, reduce, write, record."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from federation import strict_json
from federation.admission import Admitted
from federation.counters import rounded
from federation.notices import DISCLAIMER, TERMS
from federation.results import spell_result
from federation.schemas import MatchRequest, read_request
from matchmaker import disclosure, matching
from matchmaker.disclosure import Answer, Question
from matchmaker.errors import Issue
from matchmaker.matching import MatchResponse, MatchResult
from matchmaker.model import Case, CaseId, GeneId, Variant
from matchmaker.service import Matchmaker
from matchmaker.store.ledger import Told
from ontology.releases import Release


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An answer before it is given: each result still stands only if its case is stored in the same version then."""

    request: MatchRequest
    asked: str  # the request's patient in one spelling
    n_genes: int
    results: tuple[Revealed, ...]
    n_passed: int

    @property
    def test(self) -> bool:
        return self.request.case.test


@dataclass(frozen=True, slots=True, kw_only=True)
class Revealed:
    """One case as it is told, and which case in which version that is."""

    case_id: CaseId
    version: int
    view: Answer
    written: bytes  # the result as it stands in the answer
    told: Told  # and in the ledger

    @property
    def genes(self) -> tuple[GeneId, ...]:
        return tuple(gene.gene for gene in self.view.genes)


def prepare(mm: Matchmaker, body: bytes, admitted: Admitted) -> Prepared:
    """Read a request, search, and reduce what is found to what this node may see.

    Raises
    ------
    NotJson, Invalid
        When the body is not JSON, or no request.
    """
    node = admitted.node
    value = strict_json.loads(body)
    request = read_request(value, release=mm.release, owner=f"node {node.name}")
    query = zero_based(request.case, node.start_offset or 0)
    response = matching.match(mm, query, asker=node)
    return Prepared(
        request=request,
        asked=strict_json.dumps(value["patient"]).decode(),
        n_genes=len(response.profile.genes),
        results=_revealed(mm, response, Question.of(mm, query, profile=response.profile, node=node)),
        n_passed=response.total,
    )


def constant(revealed: Revealed, release: Release) -> Revealed | None:
    """Say of a case what is said of it whatever is asked; None when no gene is shared."""
    view = disclosure.constant_view(revealed.view)
    if view is None:
        return None
    return _written(revealed.case_id, revealed.version, view, release=release)


def in_order(results: Iterable[Revealed]) -> tuple[Revealed, ...]:
    """Put answers of a fixed score where that score belongs, after equal ones and by their ids; others stay in order.

    The place of such a case would otherwise tell what its score does not.
    """
    return tuple(sorted(results, key=_place))


def write_answer(prepared: Prepared, standing: Sequence[Revealed], *, remarks: Sequence[Issue] = ()) -> bytes:
    """Write the answer's body with the results that may be told, and remarks on those that may not."""
    conditions: dict[str, Any] = {
        "_totalResults": rounded(prepared.n_passed),
        "disclaimer": DISCLAIMER,
        "terms": TERMS,
    }
    warnings = (*prepared.request.warnings, *remarks)
    if warnings:
        conditions["_warnings"] = [asdict(warning) for warning in warnings]
    # Each result is written once, since its fingerprint is what the ledger keeps.
    results = b",".join(result.written for result in standing)
    return b'{"results":[' + results + b"]," + strict_json.dumps(conditions)[1:]


def _revealed(mm: Matchmaker, response: MatchResponse, question: Question) -> tuple[Revealed, ...]:
    views = ((found, _view(mm, found, question)) for found in response.results)
    return in_order(
        _written(found.case.id, found.stored.version, view, release=mm.release)
        for found, view in views
        if view is not None
    )


def _place(result: Revealed) -> tuple[float, bool, str]:
    view = result.view
    return -view.score, view.is_fixed, view.case.id if view.is_fixed else ""


def _view(mm: Matchmaker, found: MatchResult, question: Question) -> Answer | None:
    return disclosure.answer_view(
        mm,
        found.case,
        profile=found.profile,
        question=question,
        common=found.common_ground,
        score=found.hit.total,
    )


def _written(case_id: CaseId, version: int, view: Answer, *, release: Release) -> Revealed:
    written = spell_result(view, release)
    told = Told(
        case_id=case_id,
        fingerprint=hashlib.sha256(written).hexdigest(),
        extent=_extent(view.case),
        test=view.case.test,
    )
    return Revealed(case_id=case_id, version=version, view=view, written=written, told=told)


def _extent(case: Case) -> str:
    """Count what an answer shows of a case, without naming any of it."""
    counts = {
        "genes": len(case.genomic_features),
        "variants": sum(len(feature.variants) for feature in case.genomic_features),
        "terms": len(case.features),
        "disorders": len(case.disorders),
    }
    return " ".join(f"{name}={count}" for name, count in counts.items() if count)


def zero_based(case: Case, offset: int) -> Case:
    """Shift the starts of a node that is known not to count from 0, as MME's text does."""
    if offset == 0:
        return case
    features = tuple(
        replace(feature, variants=tuple(_shifted(variant, offset) for variant in feature.variants))
        for feature in case.genomic_features
    )
    return replace(case, genomic_features=features)


def _shifted(variant: Variant, offset: int) -> Variant:
    # Its ends are right as they are: 1-based inclusive and 0-based exclusive ends are the same number.
    return variant if variant.start is None else replace(variant, start=max(0, variant.start + offset))
