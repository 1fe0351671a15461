"""Who acts. What they may do is in `matchmaker.authorise`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    CLINICIAN = "clinician"
    CURATOR = "curator"
    OPERATOR = "operator"
    AUDITOR = "auditor"
    SYSTEM = "system"  # the command line and the worker: whoever may start them holds the keys anyway


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """Somebody who acts: an account as it is now. `email` is also what `Case.owner` holds."""

    email: str
    role: Role
    centre: str | None = None
    colleagues: frozenset[str] = frozenset()  # addresses of the centre's accounts, disabled ones too
    account_id: str = ""  # empty: acts without an account

    @property
    def owners(self) -> frozenset[str] | None:
        """The owners whose cases are this user's to work with; None: everybody's."""
        if self.role is Role.SYSTEM:
            return None
        return self.colleagues | {self.email} if self.role in {Role.CLINICIAN, Role.CURATOR} else frozenset()


SYSTEM = User(email="system", role=Role.SYSTEM)
