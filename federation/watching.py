"""`/health/metrics` for Prometheus: read from the database, so that every process of the node says the same.

Counts of cases are those of Matchmaker Exchange's metrics: rounded, and the same all day. Nothing names a case, a
person or a gene.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import shutil
from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from prometheus_client.core import CollectorRegistry, CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from federation import node_overview
from federation.breaker import Breaker
from federation.counters import counters_of, rounded
from matchmaker import __version__, adoption
from matchmaker.actors import SYSTEM
from matchmaker.backup import LAST_BACKUP
from matchmaker.doctor import OVERDUE
from matchmaker.service import Matchmaker
from matchmaker.store import by_outcome, examining, marks, work

CONTENT_TYPE = CONTENT_TYPE_LATEST


def exposition(mm: Matchmaker) -> bytes:
    """Write what Prometheus reads."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Node(mm))
    return generate_latest(registry)


def is_near(address: str | None) -> bool:
    """Is the caller on this machine, or in a network that is not the internet?

    Examples
    --------
    >>> is_near("127.0.0.1"), is_near("10.1.2.3"), is_near("fd00::1"), is_near("8.8.8.8"), is_near("nonsense")
    (True, True, True, False, False)
    """
    if not address:  # a socket of this machine
        return True
    try:
        return ipaddress.ip_address(address).is_private
    except ValueError:
        return False


class _Node(Collector):
    """What a node says when it is asked."""

    def __init__(self, mm: Matchmaker) -> None:
        self._mm = mm

    def collect(self) -> Iterator[Metric]:
        """Yield everything, counted now."""
        at = dt.datetime.now(dt.UTC)
        release = adoption.in_use(self._mm).id
        about = GaugeMetricFamily("matchmaker_node", "What runs here.", labels=["version", "release"])
        about.add_metric([__version__, release], 1)
        yield about
        cases = rounded(counters_of(self._mm, at.date()).number_of_cases)
        yield _gauge("cases_shared", "Cases that other nodes may be told of, rounded, counted once a day.", cases)
        yield _gauge("disk_free_bytes", "Room beside the home.", shutil.disk_usage(self._mm.settings.home).free)
        yield _gauge("release_age_seconds", "Since the date of the release in use.", _age(release, at))
        yield from self._work(at)
        yield from self._requests()
        yield from self._nodes()

    def _work(self, at: dt.datetime) -> Iterator[Metric]:
        with self._mm.reading() as db:
            waiting, last_backup = work.count(db), marks.get(db, LAST_BACKUP)
            n_overdue = examining.n_overdue(db, before=at - OVERDUE)
        tasks = GaugeMetricFamily("matchmaker_work_waiting", "Tasks that are to be done.", labels=["kind"])
        for kind in work.Kind:
            tasks.add_metric([kind], waiting.get(kind, 0))
        yield tasks
        yield _gauge("work_overdue", "Tasks that wait for over a day.", n_overdue)
        if last_backup is not None:
            yield _gauge("backup_age_seconds", "Since the last backup.", _age(last_backup, at))

    def _requests(self) -> Iterator[Metric]:
        requests = CounterMetricFamily(
            "matchmaker_requests", "Requests between nodes.", labels=["node", "direction", "kind", "outcome"]
        )
        seconds = CounterMetricFamily(
            "matchmaker_requests_seconds", "How long they took.", labels=["node", "direction", "kind", "outcome"]
        )
        with self._mm.reading() as db:
            for found in by_outcome.requests(db):
                labels = [found.node, found.direction, found.kind, found.outcome]
                requests.add_metric(labels, found.n)
                seconds.add_metric(labels, found.seconds)
        yield from (requests, seconds)

    def _nodes(self) -> Iterator[Metric]:
        shown = node_overview.overview(self._mm, by=SYSTEM)
        up = GaugeMetricFamily("matchmaker_node_up", "0: its latest calls all failed.", labels=["node"])
        for row in shown.rows:
            if row.node.enabled and row.node.base_url is not None:
                up.add_metric([row.node.name], float(row.breaker is Breaker.CLOSED))
        yield up
        yield _gauge("alarms_open", "Alarms that no operator has seen.", len(shown.alarms))


def _gauge(name: str, said: str, value: float) -> Metric:
    return GaugeMetricFamily(f"matchmaker_{name}", said, value=value)


def _age(moment: str, at: dt.datetime) -> float:
    """Seconds since a moment or a day; -1 for a name that is neither, as a release's may be."""
    try:
        found = dt.datetime.fromisoformat(moment)
    except ValueError:
        return -1.0
    return (at - (found if found.tzinfo else found.replace(tzinfo=dt.UTC))).total_seconds()
