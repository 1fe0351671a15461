"""What the match page says of letters: how the other side is reached, what was written, a draft."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from flask_babel import gettext as _

from federation import contact
from federation.reaching import Route, Way
from matchmaker.actors import User
from matchmaker.service import Matchmaker
from matchmaker.store.messages import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Writing:
    """The thread and the next letter; `mail` is what a mail program opens, empty where letters go another way."""

    way: Way
    letters: tuple[Message, ...]
    draft: str
    mail: str


def writing(mm: Matchmaker, match_id: str, *, by: User) -> Writing:
    """Gather it for one match."""
    way = contact.way(mm, match_id, by=by)
    letters = tuple(contact.thread(mm, match_id, by=by))
    draft = contact.draft(mm, match_id, by=by)
    mail = _mail(way.address, draft) if way.route is Route.MAIL and way.address else ""
    # Who was written to already needs no letter to begin with.
    return Writing(way=way, letters=letters, draft="" if letters else draft, mail=mail)


def _mail(address: str, letter: str) -> str:
    subject = quote(_("A possible match of our cases"), safe="")
    to = quote(address.removeprefix("mailto:"), safe="@.+-_")
    return f"mailto:{to}?subject={subject}&body={quote(letter, safe='')}"
