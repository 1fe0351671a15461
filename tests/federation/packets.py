"""The least phenopackets that are valid, read as an import reads them and as the schema's own package does."""

from __future__ import annotations

from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from phenopackets import Phenopacket

from federation.phenopackets import read_phenopacket
from federation.schemas import Read
from tests.federation.patients import the_release

OWNER = "owner@example.org"
SEIZURE = {"type": {"id": "HP:0001250", "label": "Seizure"}}


def a_packet(**stated: Any) -> dict[str, Any]:
    """The least that is a packet to match by, as protobuf writes it; it is valid by the schema."""
    usual: dict[str, Any] = {
        "id": "packet-1",
        "subject": {"id": "proband"},
        "phenotypicFeatures": [SEIZURE],
        "metaData": {"created": "2026-01-31T12:00:00Z", "createdBy": "curator", "phenopacketSchemaVersion": "2.0"},
    }
    packet = {key: value for key, value in {**usual, **stated}.items() if value is not ...}
    written: dict[str, Any] = MessageToDict(ParseDict(packet, Phenopacket()))
    return written


def read(packet: dict[str, Any], owner: str | None = OWNER) -> Read:
    return read_phenopacket(packet, release=the_release(), owner=owner)


def oracle(packet: dict[str, Any]) -> Phenopacket:
    """Parse as the schema's package does, which refuses unknown fields."""
    return ParseDict(packet, Phenopacket(), ignore_unknown_fields=False)


def a_call(**interpretation: Any) -> dict[str, Any]:
    call = {"subjectOrBiosampleId": "proband", "interpretationStatus": "CAUSATIVE", **interpretation}
    diagnosis = {"disease": {"id": "OMIM:601815", "label": "PHGDH deficiency"}, "genomicInterpretations": [call]}
    return a_packet(interpretations=[{"id": "i", "progressStatus": "SOLVED", "diagnosis": diagnosis}])
