"""What can be said of a case's genotype in a few bits: how well another one can agree with it at most."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from matchmaker.model import Mechanism
from scoring.parameters import Parameters
from scoring.profile import Profile
from scoring.variants import mechanism_of

VARIANTS, NAMED, LOSS, GAIN, INHERITANCE = 1, 2, 4, 8, 16
MORE_THAN_GENES = VARIANTS | INHERITANCE  # without either nothing can agree or conflict
_MECHANISMS = {Mechanism.LOSS_OF_FUNCTION: LOSS, Mechanism.GAIN_OF_FUNCTION: GAIN}


def genotype_of(profile: Profile) -> int:
    """The bits of a case: variants, one that is named, mechanisms, and whether its inheritance is known."""
    bits = 0 if profile.inheritance_mode is None else INHERITANCE
    for allele in profile.alleles:
        mechanism = mechanism_of(allele)
        bits |= VARIANTS | (0 if allele.hgvs_change is None else NAMED)
        bits |= 0 if mechanism is None else _MECHANISMS.get(mechanism, 0)
    return bits


def may_oppose(query: int, genotype: NDArray[np.int8]) -> NDArray[np.bool_]:
    """Whether a gene may be gained on one side and lost on the other."""
    opposite = (GAIN if query & LOSS else 0) | (LOSS if query & GAIN else 0)
    return np.asarray((genotype & opposite) != 0, np.bool_)


def most_agreement(
    query: int, genotype: NDArray[np.int8], near: NDArray[np.bool_], parameters: Parameters
) -> NDArray[np.float64]:
    """What agreement of variants adds to the weight of a gene at most; `near`: a place or region is shared."""
    best = max(parameters.same_variant, parameters.neighbouring_position, parameters.same_region)
    like = near | ((genotype & query & NAMED) != 0)
    added = np.where(like, max(best, parameters.same_effect), parameters.same_effect) + parameters.zygosity_fits
    return np.where((genotype & query & VARIANTS) != 0, added, 0.0)
