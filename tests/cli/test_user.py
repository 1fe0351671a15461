"""`matchmaker user`."""

from __future__ import annotations

from tests.cli.conftest import Command

ADDRESS = "aoife@dublin.example.org"


def test_add_prints_a_one_time_link_and_nothing_else(node: Command) -> None:
    done = node("user", "add", ADDRESS, "--role", "clinician", "--centre", "Dublin")

    assert done.status == 0
    (line,) = done.out.splitlines()
    assert line.startswith("http://127.0.0.1:8000/password/")
    assert len(line.rpartition("/")[2]) >= 43


def test_second_account_of_an_address_is_refused(node: Command) -> None:
    node("user", "add", ADDRESS, "--role", "clinician")
    again = node("user", "add", ADDRESS, "--role", "curator")

    assert (again.status, again.out) == (1, "")
    assert "has an account already" in again.err
    assert node("user", "add", ADDRESS, "--role", "system").status == 2
