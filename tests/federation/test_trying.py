"""An import is shown before it is done: what it would store, change, reject; and then exactly that is stored."""

from __future__ import annotations

import io
import itertools
from collections.abc import Iterator
from dataclasses import replace

import pytest

from federation import trying
from federation.importing import Defaults
from federation.strict_json import dumps
from matchmaker import cases, dry_runs
from matchmaker.actors import SYSTEM, User
from matchmaker.dry_runs import Content, Outcome, Tried
from matchmaker.errors import Invalid, NotFound
from matchmaker.model import Case, Consent, Sharing
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature
from tests.federation.patients import a_patient
from tests.federation.worlds import our_node
from tests.full_case import FULL_CASE
from tests.matchmaker.people import with_account

SHEET = "id,findings,genes,basis,sharing\n"


_numbers = itertools.count()


@pytest.fixture(scope="module")
def mm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchmaker]:
    """One node for all tests, each of which has a centre of its own."""
    with our_node(tmp_path_factory.mktemp("trying") / "home") as opened:
        yield opened


@pytest.fixture
def user(mm: Matchmaker) -> User:
    number = next(_numbers)
    return with_account(mm, f"aoife@centre-{number}.example.org", centre=f"Centre {number}")


def tried(mm: Matchmaker, body: str | bytes, *, by: User, name: str = "cases.csv", **defaults: object) -> Content:
    stream = io.BytesIO(body.encode() if isinstance(body, str) else body)
    trying.try_out(mm, [(name, stream)], defaults=Defaults(**defaults), by=by)  # type: ignore[arg-type]
    found = dry_runs.find(mm, by=by)
    assert found is not None
    return found.content


def stored(mm: Matchmaker, *chosen: int, by: User) -> trying.Stored | None:
    found = dry_runs.find(mm, by=by)
    assert found is not None
    return trying.store(mm, found.id, chosen, by=by)


def all_cases(mm: Matchmaker, user: User) -> dict[str, Case]:
    return {one.case.local_id: one.case for one in cases.list_(mm, by=user)}


def test_dry_run_stores_no_case_and_leaves_no_file(mm: Matchmaker, user: User) -> None:
    content = tried(mm, f"{SHEET}P-1,Seizure,PHGDH,,\nP-2,seizre,,,\n", by=user)

    assert [(one.where, one.outcome) for one in content.tried] == [
        ("cases.csv row 2", Outcome.NEW),
        ("cases.csv row 3", Outcome.REJECTED),
    ]
    assert content.tried[1].notes[0].field == "findings"
    assert all_cases(mm, user) == {}
    assert not list(mm.settings.home.glob("upload-*"))


def test_what_was_shown_is_stored_and_nothing_else(mm: Matchmaker, user: User) -> None:
    content = tried(mm, f"{SHEET}P-1,Seizure,,,\nP-2,Microcephaly,,,\nP-3,Hypotonia,,,\n", by=user)

    assert stored(mm, 0, 2, by=user) == trying.Stored(imported=2)

    found = all_cases(mm, user)
    assert found.keys() == {"P-1", "P-3"}
    assert content.tried[0].case is not None
    assert replace(found["P-1"], id=content.tried[0].case.id) == content.tried[0].case
    assert dry_runs.find(mm, by=user) is None


def test_dry_run_survives_a_restart_word_for_word(mm: Matchmaker, user: User) -> None:
    content = Content(
        files=("a.csv",), tried=(Tried(where="a.csv row 2", outcome=Outcome.NEW, case=FULL_CASE, changes=("sex",)),)
    )
    dry_runs.keep(mm, content, by=user)

    again = Matchmaker.open(mm.settings)
    found = dry_runs.find(again, by=user)
    again.close()

    assert found is not None
    assert found.content == content


def test_second_press_stores_nothing_twice_and_another_dry_run_is_not_mixed_up(mm: Matchmaker, user: User) -> None:
    tried(mm, f"{SHEET}P-1,Seizure,,,\n", by=user)
    older = dry_runs.find(mm, by=user)
    tried(mm, f"{SHEET}P-2,Seizure,,,\n", by=user)
    assert older is not None

    with pytest.raises(NotFound):
        trying.store(mm, older.id, [0], by=user)
    assert all_cases(mm, user) == {}

    now = dry_runs.find(mm, by=user)
    assert now is not None
    trying.store(mm, now.id, [0], by=user)
    with pytest.raises(NotFound):
        trying.store(mm, now.id, [0], by=user)


def test_case_that_was_changed_meanwhile_is_shown_again_before_it_is_stored(mm: Matchmaker, user: User) -> None:
    submitted = cases.submit(mm, a_case(owner=user.email, local_id="P-1"), by=SYSTEM)
    content = tried(mm, f"{SHEET}P-1,Microcephaly,,consent,federated\n", by=user)
    assert content.tried[0].changes == ("features",)
    before = cases.get(mm, submitted.case_id, by=SYSTEM)
    cases.edit(mm, replace(before.case, notes="a colleague's"), version=1, by=SYSTEM)

    assert stored(mm, 0, by=user) is None
    assert all_cases(mm, user)["P-1"].features == before.case.features

    assert stored(mm, 0, by=user) == trying.Stored(updated=1)


