"""`matchmaker user`."""

from __future__ import annotations

import pytest

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


def test_role_state_and_link_are_changed_by_address(node: Command) -> None:
    node("user", "add", ADDRESS, "--role", "clinician", "--centre", "Dublin")

    assert node("user", "role", ADDRESS, "auditor").status == 0
    assert node("user", "reset", ADDRESS.upper()).out.startswith("http://127.0.0.1:8000/password/")
    assert node("user", "disable", ADDRESS).status == 0
    assert "is disabled" in node("user", "reset", ADDRESS).err

    (known,) = node("user", "list", "--json").report["users"]
    assert (known["email"], known["role"], known["centre"]) == (ADDRESS, "auditor", "Dublin")
    assert (known["state"], known["second_factor"], known["signed_in_at"]) == ("disabled", "no", None)
    assert node("user", "enable", ADDRESS).status == 0
    assert node("user", "list").out.split("\t")[3] == "invited"


@pytest.mark.parametrize("command", [("disable",), ("enable",), ("reset",), ("role",)])
def test_unknown_address_is_named(node: Command, command: tuple[str, ...]) -> None:
    done = node("user", *command, ADDRESS, *(["curator"] if command == ("role",) else []))

    assert done.status == 1
    assert f"no account of {ADDRESS} here" in done.err


def test_program_gets_a_token_and_a_person_does_not(node: Command) -> None:
    node("user", "add", "ehr@dublin.example.org", "--role", "clinician", "--centre", "Dublin", "--service")
    node("user", "add", ADDRESS, "--role", "clinician")
    asked = ("--name", "EHR", "--scope", "cases:read", "--scope", "cases:write")

    (token,) = node("user", "token", "ehr@dublin.example.org", *asked).out.splitlines()
    assert token.startswith("mmk_")
    assert "is not a program's" in node("user", "token", ADDRESS, *asked).err
    assert "program's" in node("user", "reset", "ehr@dublin.example.org").err
