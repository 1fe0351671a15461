"""Which matches were computed with what does not hold any more, and looking again."""

from __future__ import annotations

from enum import StrEnum

from matchmaker import match_life, recording
from matchmaker.actors import User
from matchmaker.match_life import Pair
from matchmaker.service import Matchmaker


class Outdated(StrEnum):
    """What changed after a match was computed."""

    RELEASE = "release"  # the node uses another one
    SCORE = "score"  # it was ranked by another version of the score
    CASE = "case"  # ours was changed
    OTHER_CASE = "other case"  # the other one, of this node, was changed
    CORRECTED = "corrected"  # the other node said that it corrected its case, and has not told it anew


def of_pair(mm: Matchmaker, pair: Pair) -> tuple[Outdated, ...]:
    """Say why a match is not as it would be found today; nothing when it is."""
    match, finding = pair.match, pair.match.finding
    reasons = (
        (Outdated.RELEASE, finding.release != mm.release.id),
        (Outdated.SCORE, finding.release == mm.release.id and finding.scoring != mm.scorer.version),
        (Outdated.CASE, pair.stored.updated_at > match.last_seen),
        (Outdated.OTHER_CASE, pair.other is not None and pair.other.updated_at > match.last_seen),
        (Outdated.CORRECTED, match.outdated_at is not None),
    )
    return tuple(reason for reason, holds in reasons if holds)


def look_again(mm: Matchmaker, match_id: str, *, by: User) -> bool:
    """Match our case with those of this node once more; say whether that finds the other one still.

    A match that is not found any more stays, as it was last found. Other nodes are asked by `federation.live_search`.

    Raises
    ------
    NotFound, ReleaseError
    """
    before = match_life.get(mm, match_id, by=by)
    recording.match_case(mm.pinned(), before.stored.case.id)
    return match_life.get(mm, match_id, by=by).match.last_seen > before.match.last_seen
