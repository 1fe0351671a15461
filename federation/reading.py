"""What a Matchmaker Exchange patient says, as the model has it: lenient in every part that does not decide on 422.

Whatever is not understood is kept as sent or left out, and a warning says which and why; nothing here raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from functools import lru_cache
from typing import Any, TypeVar

from federation.spelling import HUMAN, disease_spelling, sex_of, species_spelling, term_spelling
from matchmaker.model import DiseaseId, Disorder, PhenotypicFeature, Sex, TermId
from matchmaker.texts import gettext as _
from matchmaker.texts import later
from ontology.hpo import Hpo
from ontology.resolution import ResolutionKind
from ontology.term_ids import INHERITANCE_MODE, ONSET

Entry = Mapping[str, Any]
Warn = Callable[[str, str, str], None]  # path, message, remedy
Choice = TypeVar("Choice", bound=StrEnum)

_OBSERVED = {"yes": True, "true": True, "no": False, "false": False}
_SAYS_NOTHING = {"", "unknown", "unknown_sex", "not_applicable", "mixed_sample"}
_WHY_UNKNOWN = {
    ResolutionKind.MALFORMED: later("is no HPO id"),
    ResolutionKind.UNKNOWN: later("is not in HPO release %(release)s"),
    ResolutionKind.OBSOLETE: later("is obsolete, and HPO names no single term instead"),
    ResolutionKind.CURRENT: later("is no phenotypic abnormality"),
    ResolutionKind.ALTERNATIVE: later("is no phenotypic abnormality"),
    ResolutionKind.REPLACED: later("is no phenotypic abnormality"),
    ResolutionKind.CHOSEN: later("is no phenotypic abnormality"),
}


def phenotypic_features(entries: Sequence[Entry | None], hpo: Hpo, warn: Warn) -> tuple[PhenotypicFeature, ...]:
    """Read `features`; terms stay as entered, since releases change and cases do not."""
    read = (_feature(entry, index, hpo, warn) for index, entry in enumerate(entries) if entry is not None)
    return tuple(feature for feature in read if feature is not None)


def disorders(value: Any, warn: Warn) -> tuple[Disorder, ...]:
    """Read `disorders`; one that is not known never costs the others."""
    if value is None:
        return ()
    if not isinstance(value, list):
        warn("disorders", _("is not a list; ignored"), _("send a list of objects with an id"))
        return ()
    read = (_disorder(entry, f"disorders[{index}]", warn) for index, entry in enumerate(value) if entry is not None)
    return tuple(disorder for disorder in read if disorder is not None)


def sex(value: Any, warn: Warn) -> Sex | None:
    """Read `sex`; what is no sex of a person is not stated."""
    if value is None:
        return None
    found = sex_of(value) if isinstance(value, str) else None
    if found is None and str(value).strip().lower() not in _SAYS_NOTHING:
        warn("sex", _("%(value)s is not understood; ignored", value=shown(value)), _("send FEMALE, MALE or OTHER"))
    return found


def species(value: Any, warn: Warn) -> str:
    """Read `species`; human unless it says otherwise."""
    if value is None or value == "":
        return HUMAN
    if isinstance(value, bool) or not isinstance(value, str | int):
        warn(
            "species", _("%(value)s is no taxon; taken as human", value=shown(value)), _("send %(human)s", human=HUMAN)
        )
        return HUMAN
    return species_spelling(value)


def onset(value: Any, path: str, hpo: Hpo, warn: Warn) -> TermId | None:
    """Read an `ageOfOnset`: any of HPO's onset terms."""
    return _descendant(value, ONSET, hpo) or _warned(value, path, later("onset"), warn)


def inheritance_mode(value: Any, path: str, hpo: Hpo, warn: Warn) -> TermId | None:
    """Read an `inheritanceMode`: any of HPO's modes of inheritance."""
    return _descendant(value, INHERITANCE_MODE, hpo) or _warned(value, path, later("mode of inheritance"), warn)


def choice(value: Any, path: str, kind: type[Choice], warn: Warn) -> Choice | None:
    """Read a word of one of our own lists."""
    if value is None:
        return None
    try:
        return kind(value.strip().lower() if isinstance(value, str) else value)
    except ValueError:
        words = ", ".join(member.value for member in kind)
        warn(
            path, _("%(value)s is not understood; ignored", value=shown(value)), _("send one of %(words)s", words=words)
        )
        return None


def text(value: Any) -> str | None:
    """Read free text; what is no text is not stated."""
    return value if isinstance(value, str) and value else None


def truth(value: Any) -> bool:
    """Read a flag that some send as a word or a number."""
    return value is True or (isinstance(value, str) and value.strip().lower() in {"true", "yes", "1"}) or value == 1


