"""The one moment at which a federated search ends, handed to everything that waits."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadline:
    """An absolute time on the monotonic clock; unlike a timeout it does not start again with every wait."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Set the deadline so many seconds from now."""
        return cls(at=time.monotonic() + seconds)

    @property
    def remaining(self) -> float:
        """Seconds that are left, never below 0."""
        return max(0.0, self.at - time.monotonic())

    @property
    def passed(self) -> bool:
        return self.remaining == 0.0

    def within(self, seconds: float) -> Deadline:
        """Return the earlier of this deadline and so many seconds from now."""
        return Deadline(at=min(self.at, time.monotonic() + seconds))
