"""A recorded match opened again: both cases as its centre may see them, and why they match, computed anew.

The other case of another centre, here or at another node, is what its disclosure level shows and no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from federation import told
from federation.findings import Finding
from federation.rescoring import likelihood_of_told
from federation.told import Told
from matchmaker import disclosure, recording
from matchmaker.actors import User
from matchmaker.authorise import Action, may
from matchmaker.match_life import Pair
from matchmaker.model import Case, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from scoring.scorer import Prepared


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A match as the page shows it; `told` is what the other node said of its case, None for a case of this node."""

    pair: Pair
    finding: Finding
    told: Told | None = None
    own: bool = False  # the other case is of the same centre, and shown whole


def open_all(mm: Matchmaker, pairs: Iterable[Pair], *, by: User) -> list[Opened]:
    """Open the matches of one case or of several, in their order; the scores are the recorded ones."""
    prepared: dict[str, Prepared] = {}
    opened = []
    with mm.reading() as db:
        declared = {node.name: node.declared_cases for node in registry.list_(db)}
    for pair in pairs:
        case = pair.stored.case
        if case.id not in prepared:
            prepared[case.id] = mm.scorer.prepare(mm.profile(case))
        opened.append(_open(mm, pair, prepared[case.id], declared=declared, by=by))
    return opened


def _open(mm: Matchmaker, pair: Pair, query: Prepared, *, declared: Mapping[NodeName, int | None], by: User) -> Opened:
    said = told.read(pair.match.finding, mm.release)
    own = pair.other is not None and may(by, Action.SEE_CASE, pair.other.case)
    other, partial = _other(mm, pair, query, said, own=own)
    recorded = pair.match.finding
    profile = mm.profile(other)
    explanation = mm.scorer.explain(query, profile, partial=partial)
    likely = recording.likelihood_of(mm, recorded)
    if likely is None:  # they asked us: among how many cases ours would be found there, its operator may have told
        n_searched = declared.get(recorded.node)
        likely = likelihood_of_told(mm, query.profile, profile, explanation, n_searched=n_searched)
    finding = Finding(
        node=recorded.node or mm.settings.node_name,
        id=other.local_id,
        score=recorded.score,
        case=other,
        explanation=explanation,
        at_home=pair.at_home,
        partial=partial,
        likelihood=likely,
        told_score=said.score_as_sent if said else None,
    )
    return Opened(pair=pair, finding=finding, told=said, own=own)


def _other(mm: Matchmaker, pair: Pair, query: Prepared, said: Told | None, *, own: bool) -> tuple[Case, bool]:
    """The other case as it may be seen, and whether that is a part of it."""
    if said is not None:
        return said.case, said.partial
    if pair.other is None:
        raise ValueError("a match without another case")
    if own:
        return pair.other.case, False
    return disclosure.colleague_view(mm, pair.other.case, asked=pair.stored.case, query=query), True
