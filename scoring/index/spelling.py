"""A profile as bytes in the index: JSON lists in the order of the fields, without what names anybody.

Owner and family are not written: the index holds keyed numbers of them, which is all that a filter needs.
"""

from __future__ import annotations

import json
from dataclasses import fields
from enum import StrEnum
from typing import Any

from matchmaker.model import CaseId, CopyChange, Mechanism, Sex, Sharing, Zygosity
from scoring.profile import Profile
from scoring.variants import Allele

_NOT_WRITTEN = {"case_id", "release", "owner", "family", "observed", "excluded"}
_PROFILE = [field.name for field in fields(Profile) if field.name not in _NOT_WRITTEN]
_ALLELE = [field.name for field in fields(Allele)]
_ENUMS: dict[str, type[StrEnum]] = {
    "sex": Sex,
    "sharing": Sharing,
    "mechanism": Mechanism,
    "zygosity": Zygosity,
    "copy_change": CopyChange,
}
_TUPLES = {"unresolved", "genes", "ambiguous_genes"}


def encode(profile: Profile) -> bytes:
    """Spell what the columns do not hold; equal profiles are equal bytes."""
    stated = [[getattr(allele, name) for name in _ALLELE] for allele in profile.alleles]
    rest = [stated if name == "alleles" else getattr(profile, name) for name in _PROFILE]
    return json.dumps(rest, ensure_ascii=False, separators=(",", ":")).encode()


def decode(spelled: bytes, *, case_id: str, release: str, observed: list[int], excluded: list[int]) -> Profile:
    """Read a profile back; its owner is "" and its family None."""
    stated = {name: _value(name, value) for name, value in zip(_PROFILE, json.loads(spelled), strict=True)}
    return Profile(
        case_id=CaseId(case_id), release=release, observed=tuple(observed), excluded=tuple(excluded), **stated
    )


def _value(name: str, value: Any) -> Any:
    if name == "alleles":
        return tuple(
            Allele(**{field: _value(field, its) for field, its in zip(_ALLELE, one, strict=True)}) for one in value
        )
    if name in _TUPLES:
        return tuple(value)
    kind = _ENUMS.get(name)
    return value if kind is None or value is None else kind(value)
