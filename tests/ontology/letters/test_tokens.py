"""Sentences and words of a letter."""

from __future__ import annotations

from ontology.letters.tokens import sentences, stem


def test_text_without_a_full_stop_is_cut_between_words() -> None:
    text = "normal and hearing " * 200

    places = list(sentences(text))

    assert max(end - start for start, end in places) <= 600
    assert "".join(text[start:end] for start, end in places).split() == text.split()


def test_vitamin_keeps_its_letter() -> None:
    assert stem("A") == "a"
    assert stem("a") == ""
