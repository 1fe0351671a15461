"""What answers betray of a case; the long form is `python -m benchmarks reconstruct`."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import replace

import pytest

from benchmarks import reconstruct
from benchmarks.peers import Reply, a_peer, a_question, made_up
from matchmaker import cases
from matchmaker.actors import SYSTEM
from matchmaker.disclosure import CONSTANT_SCORE
from matchmaker.model import Case, Disclosure, PhenotypicFeature
from matchmaker.service import Matchmaker
from tests.builders import a_case, a_feature, a_genomic_feature
from tests.federation.asking import SPAIN, an_asker

AT = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
PHGDH = "HGNC:8923"
TERMS = ("HP:0001250", "HP:0000252", "HP:0001263", "HP:0000518", "HP:0001257", "HP:0004322", "HP:0000365")


def store(mm: Matchmaker, case: Case) -> None:
    cases.submit(mm, case, by=SYSTEM)


def at_gene_level(terms: tuple[str, ...], *, excluded: tuple[str, ...] = ()) -> Case:
    features = [*map(a_feature, terms), *(a_feature(term, excluded=True) for term in excluded)]
    return a_case(
        local_id="hidden", features=features, genomic_features=[a_genomic_feature()], disclosure=Disclosure.GENE
    )


@pytest.mark.slow
def test_findings_of_a_case_at_gene_level_change_no_byte_of_any_answer(sqlite_mm: Matchmaker) -> None:
    for number in range(4):
        store(sqlite_mm, a_case(features=map_features(number), genomic_features=[a_genomic_feature()]))
    asker = an_asker(sqlite_mm, SPAIN)
    chance = random.Random(7)
    others = [f"HGNC:{number}" for number in range(4, 40)]
    questions = [
        a_question(n, genes=[PHGDH, *others[: chance.choice([0, 29, 30, 36])]], terms=chance.sample(TERMS, k=n % 7))
        for n in range(24)
    ]
    answers = []
    for case in (at_gene_level(TERMS[:5]), at_gene_level(TERMS[5:], excluded=TERMS[:2])):
        store(sqlite_mm, case)  # the same owner and id: an update
        answers.append([asker.match(question).data for question in questions])

    assert answers[0] == answers[1]
    assert sum(f'"patient":{CONSTANT_SCORE}'.encode() in answer for answer in answers[0]) >= 10


def map_features(number: int) -> list[PhenotypicFeature]:
    return [a_feature(term) for term in TERMS[number : number + 3]]


def test_case_at_gene_level_is_not_found_by_a_long_list_of_genes(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, at_gene_level(TERMS))
    peer = a_peer(sqlite_mm, "spain", at=AT)
    genes = [PHGDH, *(f"HGNC:{number}" for number in range(4, 50))]

    def ask(n_genes: int) -> Reply:
        return peer.ask(a_question(n_genes, genes=genes[:n_genes], terms=TERMS), at=AT)

    assert len(ask(31).results) == 0
    assert len(ask(30).results) == 1


def test_probed_case_stands_where_its_constant_score_belongs_whatever_it_would_score(sqlite_mm: Matchmaker) -> None:
    sqlite_mm.settings = replace(sqlite_mm.settings, distinct_answers=0)
    for number in range(5):
        store(sqlite_mm, a_case(features=map_features(number), genomic_features=[a_genomic_feature()]))
    peer = a_peer(sqlite_mm, "spain", at=AT)
    orders = {peer.ask(a_question(n, genes=[PHGDH], terms=TERMS[n:]), at=AT).ids for n in range(6)}

    assert len(orders) == 1


@pytest.mark.slow
def test_score_and_place_betray_no_more_than_a_fifth_of_hidden_terms() -> None:
    figures = reconstruct.measure(made_up(30), n_targets=2, n_questions=25)

    for recall in (figures.gene_level_blind, figures.gene_level_informed):
        assert recall.targets == 2
        assert recall.by_sign <= 0.2
        assert recall.named == 0
        assert recall.most_answers == 1
    for recall in (figures.matching_terms_blind, figures.matching_terms_informed):
        assert recall.beyond_names <= 0.2
        assert 1 < recall.most_answers <= 21
