from __future__ import annotations

import json
from dataclasses import replace

import pytest

from federation import strict_json
from federation.results import spell_result, write_result
from matchmaker import disclosure
from matchmaker.model import Case, Contact, Disclosure, Sharing
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature, a_genomic_feature, a_node
from tests.full_case import FULL_CASE

CASES = [
    FULL_CASE,
    a_case(),
    a_case(features=[], genomic_features=[a_genomic_feature()]),
    a_case(features=[a_feature("HP:0001250"), a_feature("HP:0000252", excluded=True)], genomic_features=[]),
    a_case(contact=Contact(name='Dr "O\'Hara" 100 % + more', institution="Zürich \U0001f9ec", opened=True)),
]


@pytest.mark.parametrize("level", list(Disclosure))
@pytest.mark.parametrize("case", CASES)
def test_what_is_spelled_piece_by_piece_is_what_is_written(
    sqlite_mm: Matchmaker, case: Case, level: Disclosure
) -> None:
    shared = replace(case, disclosure=level, sharing=Sharing.FEDERATED)
    view = disclosure.preview(sqlite_mm, shared, a_node("spain")).answering

    if view is None:
        assert level is Disclosure.GENE
        assert not case.genomic_features
        return
    written = write_result(view, sqlite_mm.release)
    assert spell_result(view, sqlite_mm.release) == strict_json.dumps(written)
    assert json.loads(spell_result(view, sqlite_mm.release)) == written
