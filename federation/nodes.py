"""The registry of other nodes: whom we ask and with which token, who may ask us, and how they have been lately."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from federation import strict_json
from federation.addresses import read_base_url
from federation.breaker import FAILURES, Breaker, breaker_of
from federation.client import Client
from federation.counters import KIN
from federation.deadline import Deadline
from federation.media_type import Version, vendor_type
from matchmaker import audit, outgoing
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.consent import EEA
from matchmaker.errors import Invalid, Issue, NodeBusy, NodeError
from matchmaker.model import Node, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import case_notices, exchanges, node_health, tokens, work
from matchmaker.store import nodes as registry
from matchmaker.store.engine import Connection
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.texts import gettext as _

HEARTBEAT_SECONDS = 5.0
MAX_TEXT = 200  # characters of what a node says of itself

_NAME = re.compile(r"[^\W_](?:[\w .-]{0,98}[\w])?")  # also the name of files in <home>/tls
_TOKEN = re.compile(r"[!-~]{1,1000}")
_COUNTRY = re.compile(r"[A-Z]{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A node and how our calls to it went, the newest first."""

    node: Node
    breaker: Breaker
    latest: tuple[Exchange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """What a node says of itself, or the fault in its place; `state` as in a search."""

    node: NodeName
    state: str
    seconds: float
    production: bool | None = None
    software: str | None = None
    accept: tuple[str, ...] = ()
    kin: bool = False  # it says that it is of our own kind
    error: str | None = None


def add(
    mm: Matchmaker, name: NodeName, *, base_url: str, token: str | None = None, country: str | None = None, by: User
) -> Node:
    """Register a node that we may ask; one that is there already gets what is given anew, and keeps the rest.

    Raises
    ------
    Invalid
        When the name, the address, the token or the country cannot be one.
    """
    require(by, Action.MANAGE_NODES)
    check(name, base_url=base_url, token=token, country=country)
    with mm.transaction() as db:
        known = _among(registry.list_(db), name) or Node(name=name)
        # Another address may be another server, which speaks what it speaks.
        version = known.version if known.base_url == base_url else None
        kin = known.kin if known.base_url == base_url else None
        country = known.country if country is None else country.upper()
        node = replace(known, base_url=base_url, version=version, kin=kin, country=country)
        registry.upsert(db, node, token=token)
        _hasten(db, name)
        audit.record(db, by, "node added", node=name)
    return node


def change(mm: Matchmaker, node: Node, *, by: User) -> None:
    """Replace what is registered of a node; its tokens stay."""
    require(by, Action.MANAGE_NODES)
    check(
        node.name,
        base_url=node.base_url,
        country=node.country,
        jurisdiction=node.jurisdiction,
        operator_mail=node.operator_mail,
    )
    with mm.transaction() as db:
        registry.get(db, node.name)
        registry.upsert(db, node)
        case_notices.hasten(db, node.name, at=_now())
        audit.record(db, by, "node changed", node=node.name)


def issue_token(mm: Matchmaker, name: NodeName, *, by: User) -> str:
    """Issue a token with which `name` may ask us; an unknown node is registered, and nothing else shows it again."""
    require(by, Action.MANAGE_NODES)
    check(name)
    with mm.transaction() as db:
        if _among(registry.list_(db), name) is None:
            registry.upsert(db, Node(name=name))
        token = tokens.issue(db, name, at=_now())
        audit.record(db, by, "token issued", node=name)
    return token


def list_(mm: Matchmaker) -> list[Node]:
    """Return all nodes by name, disabled ones too."""
    with mm.reading() as db:
        return registry.list_(db)


def show(mm: Matchmaker, name: NodeName, *, n_latest: int = 20) -> Standing:
    """Return a node with its latest calls; NotFound when nobody registered it."""
    with mm.reading() as db:
        node = registry.get(db, name)
        latest = node_health.latest(db, name, limit=max(n_latest, FAILURES))
    return Standing(node=node, breaker=breaker_of(latest, at=_now()), latest=tuple(latest[:n_latest]))


def require_signatures(mm: Matchmaker, name: NodeName, *, required: bool, by: User) -> None:
    """Refuse requests of a node that it did not sign, or take them again.

    Raises
    ------
    Invalid
        When its key is not known: it is exchanged when two nodes are paired by an invitation.
    """
    require(by, Action.MANAGE_NODES)
    with mm.transaction() as db:
        node = registry.get(db, name)
        if required and node.signing_key is None:
            remedy = _("pair the two nodes by an invitation: matchmaker node invite")
            raise Invalid([Issue(path="name", message=_("has sent no key to check signatures with"), remedy=remedy)])
        registry.upsert(db, replace(node, must_sign=required))
        audit.record(db, by, "node must sign" if required else "node need not sign", node=name)


def enable(mm: Matchmaker, name: NodeName, *, by: User) -> None:
    """Let a node take part again."""
    _set_enabled(mm, name, enabled=True, by=by)


def disable(mm: Matchmaker, name: NodeName, *, by: User) -> None:
    """Pause a node: it is not asked and may not ask, at once and in every process."""
    _set_enabled(mm, name, enabled=False, by=by)


def remove(mm: Matchmaker, name: NodeName, *, by: User) -> None:
    """Forget a node and its tokens; the record of what was exchanged stays."""
    require(by, Action.MANAGE_NODES)
    with mm.transaction() as db:
        registry.remove(db, name)
        audit.record(db, by, "node removed", node=name)


def ask_heartbeat(mm: Matchmaker, name: NodeName, *, client: Client, by: User) -> Heartbeat:
    """Ask a node for its heartbeat whatever its breaker says, and record how it went."""
    require(by, Action.MANAGE_NODES)
    with mm.reading() as db:
        node, token = registry.get(db, name), registry.outbound_token(db, name)
    return heartbeat(mm, node, token, client=client, deadline=Deadline.after(HEARTBEAT_SECONDS))


def heartbeat(mm: Matchmaker, node: Node, token: str | None, *, client: Client, deadline: Deadline) -> Heartbeat:
    """Ask a node whether it is there; what it accepts is learned, and the call recorded."""
    asked_at, seconds_left = _now(), deadline.remaining
    try:
        answer = client.heartbeat(node, token, deadline=deadline)
        found = _read_heartbeat(node.name, strict_json.loads(answer.body), answer.seconds)
    except Invalid:
        found = Heartbeat(node=node.name, state="invalid", seconds=answer.seconds, error="its heartbeat is not JSON")
    except NodeError as fault:
        seconds = seconds_left - deadline.remaining
        found = Heartbeat(node=node.name, state=fault.state, seconds=seconds, error=str(fault))
        if isinstance(fault, NodeBusy):
            return found
    record(mm, sent(node.name, "heartbeat", at=asked_at, status=found.state, seconds=found.seconds))
    # Learned once: a node that lists 1.1 and refuses it (MME.md) would otherwise be asked in it again and again.
    if node.version is None and vendor_type(Version.V1_1) in found.accept:
        learn_version(mm, node.name, Version.V1_1)
    if found.state == "answered" and found.kin is not bool(node.kin):
        _learn_kin(mm, node.name, kin=found.kin)
    return found


def learn_version(mm: Matchmaker, name: NodeName, version: str) -> None:
    """Remember which version a node speaks; a node that was removed meanwhile stays removed."""
    with mm.transaction() as db:
        node = _among(registry.list_(db), name)
        if node is not None and node.version != version:
            registry.upsert(db, replace(node, version=version))


def _learn_kin(mm: Matchmaker, name: NodeName, *, kin: bool) -> None:
    """Remember whether a node is of our own kind; what it could not be told before is tried again."""
    with mm.transaction() as db:
        node = _among(registry.list_(db), name)
        if node is not None:
            registry.upsert(db, replace(node, kin=kin))
            case_notices.hasten(db, name, at=_now())


def sent(name: NodeName, kind: str, *, at: dt.datetime, status: str, seconds: float) -> Exchange:
    """Describe a call of ours that ended."""
    return Exchange(node=name, direction=Direction.SENT, kind=kind, at=at, status=status, seconds=seconds)


def record(mm: Matchmaker, exchange: Exchange) -> None:
    """Keep how a call to a node went; its breaker is judged by these."""
    with mm.transaction() as db:
        exchanges.record(db, exchange)


def _set_enabled(mm: Matchmaker, name: NodeName, *, enabled: bool, by: User) -> None:
    require(by, Action.MANAGE_NODES)
    with mm.transaction() as db:
        registry.set_enabled(db, name, enabled=enabled)
        if enabled:
            _hasten(db, name)
        audit.record(db, by, "node enabled" if enabled else "node disabled", node=name)


def _hasten(db: Connection, name: NodeName) -> None:
    """What failed because of how the node was registered need not wait any longer."""
    work.hasten(db, name, at=_now())
    case_notices.hasten(db, name, at=_now())


def _among(known: Iterable[Node], name: NodeName) -> Node | None:
    return next((node for node in known if node.name == name), None)


def check(
    name: NodeName,
    *,
    base_url: str | None = None,
    token: str | None = None,
    country: str | None = None,
    jurisdiction: str | None = None,
    operator_mail: str | None = None,
) -> None:
    """Raise Invalid when one of these cannot be what it is for."""
    issues = []
    if not _NAME.fullmatch(name):
        remedy = _("up to 100 letters, digits, spaces, dots or dashes, with a letter or digit at both ends")
        issues.append(Issue(path="name", message=_("cannot be the name of a node"), remedy=remedy))
    if token is not None and not _TOKEN.fullmatch(token):
        remedy = _("copy it again, as one line without spaces")
        issues.append(Issue(path="token", message=_("holds characters that no header can carry"), remedy=remedy))
    if country is not None and not _COUNTRY.fullmatch(country.upper()):
        issues.append(
            Issue(path="country", message=_("is not a country"), remedy=_("two letters of ISO 3166, such as IE"))
        )
    if jurisdiction is not None and jurisdiction != EEA and not _COUNTRY.fullmatch(jurisdiction):
        issues.append(
            Issue(path="jurisdiction", message=_("is no jurisdiction"), remedy=_("EEA, or two letters such as US"))
        )
    if operator_mail is not None and not outgoing.is_mailbox(operator_mail):
        remedy = _("one address without a name, such as operator@example.org")
        issues.append(Issue(path="operator_mail", message=_("is not a mail address"), remedy=remedy))
    if issues:
        raise Invalid(issues)
    if base_url is not None:
        read_base_url(base_url)


def _read_heartbeat(node: NodeName, answer: Any, seconds: float) -> Heartbeat:
    """Read leniently: a field of another form is not stated, but an answer without a heartbeat is none."""
    said = answer.get("heartbeat") if isinstance(answer, dict) else None
    if not isinstance(said, dict):
        return Heartbeat(node=node, state="invalid", seconds=seconds, error="its answer holds no heartbeat")
    production, software, accept = said.get("production"), said.get("version"), said.get("accept")
    return Heartbeat(
        node=node,
        state="answered",
        seconds=seconds,
        production=production if isinstance(production, bool) else None,
        software=software[:MAX_TEXT] if isinstance(software, str) else None,
        kin=isinstance(answer.get(KIN), dict),
        accept=tuple(t[:MAX_TEXT] for t in accept[:20] if isinstance(t, str)) if isinstance(accept, list) else (),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
