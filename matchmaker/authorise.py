"""The one place that says who may do what: `require(actor, action, object)`."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from matchmaker.actors import Role, User
from matchmaker.errors import Forbidden, NotFound
from matchmaker.model import Case
from matchmaker.texts import later


class Action(StrEnum):
    """What can be done, in the words in which a refusal says it."""

    SEE_CASE = later("see case")
    SUBMIT_CASE = later("submit a case for another owner")
    EDIT_CASE = later("edit")
    WITHDRAW_CASE = later("withdraw")
    CURATE_CASE = later("mend")
    ERASE_CASE = later("erase")
    SEE_NODES = later("see the nodes")
    MANAGE_NODES = later("manage the nodes")
    SEE_RELEASES = later("see the releases")
    ADOPT_RELEASES = later("adopt a release")
    BACK_UP = later("back up or restore the node")
    MANAGE_ACCOUNTS = later("manage accounts")
    EXPORT_SUBJECT = later("export what is held about")
    READ_AUDIT = later("read the audit log")
    SEE_FIGURES = later("see the figures of the node")
    SEE_QUALITY = later("see how complete the cases of all centres are")


_EVERY_ROLE = frozenset({Role.CLINICIAN, Role.CURATOR, Role.OPERATOR, Role.AUDITOR})

# Of a case: only those whose owner is of the actor's centre (docs/decisions/0009-accounts.md).
ROLES: Mapping[Action, frozenset[Role]] = {
    Action.SEE_CASE: frozenset({Role.CLINICIAN}),
    Action.SUBMIT_CASE: frozenset({Role.CLINICIAN}),
    Action.EDIT_CASE: frozenset({Role.CLINICIAN}),
    Action.WITHDRAW_CASE: frozenset({Role.CLINICIAN}),
    Action.CURATE_CASE: frozenset({Role.CLINICIAN, Role.CURATOR}),
    Action.ERASE_CASE: frozenset({Role.CLINICIAN, Role.OPERATOR}),
    Action.SEE_NODES: _EVERY_ROLE,
    Action.MANAGE_NODES: frozenset({Role.OPERATOR}),
    Action.SEE_RELEASES: _EVERY_ROLE,
    Action.ADOPT_RELEASES: frozenset({Role.CURATOR}),
    Action.BACK_UP: frozenset({Role.OPERATOR}),
    Action.MANAGE_ACCOUNTS: frozenset({Role.OPERATOR}),
    Action.EXPORT_SUBJECT: frozenset({Role.CLINICIAN}),
    Action.READ_AUDIT: frozenset({Role.AUDITOR, Role.OPERATOR}),
    Action.SEE_QUALITY: frozenset({Role.OPERATOR, Role.AUDITOR}),
    Action.SEE_FIGURES: frozenset({Role.CURATOR, Role.OPERATOR, Role.AUDITOR}),
}
# An operator carries out what a person may demand of the node, and sees nothing of the case by it.
_OF_ANY_CENTRE = frozenset({(Role.OPERATOR, Action.ERASE_CASE)})


def may(actor: User, action: Action, object_: Case | None = None) -> bool:
    """Say whether the actor may do this, to this case where the action is about one."""
    if actor.role is Role.SYSTEM:
        return True
    if actor.role not in ROLES[action]:
        return False
    if object_ is None or (actor.role, action) in _OF_ANY_CENTRE:
        return True
    return actor.owners is None or object_.owner in actor.owners


def require(actor: User, action: Action, object_: Case | None = None) -> None:
    """Do nothing if the actor may do this.

    Raises
    ------
    NotFound
        When it is about a stored case that the actor may not see: for others there is none.
    Forbidden
        When the actor may not do it otherwise.
    """
    if may(actor, action, object_):
        return
    # Whoever submits has named the case, and learns nothing of what is stored.
    if object_ is not None and action is not Action.SUBMIT_CASE and not may(actor, Action.SEE_CASE, object_):
        raise NotFound("case", object_.id)
    raise Forbidden(action.value, object_.id if object_ else "")
