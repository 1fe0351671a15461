"""Alarms by mail: to the node's operator, and to the owner of a case that is being probed; one a kind, node and day.

The rows are written by whoever notices (`matchmaker.store.alarms`). One process at a time mails them, by one lease.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import logging
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from textwrap import wrap

from matchmaker import audit, letters, mail, outgoing
from matchmaker.actors import User
from matchmaker.authorise import Action, require
from matchmaker.errors import SettingsError
from matchmaker.model import CaseId, NodeName
from matchmaker.service import Matchmaker
from matchmaker.store import accounts, alarms, found, marks
from matchmaker.store.alarms import Alarm, Kind, Listener
from matchmaker.store.engine import Connection
from matchmaker.texts import gettext as _
from matchmaker.texts import later, speaking

_LEASE_NAME = "alarms are mailed until"
_LEASE = dt.timedelta(minutes=5)
_AT_ONCE = 500
log = logging.getLogger(__name__)

_WHAT = {
    Kind.REQUESTS: later("asked more often than its budget allows"),
    Kind.CASES: later("would have learned of more of our cases than its budget allows"),
    Kind.PROBED: later("asked for one case in many different words"),
}
_REMEDY = {
    Kind.REQUESTS: later("A node with many patients of its own may be given more: matchmaker node declare NAME CASES."),
    Kind.CASES: later("A node with many patients of its own may be given more: matchmaker node declare NAME CASES."),
    Kind.PROBED: later("It gets one constant answer now. Ask its operator why; matchmaker node disable stops it."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Letter:
    """Alarms of one kind, node and day for one person; `to` None: nobody to be told, or told already."""

    listener: Listener
    to: str | None
    alarms: tuple[Alarm, ...]


def list_(
    mm: Matchmaker, *, by: User, limit: int = 100, node: NodeName | None = None, only_open: bool = False
) -> list[Alarm]:
    """Return the latest alarms, newest first; of one node, or those alone that no operator has seen."""
    require(by, Action.SEE_NODES)
    with mm.reading() as db:
        return alarms.list_(db, limit=limit, node=node, only_open=only_open)


def acknowledge(mm: Matchmaker, alarm_id: str, *, by: User) -> NodeName:
    """Say that an alarm was seen; if the same goes on, it is open again. Return its node."""
    require(by, Action.MANAGE_NODES)
    with mm.transaction() as db:
        node = alarms.acknowledge(db, alarm_id, at=_now())
        audit.record(db, by, "alarm acknowledged", node=node)
    return node


def send_due(mm: Matchmaker) -> int:
    """Mail what nobody was told yet; return how many mails. What fails is tried again after some minutes."""
    if not mail.can_send(mm.settings):
        return 0
    with mm.reading() as db:
        if not any(alarms.untold(db, listener, limit=1) for listener in Listener):
            return 0
    with mm.transaction() as db:
        if not marks.lease(db, _LEASE_NAME, at=_now(), lasts=_LEASE):
            return 0
        due = list(_due(mm, db))
    n_sent = 0
    for letter in due:
        if not _sent(mm, letter):
            return n_sent  # the lease says when to try again
        n_sent += letter.to is not None
    with mm.transaction() as db:
        marks.put(db, _LEASE_NAME, "")
    return n_sent


def _due(mm: Matchmaker, db: Connection) -> Iterator[_Letter]:
    operator = mm.settings.operator_mail
    for (kind, node, day), same in _alike(alarms.untold(db, Listener.OPERATOR, limit=_AT_ONCE)):
        again = alarms.was_told(db, kind, node=node, day=day)
        to = operator if outgoing.is_mailbox(operator) and not again else None
        yield _Letter(listener=Listener.OPERATOR, to=to, alarms=same)
    for (kind, node, day), same in _alike(alarms.untold(db, Listener.OWNER, limit=_AT_ONCE)):
        told = _owners(db, alarms.told_cases(db, kind, node=node, day=day))
        for owner, own in _by_owner(same, _owners(db, [a.case_id for a in same if a.case_id is not None])):
            to = owner if outgoing.is_mailbox(owner) and owner not in told.values() else None
            yield _Letter(listener=Listener.OWNER, to=to, alarms=own)


def _owners(db: Connection, case_ids: Collection[CaseId]) -> dict[CaseId, str]:
    return {id_: stored.case.owner for id_, stored in found.load(db, case_ids).items() if not stored.case.test}


def _by_owner(same: Sequence[Alarm], owners: Mapping[CaseId, str]) -> list[tuple[str, tuple[Alarm, ...]]]:
    """Gather alarms by owner; those of cases that are gone have none."""
    gathered: dict[str, list[Alarm]] = {}
    for alarm in same:
        owner = "" if alarm.case_id is None else owners.get(alarm.case_id, "")
        gathered.setdefault(owner, []).append(alarm)
    return [(owner, tuple(own)) for owner, own in gathered.items()]


def _alike(untold: Sequence[Alarm]) -> Iterator[tuple[tuple[Kind, str, dt.date], tuple[Alarm, ...]]]:
    def key(alarm: Alarm) -> tuple[Kind, str, dt.date]:
        return alarm.kind, alarm.node, alarm.day

    for found_key, same in itertools.groupby(sorted(untold, key=key), key=key):
        yield found_key, tuple(same)


def _sent(mm: Matchmaker, letter: _Letter) -> bool:
    if letter.to is not None:
        try:
            with mm.reading() as db:
                language = accounts.language_of(db, letter.to)
            with speaking(language):
                written = _written(mm, letter, letter.to)
            mail.send(mm.settings, written)
        except (mail.NotSent, SettingsError) as error:
            log.warning("an alarm is not mailed: %s", error)
            return False
    with mm.transaction() as db:
        alarms.mark_told(db, letter.listener, [alarm.id for alarm in letter.alarms], at=_now())
    return True


def _written(mm: Matchmaker, letter: _Letter, to: str) -> EmailMessage:
    first, times = letter.alarms[0], sum(alarm.times for alarm in letter.alarms)
    node, base = letters.plain(first.node), mm.settings.base_url.rstrip("/")
    to_owner = letter.listener is Listener.OWNER
    # The same mail, sent once more after a kill, has the same id.
    said = " ".join((letter.listener, to, first.kind, first.node, first.day.isoformat()))
    key = hashlib.sha256(said.encode()).hexdigest()[:32]
    subject = _("a case of yours is being asked for very often") if to_owner else _("a node does more than it may")
    facts = {"node": node, "what": _(_WHAT[first.kind]), "n": times, "day": first.day.isoformat()}
    lines = [_("The node %(node)s %(what)s: %(n)s times on %(day)s by now.", **facts)]
    if to_owner:
        lines += ["", _("It concerns these cases of yours:")]
        lines += [f"   {base}/cases/{alarm.case_id}" for alarm in letter.alarms[:20]]
        told = _(
            "It is told nothing new of them any more. If you do not want it to find them at all, share them "
            "with fewer nodes, or speak with your operator, who was told too."
        )
        lines += ["", *wrap(told, width=letters.WIDTH)]
    else:
        lines += [
            "",
            _(_REMEDY[first.kind]),
            _("How its calls went: matchmaker node show %(node)s; all alarms: matchmaker alarms", node=node),
        ]
    lines += ["", _("You are told of this once a day.")]
    return letters.written(mm.settings, to, subject, lines, key=key, at=_now())


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC)
