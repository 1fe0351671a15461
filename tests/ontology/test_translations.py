"""Translations of HPO: the two forms in which they are published, and what they do to terms."""

from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.errors import ReleaseError
from ontology.releases import Release
from ontology.search import TermSearch
from ontology.translations import Translation, read_translations
from tests.ontology.translated import HEAD, SEIZURE, international, row, table


def only(path: Path) -> Translation:
    [found] = read_translations(path).languages
    return found


def test_table_brings_labels_and_synonyms(tmp_path: Path) -> None:
    found = only(
        table(
            tmp_path,
            row(SEIZURE, "Crisis epiléptica"),
            row(SEIZURE, "Convulsión", predicate="oboInOwl:hasExactSynonym"),
            row(SEIZURE, "Una descarga de neuronas.", predicate="IAO:0000115"),
        )
    )

    assert (found.language, dict(found.labels)) == ("es", {SEIZURE: "Crisis epiléptica"})
    assert dict(found.synonyms) == {SEIZURE: ("Convulsión",)}


def test_official_label_comes_before_a_candidate_and_what_is_under_review_is_left_out(tmp_path: Path) -> None:
    rows = (
        row(SEIZURE, "Ataque", status="CANDIDATE"),
        row(SEIZURE, "Crisis epiléptica"),
        row(HEAD, "Anomalía de la cabeza", status="UNDER_REVIEW"),
    )

    found = read_translations(table(tmp_path, *rows))

    assert dict(found.languages[0].labels) == {SEIZURE: "Crisis epiléptica"}
    assert dict(found.languages[0].synonyms) == {SEIZURE: ("Ataque",)}
    assert found.n_left_out == 1


def test_label_without_a_status_is_a_candidate(tmp_path: Path) -> None:
    path = table(
        tmp_path,
        f"{SEIZURE}\trdfs:label\tfr\tCrise",
        header="subject_id\tpredicate_id\ttranslation_language\ttranslation_value",
    )

    assert dict(only(path).labels) == {SEIZURE: "Crise"}


@pytest.mark.parametrize("said", ["translation:{}", "babelon:translation_{}"])
def test_obo_with_all_languages_is_read_by_its_qualifiers(tmp_path: Path, said: str) -> None:
    path = international(tmp_path, said)

    found = {one.language: one for one in read_translations(path).languages}

    assert {code: dict(one.labels) for code, one in found.items()} == {
        "de": {},
        "es": {SEIZURE: "Crisis"},
        "fr": {SEIZURE: "Crise"},
    }
    assert found["de"].synonyms == {SEIZURE: ('Anfall "groß"',)}


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("HP:12\trdfs:label", "another number of cells"),
        (row("MP:0000001", "x"), "line 3, column subject_id: 'MP:0000001' is no HPO id"),
        (row(SEIZURE, ""), "line 3, column translation_value: is empty"),
        (row(SEIZURE, "x", status="GOOD"), "line 3, column translation_status: is not one of"),
        (row(SEIZURE, "x", language="Spanish!"), "line 3, column translation_language: 'Spanish!' is no language"),
        (row(SEIZURE, "x", predicate=""), "line 3, column predicate_id: is empty"),
    ],
)
def test_wrong_line_is_named_with_its_column(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(ReleaseError) as refused:
        read_translations(table(tmp_path, row(HEAD, "Cabeza"), line))

    assert told in str(refused.value)
    assert "hp-es.babelon.tsv, line 3" in str(refused.value)


def test_file_that_is_no_translation_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="line 1: there is no column predicate_id"):
        read_translations(table(tmp_path, header="subject_id\ttranslation_value\tcomment\tStatus\tLine number"))
    with pytest.raises(ReleaseError, match="holds no translated label"):
        read_translations(table(tmp_path))
    binary = tmp_path / "hp.obo"
    binary.write_bytes(b"format-version: 1.2\n\xff\xfe")
    with pytest.raises(ReleaseError, match="no text in UTF-8"):
        read_translations(binary)


def test_terms_are_found_by_names_in_either_language_and_shown_in_the_other(small: Release) -> None:
    hpo = small.hpo.called({SEIZURE: "Crisis epiléptica"}, {SEIZURE: ["Convulsión"]})
    search = TermSearch(hpo)

    for typed in ("crisis epiléptica", "convulsion", "seizure", "fit"):
        assert search.search(typed)[0].label == "Crisis epiléptica", typed
    assert hpo.term(SEIZURE).label == "Crisis epiléptica"
    assert hpo.label(HEAD) == small.hpo.label(HEAD) == "Abnormality of head or neck"
    assert small.hpo.label(SEIZURE) == "Seizure"
    assert TermSearch(small.hpo).search("convulsion") == []
