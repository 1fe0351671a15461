"""How a notice travels between nodes of our own kind: one JSON object, and its acknowledgement."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from federation import strict_json
from federation.client import client_of
from federation.deadline import Deadline
from matchmaker.errors import Invalid, Issue, NodeMisanswered
from matchmaker.model import Node
from matchmaker.service import Matchmaker
from matchmaker.store.case_notices import ABOUT_PAIRS, Kind

PATH = "/federation/notices"
SECONDS = 10.0
LONGEST_ID = 255
_ID = re.compile(r"[0-9A-Za-z_-]{1,32}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What travels: the sender's id of the notice, what became of a case, and the id by which it is known there.

    About a pair, `other` is the id by which the sender knows the case of the one that is told.
    """

    id: str
    kind: Kind
    case: str
    other: str | None = None


def post(mm: Matchmaker, node: Node, token: str | None, notice: Notice) -> int | None:
    """Tell a node, and return how many of its matches that concerned, if it says so.

    Raises
    ------
    NodeError
    """
    said = {"id": notice.id, "kind": notice.kind.value, "case": notice.case}
    body = strict_json.dumps({"notice": said if notice.other is None else {**said, "other": notice.other}})
    answer = client_of(mm).post_beside(node, token, PATH, body, deadline=Deadline.after(SECONDS))
    try:
        told = strict_json.loads(answer.body)
    except Invalid as error:
        raise NodeMisanswered(node.name, "its acknowledgement is not JSON") from error
    if not isinstance(told, dict) or told.get("acknowledged") != notice.id:
        raise NodeMisanswered(node.name, "did not acknowledge the notice")
    n_matches = told.get("matches")
    return n_matches if isinstance(n_matches, int) else None


def read(value: Any) -> Notice:
    """Read what a node sent.

    Raises
    ------
    Invalid
        When it is no notice.
    """
    said = value.get("notice") if isinstance(value, dict) else None
    if not isinstance(said, dict):
        raise Invalid([Issue(path="notice", message="is missing", remedy='send {"notice": {"id", "kind", "case"}}')])
    id_, kind, case, other = said.get("id"), said.get("kind"), said.get("case"), said.get("other")
    issues = []
    if not isinstance(id_, str) or not _ID.fullmatch(id_):
        issues.append(Issue(path="notice.id", message="is not an id", remedy="up to 32 letters and digits"))
    if kind not in list(Kind):
        issues.append(Issue(path="notice.kind", message="is not known", remedy="one of " + ", ".join(Kind)))
    if not _is_case_id(case):
        issues.append(Issue(path="notice.case", message="is not an id", remedy="the id that you gave us for the case"))
    if kind in list(ABOUT_PAIRS) and not _is_case_id(other):
        issues.append(Issue(path="notice.other", message="is not an id", remedy="the id that we gave you for our case"))
    if issues:
        raise Invalid(issues)
    about_pair = kind in list(ABOUT_PAIRS)
    return Notice(id=str(id_), kind=Kind(str(kind)), case=str(case), other=str(other) if about_pair else None)


def _is_case_id(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_ID
