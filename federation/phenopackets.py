"""Phenopackets, version 2 of the schema, in JSON: read by way of a Matchmaker Exchange patient.

What is lenient there is lenient here, and warnings name the place in the packet. A packet names its submitter in
words at most, so the owner is usually given.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from federation import packet_variants
from federation.packet_times import age_band_of, onset_of
from federation.packet_writing import ANY_DISEASE, write_phenopacket
from federation.schemas import IMPORT_LIMITS, Limits, Read, read_case
from federation.spelling import addresses_in
from matchmaker.errors import Invalid, Issue
from matchmaker.model import Family, Relation
from matchmaker.texts import gettext as _
from ontology.hpo import Hpo
from ontology.releases import Release

__all__ = ["Packet", "is_phenopacket", "packets_of", "read_phenopacket", "write_phenopacket"]

_MARKS = {"phenotypicFeatures", "metaData", "proband", "phenotypic_features", "meta_data"}
_MARKS_OF_V1 = {"genes", "variants", "htsFiles"}
_V1_FEATURE = {"negated", "ageOfOnset", "ageRangeOfOnset", "classOfOnset"}
_V1_SUBJECT = {"ageAtCollection", "ageRangeAtCollection"}
_ORCID = re.compile(r"(?:.*orcid(?:\.org)?[:/])?\s*([0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9X])", re.IGNORECASE)
_BRACKETS = re.compile(r"<[^<>]*>")
_SNAKE = re.compile(r"(?<=[a-z0-9])_([a-z0-9])")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packet:
    """One phenopacket of a message; `path` is where it stands in it."""

    content: Mapping[str, Any]
    path: str = ""
    family: Family | None = None


def is_phenopacket(value: Mapping[str, Any]) -> bool:
    """Tell a phenopacket, family or cohort of any version from a Matchmaker Exchange patient."""
    return not _MARKS.isdisjoint(value) or ("subject" in value and "contact" not in value) or "members" in value


def packets_of(message: Mapping[str, Any]) -> Iterator[Packet]:
    """Take the packets out of a Phenopacket, a Family or a Cohort; relatives of whom nothing is said are left out."""
    message = _in_camel_case(message)
    if isinstance(proband := message.get("proband"), Mapping):
        name = str(message.get("id") or proband.get("id") or "")
        yield Packet(content=proband, path="proband", family=_family(name, Relation.PROBAND))
        for index, relative in enumerate(_maps(message.get("relatives"))):
            if relative.get("phenotypicFeatures") or relative.get("interpretations"):
                family = _family(name, _relation(relative, proband, message))
                yield Packet(content=relative, path=f"relatives[{index}]", family=family)
    elif isinstance(message.get("members"), list):
        for index, member in enumerate(_maps(message["members"])):
            yield Packet(content=member, path=f"members[{index}]")
    else:
        yield Packet(content=message)


def read_phenopacket(
    packet: Mapping[str, Any] | Packet, *, release: Release, limits: Limits = IMPORT_LIMITS, owner: str | None = None
) -> Read:
    """Read one phenopacket.

    Raises
    ------
    Invalid
        When it is of version 1, names nobody to contact and no owner is given, or has nothing to match by.
    """
    found = packet if isinstance(packet, Packet) else next(packets_of(packet))
    _refuse_v1(found.content)
    translation = _Translation(release.hpo)
    patient = translation.patient_of(found, owner)
    try:
        read = read_case(patient, release=release, limits=limits, owner=owner)
    except Invalid as error:
        raise Invalid([translation.placed(issue) for issue in error.issues]) from error
    return Read(case=read.case, warnings=tuple(translation.placed(issue) for issue in read.warnings))


class _Translation:
    """A packet as a patient, and which part of the one became which part of the other."""

    def __init__(self, hpo: Hpo) -> None:
        self._hpo = hpo
        self._places = {
            "ageOfOnset": "diseases.onset",
            "features": "phenotypicFeatures",
            "contact": "metaData.createdBy",
        }

    def patient_of(self, packet: Packet, owner: str | None) -> dict[str, Any]:
        content = packet.content
        subject = _map(content.get("subject"))
        diseases = [disease for disease in _maps(content.get("diseases")) if disease.get("excluded") is not True]
        band = age_band_of(subject.get("timeAtLastEncounter"))
        alive = str(_map(subject.get("vitalStatus")).get("status", "")).lower()
        interpretations = _maps(content.get("interpretations"))
        patient = {
            "id": content.get("id") or subject.get("id"),
            "contact": _contact(_map(content.get("metaData")), owner),
            "species": _map(subject.get("taxonomy")).get("id"),
            "sex": subject.get("sex"),
            "_ageBand": None if band is None else band.value,
            "_consent": {"basis": "", "vitalStatus": alive} if alive in {"alive", "deceased"} else None,
            "_status": "solved" if any(i.get("progressStatus") == "SOLVED" for i in interpretations) else None,
            "ageOfOnset": next((o for d in diseases if (o := onset_of(d.get("onset"))) is not None), None),
            "disorders": list(_disorders(diseases, interpretations)) or None,
            "genomicFeatures": list(self._genomic_features(interpretations)) or None,
        }
        patient |= self._features(_maps(content.get("phenotypicFeatures")))
        if packet.family is not None:
            relation = packet.family.relation
            patient["_family"] = {"id": packet.family.id, "relation": relation.value if relation else None}
        return patient

    def placed(self, issue: Issue) -> Issue:
        """Name the place in the packet instead of that in the patient."""
        top, below = issue.path.partition(".")[::2]
        if top == "contact":
            return Issue(
                path=self._places[top], message=_("names nobody to ask"), remedy=_("give an owner: --owner EMAIL")
            )
        place = self._places.get(top, top.replace("disorders", "diseases"))
        return Issue(path=f"{place}.{below}".rstrip("."), message=issue.message, remedy=issue.remedy)

    def _features(self, features: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Turn the features; onset and mode of inheritance stand among them where no disease carries them."""
        found: dict[str, Any] = {"features": []}
        for index, feature in enumerate(features):
            type_ = _map(feature.get("type"))
            term = type_.get("id")
            if isinstance(term, str) and self._hpo.is_inheritance_mode(term):
                found["inheritanceMode"] = term
            elif isinstance(term, str) and self._hpo.is_onset(term):
                found["ageOfOnset"] = term
            else:
                self._places[f"features[{len(found['features'])}]"] = f"phenotypicFeatures[{index}]"
                found["features"].append(_feature(feature, type_) | self._label(type_))
        return found

    def _label(self, type_: Mapping[str, Any]) -> dict[str, str]:
        """Keep a label only where it is the submitter's own: every OntologyClass has one."""
        id_, label = str(type_.get("id")), type_.get("label")
        return {"label": label} if isinstance(label, str) and label not in {id_, self._hpo.label(id_)} else {}

    def _genomic_features(self, interpretations: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        count = 0
        for index, interpretation in enumerate(interpretations):
            calls = _maps(_map(interpretation.get("diagnosis")).get("genomicInterpretations"))
            for number, call in enumerate(calls):
                entry = _call(call)
                if entry:
                    place = f"interpretations[{index}].diagnosis.genomicInterpretations[{number}]"
                    self._places[f"genomicFeatures[{count}]"] = place
                    count += 1
                    yield entry


def _refuse_v1(packet: Mapping[str, Any]) -> None:
    version = str(_map(packet.get("metaData")).get("phenopacketSchemaVersion", ""))
    subject, features = _map(packet.get("subject")), _maps(packet.get("phenotypicFeatures"))
    is_v1 = (
        version.startswith(("1", "0"))
        or not _MARKS_OF_V1.isdisjoint(packet)
        or not _V1_SUBJECT.isdisjoint(subject)
        or any(not _V1_FEATURE.isdisjoint(feature) for feature in features)
    )
    if is_v1 and not version.startswith("2"):
        remedy = _("convert it to version 2, e.g. with `pxf convert` of phenopacket-tools")
        where = "metaData.phenopacketSchemaVersion"
        raise Invalid([Issue(path=where, message=_("is a phenopacket of version 1"), remedy=remedy)])


def _contact(meta: Mapping[str, Any], owner: str | None) -> dict[str, Any] | None:
    """Find whom to ask: the owner, or else an address or ORCID of whoever submitted or made the packet."""
    named = [str(meta[key]) for key in ("submittedBy", "createdBy") if meta.get(key)]
    for text in [owner or "", *named]:
        if addresses := addresses_in(text):
            name = _BRACKETS.sub("", named[0] if named else text).strip()
            return {"name": name or addresses[0], "email": addresses[0]}
    for text in named:
        if found := _ORCID.fullmatch(text.strip()):
            return {"name": text, "href": f"https://orcid.org/{found[1]}"}
    return None


def _feature(feature: Mapping[str, Any], type_: Mapping[str, Any]) -> dict[str, Any]:
    modifiers = [modifier.get("id") for modifier in _maps(feature.get("modifiers"))]
    turned = {
        "id": type_.get("id"),
        "observed": "no" if feature.get("excluded") is True else "yes",
        "ageOfOnset": onset_of(feature.get("onset")),
        "_severity": _map(feature.get("severity")).get("id"),
        "_modifiers": modifiers,
    }
    return {key: value for key, value in turned.items() if value}


def _disorders(
    diseases: Sequence[Mapping[str, Any]], interpretations: Sequence[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Name each disease once, whether it is listed or the diagnosis of an interpretation."""
    diagnosed = (_map(_map(interpretation.get("diagnosis")).get("disease")) for interpretation in interpretations)
    named = set()
    for disease in [*(_map(disease.get("term")) for disease in diseases), *diagnosed]:
        id_ = disease.get("id")
        if id_ and id_ != ANY_DISEASE and id_ not in named:
            named.add(id_)
            yield {"id": id_, "label": None if disease.get("label") == id_ else disease.get("label")}


def _call(call: Mapping[str, Any]) -> dict[str, Any] | None:
    """Read one GenomicInterpretation; what was rejected is no candidate."""
    if call.get("interpretationStatus") == "REJECTED":
        return None
    if isinstance(gene := call.get("gene"), Mapping):
        named = packet_variants.gene_of(gene)
        return {"gene": named} if named else None
    return packet_variants.entry_of(_map(call.get("variantInterpretation")))


def _family(name: str, relation: Relation) -> Family | None:
    return Family(id=name, relation=relation) if name else None


def _relation(relative: Mapping[str, Any], proband: Mapping[str, Any], message: Mapping[str, Any]) -> Relation:
    """Read from the pedigree what the relative is to the proband."""
    persons = {p.get("individualId"): p for p in _maps(_map(message.get("pedigree")).get("persons"))}
    who, first = (_map(packet.get("subject")).get("id") for packet in (relative, proband))
    parents, own = _parents(persons.get(first)), _parents(persons.get(who))
    if who in parents:
        return Relation.PARENT
    if first in own:
        return Relation.CHILD
    return Relation.SIBLING if parents & own else Relation.OTHER


def _parents(person: Mapping[str, Any] | None) -> set[str]:
    named = [person.get(key) for key in ("paternalId", "maternalId")] if person else []
    return {name for name in named if isinstance(name, str) and name not in {"", "0"}}


def _in_camel_case(value: Any) -> Any:
    """Spell keys as protobuf's JSON does; some writers keep the schema's own spelling, with underscores."""
    if isinstance(value, Mapping):
        return {_SNAKE.sub(lambda m: m[1].upper(), key): _in_camel_case(part) for key, part in value.items()}
    return [_in_camel_case(part) for part in value] if isinstance(value, list) else value


def _map(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _maps(value: Any) -> Sequence[Mapping[str, Any]]:
    return [part if isinstance(part, Mapping) else {} for part in value] if isinstance(value, list) else []
