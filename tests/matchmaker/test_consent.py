from __future__ import annotations

import pytest

from matchmaker.consent import Withheld, jurisdiction_of, may_share, withheld
from matchmaker.model import Case, Consent, Node, Purpose, Sharing, Status
from tests.builders import a_case, a_node

FINLAND = a_node("finland", country="FI", jurisdiction="EEA")
BRAZIL = a_node("brazil", country="BR", jurisdiction="BR")
BRAZIL_BY_CONTRACT = a_node("brazil", country="BR", jurisdiction="BR", transfer_basis="standard clauses")
NOWHERE = a_node("nowhere", country=None, jurisdiction=None)


@pytest.mark.parametrize(
    ("sharing", "node", "why_not"),
    [
        (Sharing.PRIVATE, FINLAND, Withheld.LEVEL),
        (Sharing.NATIONAL, FINLAND, Withheld.LEVEL),
        (Sharing.EEA, FINLAND, None),
        (Sharing.EEA, BRAZIL, Withheld.LEVEL),
        (Sharing.EEA, BRAZIL_BY_CONTRACT, Withheld.LEVEL),
        (Sharing.EEA, NOWHERE, Withheld.LEVEL),
        (Sharing.FEDERATED, FINLAND, None),
        (Sharing.FEDERATED, BRAZIL, Withheld.NO_TRANSFER_BASIS),
        (Sharing.FEDERATED, BRAZIL_BY_CONTRACT, None),
        (Sharing.FEDERATED, NOWHERE, None),
    ],
)
def test_level_and_place_decide(sharing: Sharing, node: Node, why_not: Withheld | None) -> None:
    case = a_case(sharing=sharing)

    assert withheld(case, node, jurisdiction="EEA") is why_not
    assert may_share(case, node, jurisdiction="EEA") is (why_not is None)


def test_blank_basis_of_transfer_is_none() -> None:
    node = a_node("brazil", country="BR", jurisdiction="BR", transfer_basis="  ")

    assert withheld(a_case(), node, jurisdiction="EEA") is Withheld.NO_TRANSFER_BASIS


def test_node_outside_the_eea_may_share_with_its_own_place_and_with_the_eea() -> None:
    assert may_share(a_case(), BRAZIL, jurisdiction="BR")
    assert may_share(a_case(), FINLAND, jurisdiction="BR")


@pytest.mark.parametrize("consent", [None, Consent(basis=""), Consent(basis="  ")])
def test_case_without_a_recorded_basis_is_private_whatever_was_asked(consent: Consent | None) -> None:
    assert withheld(a_case(consent=consent), FINLAND, jurisdiction="EEA") is Withheld.NO_BASIS


def test_withdrawn_case_is_shared_with_nobody() -> None:
    assert withheld(a_case(status=Status.WITHDRAWN), FINLAND, jurisdiction="EEA") is Withheld.WITHDRAWN


def test_disabled_node_gets_nothing() -> None:
    assert withheld(a_case(), a_node(enabled=False), jurisdiction="EEA") is Withheld.NODE_DISABLED


def test_stated_purposes_bind_and_unstated_ones_do_not() -> None:
    def consented(*purposes: Purpose) -> Case:
        return a_case(consent=Consent(basis="consent", purposes=purposes))

    assert may_share(consented(Purpose.CARE), FINLAND, jurisdiction="EEA")
    assert may_share(consented(Purpose.CARE), FINLAND, jurisdiction="EEA", purpose=Purpose.CARE)
    assert may_share(consented(), FINLAND, jurisdiction="EEA", purpose=Purpose.RESEARCH)
    assert withheld(consented(Purpose.CARE), FINLAND, jurisdiction="EEA", purpose=Purpose.RESEARCH) is Withheld.PURPOSE


@pytest.mark.parametrize(
    ("country", "jurisdiction", "place"),
    [
        ("IE", None, "EEA"),
        ("no", None, "EEA"),
        ("CH", None, "CH"),
        ("GB", None, "GB"),
        ("IE", "US", "US"),
        ("US", "eea", "EEA"),
        (None, None, None),
        ("", "", None),
    ],
)
def test_place_is_the_stated_one_or_the_countrys(
    country: str | None, jurisdiction: str | None, place: str | None
) -> None:
    assert jurisdiction_of(a_node(country=country, jurisdiction=jurisdiction)) == place
