"""Folding of words and the inverted index."""

from __future__ import annotations

import numpy as np
import pytest

from ontology.words import WordIndex, words_of

TEXTS = ["Seizure", "Focal seizure", "Small head", "Abnormality of the head", "Ataxia", ""]


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("Haemorrhage", "hemorrhage"),
        ("oedema", "edema"),
        ("tumour", "tumor"),
        ("Café-au-lait spots", "cafe au lait spot"),
        ("CARIES", "cary"),
        ("Sjögren's", "sjogrens"),
        ("cysts/fistulas", "cyst fistula"),
    ],
)
def test_spellings_of_the_same_words_fold_to_one(text: str, other: str) -> None:
    assert words_of(text) == words_of(other)


@pytest.mark.parametrize("text", ["", "  ", "-/.", "\u0301"])
def test_text_without_words_has_none(text: str) -> None:
    assert words_of(text) == []


@pytest.mark.parametrize("word", ["abscess", "sinus", "crisis", "gas"])
def test_singular_words_on_s_keep_it(word: str) -> None:
    assert words_of(word) == [word]


def test_text_itself_scores_one_in_any_order() -> None:
    index = WordIndex(TEXTS)

    assert index.scores("head small")[2] == pytest.approx(1.0)
    assert index.scores("Focal seizure")[1] == pytest.approx(1.0)


def test_scores_are_bounded_and_nothing_matches_nothing() -> None:
    index = WordIndex(TEXTS)
    for query in ("seizure head", "s", "ataxai", "head of the small", "a b c d e f"):
        scores = index.scores(query)
        assert scores.shape == (len(TEXTS),)
        assert (scores >= 0).all()
        assert (scores <= 1 + 1e-12).all()
    assert not index.scores("").any()
    assert not index.scores("zzzzzz").any()
    assert not WordIndex([]).scores("seizure").any()


def test_score_is_the_f1_of_covered_weights() -> None:
    index = WordIndex(["red eye", "red ear", "blue eye"])
    # "red" and "eye" are each in 2 of 3 texts, "ear" and "blue" in 1; the query covers one of two words of a text.
    common, rare = np.log1p(3 / 2), np.log1p(3 / 1)

    assert index.scores("red eye")[1] == pytest.approx(2 * common / (2 * common + common + rare))


def test_last_word_may_be_a_beginning_and_others_only_when_unknown() -> None:
    index = WordIndex(["head lag", "heading", "lag"])

    assert index.scores("head la")[0] > 0.7
    assert index.scores("head lag")[1] == 0.0  # "head" is a word of its own
    assert index.scores("headi lag")[1] > 0.0


@pytest.mark.parametrize(("typed", "found"), [("seizre", True), ("siezure", True), ("atxia", True), ("xtx", False)])
def test_slips_find_words_long_enough_to_tell(typed: str, found: bool) -> None:
    assert bool(WordIndex(TEXTS).scores(typed).any()) is found
