"""Records as people bring them, all invented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def a_patient(patient_id: str, *features: str, **stated: Any) -> dict[str, Any]:
    """A Matchmaker Exchange patient."""
    return {
        "id": patient_id,
        "contact": {"name": "Dr Invented", "href": "mailto:invented@example.org"},
        "features": [{"id": term} for term in features or ("HP:0001250", "HP:0001263")],
        **stated,
    }


def a_file(path: Path, *records: object) -> Path:
    """JSON Lines."""
    path.write_text("".join(f"{json.dumps(record)}\n" for record in records), "utf-8")
    return path
