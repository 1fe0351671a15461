"""What the names of a release teach of its words."""

from __future__ import annotations

from matchmaker.model import TermId
from ontology.letters.inflections import same_word
from ontology.letters.learned import learn


def names(*texts: str) -> set[frozenset[str]]:
    return {frozenset(text.split()) for text in texts}


def test_words_that_several_terms_exchange_mean_the_same() -> None:
    bones = ["tibia", "ulna", "rib", "humerus"]
    learned = learn({TermId(bone): names(f"{bone} bowed", f"{bone} bent") for bone in bones})

    assert learned.alike["bowed"] == ("bent",)
    assert learned.alike["bent"] == ("bowed",)
    assert "tibia" not in learned.alike


def test_words_that_few_terms_exchange_are_not_taken_for_the_same() -> None:
    assert learn({TermId("one"): names("femur bowed", "femur long")}).alike == {}


def test_word_that_several_terms_leave_out_is_spare() -> None:
    valves = ["mitral", "aortic", "tricuspid"]
    learned = learn({TermId(one): names(f"{one} valve stenosis", f"{one} stenosis") for one in valves})

    assert learned.spare == {"valve"}


def test_absence_is_never_exchanged_nor_left_out() -> None:
    organs = ["spleen", "thumb", "uterus", "patella", "iris"]
    learned = learn({TermId(one): names(f"absent {one} bone", f"no {one} bone", f"{one} bone") for one in organs})

    assert "no" not in learned.alike
    assert "absent" not in learned.spare


def test_no_names_teach_nothing() -> None:
    learned = learn({})

    assert not learned.alike
    assert not learned.spare


def test_forms_of_one_word_are_told_from_words_that_begin_alike() -> None:
    assert same_word("cyanosed", "cyanosis")
    assert same_word("clumsy", "clumsiness")
    assert same_word("irritable", "irritability")
    assert same_word("drools", "drooling")
    assert not same_word("neutrophils", "neutrophilia")
    assert not same_word("", "vomiting")
