"""With whom a case may be shared: what its consent, its level and the law of the other node's place allow."""

from __future__ import annotations

from enum import StrEnum

from matchmaker.model import Case, Node, Purpose, Sharing, Status

EEA = "EEA"
_EUROPEAN_UNION = {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"} | {
    *("IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK")
}
_EEA_COUNTRIES = _EUROPEAN_UNION | {"IS", "LI", "NO"}


class Withheld(StrEnum):
    """Why a case is not shared with a node."""

    WITHDRAWN = "withdrawn"
    NO_BASIS = "no recorded basis"
    PAUSED = "paused: the person is of age and has not been asked"
    LEVEL = "sharing level"
    PURPOSE = "purpose"
    NODE_DISABLED = "node disabled"
    NO_TRANSFER_BASIS = "no basis of transfer"
    TEST = "test case"


def may_share(case: Case, node: Node, *, jurisdiction: str, purpose: Purpose | None = None) -> bool:
    """Say whether a case may answer this node, and ask it; `jurisdiction` is our own."""
    return withheld(case, node, jurisdiction=jurisdiction, purpose=purpose) is None


def withheld(case: Case, node: Node, *, jurisdiction: str, purpose: Purpose | None = None) -> Withheld | None:
    """Say why a case may not be shared with this node; None when it may."""
    if case.effective_sharing is Sharing.PRIVATE:
        return _why_private(case)
    if not node.enabled:
        return Withheld.NODE_DISABLED
    if case.sharing is Sharing.NATIONAL:
        return Withheld.LEVEL  # national is this node, and no other one
    theirs = jurisdiction_of(node)
    if case.sharing is Sharing.EEA and theirs != EEA:
        return Withheld.LEVEL
    if theirs not in (jurisdiction, EEA, None) and not (node.transfer_basis or "").strip():
        # GDPR chapter V: leaving the EEA needs a basis. A node of which no place is stated was let in by the operator
        # under our own law, and sees what is shared with all nodes; what is for the EEA alone it does not.
        return Withheld.NO_TRANSFER_BASIS
    return _purpose(case, purpose)


def may_meet(case: Case, other: Case) -> bool:
    """Say whether two cases of this node may match: of one owner always, of two only when no one keeps his private."""
    private = Sharing.PRIVATE in {case.effective_sharing, other.effective_sharing}
    return case.owner == other.owner or not private


def jurisdiction_of(node: Node) -> str | None:
    """Return whose law a node is under, from its country when not stated; None when neither is known."""
    if node.jurisdiction:
        return node.jurisdiction.upper()
    country = (node.country or "").upper()
    return EEA if country in _EEA_COUNTRIES else country or None


def _why_private(case: Case) -> Withheld:
    if case.sharing is Sharing.PRIVATE:
        return Withheld.LEVEL
    if case.consent is None or not case.consent.basis.strip():
        return Withheld.NO_BASIS
    return Withheld.WITHDRAWN if case.status is Status.WITHDRAWN else Withheld.PAUSED


def _purpose(case: Case, purpose: Purpose | None) -> Withheld | None:
    allowed = case.consent.purposes if case.consent else ()
    return Withheld.PURPOSE if purpose is not None and allowed and purpose not in allowed else None
