"""Stored cases are matched with one another, and the pairs recorded as either owner sees them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from matchmaker import consent, matching, notifications, standing
from matchmaker.errors import ReleaseError
from matchmaker.model import Case, CaseId, StoredCase
from matchmaker.notifications import News
from matchmaker.service import Matchmaker
from matchmaker.store import found, matches, work
from matchmaker.store.engine import Connection
from matchmaker.store.work import Claim
from scoring.probability import Evidence, Likelihood, likelihood, weigh

_Pair = tuple[matches.Finding, matches.Finding]  # as the owner of the case sees it, and as that of the other


def match_case(mm: Matchmaker, case_id: CaseId, *, claimed: Claim | None = None) -> int:
    """Match a stored case with the others of this node, and record the pairs as either owner sees them.

    Idempotent, so that a worker may run it again. Returns how many cases were found; 0 for a case that is gone.
    What was `claimed` for it is done in the transaction that records them.
    """
    with mm.reading() as db:
        stored = found.load(db, [case_id]).get(case_id)
    if stored is None:
        if claimed is not None:
            with mm.transaction() as db:
                work.complete(db, claimed)
        return 0
    case = stored.case
    search = matching.Search(
        where=replace(matching.others(case), test=case.test),
        bounds=replace(matching.Bounds.for_nodes(mm.settings), genes_by_themselves=None, for_a_node=False),
        may_be_told=lambda other: consent.may_meet(case, other),
    )
    return _record(mm, stored, matching.run(mm, case, search), claimed=claimed)


def likelihood_of(mm: Matchmaker, finding: matches.Finding) -> Likelihood | None:
    """How likely a recorded match has the case's disease gene, with the prior of today; never a threshold.

    None where the other case was found by another node: how many were searched there is not known.
    """
    if finding.n_searched is None:
        return None
    evidence = Evidence(phenotype=finding.phenotype_ratio, genes=finding.gene_ratio, calibration=finding.calibration)
    return likelihood(evidence, n_searched=finding.n_searched, prior=mm.settings.prior)


def _record(mm: Matchmaker, stored: StoredCase, response: matching.MatchResponse, *, claimed: Claim | None) -> int:
    """Record what still stands: a case that changed meanwhile has work of its own waiting, and is matched by that."""
    at = dt.datetime.now(dt.UTC)
    case_id = stored.case.id
    # Scored before the transaction: whoever wants to write meanwhile waits for nothing but rows.
    findings = [_findings(mm, case_id, result, response) for result in response.results]
    with mm.transaction() as db:
        if not standing.is_up_to_date(mm, db):
            raise ReleaseError("another release was adopted meanwhile: the case is matched again with that")
        if claimed is not None:
            work.complete(db, claimed)
        now = found.versions(db, [case_id, *(result.case.id for result in response.results)])
        if now.get(case_id) != stored.version:
            return 0
        standing_ones = [
            (result.case, pair)
            for result, pair in zip(response.results, findings, strict=True)
            if now.get(result.case.id) == result.stored.version
        ]
        _keep(mm, db, stored.case, standing_ones, at=at)
    return len(standing_ones)


def _keep(
    mm: Matchmaker, db: Connection, case: Case, found_ones: Sequence[tuple[Case, _Pair]], *, at: dt.datetime
) -> None:
    """Record pairs as the owners of both sides see them, and let these owners hear of them."""
    seen = [(case, other, pair[0]) for other, pair in found_ones]
    seen += [(other, case, pair[1]) for other, pair in found_ones]
    recorded = matches.record_all(db, [finding for _, _, finding in seen], at=at)
    news = [
        News(case=ours, match=match, other=notifications.of_case(other), score=finding.score)
        for (ours, other, finding), match in zip(seen, recorded, strict=True)
        if not other.test
    ]
    notifications.tell_all(db, mm.settings, news)


def _findings(mm: Matchmaker, case_id: CaseId, result: matching.MatchResult, response: matching.MatchResponse) -> _Pair:
    """A pair as either owner sees it; both have searched the same cases."""
    # One case is among the found ones of many others, when many are matched after an import.
    asking = ("as a query", mm.scorer.version)
    query = mm.recent.once(result.case, asking, lambda: mm.scorer.prepare(result.profile))
    back = mm.scorer.measure(query, result.query)
    theirs = weigh(
        result.profile,
        response.profile,
        phenotype=back.phenotype,
        evidence=back.evidence,
        parameters=mm.scorer.parameters,
    )
    sides = ((case_id, result.case.id, result.score, result.evidence), (result.case.id, case_id, back.score, theirs))
    here, there = (
        matches.Finding(
            case_id=one,
            other_id=other,
            score=score,
            release=mm.release.id,
            scoring=mm.scorer.version,
            calibration=evidence.calibration,
            phenotype_ratio=evidence.phenotype,
            gene_ratio=evidence.genes,
            n_searched=result.n_searched,
        )
        for one, other, score, evidence in sides
    )
    return here, there
