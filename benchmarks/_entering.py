"""Work as clinicians do, each step acknowledged on standard output once it is stored: a process that `kills` kills.

Cases are entered. Of those that another node knows one like, every other one's clinician writes to the colleague there,
and the others are withdrawn.
"""

from __future__ import annotations

import itertools
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import func, select

from federation import contact
from matchmaker import cases, logs
from matchmaker.actors import SYSTEM
from matchmaker.model import NodeName, StoredCase
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import found, matches
from matchmaker.store.matches import Match, MatchStatus
from matchmaker.store.tables import matches as matches_table
from tests.builders import a_case, a_feature, a_genomic_feature

PAUSE = 0.15  # seconds between two steps
GENES_OF_TARGETS = 10_000  # of all genes, the first
TRIED = 20  # cases with a match, of which one may be an entered one
MOST = 15  # cases: a node that takes long to start need not be buried
WRITTEN = 3  # letters and withdrawals: some are left for the next round


def main(arguments: Sequence[str]) -> None:
    """Work at the node in `home`, and with the other node of that name."""
    home, node, number = arguments
    settings = Settings(home=Path(home))
    logs.configure(settings.mode)  # to standard error: what is on standard output is an acknowledgement
    mm = Matchmaker.open(settings)
    chance = random.Random(number)
    written = 0
    for i in itertools.count():  # until it is killed
        if i < MOST:
            _enter(mm, f"round{number}-{i}")
        matched = _matched(mm, NodeName(node), chance) if written < WRITTEN else None
        if matched is not None:
            _write_or_withdraw(mm, *matched)
            written += 1
        time.sleep(PAUSE)


def _enter(mm: Matchmaker, name: str) -> None:
    chance = random.Random(name)
    features = [a_feature(term) for term in chance.sample(mm.release.hpo.term_ids, 3)]
    # A gene that hardly another case has, no target, and an owner of its own: each alert is a mail.
    gene = a_genomic_feature(chance.choice(mm.release.genes.ids[GENES_OF_TARGETS:]))
    case = a_case(owner=f"{name}@example.org", local_id=name, features=features, genomic_features=[gene])
    cases.submit(mm, case, by=SYSTEM)
    _acknowledge("case", name)


def _matched(mm: Matchmaker, node: NodeName, chance: random.Random) -> tuple[StoredCase, Match] | None:
    """A case that was entered, that the node knows one like, and about which nobody has written yet."""
    new = (matches_table.c.node == node) & (matches_table.c.status == MatchStatus.NEW)
    with mm.reading() as db:
        # Of each case one: a few targets have thousands.
        one_each = select(func.min(matches_table.c.id)).where(new).group_by(matches_table.c.case_id)
        ids = sorted(db.scalars(one_each))
        for match_id in chance.sample(ids, k=min(TRIED, len(ids))):
            match = matches.get(db, match_id)
            stored = found.load(db, [match.finding.case_id]).get(match.finding.case_id)
            if stored is not None and not stored.case.local_id.startswith("target"):
                return stored, match
    return None


def _write_or_withdraw(mm: Matchmaker, stored: StoredCase, match: Match) -> None:
    name = stored.case.local_id
    if int(name.rpartition("-")[2]) % 2:
        contact.write(mm, match.id, f"letter about {name}", by=SYSTEM)
        _acknowledge("letter", name)
    else:
        cases.withdraw(mm, stored.case.id, by=SYSTEM)
        _acknowledge("withdrawn", name)


def _acknowledge(what: str, name: str) -> None:
    sys.stdout.write(f"{what} {name}\n")
    sys.stdout.flush()
