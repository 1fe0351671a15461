"""The words of a mail that says there are matches: ours alone, with a link instead of what a case says."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime
from textwrap import wrap
from urllib.parse import quote, urlsplit

from matchmaker.settings import Settings
from matchmaker.store.notifications import Kind
from matchmaker.texts import gettext as _
from matchmaker.texts import later, ngettext

MOST_LINES = 20  # more is read on the page
WIDTH = 105  # characters of a line
MOST_CHARACTERS = 100  # of a name that comes from elsewhere
PURPOSE = later("Matchmaker is for professionals to discuss cases, not for decisions on diagnosis or treatment.")


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
    return written(settings, to, _subject(lines), _text(settings, plain(settings.node_name), lines), key=key, at=at)


def new_password(settings: Settings, to: str, link: str, *, hours: int, at: dt.datetime) -> EmailMessage:
    """Write the mail with the one-time link that somebody asked for."""
    text = [
        _(
            "Somebody, probably you, asked %(node)s for a new password for this address.",
            node=plain(settings.node_name),
        ),
        "",
        _("To set one, follow this link. It is good once, for %(n)s hours:", n=hours),
        f"   {link}",
        "",
        _(
            "If it was not you, do nothing: the password that you have stays. "
            "Should it go on, tell the node's operator."
        ),
    ]
    return written(settings, to, _("set a new password"), text, key=key_of([link]), at=at)


def written(
    settings: Settings, to: str, subject: str, lines: Sequence[str], *, key: str, at: dt.datetime
) -> EmailMessage:
    """Write a mail that ends with what all this is for.

    `subject` is words of ours alone, and what it names went through `plain`; `key` is of one mail, however often it is
    sent.
    """
    host = urlsplit(settings.base_url).hostname or "localhost"
    message = EmailMessage()
    message["Subject"] = f"[{plain(settings.node_name)}] {subject}"
    message["From"] = settings.mailbox or f"matchmaker@{host}"
    message["To"] = to
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{key}@{host}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no answers by machines
    message.set_content("\n".join([*lines, "", *wrap(_(PURPOSE), width=WIDTH)]))
    return message


def key_of(ids: Sequence[str]) -> str:
    """Return the same key for the same notices, in whatever order."""
    return hashlib.sha256(" ".join(sorted(ids)).encode()).hexdigest()[:32]


def _subject(lines: Sequence[Line]) -> str:
    n_found = sum(line.kind is Kind.FOUND for line in lines)
    if n_found == 0:
        return ngettext("news of a match", "news of %(num)s matches", len(lines))
    return ngettext("%(num)s new match", "%(num)s new matches", n_found)


def _text(settings: Settings, ours: str, lines: Sequence[Line]) -> list[str]:
    first = {Kind.CONFIRMED: 0, Kind.RECONSIDERED: 1, Kind.FOUND: 2}
    strongest = sorted(lines, key=lambda line: (first[line.kind], not line.strong, -line.score, line.match_id))
    if any(line.kind is Kind.FOUND for line in lines):
        text = [_("%(node)s has found cases that resemble cases of yours.", node=ours), ""]
    else:
        text = [_("%(node)s has news of matches of your cases.", node=ours), ""]
    for number, line in enumerate(strongest[:MOST_LINES], start=1):
        text += [f"{number}. {_said(line)}", f"   {_link(settings, line)}", ""]
    if len(lines) > MOST_LINES:
        text += [_("And %(n)s more:", n=len(lines) - MOST_LINES) + f" {settings.base_url.rstrip('/')}/matches", ""]
    return [
        *text,
        *wrap(
            _(
                "What the cases have in common, whom to ask, and the other node's terms of use stand on the page; this "
                "mail says nothing of it because mail is not confidential. You are told of each pair of cases once."
            ),
            width=WIDTH,
        ),
        "",
        *wrap(
            _("You get this mail as the owner of a case at this node. To get one a day at most, or none, choose so at"),
            width=WIDTH,
        ),
        f"{settings.base_url.rstrip('/')}/account/",
    ]


def _said(line: Line) -> str:
    if line.kind is not Kind.FOUND:
        if line.kind is Kind.CONFIRMED:
            return _("%(who)s confirmed a match with a case of yours", who=_colleague(line))
        return _("%(who)s took back the confirmation of a match with a case of yours", who=_colleague(line))
    strong = _("A strong match (score %(score)s of 1)", score=f"{line.score:.2f}")
    what = strong if line.strong else _("A match (score %(score)s of 1)", score=f"{line.score:.2f}")
    if line.node is None:
        return _("%(what)s with another case of this node", what=what)
    if line.asked_by_us:
        return _("%(what)s with a case of the node %(node)s, which answered us", what=what, node=plain(line.node))
    return _("%(what)s with a case of the node %(node)s, which asked us", what=what, node=plain(line.node))


def _colleague(line: Line) -> str:
    if line.node is None:
        return _("A colleague at this node")
    return _("A colleague at the node %(node)s", node=plain(line.node))


def _link(settings: Settings, line: Line) -> str:
    return f"{settings.base_url.rstrip('/')}/matches/{quote(line.match_id, safe='')}"


def plain(text: str) -> str:
    """One line of printable characters: what others named may hold anything."""
    return "".join(c if c.isprintable() else " " for c in text)[:MOST_CHARACTERS].strip()
