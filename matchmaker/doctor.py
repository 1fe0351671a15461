"""Is the node well? Every check says what it found and what to do; none changes anything."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from matchmaker import adoption, audit, mail, outgoing, production
from matchmaker.backup import LAST_BACKUP
from matchmaker.errors import MatchmakerError
from matchmaker.keys import Keys
from matchmaker.service import Matchmaker
from matchmaker.settings import Mode, Settings
from matchmaker.store import examining, marks, node_health, nodes, schema

LEAST_BYTES = 1 << 30
LEAST_SHARE = 0.05
BACKUP_DAYS = 7
RELEASE_DAYS = 365
TOKEN_DAYS = 30
SKEW = dt.timedelta(seconds=5)
OVERDUE = dt.timedelta(days=1, hours=1)  # what is urgent is due a day before it is made
_CALLS = 3  # the last ones to a node, which all failed


class State(StrEnum):
    WELL = "well"
    WARNING = "warning"  # look into it when there is time
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    said: str
    remedy: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Run all checks; a node that does not open is examined as far as it can be."""
    found = [*_settings(settings), *disk_space(settings.home), *_keys(settings), *_mail(settings)]
    try:
        # What production refuses is said above; the rest can be examined all the same.
        mm = Matchmaker.open(_lenient(settings))
    except MatchmakerError as error:
        return [*found, _wrong("database", str(error), "mend this first")]
    with contextlib.closing(mm):
        mm.settings = settings
        for check in (_database, _clock, _release, _index, _work, _backup, _audit, _peers, _tokens):
            name = check.__name__.strip("_")
            try:
                found += check(mm)
            except MatchmakerError as error:
                found.append(_wrong(name, str(error), "mend this, and run `matchmaker doctor` again"))
    return found


def _settings(settings: Settings) -> list[Finding]:
    refused = production.refusals(settings)
    if settings.mode is not Mode.PRODUCTION:
        told = f"{len(refused)} that production would refuse" if refused else "would do for production"
        return [_well("settings", f"mode {settings.mode}: {told}")]
    if not refused:
        return [_well("settings", "production")]
    return [_wrong("settings", f"{issue.path} {issue.message}", issue.remedy) for issue in refused]


def disk_space(home: Path, *, least: int = LEAST_BYTES) -> list[Finding]:
    """Is there room beside the home, in bytes and as a share of the disk?"""
    if not home.is_dir():
        return [_wrong("home", f"{home} is not there", "run `matchmaker init`, or set MATCHMAKER_HOME")]
    usage = shutil.disk_usage(home)
    told = f"{usage.free / 1e9:,.1f} GB free for {home}"
    if usage.free < least or usage.free < LEAST_SHARE * usage.total:
        return [_wrong("disk", told, "make room: on a full disk reading goes on, and nothing new is accepted")]
    return [_well("disk", told)]


def _keys(settings: Settings) -> list[Finding]:
    folder = settings.home / "keys"
    if not folder.is_dir():
        return [_wrong("keys", f"{folder} is not there", "run `matchmaker init`, or put back the keys of this node")]
    try:
        Keys.load(folder, strict=True)
    except MatchmakerError as error:
        return [_wrong("keys", str(error), "keep a copy of the folder apart from the database")]
    return [_well("keys", "there, and nobody else can read them")]


def _mail(settings: Settings) -> list[Finding]:
    if not settings.smtp_url:
        if mail.can_send(settings):
            return [_well("mail", "no server: mails are written to the home's folder outbox")]
        return [_wrong("mail", "no server: nobody is alerted of matches", "set MATCHMAKER_SMTP_URL")]
    try:
        mail.reach(settings)
    except MatchmakerError as error:
        return [_wrong("mail", str(error), "alerts wait until the server takes them")]
    if not outgoing.is_mailbox(settings.operator_mail):
        return [_warning("mail", "the server answers, but alarms are mailed to nobody", "set MATCHMAKER_OPERATOR_MAIL")]
    return [_well("mail", "the server answers")]


def _database(mm: Matchmaker) -> list[Finding]:
    with mm.reading() as db:
        faults = examining.faults(db)
        kind = db.dialect.name
    if faults:
        return [_wrong("database", f"damaged: {faults[0]}", "stop the node, keep the file, restore the last backup")]
    return [_well("database", f"{kind}, tables of version {schema.HEAD}, as this program needs them")]


