"""The registry of other nodes; the token with which we ask one is sealed."""

from __future__ import annotations

from dataclasses import asdict

from sqlalchemy import Connection, delete, select, update

from matchmaker.errors import NotFound
from matchmaker.model import Node, NodeName
from matchmaker.store import dialects
from matchmaker.store.engine import keys_of
from matchmaker.store.tables import AnyRow, nodes

FIELDS = tuple(column for column in nodes.c if column.name != "outbound_token")
_MAIL = "operator_mail"


def upsert(db: Connection, node: Node, *, token: str | None = None) -> None:
    """Add or change a node; `token` replaces the one with which we ask it, None keeps it."""
    stated = asdict(node)
    if node.operator_mail is not None:
        stated[_MAIL] = keys_of(db).seal(node.operator_mail.encode(), context=_context_of_mail(node.name))
    if token is not None:
        stated["outbound_token"] = keys_of(db).seal(token.encode(), context=_context(node.name))
    changes = {name: value for name, value in stated.items() if name != "name"}
    statement = dialects.insert(db, nodes).values(stated)
    db.execute(statement.on_conflict_do_update(index_elements=[nodes.c.name], set_=changes))


def get(db: Connection, name: NodeName) -> Node:
    """Return a node; NotFound when nobody registered it."""
    row = db.execute(select(*FIELDS).where(nodes.c.name == name)).first()
    if row is None:
        raise NotFound("node", name)
    return node_of(db, row)


def node_of(db: Connection, row: AnyRow) -> Node:
    """Make a node of a row that has its `FIELDS`."""
    stated = dict(row._mapping)
    if row.operator_mail is not None:
        stated[_MAIL] = keys_of(db).open(row.operator_mail, context=_context_of_mail(row.name)).decode()
    return Node(**stated)


def list_(db: Connection) -> list[Node]:
    """Return all nodes by name, disabled ones too."""
    return [node_of(db, row) for row in db.execute(select(*FIELDS).order_by(nodes.c.name))]


def outbound_token(db: Connection, name: NodeName) -> str | None:
    """Return the token with which we ask this node; None when it gave us none."""
    sealed = db.scalar(select(nodes.c.outbound_token).where(nodes.c.name == name))
    return None if sealed is None else keys_of(db).open(sealed, context=_context(name)).decode()


def set_enabled(db: Connection, name: NodeName, *, enabled: bool) -> None:
    """Let a node take part, or stop it at once in both directions."""
    if db.execute(update(nodes).where(nodes.c.name == name).values(enabled=enabled)).rowcount == 0:
        raise NotFound("node", name)


def disable_all(db: Connection) -> int:
    """Stop asking and answering every node; return how many there are."""
    return db.execute(update(nodes).values(enabled=False)).rowcount


def remove(db: Connection, name: NodeName) -> None:
    """Forget a node and its tokens; what was exchanged with it stays on record."""
    if db.execute(delete(nodes).where(nodes.c.name == name)).rowcount == 0:
        raise NotFound("node", name)


def _context_of_mail(name: NodeName) -> str:
    return f"mail of the operator of {name}"


def _context(name: NodeName) -> str:
    return f"token for {name}"
