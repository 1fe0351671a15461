from __future__ import annotations

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.errors import Unavailable
from matchmaker.keys import KEY_BYTES, Keys

KEYS = Keys(sealing=b"s" * KEY_BYTES, pseudonyms=b"p" * KEY_BYTES)


def test_made_keys_are_random_and_their_owners_alone(tmp_path: Path) -> None:
    keys = Keys.create(tmp_path / "keys")

    assert len({keys.sealing, keys.pseudonyms, Keys.create(tmp_path / "others").sealing}) == 3
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "keys").iterdir()} == {0o600}
    assert {path.name for path in (tmp_path / "keys").iterdir()} == {"sealing", "pseudonyms"}


def test_keys_that_are_there_are_never_replaced(tmp_path: Path) -> None:
    made = Keys.create(tmp_path)

    assert Keys.create(tmp_path) == Keys.load(tmp_path) == made


def test_several_processes_that_make_them_at_once_get_the_same(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: Keys.create(tmp_path / "keys").sealing, range(8)))

    assert len(made) == 1


def test_repr_shows_no_key() -> None:
    assert repr(KEYS) == "Keys()"


def test_missing_key_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="matchmaker init"):
        Keys.load(tmp_path)


def test_damaged_key_is_refused(tmp_path: Path) -> None:
    Keys.create(tmp_path)
    (tmp_path / "sealing").write_bytes(b"short")

    with pytest.raises(Unavailable, match="damaged"):
        Keys.load(tmp_path)


def test_key_that_others_can_read_is_refused_where_it_counts(tmp_path: Path) -> None:
    Keys.create(tmp_path)
    (tmp_path / "sealing").chmod(0o640)

    Keys.load(tmp_path)
    with pytest.raises(Unavailable, match="chmod 600"):
        Keys.load(tmp_path, strict=True)


@given(st.binary(), st.binary(max_size=20), st.text())
def test_what_was_sealed_opens(plain: bytes, salt: bytes, context: str) -> None:
    sealed = KEYS.seal(plain, salt=salt, context=context)

    assert KEYS.open(sealed, salt=salt, context=context) == plain
    assert not plain or plain not in sealed or len(plain) < 8


def test_sealing_twice_gives_two_texts() -> None:
    assert KEYS.seal(b"same", context="row") != KEYS.seal(b"same", context="row")


@pytest.mark.parametrize("change", ["key", "salt", "context", "bytes", "cut", "empty"])
def test_what_was_changed_does_not_open(change: str) -> None:
    sealed = KEYS.seal(b"secret", salt=b"salt", context="row 1")
    keys = Keys(sealing=b"x" * KEY_BYTES, pseudonyms=KEYS.pseudonyms) if change == "key" else KEYS
    changed = {"bytes": sealed[:-1] + bytes([sealed[-1] ^ 1]), "cut": sealed[:-1], "empty": b""}

    with pytest.raises(Unavailable, match="restore the keys"):
        keys.open(
            changed.get(change, sealed),
            salt=b"pepper" if change == "salt" else b"salt",
            context="row 2" if change == "context" else "row 1",
        )


@given(st.lists(st.text(), max_size=4), st.lists(st.text(), max_size=4))
def test_pseudonyms_are_equal_exactly_for_equal_parts(some: list[str], others: list[str]) -> None:
    assert (KEYS.pseudonym(*some) == KEYS.pseudonym(*others)) == (some == others)


def test_pseudonym_depends_on_the_key_and_shows_nothing() -> None:
    other = Keys(sealing=KEYS.sealing, pseudonyms=b"x" * KEY_BYTES)

    assert KEYS.pseudonym("case", "P1") != other.pseudonym("case", "P1")
    assert len(KEYS.pseudonym("case", "P1")) == 64
    assert KEYS.pseudonym("case", "\ud800")
