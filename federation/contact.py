"""Writing to the clinician of the other case of a match without either address being told: what the match's page does.

`way` says how the other side is reached, `draft` proposes a letter with the facts of the match, `write` sends one,
`thread` lists what was written. Whoever has an alias of ours comes by `federation.visiting`.
"""

from __future__ import annotations

from federation import conversing
from federation.opening_letter import draft
from federation.reaching import Way, route_of
from matchmaker import audit, hands, match_life
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue
from matchmaker.match_life import Pair
from matchmaker.service import Matchmaker
from matchmaker.store import messages
from matchmaker.store.matches import MatchStatus
from matchmaker.store.messages import Message
from matchmaker.store.relays import Conversation
from matchmaker.texts import gettext as _

__all__ = ["draft", "thread", "way", "write"]


def way(mm: Matchmaker, match_id: str, *, by: User) -> Way:
    """Return how the other side of a match is reached."""
    pair = match_life.get(mm, match_id, by=by)
    with mm.reading() as db:
        return route_of(mm, db, _conversation(pair))


def thread(mm: Matchmaker, match_id: str, *, by: User) -> list[Message]:
    """Return what was written about a match, oldest first."""
    pair = match_life.get(mm, match_id, by=by)
    with mm.reading() as db:
        return messages.of_conversation(db, _conversation(pair))


def write(mm: Matchmaker, match_id: str, text: str, *, by: User) -> Message:
    """Send a letter to the other side of a match; the match is then one that was written to.

    Raises
    ------
    Invalid
        When the letter is empty or too long, or the other side takes none by this way.
    TooOften
    """
    pair = match_life.get(mm, match_id, by=by)
    require(by, Action.EDIT_CASE, pair.stored.case)
    text = conversing.checked(text)
    with mm.transaction() as db:
        found_way = route_of(mm, db, _conversation(pair))
        if not found_way.can_write:
            remedy = (
                _("write to %(address)s", address=found_way.address)
                if found_way.address
                else _("ask the operator of that node")
            )
            raise Invalid([Issue(path="text", message=_("cannot be sent from here"), remedy=remedy)])
        message = conversing.send(mm, db, _conversation(pair), text, way=found_way, author=by.email)
        if pair.match.status in conversing.UNANSWERED | {MatchStatus.CONTACTED_US}:
            conversing.became(db, pair.match.id, MatchStatus.CONTACTED, by=by.email)
        audit.record(db, by, "letter written", case_id=pair.stored.case.id, node=pair.match.finding.node or None)
    hands.nudge(mm)
    return message


def _conversation(pair: Pair) -> Conversation:
    finding = pair.match.finding
    return Conversation(case_id=finding.case_id, node=finding.node, other_id=finding.other_id)