def shown(value: Any) -> str:
    """Quote what was sent, shortened, for a message."""
    quoted = repr(value)
    return quoted if len(quoted) <= 80 else f"{quoted[:77]}..."


def _feature(entry: Entry, index: int, hpo: Hpo, warn: Warn) -> PhenotypicFeature | None:
    sent = entry.get("id")
    if not isinstance(sent, str) or not sent.strip():
        warn(
            f"features[{index}].id",
            _("is missing or no text; the feature is ignored"),
            _("send an HPO id as text"),
        )
        return None
    observed = _observed(entry.get("observed"))
    if observed is None:
        said = shown(entry["observed"])
        warn(
            f"features[{index}].observed",
            _("%(said)s is neither yes nor no; the feature is ignored", said=said),
            _("send yes or no"),
        )
        return None
    term = term_spelling(sent)
    if term not in _abnormalities(hpo):
        _warn_of_term(sent, f"features[{index}].id", hpo, warn)
    began = entry.get("ageOfOnset")
    return PhenotypicFeature(
        term=term,
        excluded=not observed,
        label=text(entry.get("label")),
        onset=None if began is None else onset(began, f"features[{index}].ageOfOnset", hpo, warn),
        severity=next(iter(_terms([entry["_severity"]])), None) if "_severity" in entry else None,
        modifiers=_terms(entry.get("_modifiers")),
    )


def _observed(value: Any) -> bool | None:
    """Yes unless said otherwise (MME 1.1, Features); None for what is neither yes nor no."""
    if isinstance(value, str):
        return _OBSERVED.get(value.strip().lower())
    return True if value is None else value if isinstance(value, bool) else None


def _warn_of_term(sent: str, path: str, hpo: Hpo, warn: Warn) -> None:
    resolution = hpo.resolve(sent)
    if hpo.index_of(sent) is not None:
        if resolution.kind is ResolutionKind.REPLACED:
            warn(
                path,
                _("%(sent)s is obsolete; kept as sent, and read as %(term)s", sent=shown(sent), term=resolution.term),
                _("send %(term)s", term=resolution.term),
            )
        return
    why = _(_WHY_UNKNOWN[resolution.kind], release=hpo.release)
    remedy = _("consider %(names)s", names=", ".join(resolution.consider)) if resolution.consider else _("check the id")
    warn(path, _("%(sent)s %(why)s; kept as sent, and left out of the score", sent=shown(sent), why=why), remedy)


def _terms(values: Any) -> tuple[TermId, ...]:
    if not isinstance(values, list):
        return ()
    sent = (value.get("id") if isinstance(value, dict) else value for value in values)
    return tuple(term_spelling(term) for term in sent if isinstance(term, str) and term.strip())


def _disorder(entry: Any, path: str, warn: Warn) -> Disorder | None:
    sent = entry.get("id") if isinstance(entry, dict) else entry
    if isinstance(sent, bool) or not isinstance(sent, str | int) or not str(sent).strip():
        warn(
            f"{path}.id",
            _("is missing or no text; the disorder is ignored"),
            _("send an id such as MIM:256520"),
        )
        return None
    known = disease_spelling(str(sent))
    if known is None:
        warn(
            f"{path}.id",
            _("%(sent)s is of no known source; kept as sent", sent=shown(sent)),
            _("send a MIM or Orphanet id"),
        )
    label = text(entry.get("label")) if isinstance(entry, dict) else None
    return Disorder(id=known or DiseaseId(str(sent).strip()), label=label)


def _descendant(value: Any, root: TermId, hpo: Hpo) -> TermId | None:
    """The current term that is meant, if it is below `root`."""
    sent = value.get("id") if isinstance(value, dict) else value
    if not isinstance(sent, str):
        return None
    if sent in _below(hpo, root):
        return TermId(sent)
    term = hpo.resolve(sent).term
    return term if term in _below(hpo, root) else None


def _warned(value: Any, path: str, what: str, warn: Warn) -> TermId | None:
    if value is not None and value != "":
        warn(
            path,
            _("%(value)s is no %(what)s in HPO; ignored", value=shown(value), what=_(what)),
            _("send the id of an HPO term"),
        )
    return None


# A release has 17,000 terms and a patient some twenty: looking each one up anew would take most of the reading.
@lru_cache(maxsize=2)
def _abnormalities(hpo: Hpo) -> frozenset[TermId]:
    return frozenset(hpo.term_ids)


@lru_cache(maxsize=4)
def _below(hpo: Hpo, root: TermId) -> frozenset[TermId]:
    found: set[TermId] = set()
    open_ = list(hpo.children(root))
    while open_:
        term = open_.pop()
        if term not in found:
            found.add(term)
            open_.extend(hpo.children(term))
    return frozenset(found)