def _clock(mm: Matchmaker) -> list[Finding]:
    now = dt.datetime.now(dt.UTC)
    with mm.reading() as db:
        theirs, newest = examining.clock(db), examining.newest_entry(db)
    if theirs is not None and abs(theirs - now) > SKEW:
        told = f"{abs(theirs - now).total_seconds():,.0f} seconds from that of the database"
        return [_wrong("clock", told, "let both machines follow a time server")]
    if newest is not None and newest > now + SKEW:
        told = f"behind the newest entry of the audit log, of {newest:%Y-%m-%d %H:%M} UTC"
        return [_wrong("clock", told, "let this machine follow a time server")]
    return [_well("clock", f"{now:%Y-%m-%d %H:%M} UTC")]


def _release(mm: Matchmaker) -> list[Finding]:
    used = adoption.in_use(mm)
    with contextlib.suppress(ValueError):
        age = (dt.datetime.now(dt.UTC).date() - dt.date.fromisoformat(used.id)).days
        if age > RELEASE_DAYS:
            remedy = "look for a newer one with `matchmaker release download`, and compare before adopting"
            return [_warning("release", f"{used.id} is {age:,} days old", remedy)]
    return [_well("release", used.id)]


def _index(mm: Matchmaker) -> list[Finding]:
    with mm.reading() as db:
        n_matchable = examining.n_matchable(db)
    n_indexed = len(mm.index())
    if n_indexed != n_matchable:  # cases may come and go between the two
        return [_warning("index", f"{n_indexed:,} of {n_matchable:,} cases", "run `matchmaker index check`")]
    return [_well("index", f"{n_indexed:,} cases")]


def _work(mm: Matchmaker) -> list[Finding]:
    with mm.reading() as db:
        n_overdue = examining.n_overdue(db, before=dt.datetime.now(dt.UTC) - OVERDUE)
    if n_overdue:
        return [_wrong("work", f"{n_overdue:,} tasks wait for over a day", "start `matchmaker worker`, read its log")]
    return [_well("work", "nothing waits too long")]


def _backup(mm: Matchmaker) -> list[Finding]:
    with mm.reading() as db:
        last, n_cases = marks.get(db, LAST_BACKUP), examining.n_matchable(db)
    remedy = "run `matchmaker backup FILE`, every night from a timer"
    worst = _wrong if n_cases and mm.settings.mode is Mode.PRODUCTION else _warning
    if last is None:
        return [worst("backup", "none was ever made", remedy)]
    age = dt.datetime.now(dt.UTC) - dt.datetime.fromisoformat(last)
    if age > dt.timedelta(days=BACKUP_DAYS):
        return [worst("backup", f"the last is {age.days:,} days old", remedy)]
    return [_well("backup", f"the last was made at {last}")]


def _audit(mm: Matchmaker) -> list[Finding]:
    verified = audit.verify(mm)
    if verified.problems:
        told = "; ".join(map(str, verified.problems))
        return [_wrong("audit", told, "keep database and home as they are, and compare them with a backup")]
    return [_well("audit", f"{verified.n_entries:,} entries, {verified.n_signed:,} of them signed")]


def _peers(mm: Matchmaker) -> list[Finding]:
    found = []
    with mm.reading() as db:
        for node in nodes.list_(db):
            calls = node_health.latest(db, node.name, limit=_CALLS)
            if not node.enabled:
                found.append(_well("peers", f"{node.name} is disabled"))
            elif calls and all(call.status != "answered" for call in calls):
                told = f"{node.name}: the last {len(calls)} calls failed: {calls[0].status}"
                found.append(_warning("peers", told, f"look at `matchmaker node show {node.name}`"))
    return found or [_well("peers", "all that were called answered")]


def _tokens(mm: Matchmaker) -> list[Finding]:
    soon = dt.datetime.now(dt.UTC) + dt.timedelta(days=TOKEN_DAYS)
    with mm.reading() as db:
        found = examining.expiring(db, before=soon)
    remedy = "give each a new one with `matchmaker node token NAME`; both are valid until the old one ends"
    if found:
        return [_warning("tokens", f"of {', '.join(found)} end within {TOKEN_DAYS} days", remedy)]
    return [_well("tokens", f"none ends within {TOKEN_DAYS} days")]


def _lenient(settings: Settings) -> Settings:
    return replace(settings, mode=Mode.DEVELOPMENT) if settings.mode is Mode.PRODUCTION else settings


def _well(check: str, said: str) -> Finding:
    return Finding(check=check, state=State.WELL, said=said)


def _warning(check: str, said: str, remedy: str) -> Finding:
    return Finding(check=check, state=State.WARNING, said=said, remedy=remedy)


def _wrong(check: str, said: str, remedy: str) -> Finding:
    return Finding(check=check, state=State.WRONG, said=said, remedy=remedy)
