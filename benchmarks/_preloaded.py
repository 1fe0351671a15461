"""What `_forked` imports before it forks: the served program, clinicians at work, and what both rank with."""

from __future__ import annotations

import waitress.server

import matchmaker.cli.serve
import matchmaker.worker
import web.app
from benchmarks import _entering
from matchmaker.reference import Reference
from ontology.releases import shipped
from scoring.index.candidates import fastest

__all__ = ["REFERENCE", "_entering", "matchmaker", "waitress", "web"]

REFERENCE = Reference(shipped(), identity="")  # processes that are forked share its scorer
REFERENCE.scorer.backgrounds.of(())
fastest()
