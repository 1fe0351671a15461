"""Who acts, and what they may do to a case."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from matchmaker.errors import MatchmakerError
from matchmaker.model import Case


class Role(StrEnum):
    CLINICIAN = "clinician"
    CURATOR = "curator"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SYSTEM = "system"  # the command line and the worker: whoever may start them holds the keys anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An account; `email` is also what `Case.owner` holds."""

    email: str
    role: Role
    centre: str | None = None

    def may_edit(self, case: Case) -> bool:
        """Say whether this user may change, withdraw, or erase the case."""
        return self.role is Role.SYSTEM or (self.role is Role.CLINICIAN and self.email == case.owner)

    @property
    def sees_only(self) -> str | None:
        """The one owner whose cases this user may see; None when there are others."""
        return None if self.role is Role.SYSTEM else self.email

    def may_see(self, case: Case) -> bool:
        """Say whether this user may read the whole case, names and notes included."""
        return self.may_edit(case)


SYSTEM = User(email="system", role=Role.SYSTEM)


def require(allowed: bool, error: MatchmakerError) -> None:
    """Raise the error unless it is allowed."""
    if not allowed:
        raise error
