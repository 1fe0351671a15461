"""Which matches of a case are one person found twice, or relatives: they stand together, and count once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from federation.opened import Opened
from matchmaker import persons
from matchmaker.model import Case
from matchmaker.persons import Kinship, Place
from ontology.releases import Release
from web.match_words import node_of

_HERE = ""  # our own node, where ids are given once


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """To which observation a match belongs: 0 is the case itself; `leader` is the place of the first of its kind."""

    number: int
    leader: int
    note: str = ""  # what joins it to another one, and why; empty for the first


def grouped(case: Case, found: Sequence[Opened], release: Release) -> list[Group]:
    """Group the matches of one case, in their order."""
    everybody = [(_HERE, case)]
    everybody += [(_HERE if one.finding.at_home else one.finding.node, one.finding.case) for one in found]
    places = persons.grouped(everybody, release)
    groups: list[Group] = []
    for index, place in enumerate(places[1:]):
        own = place.group == places[0].group
        same = (other for other in range(index) if groups[other].number == place.group - 1)
        leader = index if own else next(same, index)
        groups.append(Group(number=0 if own else place.group - 1, leader=leader, note=_note(place, found)))
    return groups


def n_independent(groups: Sequence[Group]) -> int:
    """Count the observations that are not the case itself."""
    return len({group.number for group in groups} - {0})


def _note(place: Place, found: Sequence[Opened]) -> str:
    if place.joined is None or place.to is None:
        return ""
    whom = _("your case") if place.to == 0 else _("the case of %(node)s", node=node_of(found[place.to - 1]))
    why = _why(place.joined.why)
    if place.joined.kinship is Kinship.SAME_PERSON:
        return str(_("perhaps the same person as %(whom)s: %(why)s", whom=whom, why=why))
    return str(_("perhaps a relative of %(whom)s: %(why)s", whom=whom, why=why))


def _why(why: str) -> str:
    names: dict[str, str] = {
        "the same id at both nodes": _("the same id at both nodes"),
        "the same variant and nearly the same findings": _("the same variant and nearly the same findings"),
        "the same gene and exactly the same findings": _("the same gene and exactly the same findings"),
        "the same family": _("the same family"),
        "the same variant at the same centre": _("the same variant at the same centre"),
    }
    return names.get(why, why)
