"""A node as operators and curators find it: people, cases that need care, traffic, a real older release in use."""

from __future__ import annotations

import contextlib
import datetime as dt
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page
from sqlalchemy import update
from waitress.server import create_server

from federation import nodes
from matchmaker import adoption, cases, releases
from matchmaker.actors import SYSTEM, Role
from matchmaker.model import Case, CaseId, Consent, GivenBy, NodeName
from matchmaker.service import Matchmaker
from matchmaker.settings import Settings
from matchmaker.store import exchanges
from matchmaker.store.exchanges import Direction, Exchange
from matchmaker.store.tables import cases as stored
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.deploy.sites import free_port
from tests.matchmaker.people import PASSWORD, with_password
from tests.ontology.older import older_release
from web.app import create_app

CLINICIAN, LEAVING = "aoife@dublin.example.org", "bran@dublin.example.org"
CURATOR, OPERATOR, AUDITOR = "curator@dublin.example.org", "operator@example.org", "auditor@example.org"
CENTRE = "Clinical Genetics, Dublin"
# Obsolete or merged between the two releases, or before both and without a single successor.
CHANGED, MERGED, AMBIGUOUS = "HP:0002355", "HP:0002744", "HP:0001726"


@dataclass(frozen=True, slots=True, kw_only=True)
class Operated:
    """The node, where it answers, and one of its cases."""

    mm: Matchmaker
    url: str
    case_id: CaseId

    def sign_in(self, page: Page, email: str) -> None:
        """Sign in as one of the people above."""
        page.goto(f"{self.url}/login")
        page.locator("input[name=email]").fill(email)
        page.locator("input[name=password]").fill(PASSWORD)
        page.locator("main [type=submit]").first.click()
        page.get_by_role("button", name="Sign out").wait_for()


@contextlib.contextmanager
def operated(folder: Path) -> Iterator[Operated]:
    """Run the node until the block ends; the older release is in use."""
    port = free_port("127.0.0.1")
    settings = Settings(
        home=folder / "home",
        node_name="Matchmaker Ireland",
        node_id="org.example.ireland",
        base_url=f"http://127.0.0.1:{port}",
    )
    with contextlib.closing(Matchmaker.create(settings)) as mm:
        roles = {CLINICIAN: Role.CLINICIAN, LEAVING: Role.CLINICIAN, CURATOR: Role.CURATOR}
        for email, role in roles.items():
            with_password(mm, email, role=role, centre=CENTRE)
        for email, role in ((OPERATOR, Role.OPERATOR), (AUDITOR, Role.AUDITOR)):
            with_password(mm, email, role=role, centre=None)
        adoption.adopt(mm, releases.import_files(settings, older_release()).checksum, by=SYSTEM)
        mm.follow()
        ids = [one.case_id for one in cases.submit_many(mm, _cases(), by=SYSTEM)]
        _as_if_over_months(mm, ids)
        server = create_server(create_app(mm), host="127.0.0.1", port=port, threads=4)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        try:
            yield Operated(mm=mm, url=settings.base_url, case_id=ids[0])
        finally:
            server.close()
            thread.join(5)


def _cases() -> list[Case]:
    """Cases in order, and some that are not."""
    consent = Consent(basis="consent", given_by=GivenBy.GUARDIAN)
    soon = dt.datetime.now(dt.UTC).date().replace(day=1)
    findings = ["HP:0001250", "HP:0000252", "HP:0001263", "HP:0001249", "HP:0002069", "HP:0000365"]
    alike = [
        a_case(
            owner=LEAVING if number % 4 == 0 else CLINICIAN,
            local_id=f"D-{number}",
            features=[a_feature(findings[(number + k) % 6]) for k in range(3)]
            + [a_feature(CHANGED if number % 3 else MERGED)],
            genomic_features=[a_genomic_feature(f"HGNC:{5 + number}")],
        )
        for number in range(24)
    ]
    return [
        *alike,
        a_case(owner=CLINICIAN, local_id="D-30", features=[a_feature(AMBIGUOUS), a_feature("HP:0000252")]),
        a_case(owner=CLINICIAN, local_id="D-31", features=[a_feature("HP:0000118"), a_feature("HP:0001250")]),
        a_case(
            owner=CLINICIAN,
            local_id="D-32",
            features=[a_feature("HP:0001250", excluded=True), a_feature("HP:0002069")],
        ),
        a_case(owner=CLINICIAN, local_id="D-33", consent=Consent(basis="consent", review_date=soon)),
        a_case(
            owner=CLINICIAN,
            local_id="D-34",
            consent=Consent(
                basis=consent.basis, given_by=consent.given_by, birth_month=f"{soon.year - 18}-{soon.month:02}"
            ),
        ),
    ]


def _as_if_over_months(mm: Matchmaker, ids: list[CaseId]) -> None:
    """Spread what happened over the last year, and let a node that is down be registered."""
    now = dt.datetime.now(dt.UTC)
    nodes.add(mm, NodeName("Spain"), base_url="http://127.0.0.1:9/mme", country="ES", token="theirs", by=SYSTEM)
    with mm.transaction() as db:
        for number, case_id in enumerate(ids):
            at = now - dt.timedelta(days=14 * number)
            db.execute(update(stored).where(stored.c.id == case_id).values(created_at=at, updated_at=at))
        for number in range(600):
            direction = Direction.SENT if number % 2 else Direction.RECEIVED
            well, badly = ("answered", "timeout") if direction is Direction.SENT else ("200", "429")
            call = Exchange(
                node=NodeName("Spain"),
                direction=direction,
                kind="match",
                at=now - dt.timedelta(days=number * 0.6),
                status=badly if number % 9 == 0 else well,
                seconds=0.2 + number % 7 / 10,
            )
            exchanges.record(db, call)
