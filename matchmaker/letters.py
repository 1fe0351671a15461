"""The words of a mail that says there are matches: ours alone, with a link instead of what a case says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import quote, urlsplit

from matchmaker.settings import Settings
from matchmaker.store.notifications import Kind

MOST_LINES = 20  # more is read on the page
MOST_CHARACTERS = 100  # of a name that comes from elsewhere
PURPOSE = "Matchmaker is for professionals to discuss cases, not for decisions on diagnosis or treatment."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One match as a mail may tell of it; `node` None: the other case is of this node."""

    match_id: str
    score: float
    strong: bool
    node: str | None = None
    asked_by_us: bool = True
    kind: Kind = Kind.FOUND


def alert(settings: Settings, to: str, lines: Sequence[Line], *, key: str, at: dt.datetime) -> EmailMessage:
    """Write the mail to one person; `key` makes the same mail, sent once more, recognisable as such."""
    message = addressed(settings, to, _subject(lines), key=key, at=at)
    message.set_content("\n".join(_text(settings, plain(settings.node_name), lines)))
    return message


def new_password(settings: Settings, to: str, link: str, *, hours: int, at: dt.datetime) -> EmailMessage:
    """Write the mail with the one-time link that somebody asked for."""
    message = addressed(settings, to, "set a new password", key=key_of([link]), at=at)
    text = [
        f"Somebody, probably you, asked {plain(settings.node_name)} for a new password for this address.",
        "",
        f"To set one, follow this link. It is good once, for {hours} hours:",
        f"   {link}",
        "",
        "If it was not you, do nothing: the password that you have stays. Should it go on, tell the node's operator.",
    ]
    message.set_content("\n".join(text))
    return message


def addressed(settings: Settings, to: str, subject: str, *, key: str, at: dt.datetime) -> EmailMessage:
    """Make an envelope; `subject` is words of ours alone, and what it names went through `plain`."""
    host = urlsplit(settings.base_url).hostname or "localhost"
    message = EmailMessage()
    message["Subject"] = f"[{plain(settings.node_name)}] {subject}"
    message["From"] = settings.mailbox or f"matchmaker@{host}"
    message["To"] = to
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    return message


def key_of(ids: Sequence[str]) -> str:
    """Return the same key for the same notices, in whatever order."""
    return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:32]


def _subject(lines: Sequence[Line]) -> str:
    n_found = sum(line.kind is Kind.FOUND for line in lines)
    if n_found == 0:
        return "news of a match" if len(lines) == 1 else f"news of {len(lines)} matches"
    return "1 new match" if n_found == 1 else f"{n_found} new matches"


def _text(settings: Settings, ours: str, lines: Sequence[Line]) -> list[str]:
    first = {Kind.CONFIRMED: 0, Kind.RECONSIDERED: 1, Kind.FOUND: 2}
    strongest = sorted(lines, key=lambda line: (first[line.kind], not line.strong, -line.score, line.match_id))
    if any(line.kind is Kind.FOUND for line in lines):
        text = [f"{ours} has found cases that resemble cases of yours.", ""]
    else:
        text = [f"{ours} has news of matches of your cases.", ""]
    for number, line in enumerate(strongest[:MOST_LINES], start=1):
        text += [f"{number}. {_said(line)}", f"   {_link(settings, line)}", ""]
    if len(lines) > MOST_LINES:
        text += [f"And {len(lines) - MOST_LINES} more: {settings.base_url.rstrip('/')}/matches", ""]
    return [
        *text,
        "What the cases have in common, whom to ask, and the other node's terms of use stand on the page; this mail",
        "says nothing of it because mail is not confidential. You are told of each pair of cases once.",
        "",
        PURPOSE,
        "You get this mail as the owner of a case at this node. To get one a day at most, or none, choose so at",
        f"{settings.base_url.rstrip('/')}/account/",
    ]


def _said(line: Line) -> str:
    if line.kind is not Kind.FOUND:
        colleague = "A colleague at this node" if line.node is None else f"A colleague at the node {plain(line.node)}"
        done = "confirmed a match" if line.kind is Kind.CONFIRMED else "took back the confirmation of a match"
        return f"{colleague} {done} with a case of yours"
    strength = "A strong match" if line.strong else "A match"
    if line.node is None:
        where = "with another case of this node"
    else:
        where = f"with a case of the node {plain(line.node)}"
        where += ", which answered us" if line.asked_by_us else ", which asked us"
    return f"{strength} (score {line.score:.2f} of 1) {where}"


def _link(settings: Settings, line: Line) -> str:
    return f"{settings.base_url.rstrip('/')}/matches/{quote(line.match_id, safe='')}"


def plain(text: str) -> str:
    """One line of printable characters: what others named may hold anything."""
    return "".join(c if c.isprintable() else " " for c in text)[:MOST_CHARACTERS].strip()
