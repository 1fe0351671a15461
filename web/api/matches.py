"""Matches of the caller's cases: list, show with reasons, move on, note."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from federation import opened
from federation.opened import Opened
from federation.writing import write_patient
from matchmaker import advice, match_life
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, Issue
from matchmaker.model import CaseId
from web import comparison
from web.api.blueprint import ApiBlueprint
from web.api.lists import next_page
from web.api.match_schemas import MatchPageSchema, MatchSchema, MoveSchema, NoteSchema, WantedSchema
from web.auth import current_user

bp = ApiBlueprint("api_matches", __name__, url_prefix="", description="Matches of your cases")


@bp.get("/cases/<case_id>/matches")
@bp.arguments(WantedSchema, location="query")
@bp.response(200, MatchPageSchema, headers={"Link": {"schema": {"type": "string"}, "description": "rel=next"}})
def of_case(query: dict[str, Any], case_id: CaseId) -> tuple[dict[str, Any], int, dict[str, str]]:
    """List the matches of a case, best first; set-aside ones too."""
    pairs = match_life.of_case(mm, case_id, by=current_user)
    wanted = [pair for pair in pairs if query.get("status") in {None, pair.match.status}]
    wanted = [pair for pair in wanted if query.get("node") in {None, pair.match.finding.node or mm.settings.node_name}]
    start = _place_after(query.get("cursor"), [pair.match.id for pair in wanted])
    some = wanted[start : start + query["limit"]]
    following = some[-1].match.id if len(wanted) > start + len(some) else None
    lines = [_line(one) for one in opened.open_all(mm, some, by=current_user)]
    return {"matches": lines, "next": following}, 200, next_page(following)


@bp.get("/matches/<match_id>")
@bp.response(200, MatchSchema)
def show(match_id: str) -> dict[str, Any]:
    """Show a match with its reasons; it stays as new as it was."""
    return _whole(match_id)


@bp.put("/matches/<match_id>/status")
@bp.arguments(MoveSchema)
@bp.response(200, MatchSchema)
def move(body: dict[str, Any], match_id: str) -> dict[str, Any]:
    """Move a match on; the other side hears of what is confirmed."""
    match_life.move(mm, match_id, body["status"], by=current_user, reason=body["reason"])
    return _whole(match_id)


@bp.post("/matches/<match_id>/notes")
@bp.arguments(NoteSchema)
@bp.response(201, MatchSchema)
def note(body: dict[str, Any], match_id: str) -> dict[str, Any]:
    """Write a note for the colleagues of your centre; it never leaves."""
    match_life.note(mm, match_id, body["text"], by=current_user)
    return _whole(match_id)


def _place_after(cursor: str | None, ids: list[str]) -> int:
    if cursor is None:
        return 0
    if cursor not in ids:
        raise Invalid([Issue(path="cursor", message="is of no match any more", remedy="list from the beginning")])
    return ids.index(cursor) + 1


def _whole(match_id: str) -> dict[str, Any]:
    pair = match_life.get(mm, match_id, by=current_user)
    (one,) = opened.open_all(mm, [pair], by=current_user)
    return {
        **_line(one),
        "explanation": _explanation(one),
        "patient": write_patient(one.finding.case, mm.release),
        "told_score": one.finding.told_score,
        "disclaimer": one.told.disclaimer if one.told else None,
        "terms": one.told.terms if one.told else None,
        "history": match_life.history(mm, match_id, by=current_user),
    }


def _line(one: Opened) -> dict[str, Any]:
    match, finding = one.pair.match, one.finding
    return {
        **finding.to_dict(mm.release),
        "id": match.id,
        "case_id": one.pair.stored.case.id,
        "at_home": finding.at_home,
        "status": match.status,
        "confirmed_there_at": match.confirmed_there_at,
        "first_seen": match.first_seen,
        "last_seen": match.last_seen,
        "score": finding.score,
        "is_partial": finding.partial,
    }


def _explanation(one: Opened) -> dict[str, Any]:
    explanation, release = one.finding.explanation, mm.release
    compared = comparison.compare(explanation, release)
    return {
        **{name: getattr(compared, name) for name in ("only_here", "only_there", "contradictions")},
        "scoring": explanation.scoring,
        "genes": [
            {
                **asdict(shared),
                "id": shared.gene,
                "symbol": release.genes.symbol(shared.gene) if shared.gene else None,
                "share": explanation.share(shared.contribution),
            }
            for shared in explanation.genes
        ],
        "pairs": sorted((pair for group in compared.groups for pair in group.pairs), key=lambda pair: -pair.share),
        "may_be_related": explanation.may_be_related,
        "known": advice.known(explanation, release),
        "worth_testing": advice.worth_testing(one.pair.stored.case, one.finding.case, explanation, release),
    }
