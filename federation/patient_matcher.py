"""What clients of patientMatcher say and hear, such as Scout: patients by their submitter's ids, and their matches.

Answers have the forms and sentences of patientMatcher 4.7, by which its clients go on.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterable, Sequence
from typing import Any

from federation import live_search, opened, strict_json, submitting
from federation.importing import Defaults
from federation.notices import DISCLAIMER
from federation.opened import Opened
from federation.schemas import write_case
from federation.writing import write_patient
from matchmaker import cases, match_life, recording
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import Invalid, Issue, NotFound
from matchmaker.model import StoredCase
from matchmaker.service import Matchmaker
from matchmaker.store import nodes as registry
from matchmaker.store.matches import MatchStatus

Answer = dict[str, Any]
_INSERTED = "Patient was successfully inserted into database."
_UPDATED = "Patient was successfully updated."
_UNCHANGED = "Database content is unchanged."
_DELETED = "Patient and its matches were successfully deleted from database"
_NOT_DELETED = "ERROR. Could not delete a patient with ID {} from database"
_NO_MATCHES = "Could not find any matches in database for patient ID {}"
_NO_PATIENT = "ERROR. Could not find any patient with ID {} in database"
_NO_SUCH_NODE = "ERROR. Could not find any connected node with id {} in database"
_NO_NODES = "Could not find any other node connected to this MatchMaker server"


def add(mm: Matchmaker, body: bytes, *, by: User, defaults: Defaults) -> Answer:
    """Store a patient, or update the one with this id.

    Raises
    ------
    NotJson, Invalid, Forbidden
    """
    done = submitting.submit(mm, submitting.read(mm, _of_request(body), by=by, defaults=defaults), by=by)
    if done.created:
        return _said(_INSERTED)
    return _said(_UPDATED if done.changed else _UNCHANGED)


def delete(mm: Matchmaker, patient_id: str, *, by: User) -> Answer:
    """Erase a patient and its matches; whoever was told of it hears of it."""
    try:
        cases.erase(mm, cases.named(mm, patient_id, by=by).case.id, by=by)
    except NotFound:
        return _said(_NOT_DELETED.format(patient_id))
    return _said(_DELETED)


def patient(mm: Matchmaker, patient_id: str, *, by: User) -> Answer | None:
    """Return a patient as it is stored, or None."""
    try:
        return {"patient": write_case(cases.named(mm, patient_id, by=by).case, mm.release)}
    except NotFound:
        return None


def no_patient(patient_id: str) -> Answer:
    """Say that there is no such patient."""
    return _said(_NO_PATIENT.format(patient_id))


def matches(mm: Matchmaker, patient_id: str, *, by: User) -> Answer:
    """Return what was found for a patient, here and at other nodes; what was set aside is not in it."""
    try:
        stored = cases.named(mm, patient_id, by=by)
    except NotFound:
        return _said(_NO_MATCHES.format(patient_id))
    found = _found(mm, stored, by=by)
    sides = {
        "internal": [one for one in found if one.finding.at_home],
        "external": [one for one in found if not one.finding.at_home],
    }
    objects = [_match_object(mm, stored, kind, some) for kind, some in sides.items() if some]
    return {"matches": objects} if objects else _said(_NO_MATCHES.format(patient_id))


def match_here(mm: Matchmaker, body: bytes, *, by: User) -> Answer | None:
    """Match a stored patient with the others of this node now; None when it is not stored.

    Raises
    ------
    NotJson, Invalid, Forbidden
    """
    sent = submitting.read(mm, _of_request(body), by=by)
    try:
        stored = cases.named(mm, sent.case.local_id, by=by)
    except NotFound:
        return None
    recording.match_case(mm, stored.case.id)
    at_home = [one for one in _found(mm, stored, by=by) if one.finding.at_home]
    return {"results": _patients(mm, at_home), "disclaimer": DISCLAIMER}


def match_elsewhere(mm: Matchmaker, patient_id: str, node: str | None, *, by: User) -> Answer:
    """Let a patient ask all nodes, or one, and wait for the answers."""
    try:
        stored = cases.named(mm, patient_id, by=by)
    except NotFound:
        return no_patient(patient_id)
    known = {one["id"] for one in nodes(mm, by=by)}
    if node is not None and node not in known:
        return _said(_NO_SUCH_NODE.format(node))
    if not known:
        return _said(_NO_NODES)
    progress = live_search.wait(mm, live_search.begin(mm, stored.case.id, by=by, only=node), by=by)
    told = {id_ for row in progress.nodes for id_ in row.match_ids}
    found = [one for one in _found(mm, stored, by=by) if one.pair.match.id in told and node in {None, one.finding.node}]
    return {"results": _by_node(mm, found)}


def nodes(mm: Matchmaker, *, by: User) -> list[Answer]:
    """List the nodes that can be asked."""
    require(by, Action.SEE_NODES)
    with mm.reading() as db:
        asked = [node for node in registry.list_(db) if node.base_url is not None and node.enabled]
    return [{"id": node.name, "description": node.name} for node in asked]


def _of_request(body: bytes) -> bytes:
    """The body, if it is `{"patient": ...}`, as its clients send it."""
    request = strict_json.loads(body)
    if not isinstance(request, dict) or not isinstance(request.get("patient"), dict):
        raise Invalid([Issue(path="patient", message="is missing or no object", remedy='send {"patient": {...}}')])
    return body


def _found(mm: Matchmaker, stored: StoredCase, *, by: User) -> list[Opened]:
    pairs = match_life.of_case(mm, stored.case.id, by=by)
    return opened.open_all(mm, [pair for pair in pairs if pair.match.status is not MatchStatus.DISMISSED], by=by)


def _match_object(mm: Matchmaker, stored: StoredCase, kind: str, found: Sequence[Opened]) -> Answer:
    last = max(one.pair.match.last_seen for one in found).astimezone(dt.UTC)
    # Its clients keep the id of MongoDB's kind, to know the object again: 24 hexadecimal digits.
    oid = hashlib.sha256(f"{stored.case.id} {kind} {last.isoformat()}".encode()).hexdigest()[:24]
    return {
        "_id": {"$oid": oid},
        "created": {"$date": f"{last:%Y-%m-%dT%H:%M:%S}.{last.microsecond // 1000:03d}Z"},
        "has_matches": True,
        "data": {"patient": write_case(stored.case, mm.release)},
        "results": _by_node(mm, found),
        "match_type": kind,
    }


def _by_node(mm: Matchmaker, found: Iterable[Opened]) -> list[Answer]:
    by_node: dict[str, list[Opened]] = {}
    for one in found:
        by_node.setdefault(one.finding.node, []).append(one)
    return [
        {"node": {"id": name, "label": name}, "patients": _patients(mm, some), **_terms(some[0])}
        for name, some in by_node.items()
    ]


def _patients(mm: Matchmaker, found: Iterable[Opened]) -> list[Answer]:
    return [
        {
            "patient": write_patient(one.finding.case, mm.release),
            "score": {
                "patient": one.finding.score.total,
                "_genotype": one.finding.score.genotype,
                "_phenotype": one.finding.score.phenotype,
            },
        }
        for one in found
    ]


def _terms(one: Opened) -> Answer:
    """What the node wants to be shown with its results."""
    said = {"disclaimer": one.told.disclaimer, "terms": one.told.terms} if one.told else {}
    return {name: text for name, text in said.items() if text}


def _said(message: str) -> Answer:
    return {"message": message}
