"""What can go wrong, in the words of whoever has to mend it.

MatchmakerError
  Invalid(issues)            what the sender can mend
    UnknownTerm, AmbiguousTerm, ContradictoryFeatures
  NotFound(kind, id)
  Forbidden(action, id)
  Unauthorised
  TooOften(wait)             too many attempts lately
  Stale(id, seen, now)       somebody else saved first
  Unavailable(what, why)     database gone, busy, damaged: 503
    Unwritable               disk full, database or home read-only: 507
  ReleaseError               checksum, format, missing file
  SettingsError(name)        a setting that the node refuses
    Insecure(issues)         all that it refuses in production
  NodeError(node)            NodeUnreachable, NodeTimeout, NodeRefused, NodeMisanswered, NodeTooLarge, NodeBusy
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.texts import gettext as _


class MatchmakerError(Exception):
    """The root of every error that a person may see; `str()` is one line that says what, where, what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing that the sender can mend: where (`features[2].id`), what is wrong, what to do."""

    path: str
    message: str
    remedy: str

    def __str__(self) -> str:
        where = f"{self.path}: " if self.path else ""
        return f"{where}{self.message} ({self.remedy})" if self.remedy else f"{where}{self.message}"


class Invalid(MatchmakerError):
    """The sender sent something that cannot be used; every issue says how to mend it."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("; ".join(map(str, self.issues)))


class UnknownTerm(Invalid):
    def __init__(self, path: str, term: str) -> None:
        self.term = term
        super().__init__(
            [Issue(path=path, message=_("%(term)s is not an HPO term", term=term), remedy=_("check the id"))]
        )


class AmbiguousTerm(Invalid):
    def __init__(self, path: str, term: str, candidates: Sequence[str]) -> None:
        self.candidates = tuple(candidates)
        choice = ", ".join(self.candidates)
        super().__init__(
            [
                Issue(
                    path=path,
                    message=_("%(term)s means several terms", term=term),
                    remedy=_("choose one of %(choice)s", choice=choice),
                )
            ]
        )


class ContradictoryFeatures(Invalid):
    def __init__(self, path: str, present: str, excluded: str) -> None:
        message = _("%(present)s is present, but %(excluded)s above it is excluded", present=present, excluded=excluded)
        super().__init__([Issue(path=path, message=message, remedy=_("remove one of the two"))])


class NotFound(MatchmakerError):
    def __init__(self, kind: str, id_: str) -> None:
        self.kind, self.id = kind, id_
        super().__init__(_("no %(kind)s %(id)s here: check the id, or list what there is", kind=_(kind), id=id_))


class Forbidden(MatchmakerError):
    def __init__(self, action: str, id_: str = "") -> None:
        self.action, self.id = action, id_
        super().__init__(
            _("not allowed to %(action)s: ask the owner or an operator", action=f"{_(action)} {id_}".rstrip())
        )


class Unauthorised(MatchmakerError):
    def __init__(self, why: str = "a valid token is needed in X-Auth-Token") -> None:
        super().__init__(why)


class TooOften(MatchmakerError):
    """Too many attempts lately; `wait` says how long to wait for the next."""

    def __init__(self, wait: dt.timedelta) -> None:
        self.wait = wait
        super().__init__(_("too many attempts: try again in %(n)s minutes", n=math.ceil(wait.total_seconds() / 60)))


class Stale(MatchmakerError):
    """Somebody else saved first: the version that was edited is not the one that is stored."""

    def __init__(self, id_: str, *, seen: int, now: int) -> None:
        self.id, self.seen, self.now = id_, seen, now
        super().__init__(
            _(
                "%(id)s was changed meanwhile (version %(seen)s was seen, %(now)s is stored): reload, try again",
                id=id_,
                seen=seen,
                now=now,
            )
        )


class Unavailable(MatchmakerError):
    """The machine cannot do it now, such as when the database is gone; nothing accepted is lost."""

    retry_after = 10  # seconds, for clients that try again

    def __init__(self, what: str, why: str, remedy: str) -> None:
        self.what, self.why, self.remedy = what, why, remedy
        super().__init__(f"{what}: {why}; {remedy}")


class Unwritable(Unavailable):
    """The disk is full or read-only: reading goes on, and trying again is of no use before somebody mends it."""


class ReleaseError(MatchmakerError):
    """A file of reference data is missing, damaged or of another format."""


class SettingsError(MatchmakerError):
    def __init__(self, name: str, why: str) -> None:
        self.name = name
        super().__init__(f"{name}: {why}")


class Insecure(SettingsError):
    """The node does not start in production like this; every issue names a setting or a file."""

    def __init__(self, issues: Sequence[Issue]) -> None:
        self.issues = tuple(issues)
        super().__init__("MATCHMAKER_MODE=production refuses", "; ".join(map(str, self.issues)))


class NodeError(MatchmakerError):
    """Another node did not answer as it should; `state` is the word that `matchmaker match` reports."""

    state = "invalid"

    def __init__(self, node: str, why: str) -> None:
        self.node, self.why = node, why
        super().__init__(f"{node}: {why}")


class NodeUnreachable(NodeError):
    state = "unreachable"


class NodeTimeout(NodeError):
    state = "timeout"


class NodeRefused(NodeError):
    state = "refused"

    def __init__(self, node: str, why: str, *, status: int) -> None:
        self.status = status
        super().__init__(node, why)


class NodeMisanswered(NodeError):
    state = "invalid"


class NodeTooLarge(NodeError):
    state = "too-large"


class NodeBusy(NodeTimeout):
    """Our own limit of calls at once to the node was reached: not its fault, so its breaker does not count it."""