def test_same_file_again_changes_nothing(mm: Matchmaker, user: User) -> None:
    body = f"{SHEET}P-1,Seizure,PHGDH; NM_006623.4:c.1468G>A; het,consent,eea\n"
    tried(mm, body, by=user)
    stored(mm, 0, by=user)

    content = tried(mm, body, by=user)

    assert [one.outcome for one in content.tried] == [Outcome.SAME]
    assert stored(mm, 0, by=user) == trying.Stored(unchanged=1)


def test_case_is_private_unless_a_basis_is_recorded(mm: Matchmaker, user: User) -> None:
    body = f"{SHEET}P-1,Seizure,,,\nP-2,Microcephaly,,consent,\nP-3,Hypotonia,,consent,eea\n"

    silent = [one.case.effective_sharing for one in tried(mm, body, by=user).tried if one.case]
    assert silent == [Sharing.PRIVATE, Sharing.PRIVATE, Sharing.EEA]

    asked = tried(mm, body, by=user, sharing=Sharing.FEDERATED)
    assert [one.case.effective_sharing for one in asked.tried if one.case] == [
        Sharing.PRIVATE,
        Sharing.FEDERATED,
        Sharing.EEA,
    ]
    assert [note.field for note in asked.tried[0].notes] == ["basis"]


def test_person_who_seems_to_be_stored_or_comes_twice_is_said(mm: Matchmaker, user: User) -> None:
    features = [a_feature("HP:0000252"), a_feature("HP:0001250"), a_feature("HP:0002521")]
    twin = cases.submit(mm, a_case(owner=user.email, local_id="old", features=features), by=SYSTEM)
    elsewhere = a_case(owner="eve@galway.example.org", local_id="theirs", features=features)
    cases.submit(mm, elsewhere, by=SYSTEM)
    findings = "Microcephaly; Seizure; Hypsarrhythmia"

    content = tried(mm, f"{SHEET}P-1,{findings},,,\nP-2,{findings},,,\nP-1,Hypotonia,,,\n", by=user)

    first, second, third = content.tried
    assert first.twins == second.twins == (twin.case_id,)
    assert second.repeats == ("cases.csv row 2",)
    assert [note.message for note in third.notes] == ["has the id of cases.csv row 2, and replaces it"]


def test_packet_or_patient_that_says_nothing_of_sharing_leaves_it(mm: Matchmaker, user: User) -> None:
    shared = a_case(owner=user.email, local_id="P-1", notes="kept", consent=Consent(basis="consent"))
    cases.submit(mm, shared, by=SYSTEM)
    patient = a_patient(id="P-1", contact={"name": "Dr A", "href": "mailto:a@example.org"})
    packet = {"id": "P-1", "subject": {"id": "P-1"}, "phenotypicFeatures": [{"type": {"id": "HP:0000252"}}]}

    for record in (patient, {**packet, "metaData": {"phenopacketSchemaVersion": "2.0"}}):
        content = tried(mm, dumps(record), by=user, name="P-1.json")
        (one,) = content.tried
        assert one.outcome is Outcome.CHANGED
        assert not {"sharing", "consent", "notes"} & {*one.changes}


def test_owner_of_another_centre_is_not_believed(mm: Matchmaker, user: User) -> None:
    content = tried(mm, "id,findings,owner\nP-1,Seizure,eve@galway.example.org\n", by=user)

    assert content.tried[0].case is not None
    assert content.tried[0].case.owner == user.email
    assert "nobody of your centre" in content.tried[0].notes[0].message


@pytest.mark.slow
def test_more_records_than_a_page_shows_are_refused(mm: Matchmaker, user: User) -> None:
    rows = "".join(f"P-{n},,,,\n" for n in range(trying.MOST_RECORDS + 1))

    with pytest.raises(Invalid, match="more than 1,000"):
        tried(mm, SHEET + rows, by=user)


def test_hostile_names_of_files_stay_in_their_folder(mm: Matchmaker, user: User) -> None:
    for name in ("../../cases.csv", "..\\cases.csv", "/etc/cases.csv", "c:\\x\\cases.csv"):
        content = tried(mm, f"{SHEET}P-1,Seizure,,,\n", by=user, name=name)
        assert content.files == ("cases.csv",)
        assert content.tried[0].where == "cases.csv row 2"


def test_dry_run_is_forgotten_after_a_day(mm: Matchmaker, user: User) -> None:
    tried(mm, f"{SHEET}P-1,Seizure,,,\n", by=user)
    found = dry_runs.find(mm, by=user)
    assert found is not None

    dry_runs.forget(mm, at=found.at + dry_runs.KEPT / 2)
    assert dry_runs.find(mm, by=user) is not None
    assert dry_runs.forget(mm, at=found.at + dry_runs.KEPT * 2) >= 1
    assert dry_runs.find(mm, by=user) is None
