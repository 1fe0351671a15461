"""How well two variants agree: by place, by name, by what they do. What a side does not state agrees with nothing."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from matchmaker.model import Mechanism
from scoring.variants import Allele, EffectClass, mechanism_of

# An indel can be written anywhere in the repeat that it stands in; no more bases apart are two spellings taken for one.
REPEAT_REACH = 30
_SHIFTS = sorted(range(-REPEAT_REACH, REPEAT_REACH + 1), key=abs)
Place = tuple[str, str, int]
_EFFECT_CLASSES = frozenset(EffectClass)


class MatchKind(StrEnum):
    """How a gene is shared, the strongest first."""

    SAME_VARIANT = "same_variant"
    NEIGHBOURING_POSITION = "neighbouring_position"  # same or neighbouring position
    SAME_REGION = "same_region"  # gains or losses, half of each covered by the other
    SAME_EFFECT = "same_effect"
    SAME_GENE = "same_gene"


STRENGTH = {kind: -place for place, kind in enumerate(MatchKind)}


def variant_kind(one: Allele, two: Allele) -> MatchKind:
    """Say how two variants of one gene agree, by the strongest thing that they have in common."""
    placed = None if one.start is None or two.start is None else placed_kind(one, two)
    if placed is MatchKind.SAME_VARIANT:
        return placed
    return _named_kind(one, two) or placed or _effect_kind(one, two) or MatchKind.SAME_GENE


def placed_kind(one: Allele, two: Allele) -> MatchKind | None:
    """How two positions agree; None when they do not, or when one is unknown."""
    distance = _distance(one, two)
    if distance is None:
        return None
    if one.copy_change is not None or two.copy_change is not None:
        return _copy_kind(one, two)
    if distance > REPEAT_REACH:
        return None
    known = one.reference_bases is not None and one.alternate_bases is not None
    same_bases = known and one.reference_bases == two.reference_bases and one.alternate_bases == two.alternate_bases
    if distance == 0 and same_bases:
        return MatchKind.SAME_VARIANT
    # MME's text counts from 0 and seqr sends from 1: equal bases one position apart are likely one variant.
    if distance == 0 or (distance == 1 and same_bases) or may_be_shifted(one, two):
        return MatchKind.NEIGHBOURING_POSITION
    return None


def may_be_shifted(one: Allele, two: Allele) -> bool:
    """Whether two indels could be one, written at two places of a repeat.

    Moving an indel along a repeat turns its bases round: only such a pair can be the same. Where both were moved to the
    left along the reference sequence, they would be equal if they were.

    Examples
    --------
    >>> one, two = (Allele(gene=None, assembly="GRCh38", chromosome="1", start=start, reference_bases=bases,
    ...                    alternate_bases="") for start, bases in ((100, "CAG"), (104, "AGC")))
    >>> may_be_shifted(one, two)
    True
    """
    distance = _distance(one, two)
    if distance is None or distance > REPEAT_REACH or (one.aligned and two.aligned):
        return False
    first, second = (one, two) if (one.start or 0) <= (two.start or 0) else (two, one)
    bases, others = first.changed_bases, second.changed_bases
    if (
        not bases
        or not others
        or len(bases) != len(others)
        or bool(first.reference_bases) != bool(second.reference_bases)
    ):
        return False
    turned = distance % len(bases)
    return bases[turned:] + bases[:turned] == others


def places_near(allele: Allele) -> Iterator[Place]:
    """The places where a variant may begin that is the same or next to this one; nearest first."""
    if allele.locus is None:
        return
    assembly, chromosome, start = allele.locus
    for shift in _SHIFTS if allele.changed_bases else _SHIFTS[:3]:
        yield assembly, chromosome, start + shift


def region_keys(allele: Allele) -> Iterator[Place]:
    """The one key under which a gain or loss of a region is filed; nothing for another variant."""
    found = _region(allele)
    if found is not None:
        level, start, name = found
        yield allele.assembly or "", f"{name}{level}", start >> level


def regions_near(allele: Allele) -> Iterator[Place]:
    """The keys of all gains and losses that may agree with this one.

    Notes
    -----
    From half of each covered, the shorter has half the length of the longer at least, and they begin no further apart
    than half of the longer: three levels of length, and three steps of each, hold them all.
    """
    found = _region(allele)
    if found is not None:
        own, start, name = found
        for level in (own - 1, own, own + 1):
            for step in (-1, 0, 1):
                if level >= 0:
                    yield allele.assembly or "", f"{name}{level}", (start >> level) + step


def opposite(one: Mechanism | None, two: Mechanism | None) -> bool:
    """Whether one gains what the other loses: two different diseases of a gene."""
    loss, gain = Mechanism.LOSS_OF_FUNCTION, Mechanism.GAIN_OF_FUNCTION
    return (one is loss and two is gain) or (one is gain and two is loss)


def _region(allele: Allele) -> tuple[int, int, str] | None:
    """Level of length, start, and the name of chromosome and direction."""
    if allele.copy_change is None or allele.locus is None or allele.span is None or allele.span[1] <= allele.span[0]:
        return None
    start, end = allele.span
    return (end - start).bit_length(), start, f"{allele.chromosome} {allele.copy_change} "


def _distance(one: Allele, two: Allele) -> int | None:
    if one.start is None or two.start is None:
        return None
    if one.chromosome is None or one.chromosome != two.chromosome:
        return None
    if one.assembly is None or one.assembly != two.assembly:
        return None
    return abs(one.start - two.start)


def _copy_kind(one: Allele, two: Allele) -> MatchKind | None:
    """Gains and losses agree in one direction, from half of each covered by the other."""
    if one.copy_change is not two.copy_change or one.span is None or two.span is None:
        return None
    overlap = min(one.span[1], two.span[1]) - max(one.span[0], two.span[0])
    longest = max(one.span[1] - one.span[0], two.span[1] - two.span[0])
    if overlap <= 0 or overlap * 2 < longest:
        return None
    return MatchKind.SAME_VARIANT if one.span == two.span else MatchKind.SAME_REGION


def _named_kind(one: Allele, two: Allele) -> MatchKind | None:
    if one.hgvs_change is None or one.hgvs_change != two.hgvs_change:
        return None
    if one.hgvs_reference is not None and one.hgvs_reference == two.hgvs_reference:
        return MatchKind.SAME_VARIANT
    # The same change counted on another transcript, or on none that was named, may be another position.
    distance = _distance(one, two)
    return MatchKind.NEIGHBOURING_POSITION if distance is None or distance <= 1 else None


def _effect_kind(one: Allele, two: Allele) -> MatchKind | None:
    same_effect = one.effect is not None and one.effect == two.effect and one.effect in _EFFECT_CLASSES
    same_mechanism = one.mechanism is not None and one.mechanism is two.mechanism
    if not same_effect and not same_mechanism:
        return None
    return None if opposite(mechanism_of(one), mechanism_of(two)) else MatchKind.SAME_EFFECT
