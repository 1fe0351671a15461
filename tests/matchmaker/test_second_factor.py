"""The second factor: asked for after the password, each code good once, recovery codes for a lost device."""

from __future__ import annotations

import math

import pytest

from matchmaker import accounts, second_factor, signing_in
from matchmaker.actors import SYSTEM
from matchmaker.errors import Invalid, TooOften, Unauthorised
from matchmaker.service import Matchmaker
from matchmaker.signing_in import SignedIn
from matchmaker.store import accounts as stored
from tests.matchmaker.people import ADDRESS, PASSWORD, begun, code_of, signed_in, with_password, with_second_factor


def waiting(mm: Matchmaker, found: SignedIn) -> str:
    return begun(mm, found.user, complete=False)


@pytest.mark.slow
def test_password_alone_opens_nothing_once_it_is_on(mm: Matchmaker) -> None:
    with_password(mm)
    found = signing_in.signed_in(mm, signing_in.sign_in(mm, ADDRESS, PASSWORD).token)
    assert found is not None
    secret, _ = with_second_factor(mm, found)

    waits = signing_in.sign_in(mm, ADDRESS, PASSWORD)

    assert not waits.complete
    assert signing_in.signed_in(mm, waits.token) is None
    token = signing_in.complete(mm, waits.token, code_of(secret))
    assert signing_in.signed_in(mm, token) is not None
    assert signing_in.signed_in(mm, waits.token) is None
    with pytest.raises(Unauthorised):
        signing_in.complete(mm, waits.token, code_of(secret, steps=1))


def test_code_is_good_once(mm: Matchmaker) -> None:
    found = signed_in(mm)
    secret, _ = with_second_factor(mm, found)
    code = code_of(secret)
    signing_in.complete(mm, waiting(mm, found), code)

    with pytest.raises(Invalid, match="was used"):
        signing_in.complete(mm, waiting(mm, found), code)


def test_recovery_code_is_good_once(mm: Matchmaker) -> None:
    found = signed_in(mm)
    _, codes = with_second_factor(mm, found)
    assert len(set(codes)) == second_factor.N_RECOVERY_CODES

    signing_in.complete(mm, waiting(mm, found), f" {codes[0].upper()} ")
    signing_in.complete(mm, waiting(mm, found), codes[1].replace("-", " "))
    with pytest.raises(Invalid):
        signing_in.complete(mm, waiting(mm, found), codes[0])


def test_recovery_codes_have_so_many_random_bits_that_a_fast_hash_keeps_them(mm: Matchmaker) -> None:
    _, codes = with_second_factor(mm, signed_in(mm))

    for code in codes:
        drawn = code.replace("-", "")
        assert set(drawn) <= set(second_factor.ALPHABET)
        assert len(drawn) * math.log2(len(set(second_factor.ALPHABET))) >= 112


def test_new_recovery_codes_take_a_code_and_spend_the_earlier_ones(mm: Matchmaker) -> None:
    found = signed_in(mm)
    _, codes = with_second_factor(mm, found)

    with pytest.raises(Invalid):
        second_factor.renew_recovery_codes(mm, "000000", by=found.user)
    renewed = second_factor.renew_recovery_codes(mm, codes[0], by=found.user)

    with pytest.raises(Invalid):
        second_factor.check(mm, found.user.account_id, codes[1])
    second_factor.check(mm, found.user.account_id, renewed[0])


def test_codes_cannot_be_guessed_on_and_on(mm: Matchmaker) -> None:
    found = signed_in(mm)
    secret, _ = with_second_factor(mm, found)
    token = waiting(mm, found)

    for number in range(5):
        with pytest.raises(Invalid):
            signing_in.complete(mm, token, f"00000{number}")
    with pytest.raises(TooOften):
        signing_in.complete(mm, token, code_of(secret))


def test_switching_on_takes_a_code_and_ends_other_sessions(mm: Matchmaker) -> None:
    found = signed_in(mm)
    other = begun(mm, found.user, complete=True)

    with pytest.raises(Invalid):
        second_factor.switch_on(mm, found.session, "000000", by=found.user)
    with_second_factor(mm, found)

    assert signing_in.signed_in(mm, other) is None


def test_switching_off_takes_a_code(mm: Matchmaker) -> None:
    found = signed_in(mm)
    secret, codes = with_second_factor(mm, found)

    with pytest.raises(Invalid):
        second_factor.switch_off(mm, "000000", by=found.user)
    second_factor.switch_off(mm, code_of(secret), by=found.user)

    with mm.reading() as db:
        assert not stored.get(db, found.account.id).has_second_factor
    with pytest.raises(Invalid):
        second_factor.check(mm, found.user.account_id, codes[0])


def test_operator_removes_the_second_factor_of_who_lost_it(mm: Matchmaker) -> None:
    found = signed_in(mm)
    with_second_factor(mm, found)

    accounts.reset(mm, found.account.id, by=SYSTEM, second_factor=True)

    with mm.reading() as db:
        assert not stored.get(db, found.account.id).has_second_factor


def test_secret_that_was_not_confirmed_is_stored_nowhere_and_differs_by_session(mm: Matchmaker) -> None:
    found = signed_in(mm)
    again = signing_in.signed_in(mm, begun(mm, found.user, complete=True))
    assert again is not None

    assert second_factor.offer(mm, found.session) != second_factor.offer(mm, again.session)
    assert not again.account.has_second_factor
    assert "issuer=" in second_factor.address(mm, found.user, second_factor.offer(mm, found.session))
