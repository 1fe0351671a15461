"""Mails to owners of cases whose person comes of age: half a year before, and when such a case pauses; once each."""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from textwrap import wrap

from matchmaker import letters, mail, outgoing
from matchmaker.curating import WARNED_FOR
from matchmaker.errors import SettingsError
from matchmaker.service import Matchmaker
from matchmaker.store import accounts, found, lapsing, marks
from matchmaker.store.engine import Connection
from matchmaker.store.lapsing import Lapse
from matchmaker.texts import gettext as _
from matchmaker.texts import ngettext, speaking

_LEASE_NAME = "owners are told who comes of age until"
_LEASE = dt.timedelta(hours=12)  # what was refused waits as long; half a year is left
_AT_ONCE = 100  # cases in one mail: those that are left come with the next
log = logging.getLogger(__name__)


def send_due(mm: Matchmaker, *, at: dt.datetime | None = None) -> int:
    """Mail what owners were not told yet; return how many mails. What fails is tried again some hours later."""
    now = at or dt.datetime.now(dt.UTC)
    if not mail.can_send(mm.settings):
        return 0
    with mm.transaction() as db:
        if not marks.lease(db, _LEASE_NAME, at=now, lasts=_LEASE):
            return 0
        due = _due(db, on=now.date())  # not before: who held the lease may have told some
    n_sent = sum(_sent(mm, to, lapses, at=now) for to, lapses in due.items())
    if n_sent == len(due):
        with mm.transaction() as db:
            marks.put(db, _LEASE_NAME, "")
    return n_sent


def _due(db: Connection, *, on: dt.date) -> Mapping[str, Sequence[Lapse]]:
    """Gather by owner the cases in whose stage nobody was told yet; a case without a reader of mails waits for one."""
    lapses = [one for one in lapsing.soon(db, by=on + WARNED_FOR) if _is_news(one, on=on)]
    owners = {id_: stored.case.owner for id_, stored in found.load(db, [one.case_id for one in lapses]).items()}
    due: dict[str, list[Lapse]] = {}
    for one in lapses:
        owner = owners.get(one.case_id, "")
        if outgoing.is_mailbox(owner) and _is_there(db, owner):
            due.setdefault(owner, []).append(one)
    return {owner: own[:_AT_ONCE] for owner, own in due.items()}


def _is_news(lapse: Lapse, *, on: dt.date) -> bool:
    """Say whether the last mail lies before this stage began, also when the month of birth was corrected meanwhile."""
    began = lapse.on if lapse.on <= on else lapse.on - WARNED_FOR
    return lapse.told_on is None or lapse.told_on < began


def _is_there(db: Connection, owner: str) -> bool:
    account = accounts.find(db, owner)
    return account is None or account.enabled


def _sent(mm: Matchmaker, to: str, lapses: Sequence[Lapse], *, at: dt.datetime) -> bool:
    with mm.reading() as db:
        language = accounts.language_of(db, to)
    with speaking(language):
        subject = ngettext(
            "consent to ask for anew in a case of yours",
            "consent to ask for anew in %(num)s cases of yours",
            len(lapses),
        )
        lines = _said(mm, lapses, on=at.date())
        key = letters.key_of([f"{one.case_id} {one.on} {one.on <= at.date()}" for one in lapses])
        message = letters.written(mm.settings, to, subject, lines, key=key, at=at)
    try:
        mail.send(mm.settings, message)
    except (mail.NotSent, SettingsError) as error:
        log.warning("an owner is not told who comes of age: %s", error)
        return False
    with mm.transaction() as db:
        lapsing.told(db, [one.case_id for one in lapses], on=at.date())
    return True


def _said(mm: Matchmaker, lapses: Sequence[Lapse], *, on: dt.date) -> list[str]:
    node, base = letters.plain(mm.settings.node_name), mm.settings.base_url.rstrip("/")
    first = _(
        "%(node)s keeps cases of yours that rest on the consent of others, given for somebody who comes of age.",
        node=node,
    )
    then = _(
        "Ask the person, and note the answer on the work list from that day on. Where nobody has, the case pauses: it "
        "is shared with nobody until the person confirmed, and nothing of it is lost. "
        "You are told half a year before, and when a case pauses."
    )
    lines = [*wrap(first, width=letters.WIDTH), ""]
    for one in sorted(lapses, key=lambda one: (one.on, one.case_id)):
        day = one.on.isoformat()
        stage = _("Paused since %(day)s:", day=day) if one.on <= on else _("Of age by %(day)s:", day=day)
        lines.append(f"{stage} {base}/cases/{one.case_id}")
    return [*lines, "", *wrap(then, width=letters.WIDTH), f"{base}/worklist/"]
