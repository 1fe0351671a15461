"""What is read in a letter, and what a sentence says of it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import letters as benchmark
from ontology.letters import LetterReader
from ontology.releases import shipped

pytestmark = pytest.mark.slow  # reading every name of HPO takes seconds

KNOWN = benchmark.SENTENCES / "known.jsonl"


@pytest.fixture(scope="module")
def reader() -> LetterReader:
    return LetterReader(shipped().hpo)


def said(reader: LetterReader, text: str) -> list[tuple[str, str]]:
    return [(mention.label, benchmark.status(mention)) for mention in reader.read(text)]


def test_sentences_with_which_the_cues_were_written_are_read_as_meant(reader: LetterReader) -> None:
    figures = benchmark.measure(reader, KNOWN)

    assert figures["sentences"] >= 60
    assert figures["precision"] >= 0.95
    assert figures["recall"] >= 0.95


@pytest.mark.parametrize(
    ("name", "precision", "recall"),
    [("unseen", 0.84, 0.78), ("held", 0.85, 0.84), ("tune", 0.92, 0.92), ("further", 0.95, 0.95)],
)
def test_sentences_of_letters_are_read_as_well_as_we_say(
    reader: LetterReader, name: str, precision: float, recall: float
) -> None:
    figures = benchmark.measure(reader, benchmark.SENTENCES / f"{name}.jsonl")

    assert figures["sentences"] >= 50
    assert figures["precision"] >= precision
    assert figures["recall"] >= recall


def test_goal_holds_on_sentences_that_nobody_looked_at(reader: LetterReader) -> None:
    figures = benchmark.measure(reader, *benchmark.NEVER_LOOKED_AT)

    assert figures["sentences"] >= 60
    assert figures["precision"] >= 0.85
    assert figures["recall"] >= 0.8


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("He has seizures.", [("Seizure", "observed")]),
        ("He has no seizures.", [("Seizure", "excluded")]),
        ("No seizures, but hypotonia.", [("Seizure", "excluded"), ("Hypotonia", "observed")]),
        ("No seizures or hypotonia.", [("Seizure", "excluded"), ("Hypotonia", "excluded")]),
        ("No further seizures.", [("Seizure", "observed")]),
        ("Seizures were ruled out.", [("Seizure", "excluded")]),
        ("Seizures cannot be excluded.", [("Seizure", "uncertain")]),
        ("Possible seizures.", [("Seizure", "uncertain")]),
        ("Absent speech, seizures.", [("Absent speech", "observed"), ("Seizure", "observed")]),
        ("His mother has seizures.", [("Seizure", "relative")]),
        ("His mother reports seizures.", [("Seizure", "observed")]),
        ("His mother is well; he has seizures.", [("Seizure", "observed")]),
        ("Seizures in a maternal aunt.", [("Seizure", "relative")]),
        ("Microcephalic.", [("Microcephaly", "observed")]),
        ("microcefaly and seizures", [("Microcephaly", "observed"), ("Seizure", "observed")]),
        ("Small hands and feet.", [("Small hand", "observed"), ("Short foot", "observed")]),
        ("Hearing is normal.", [("Hearing impairment", "excluded")]),
        ("Hearing is not normal.", []),
        ("Head circumference 44 cm (-3.1 SD).", [("Microcephaly", "observed")]),
        ("Head circumference on the 50th centile.", []),
        ("Walked at 12 months.", []),
        ("Walked at 24 months.", [("Delayed ability to walk", "observed")]),
        ("Platelets 22 and Hb 78 g/L.", [("Thrombocytopenia", "observed"), ("Anemia", "observed")]),
        ("Hb 7.8 g/dL.", [("Anemia", "observed")]),
        ("Hb 128 g/L, CK 90 U/L.", []),
        ("CK at 3 years was 12,400.", [("Elevated circulating creatine kinase concentration", "observed")]),
        ("Born at 33 weeks.", [("Premature birth", "observed")]),
        ("Born at 40 weeks.", []),
        ("Perimembranous VSD.", [("Perimembranous ventricular septal defect", "observed")]),
        ("Bilateral club feet.", [("Bilateral talipes equinovarus", "observed")]),
        ("Coloboma of the left iris.", [("Iris coloboma", "observed")]),
        ("Tracheo-oesophageal fistula.", [("Tracheoesophageal fistula", "observed")]),
        ("Denies sz.", [("Seizure", "excluded")]),
        ("Neither parent has seizures.", []),
        ("Her son has seizures.", [("Seizure", "relative")]),
        ("Thank you for referring this pleasant boy, whom I saw in clinic.", []),
        ("The philtrum was long and smooth.", [("Long philtrum", "observed"), ("Smooth philtrum", "observed")]),
        ("A long smooth philtrum.", [("Long philtrum", "observed"), ("Smooth philtrum", "observed")]),
        (
            "Mouth: wide, with downturned corners.",
            [("Wide mouth", "observed"), ("Downturned corners of mouth", "observed")],
        ),
        ("Optic and cerebellar atrophy.", [("Optic atrophy", "observed"), ("Cerebellar atrophy", "observed")]),
        (
            "Pulmonary stenosis and bleeding gums.",
            [("Pulmonic stenosis", "observed"), ("Gingival bleeding", "observed")],
        ),
        ("Bowed femora.", [("Femoral bowing", "observed")]),
        (
            "He vomits, is clumsy and was cyanosed.",
            [("Vomiting", "observed"), ("Clumsiness", "observed"), ("Cyanosis", "observed")],
        ),
        ("Neutrophils and eosinophils were counted at each visit.", []),
        (
            "He cannot see in the dark and walks on his toes.",
            [("Nyctalopia", "observed"), ("Tip-toe gait", "observed")],
        ),
        ("She lost the ability to walk at 12 years.", [("Loss of ambulation", "observed")]),
        ("At 24 months she is not yet walking.", [("Delayed ability to walk", "observed")]),
        ("A 4-year-old boy with about ten single words.", [("Delayed speech and language development", "observed")]),
        (
            "He rolled at 10 months and crawled at 16 months.",
            [("Delayed ability to roll over", "observed"), ("Delayed ability to crawl", "observed")],
        ),
        ("She entered puberty at 6 years.", [("Precocious puberty", "observed")]),
        (
            "Height and weight are below the third centile.",
            [("Short stature", "observed"), ("Decreased body weight", "observed")],
        ),
        ("OFC <0.4th, height on the 25th centile.", [("Microcephaly", "observed")]),
        (
            "Serine was low and lactate high.",
            [("Hyposerinemia", "observed"), ("Increased circulating lactate concentration", "observed")],
        ),
        ("His parents have no concerns about his hearing.", [("Hearing impairment", "excluded")]),
        ("Her mother has normal hearing.", []),
        (
            "The sclerae are white and the testes descended.",
            [("Blue sclerae", "excluded"), ("Cryptorchidism", "excluded")],
        ),
        (
            "Please monitor for scoliosis and hip dislocation.",
            [("Scoliosis", "uncertain"), ("Hip dislocation", "uncertain")],
        ),
        ("These findings suggest malabsorption.", [("Malabsorption", "uncertain")]),
        ("The epilepsy panel was sent.", []),
        ("Her fingers go white in the cold.", [("Raynaud phenomenon", "observed")]),
        ("She holds books very close to her face.", [("Visual impairment", "observed")]),
        (
            "He never turns blue, but his brother goes blue when he cries.",
            [("Cyanosis", "excluded"), ("Cyanosis", "relative")],
        ),
        ("The liver is not palpable.", [("Hepatomegaly", "excluded")]),
        ("He can lift his arms and hold his head up; she makes good eye contact.", []),
        (
            "ASD and a patent ductus arteriosus.",
            [("Atrial septal defect", "observed"), ("Patent ductus arteriosus", "observed")],
        ),
        ("He has ASD and aggression.", [("Autistic behavior", "observed"), ("Aggressive behavior", "observed")]),
        ("ESR normal, Hb 128, albumin 22 g/L.", [("Hypoalbuminemia", "observed")]),
        (
            "Visual acuity 6/60, QTc 512 ms, BP 165/100.",
            [
                ("Reduced visual acuity", "observed"),
                ("Prolonged QTc interval", "observed"),
                ("Hypertension", "observed"),
            ],
        ),
        ("Albumin to creatinine ratio 30, HDL cholesterol 0.8.", []),
    ],
)
def test_finding_has_the_status_that_the_sentence_gives_it(
    reader: LetterReader, text: str, expected: list[tuple[str, str]]
) -> None:
    assert said(reader, text) == expected


def test_mention_stands_where_it_says_in_a_letter_of_several_lines(reader: LetterReader) -> None:
    letter = "Dear Dr. Byrne,\n\nThis boy was seen by me.\n- no café-au-lait spots\n- severe hypotonia\nYours, A. Smith"

    found = reader.read(letter)

    assert [letter[mention.start : mention.end] for mention in found] == ["café-au-lait spots", "severe hypotonia"]
    assert [mention.excluded for mention in found] == [True, False]


def test_abbreviation_with_two_meanings_names_both(reader: LetterReader) -> None:
    (mention,) = reader.read("There is an ASD.")

    hpo = shipped().hpo
    assert {hpo.label(term) for term in (mention.term, *mention.others)} == {
        "Atrial septal defect",
        "Autistic behavior",
    }


def test_empty_letter_mentions_nothing(reader: LetterReader) -> None:
    assert reader.read("") == []
    assert reader.read(" \n\t") == []


@settings(max_examples=50, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read_and_mentions_stay_inside_it(reader: LetterReader, text: str) -> None:
    for mention in reader.read(text):
        assert 0 <= mention.start < mention.end <= len(text)
