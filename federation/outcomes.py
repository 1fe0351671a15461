"""What became of a search at each node: an answer or a named fault with its time, and results that can be compared."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from federation.answers import AnsweredCase
from matchmaker.model import Case, NodeName, Score
from scoring.explanation import Explanation
from scoring.probability import Likelihood


class State(StrEnum):
    """What became of one node in a search: the words of `matchmaker match --json`."""

    ANSWERED = "answered"
    UNREACHABLE = "unreachable"
    TIMEOUT = "timeout"
    REFUSED = "refused"
    INVALID = "invalid"
    TOO_LARGE = "too-large"
    PAUSED = "paused"
    NOT_SHARED = "not-shared"


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeResult:
    """A case that a node told of. `score` makes results of several nodes comparable, `told` has the node's own."""

    node: NodeName
    told: AnsweredCase
    score: Score
    explanation: Explanation  # ours, of what was told
    partial: bool  # scored here from what was told; False: the node scores as we do, and knows its whole case
    likelihood: Likelihood | None = None  # None: it is not declared how many cases the node searched

    @property
    def case(self) -> Case:
        return self.told.case


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeAnswer:
    """One node's part in a search; `error` says what a person can do about a fault."""

    node: NodeName
    state: State
    seconds: float = 0.0
    results: tuple[NodeResult, ...] = ()
    n_dropped: int = 0
    error: str | None = None
    disclaimer: str | None = None
    terms: str | None = None
    busy: bool = field(default=False, repr=False)  # our own limit was reached, and the node never asked

    def to_dict(self) -> dict[str, Any]:
        """Spell it as `matchmaker match --json` does."""
        return {
            "name": self.node,
            "state": self.state.value,
            "seconds": round(self.seconds, 3),
            "results": len(self.results),
            "error": self.error,
        }


def ranked(answers: Iterable[NodeAnswer]) -> list[NodeResult]:
    """Order the results of all nodes, the best first; equal ones by node and by the id that the node gave."""
    results = (result for answer in answers for result in answer.results)
    return sorted(results, key=lambda result: (-result.score.total, result.node, result.case.local_id))
