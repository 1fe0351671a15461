"""The two halves of a case on their way to a row and back: the second half under a key of the case's own."""

from __future__ import annotations

from sqlalchemy import Connection

from matchmaker.model import Case, CaseId
from matchmaker.store import documents
from matchmaker.store.documents import Document
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow


def seal(db: Connection, document: Document, *, case_id: CaseId, version: int, salt: bytes) -> bytes:
    """Encrypt what names anybody; it opens only in the row of this case and version, while its salt is there."""
    return keys_of(db).seal(document.hidden.encode(), salt=salt, context=_context(case_id, version))


def open_case(db: Connection, case_id: CaseId, row: AnyRow) -> Case:
    """Read a case from a row that has `version`, `profile`, `sealed` and `salt`."""
    hidden = keys_of(db).open(row.sealed, salt=row.salt, context=_context(case_id, row.version))
    return documents.decode(case_id, Document(profile=row.profile, hidden=hidden.decode()))


def _context(case_id: CaseId, version: int) -> str:
    return f"case {case_id} {version}"
