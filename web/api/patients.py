"""Patients and phenopackets as JSON Schema, for the description: what is read, with what we add to the standard."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from matchmaker.model import (
    AcmgClass,
    AgeBand,
    Disclosure,
    GivenBy,
    Mechanism,
    Origin,
    Purpose,
    Relation,
    Sex,
    Sharing,
    Status,
    VitalStatus,
    Zygosity,
)

PATIENT: dict[str, Any] = {
    "id": "P-17",
    "label": "girl with small head and seizures",
    "contact": {"name": "Aoife Byrne", "institution": "Dublin Genetics", "href": "mailto:aoife@dublin.example.org"},
    "sex": "FEMALE",
    "features": [
        {"id": "HP:0000252", "label": "Microcephaly", "observed": "yes"},
        {"id": "HP:0001250", "label": "Seizure", "observed": "yes", "ageOfOnset": "HP:0003593"},
        {"id": "HP:0000365", "label": "Hearing impairment", "observed": "no"},
    ],
    "genomicFeatures": [{"gene": {"id": "PHGDH"}, "zygosity": 2}],
    "_sharing": "federated",
    "_consent": {"basis": "consent", "condition": "9(2)(a)"},
}
PHENOPACKET: dict[str, Any] = {
    "id": "P-17",
    "subject": {"id": "P-17", "sex": "FEMALE"},
    "phenotypicFeatures": [
        {"type": {"id": "HP:0000252", "label": "Microcephaly"}},
        {"type": {"id": "HP:0000365", "label": "Hearing impairment"}, "excluded": True},
    ],
    "metaData": {"created": "2026-03-01T10:00:00Z", "createdBy": "Aoife Byrne", "phenopacketSchemaVersion": "2.0"},
}


def _object(required: tuple[str, ...] = (), /, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties} | ({"required": list(required)} if required else {})


def _one_of(words: type[StrEnum], *, upper: bool = False) -> dict[str, Any]:
    return {"type": "string", "enum": [word.upper() if upper else word.value for word in words]}


def _text(example: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "example": example, **more}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


_TERM = _text("HP:0001250", description="HPO id; an unknown one is kept as sent, and a warning")
_POSITION = {"type": "integer", "minimum": 0, "maximum": 2**31 - 1, "description": "0-based, half-open"}
_VARIANT = _object(
    assembly=_text("GRCh38"),
    referenceName=_text("1"),
    start=_POSITION,
    end=_POSITION,
    referenceBases=_text("G"),
    alternateBases=_text("A"),
    _hgvs=_text("NM_006623.4:c.1468G>A"),
    _copyNumber=_object(change={"type": "string", "enum": ["loss", "gain"]}, copies={"type": "integer"}),
)
_GENOMIC_FEATURE = _object(
    gene=_object(("id",), id=_text("ENSG00000092621", description="Ensembl, HGNC or Entrez id, symbol, or alias")),
    variant=_VARIANT,
    zygosity={"type": "integer", "enum": [1, 2], "description": "2: homozygous"},
    type=_object(("id",), id=_text("SO:0001583"), label=_text("missense")),
    _zygosity=_one_of(Zygosity),
    _mechanism=_one_of(Mechanism),
    _origin=_one_of(Origin),
    _haplotype={"type": "integer", "enum": [1, 2], "description": "Variants on different haplotypes are in trans"},
    _acmgClass=_one_of(AcmgClass),
    _alleleFraction={"type": "number", "minimum": 0, "maximum": 1},
)
_FEATURE = _object(
    ("id",),
    id=_TERM,
    label=_text("Seizure"),
    observed={"type": "string", "enum": ["yes", "no"], "default": "yes"},
    ageOfOnset=_text("HP:0003593"),
    _severity=_text("HP:0012828"),
    _modifiers=_list(_text("HP:0012834")),
)
_CONSENT = _object(
    ("basis",),
    basis=_text("consent", description="GDPR art. 6; without one a case stays private"),
    condition=_text("9(2)(a)"),
    purposes=_list(_one_of(Purpose)),
    formVersion=_text("2"),
    givenBy=_one_of(GivenBy),
    date=_text("2026-02-01", format="date"),
    recontact={"type": "boolean"},
    reviewDate=_text("2031-02-01", format="date"),
    birthMonth=_text("2019-04", pattern="^[0-9]{4}-(0[1-9]|1[0-2])$"),
    vitalStatus=_one_of(VitalStatus),
)
_CONTACT = _object(
    ("name",),
    name=_text("Aoife Byrne"),
    institution=_text("Dublin Genetics"),
    href=_text("mailto:aoife@dublin.example.org", pattern=r"^(mailto:[^@\s]+@[^@\s]+|https?://[^\s]+)$"),
    email=_text("aoife@dublin.example.org", format="email"),
    _mailbox=_text("genetics@dublin.example.org", description="The centre's own; peers see it"),
    _opened={"type": "boolean", "description": "Peers see name and href too"},
) | {"anyOf": [{"required": ["href"]}, {"required": ["email"]}]}
_SOME_FEATURES = _object(("features",), features={"type": "array", "minItems": 1})
_SOME_GENES = _object(("genomicFeatures",), genomicFeatures={"type": "array", "minItems": 1})

SCHEMAS: dict[str, dict[str, Any]] = {
    "Patient": _object(
        ("id", "contact"),
        id=_text("P-17", minLength=1, maxLength=255, description="What its owner calls it; never leaves the node"),
        label=_text("girl with small head and seizures", description="Never leaves the node"),
        contact=_CONTACT,
        species=_text("NCBITaxon:9606"),
        sex=_one_of(Sex, upper=True),
        ageOfOnset=_text("HP:0003593"),
        inheritanceMode=_text("HP:0000007"),
        disorders=_list(_object(("id",), id=_text("MIM:256520"), label=_text("Neu-Laxova syndrome 1"))),
        features=_list(_FEATURE) | {"maxItems": 1000},
        genomicFeatures=_list(_GENOMIC_FEATURE),
        test={"type": "boolean"},
        _owner=_text("aoife@dublin.example.org", description="Of your centre; the caller where none is named"),
        _notes=_text("seen again in May", description="Never leave the node"),
        _ageBand=_one_of(AgeBand),
        _ethnicity=_text("Irish"),
        _family=_object(("id",), id=_text("F1"), relation=_one_of(Relation)),
        _consent=_CONSENT,
        _sharing=_one_of(Sharing),
        _disclosure=_one_of(Disclosure),
        _status=_one_of(Status),
        _acute={"type": "boolean"},
    )
    | {
        "description": (
            "A patient of Matchmaker Exchange 1.1, with what we add to it (names with an underscore); features or "
            "genomicFeatures are needed."
        ),
        "example": PATIENT,
    },
    "SentPatient": {
        "allOf": [{"$ref": "#/components/schemas/Patient"}, {"anyOf": [_SOME_FEATURES, _SOME_GENES]}],
        "description": "A patient that can be matched",
        "example": PATIENT,
    },
    "Phenopacket": {
        "type": "object",
        "description": "A phenopacket of version 2, as protobuf's JSON has it (https://phenopacket-schema.readthedocs.io)",
        "example": PHENOPACKET,
    },
}
