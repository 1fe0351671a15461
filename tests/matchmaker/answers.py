"""What one case tells about itself to the peer that asks with another."""

from __future__ import annotations

from matchmaker import disclosure
from matchmaker.disclosure import Answer, Question
from matchmaker.model import Case
from matchmaker.service import Matchmaker
from scoring.common_ground import common_ground
from scoring.profile import profile_of
from tests.builders import a_node

PEER = a_node("spain")


def answered(mm: Matchmaker, case: Case, query: Case) -> Answer | None:
    asked, profile = profile_of(query, mm.release), profile_of(case, mm.release)
    return disclosure.answer_view(
        mm,
        case,
        profile=profile,
        question=Question.of(mm, query, profile=asked, node=PEER),
        common=common_ground(mm.scorer, mm.scorer.prepare(asked), profile),
        score=mm.scorer.score(asked, profile).total,
    )
