"""What two nodes say of themselves while they pair, and the secret that is bound to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from federation import handshake, nodes, signatures, strict_json
from federation.client import MME
from federation.handshake import Shared
from matchmaker.errors import Invalid, Issue
from matchmaker.model import NodeName
from matchmaker.service import Matchmaker
from matchmaker.store.pairings import Pairing

DESCRIPTION = "description"  # of the other node, among the secrets of a pairing
_FIELDS = ("name", "url", "country", "jurisdiction", "mail", "key")


def description(mm: Matchmaker) -> dict[str, str]:
    """Say which node we are."""
    settings = mm.settings
    return {
        "name": settings.node_name,
        "url": our_url(mm),
        "country": settings.country,
        "jurisdiction": settings.jurisdiction,
        "mail": settings.operator_mail or settings.mailbox,
        "key": signatures.public_key_of(mm),
    }


def read_description(value: Any) -> dict[str, str]:
    """Read which node the other one is; Invalid when it does not say so."""
    if not isinstance(value, dict):
        raise Invalid([Issue(path="pairing.node", message="is missing", remedy="say which node you are")])
    found = {name: value.get(name, "") for name in _FIELDS}
    if any(not isinstance(text, str) or len(text) > 255 or not text.isprintable() for text in found.values()):
        raise Invalid([Issue(path="pairing.node", message="holds what is no short text", remedy="send short texts")])
    nodes.check(NodeName("x"), base_url=found["url"], country=found["country"] or None)
    return found


def spelled(description: Mapping[str, str]) -> bytes:
    """Spell a description the same way on both sides, to be proved and hashed."""
    return strict_json.dumps({name: description[name] for name in _FIELDS})


def says(pairing: Pairing) -> dict[str, str]:
    """Return what the other node of a pairing says of itself."""
    return read_description(strict_json.loads(pairing.secrets[DESCRIPTION].encode()))


def shared(mm: Matchmaker, pairing: Pairing) -> Shared:
    """Return the secret of a pairing, made from both keys and both descriptions."""
    secrets = pairing.secrets
    ours, theirs = (
        (handshake.from_text(secrets["public"]), spelled(description(mm))),
        (
            handshake.from_text(secrets["their_key"]),
            secrets[DESCRIPTION].encode(),
        ),
    )
    first, second = (ours, theirs) if secrets["inviter"] else (theirs, ours)
    transcript = b"".join(len(part).to_bytes(4, "big") + part for part in (pairing.id.encode(), *first, *second))
    return handshake.share(
        handshake.from_text(secrets["private"]),
        theirs[0],
        secret=handshake.from_text(secrets["secret"]),
        transcript=transcript,
    )


def our_url(mm: Matchmaker) -> str:
    """Return the address at which other nodes ask us."""
    return mm.settings.base_url.rstrip("/") + MME
