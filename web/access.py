"""THE table of addresses and roles: who may call what. An endpoint that is not in it answers nobody.

Which cases of an address somebody may see or change is decided below, by `matchmaker.authorise`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.actors import Role
from matchmaker.api_tokens import Scope


class Door(StrEnum):
    """How a caller proves who it is."""

    NONE = "none"  # everybody
    NODE_TOKEN = "node token"  # noqa: S105 - another node; `federation` checks its token
    SESSION = "session"  # somebody who signed in
    API = "api"  # a program with an API token that has the scope, or a page of somebody who signed in


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """Who may call an address: the door, behind it the roles, and the scope that an API token must have."""

    door: Door
    roles: frozenset[Role] = frozenset()
    scope: Scope | None = None


def people(*roles: Role) -> Access:
    """Let in who signed in with one of these roles."""
    return Access(door=Door.SESSION, roles=frozenset(roles))


def programs(scope: Scope | None, *roles: Role) -> Access:
    """Let in programs whose token has the scope (None: any token), and pages, for accounts with one of these roles."""
    return Access(door=Door.API, roles=frozenset(roles), scope=scope)


EVERYBODY = Access(door=Door.NONE)
NODES = Access(door=Door.NODE_TOKEN)
EVERY_ROLE = (Role.CLINICIAN, Role.CURATOR, Role.OPERATOR, Role.AUDITOR)
SIGNED_IN = people(*EVERY_ROLE)
CLINICIANS = people(Role.CLINICIAN)
CURATORS = people(Role.CURATOR)
OPERATORS = people(Role.OPERATOR)
AUDITORS = people(Role.AUDITOR, Role.OPERATOR)
SUBMITTERS = programs(Scope.SUBMIT, Role.CLINICIAN)

ROUTES: Mapping[str, Access] = {
    "static": EVERYBODY,
    "bootstrap.static": EVERYBODY,
    "home.index": EVERYBODY,
    "language.choose": EVERYBODY,
    "health.live": EVERYBODY,
    "health.ready": EVERYBODY,
    "health.metrics": EVERYBODY,  # who calls from this machine or a private network
    "health.service_info": EVERYBODY,
    "mme.match": NODES,
    "mme.heartbeat": NODES,
    "mme.metrics": NODES,
    "federation.notices": NODES,
    "federation.messages": NODES,
    "federation.pairing": NODES,  # which has no token yet, and proves itself by its invitation
    "relay.show": EVERYBODY,  # behind an alias that nobody guesses
    "relay.write": EVERYBODY,
    "api_docs.index": EVERYBODY,
    "api_docs.openapi": EVERYBODY,
    "me.show": programs(None, *EVERY_ROLE),
    "api_cases.index": programs(Scope.CASES_READ, Role.CLINICIAN),
    "api_cases.create": programs(Scope.CASES_WRITE, Role.CLINICIAN),
    "api_cases.show": programs(Scope.CASES_READ, Role.CLINICIAN),
    "api_cases.put": programs(Scope.CASES_WRITE, Role.CLINICIAN),
    "api_cases.withdraw": programs(Scope.CASES_WRITE, Role.CLINICIAN),
    "api_matches.of_case": programs(Scope.MATCHES_READ, Role.CLINICIAN),
    "api_matches.show": programs(Scope.MATCHES_READ, Role.CLINICIAN),
    "api_matches.move": programs(Scope.MATCHES_WRITE, Role.CLINICIAN),
    "api_matches.note": programs(Scope.MATCHES_WRITE, Role.CLINICIAN),
    "api_searches.begin": programs(Scope.SEARCH, Role.CLINICIAN),
    "api_searches.show": programs(Scope.SEARCH, Role.CLINICIAN),
    "api_terms.terms": programs(Scope.TERMS, *EVERY_ROLE),
    "api_terms.term": programs(Scope.TERMS, *EVERY_ROLE),
    "api_terms.genes": programs(Scope.TERMS, *EVERY_ROLE),
    "api_terms.gene": programs(Scope.TERMS, *EVERY_ROLE),
    "patient_matcher.add": SUBMITTERS,
    "patient_matcher.delete": SUBMITTERS,
    "patient_matcher.patient": SUBMITTERS,
    "patient_matcher.matches": SUBMITTERS,
    "patient_matcher.match": SUBMITTERS,
    "patient_matcher.match_external": SUBMITTERS,
    "patient_matcher.nodes": SUBMITTERS,
    "signing_in.login": EVERYBODY,
    "signing_in.code": EVERYBODY,  # whoever gave the right password
    "signing_in.forgotten": EVERYBODY,
    "signing_in.password": EVERYBODY,  # behind a one-time link
    "provider.leave": EVERYBODY,
    "provider.back": EVERYBODY,  # what the provider signed
    "signing_in.logout": SIGNED_IN,
    "signing_in.welcome": SIGNED_IN,
    "account.index": SIGNED_IN,
    "account.password": SIGNED_IN,
    "account.settings": SIGNED_IN,
    "account.switch_on": SIGNED_IN,
    "account.qr_code": SIGNED_IN,
    "account.switch_off": SIGNED_IN,
    "account.renew_recovery_codes": SIGNED_IN,
    "account.end_session": SIGNED_IN,
    "account.end_sessions": SIGNED_IN,
    "account.issue_token": SIGNED_IN,
    "account.revoke_token": SIGNED_IN,
    "accounts.index": OPERATORS,
    "accounts.add": OPERATORS,
    "accounts.rename_centre": OPERATORS,
    "accounts.show": OPERATORS,
    "accounts.role": OPERATORS,
    "accounts.disable": OPERATORS,
    "accounts.enable": OPERATORS,
    "accounts.hand_over": OPERATORS,
    "accounts.end_sessions": OPERATORS,
    "accounts.reset": OPERATORS,
    "accounts.issue_token": OPERATORS,
    "accounts.revoke_token": OPERATORS,
    "worklist.index": people(Role.CLINICIAN, Role.CURATOR),
    "worklist.mend": people(Role.CLINICIAN, Role.CURATOR),
    "quality.index": SIGNED_IN,
    "figures.index": people(Role.CURATOR, Role.OPERATOR, Role.AUDITOR),
    "audit.index": AUDITORS,
    "audit.verify": AUDITORS,
    "audit.case": AUDITORS,
    "audit.ask_erase": OPERATORS,
    "audit.erase": OPERATORS,
    "subjects.show": CLINICIANS,
    "subjects.export": CLINICIANS,
    "subjects.erase": CLINICIANS,
    "nodes.index": OPERATORS,
    "nodes.add": OPERATORS,
    "nodes.show": OPERATORS,
    "nodes.change": OPERATORS,
    "nodes.test": OPERATORS,
    "nodes.issue": OPERATORS,
    "nodes.token": OPERATORS,
    "nodes.pause": OPERATORS,
    "nodes.resume": OPERATORS,
    "nodes.ask_remove": OPERATORS,
    "nodes.remove": OPERATORS,
    "nodes.acknowledge": OPERATORS,
    "pairing.begin": OPERATORS,
    "pairing.invite": OPERATORS,
    "pairing.accept": OPERATORS,
    "pairing.meet": OPERATORS,
    "pairing.confirm": OPERATORS,
    "releases.index": CURATORS,
    "releases.upload": CURATORS,
    "releases.download": CURATORS,
    "releases.translate": CURATORS,
    "releases.compare": CURATORS,
    "releases.job": CURATORS,
    "releases.progress": CURATORS,
    "releases.comparison": CURATORS,
    "releases.everything": CURATORS,
    "releases.ask_adopt": CURATORS,
    "releases.adopt": CURATORS,
    "releases.ask_rollback": CURATORS,
    "releases.rollback": CURATORS,
    "releases.ambiguous": CURATORS,
    "releases.choose": CURATORS,
    "cases.index": CLINICIANS,
    "cases.show": CLINICIANS,
    "entry.new": CLINICIANS,
    "entry.create": CLINICIANS,
    "entry.edit": CLINICIANS,
    "entry.save": CLINICIANS,
    "entry.draft": CLINICIANS,
    "entry.discard": CLINICIANS,
    "entry.preview": CLINICIANS,
    "entry.withdraw": CLINICIANS,
    "imports.index": CLINICIANS,
    "imports.try_out": CLINICIANS,
    "imports.check": CLINICIANS,
    "imports.store": CLINICIANS,
    "imports.discard": CLINICIANS,
    "imports.report": CLINICIANS,
    "imports.template": CLINICIANS,
    "lookup.terms": CLINICIANS,
    "lookup.term": CLINICIANS,
    "lookup.genes": CLINICIANS,
    "lookup.gene_list": CLINICIANS,
    "lookup.letter": CLINICIANS,
    "variant_files.header": CLINICIANS,
    "variant_files.offer": CLINICIANS,
    "matches.index": CLINICIANS,
    "matches.show": CLINICIANS,
    "matches.of_case": CLINICIANS,
    "matches.listed": CLINICIANS,
    "matches.spreadsheet": CLINICIANS,
    "matches.move": CLINICIANS,
    "matches.note": CLINICIANS,
    "matches.again": CLINICIANS,
    "alerts.index": CLINICIANS,
    "alerts.show": CLINICIANS,
    "alerts.seen": CLINICIANS,
    "alerts.mails": CLINICIANS,
    "diseases.show": CLINICIANS,
    "sharing.index": CLINICIANS,
    "sharing.show": CLINICIANS,
    "sharing.offer": CLINICIANS,
    "sharing.share": CLINICIANS,
    "writing.write": CLINICIANS,
    "live.ask": CLINICIANS,
    "live.progress": CLINICIANS,
}
