"""What a query costs: processor time of one thread, once the cases are in the index and the kernels are compiled."""

from __future__ import annotations

import time

import numpy as np

from scoring.index import Change, Index
from scoring.profile import Profile
from scoring.quality.tasks import Task
from scoring.scorer import Scorer

N_QUERIES = 300
K = 10


def cpu_ms_per_query(task: Task, scorer: Scorer) -> dict[str, float]:
    """Search the ten best for some hundred queries of a task, and take the time that the processor was busy with it.

    Returns
    -------
    dict
        `mean`, `median` and `p95` in milliseconds, and how many cases were searched.
    """
    index = Index(scorer)
    index.apply((Change(case_id=c.case_id, revision=1, profile=c) for c in task.cases), revision=1)
    queries = task.queries[:: max(1, len(task.queries) // N_QUERIES)]
    for query in queries[:5]:
        index.search(query, k=K)
    spent = np.array([_busy_for(index, query) for query in queries]) * 1000.0
    return {
        "mean": round(float(spent.mean()), 3),
        "median": round(float(np.median(spent)), 3),
        "p95": round(float(np.percentile(spent, 95)), 3),
        "cases": len(index),
    }


def _busy_for(index: Index, query: Profile) -> float:
    began = time.process_time()
    index.search(query, k=K)
    return time.process_time() - began
