"""How well two variants of one gene agree; what is not stated on a side agrees with nothing."""

from __future__ import annotations

from enum import StrEnum

from matchmaker.model import Mechanism
from scoring.variants import Allele, EffectClass, mechanism_of

_EFFECT_CLASSES = frozenset(EffectClass)


class MatchKind(StrEnum):
    """How a gene is shared, the strongest first."""

    SAME_VARIANT = "same_variant"
    NEIGHBOURING_POSITION = "neighbouring_position"  # same or neighbouring position
    SAME_EFFECT = "same_effect"
    SAME_GENE = "same_gene"


STRENGTH = {kind: -place for place, kind in enumerate(MatchKind)}


def variant_kind(one: Allele, two: Allele) -> MatchKind:
    """Say how two variants of one gene agree, by the strongest thing that they have in common."""
    placed = placed_kind(one, two)
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
    known = one.reference_bases is not None and one.alternate_bases is not None
    same_bases = known and one.reference_bases == two.reference_bases and one.alternate_bases == two.alternate_bases
    if distance == 0 and same_bases:
        return MatchKind.SAME_VARIANT
    # MME's text counts from 0 and seqr sends from 1: equal bases one position apart are likely one variant.
    if distance == 0 or (distance == 1 and same_bases):
        return MatchKind.NEIGHBOURING_POSITION
    return None


def opposite(one: Mechanism | None, two: Mechanism | None) -> bool:
    """Whether one loses and the other gains function: two diseases of one gene."""
    loss, gain = Mechanism.LOSS_OF_FUNCTION, Mechanism.GAIN_OF_FUNCTION
    return (one is loss and two is gain) or (one is gain and two is loss)


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
    return MatchKind.SAME_VARIANT if one.span == two.span else MatchKind.NEIGHBOURING_POSITION


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
