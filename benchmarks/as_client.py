"""What clients of patientMatcher say, said to it and to our node: both should answer alike."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from dataclasses import dataclass
from typing import Any

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
PATIENT: dict[str, Any] = {
    "id": "scout-1",
    "label": "case.sample",
    "contact": {"name": "Scout user", "institution": "Scout software user", "href": "mailto:scout@example.org"},
    "features": [{"id": "HP:0000252", "label": "Microcephaly", "observed": "yes"}],
    "genomicFeatures": [{"gene": {"id": "ENSG00000092621"}}],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request, as a client sends it."""

    method: str
    path: str
    body: bytes | None = None
    content_type: str = V1_0
    with_token: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """How many calls both answered with the same status, type and content; the others in words."""

    calls: int
    same: int
    different: tuple[str, ...]


def _sent(content: Any) -> bytes:
    return json.dumps(content).encode()


CALLS = (
    Call(method="POST", path="/patient/add", body=_sent({"patient": PATIENT})),
    Call(method="POST", path="/patient/add", body=_sent({"patient": PATIENT}), content_type="application/json"),
    Call(method="POST", path="/patient/add", body=_sent({"patient": {**PATIENT, "sex": "MALE"}})),
    Call(method="POST", path="/patient/add", body=b"{"),
    Call(method="POST", path="/patient/add", body=_sent({"patient": {"id": "scout-2"}})),
    Call(method="POST", path="/patient/add", body=_sent({"patient": PATIENT}), with_token=False),
    Call(method="GET", path="/matches/nobody"),
    Call(method="GET", path="/matches/nobody", with_token=False),
    Call(method="POST", path="/match/external/nobody", body=b"{}"),
    Call(method="POST", path="/match/external/scout-1?node=nowhere", body=b"{}"),
    Call(method="GET", path="/nodes", with_token=False),
    Call(method="DELETE", path="/patient/delete/scout-1"),
    Call(method="DELETE", path="/patient/delete/scout-1"),
    Call(method="DELETE", path="/patient/delete/scout-1", with_token=False),
)


def compare(there: str, their_token: str, here: str, our_token: str) -> Alike:
    """Make the same calls of both."""
    different = []
    for call in CALLS:
        theirs, ours = _answer(there, their_token, call), _answer(here, our_token, call)
        if theirs != ours:
            different.append(f"{call.method} {call.path}: {theirs} there, {ours} here"[:500])
    return Alike(calls=len(CALLS), same=len(CALLS) - len(different), different=tuple(different))


def _answer(address: str, token: str, call: Call) -> tuple[int, str, Any]:
    headers = {"X-Auth-Token": token if call.with_token else "wrong", "Accept": "application/json"}
    headers |= {} if call.body is None else {"Content-Type": call.content_type}
    request = urllib.request.Request(address + call.path, call.body, headers, method=call.method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, answer.headers.get_content_type(), json.load(answer)
    except urllib.error.HTTPError as error:
        body = error.read().decode()
        is_json = error.headers.get_content_type() == "application/json"
        return error.code, error.headers.get_content_type(), json.loads(body) if is_json else body[:100]
