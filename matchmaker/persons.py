"""Cases that are one person submitted at several nodes, or relatives: they are one observation, not several.

Two unrelated patients with the same variant are what everybody looks for; so a variant alone joins nobody. What joins
is said, since a person must be able to disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.model import Case, GeneId, TermId
from ontology.releases import Release
from scoring.agreement import MatchKind, variant_kind
from scoring.variants import Allele, allele_of

MOSTLY = 0.8  # of all findings of both: the same ones
MANY_TERMS = 5  # the same ones, to the last, by which a person is recognised without a variant
FEW_TERMS = 3
TERMS_OF_AN_ID = 2  # the same ones, beside the same id: "1" is somebody at every node
LONG_ID = 4


class Kinship(StrEnum):
    """What two cases are to one another."""

    SAME_PERSON = "same person"
    RELATIVE = "relative"


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """That a case belongs to an earlier one, and why."""

    kinship: Kinship
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a case stands among others: the number of its group, from 1, and what joined it to an earlier case."""

    group: int
    to: int | None = None  # index of that case
    joined: Joined | None = None


def grouped(found: Sequence[tuple[str, Case]], release: Release) -> list[Place]:
    """Group cases (node, case), in their order; each is compared with those before it.

    Returns
    -------
    list of Place
        As many as cases. The number of groups is how many independent observations there are.
    """
    seen = [_Seen.of(node, case, release) for node, case in found]
    places: list[Place] = []
    for index, one in enumerate(seen):
        earlier = ((other, _joined(seen[other], one)) for other in range(index))
        to, joined = next(((other, why) for other, why in earlier if why is not None), (None, None))
        group = max((place.group for place in places), default=0) + 1 if to is None else places[to].group
        places.append(Place(group=group, to=to, joined=joined))
    return places


def joined(one: Case, other: Case, release: Release) -> Joined | None:
    """Say what two cases of different nodes are to one another; None when nothing speaks for it."""
    return _joined(_Seen.of("one", one, release), _Seen.of("other", other, release))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What of a case shows who it is."""

    node: str
    case: Case
    terms: frozenset[TermId]
    genes: frozenset[GeneId]
    alleles: tuple[Allele, ...]

    @classmethod
    def of(cls, node: str, case: Case, release: Release) -> _Seen:
        resolved = (release.hpo.resolve(feature.term).term for feature in case.features if not feature.excluded)
        return cls(
            node=node,
            case=case,
            terms=frozenset(term for term in resolved if term is not None),
            genes=frozenset(feature.gene for feature in case.genomic_features if feature.gene is not None),
            alleles=tuple(allele_of(v, feature.gene) for feature in case.genomic_features for v in feature.variants),
        )

    def n_same_alleles(self, other: _Seen) -> int:
        """How many variants both have: the same change at the same place, not merely the same effect."""
        return sum(
            any(variant_kind(mine, theirs) is MatchKind.SAME_VARIANT for theirs in other.alleles)
            for mine in self.alleles
        )


def _joined(one: _Seen, other: _Seen) -> Joined | None:
    if _contradict(one.case, other.case):
        return None
    why = _same_person(one, other)
    if why is not None:
        return Joined(kinship=Kinship.SAME_PERSON, why=why)
    why = _relatives(one, other)
    return None if why is None else Joined(kinship=Kinship.RELATIVE, why=why)


def _same_person(one: _Seen, other: _Seen) -> str | None:
    if one.case.sex and other.case.sex and one.case.sex is not other.case.sex:
        return None
    same_terms, all_terms = one.terms & other.terms, one.terms | other.terms
    one_id, other_id = one.case.local_id, other.case.local_id
    same_id = one_id == other_id and len(one_id) >= LONG_ID and one.node != other.node  # one node gives an id once
    if same_id and (one.genes & other.genes or len(same_terms) >= TERMS_OF_AN_ID):
        return "the same id at both nodes"
    alike = len(same_terms) >= FEW_TERMS and len(same_terms) >= MOSTLY * len(all_terms)
    if alike and one.n_same_alleles(other):
        return "the same variant and nearly the same findings"
    if len(same_terms) >= MANY_TERMS and one.terms == other.terms and one.genes & other.genes:
        return "the same gene and exactly the same findings"
    return None


def _relatives(one: _Seen, other: _Seen) -> str | None:
    mine, theirs = one.case, other.case
    families = [case.family and (case.owner, case.family.id) for case in (mine, theirs)]
    if families[0] is not None and families[0] == families[1]:
        return "the same family"
    if one.n_same_alleles(other) and _centre(mine) is not None and _centre(mine) == _centre(theirs):
        return "the same variant at the same centre"
    return None


def _contradict(one: Case, other: Case) -> bool:
    return one.species != other.species


def _centre(case: Case) -> str | None:
    contact = case.contact
    stated = contact.institution or contact.href or contact.email
    return stated.strip().casefold() if stated else None
