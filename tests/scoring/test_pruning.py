from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.model import CaseId, GeneId, Mechanism, TermId, Zygosity
from scoring.combination import combine
from scoring.corpus import Corpus
from scoring.index import Change, Filter, Hit, Index, compiling, kernels, plain, pruning
from scoring.index.candidates import Bounded, Scanned, Using, fastest
from scoring.index.candidates import plain as plain_engine
from scoring.index.genes import rows_sharing
from scoring.index.rows import SPAN, Where
from scoring.index.shelf import Shelf
from scoring.index.vocabulary import Vocabulary
from scoring.profile import Profile
from scoring.scorer import Scorer
from scoring.variants import Allele, EffectClass
from tests.scoring.strategies import GENES, RELEASE, world

N_TERMS = 220
NUMBERS = np.random.default_rng(20261121)


def a_world() -> Corpus:
    """A graph of several hundred closure bits, so that a query fills more than one word and more than one vector."""
    parents = [[], *(sorted({int(p) for p in NUMBERS.integers(max(0, n - 40), n, 2)}) for n in range(1, N_TERMS))]
    diseases = [sorted({int(t) for t in NUMBERS.integers(1, N_TERMS, 9)}) for _ in range(60)]
    return world(parents, diseases)[0]


SCORER = Scorer(a_world())


def an_allele(gene: GeneId) -> Allele:
    """A variant that is often the same as another, near to it, of its name or of its effect."""
    named, placed, bases = NUMBERS.random() < 0.3, NUMBERS.random() < 0.7, [("A", "T"), ("", "CA"), ("", "AC")]
    start = int(NUMBERS.integers(100, 108))
    reference, alternate = bases[int(NUMBERS.integers(0, 3))]
    return Allele(
        gene=gene if NUMBERS.random() < 0.8 else None,
        assembly="GRCh38" if placed else None,
        chromosome="1" if placed else None,
        start=start if placed else None,
        reference_bases=reference,
        alternate_bases=alternate,
        hgvs_reference="NM_1.1" if named else None,
        hgvs_change=f"c.{start}A>T" if named else None,
        effect=[None, EffectClass.LOSS, EffectClass.MISSENSE][int(NUMBERS.integers(0, 3))],
        mechanism=[None, None, Mechanism.GAIN_OF_FUNCTION][int(NUMBERS.integers(0, 3))],
        zygosity=[None, Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS][int(NUMBERS.integers(0, 3))],
    )


def a_case(number: int) -> Profile:
    terms = {int(t) for t in NUMBERS.integers(0, N_TERMS, int(NUMBERS.integers(0, 40 if number % 9 == 0 else 12)))}
    above = {int(a) for t in terms for a in SCORER.corpus.graph.closure(t)}
    excluded = {int(t) for t in NUMBERS.integers(0, N_TERMS, 5)} - above
    genes = sorted({GENES[int(g)] for g in NUMBERS.integers(0, 6, 2)}) if number % 5 < 2 else []
    return Profile(
        case_id=CaseId(f"{number:04d}"),
        release=RELEASE,
        observed=tuple(sorted(terms)),
        excluded=tuple(sorted(excluded)) if number % 3 else (),
        genes=tuple(genes),
        alleles=tuple(an_allele(gene) for gene in genes) if number % 5 == 0 else (),
        inheritance_mode=TermId("HP:0000007") if number % 17 == 0 else None,
        age_stage=int(NUMBERS.integers(0, 6)) if number % 4 == 0 else None,
        test=number % 11 == 0,
        owner=f"o{number % 7}",
        family=f"o{number % 7}\nf" if number % 13 == 0 else None,
    )


CASES = [a_case(n) for n in range(900)]


def an_index(*, compiled: bool) -> Index:
    index = Index(SCORER, engine=fastest() if compiled else plain_engine())
    index.apply((Change(case_id=c.case_id, revision=1, profile=c) for c in CASES), revision=1)
    gone = CASES[100:160]
    index.apply((Change(case_id=c.case_id, revision=2, profile=None) for c in gone), revision=2)
    return index


def told(hits: list[Hit]) -> list[tuple[str, float, bool]]:
    return [(hit.case_id, hit.raw, hit.shares_gene) for hit in hits]


PRUNED, SCANNED = an_index(compiled=True), an_index(compiled=False)
LONGEST = max(range(900), key=lambda n: len(CASES[n].observed))
FILTERS = [
    Filter(),
    Filter(test=False, exclude_owner="o3"),
    Filter(exclude_family="o0\nf", exclude_cases=frozenset({CaseId("0007"), CaseId("0200")})),
    Filter(test=True, species="NCBITaxon:9606"),
]


@pytest.mark.slow
@settings(deadline=None, max_examples=20)
@given(st.integers(0, 899), st.sampled_from([1, 3, 10, 200]), st.sampled_from(FILTERS))
def test_pruned_search_finds_what_a_scan_of_all_cases_finds(number: int, k: int, where: Filter):
    query = CASES[number]
    pruned, scanned = (index.search(query, k=k, where=where) for index in (PRUNED, SCANNED))
    assert told(pruned) == told(scanned)
    sharing, alone = (SCANNED.search(query, k=900, where=where, sharing_gene=shares) for shares in (True, False))
    for k_sharing in (k, None):
        apart = PRUNED.search_apart(query, k=k, where=where, k_sharing=k_sharing)
        assert told(apart.sharing) == told(sharing[:k_sharing])
        assert (told(apart.alone), apart.n_sharing) == (told(alone[:k]), len(sharing))


@pytest.mark.parametrize("number", [n for n in range(60) if CASES[n].genes])
def test_no_shared_gene_adds_more_than_its_bound(number: int):
    moment, everyone = PRUNED.moment, Where.of(Filter(), secret=b"", now=PRUNED.moment.now)
    using = Using(scorer=SCORER, engine=PRUNED.engine, secret=b"")
    sharing = rows_sharing(moment.shelf, moment.rows, SCORER.prepare(CASES[number]), everyone, using)
    assert len(sharing) > 20

    compared = sharing.at(np.arange(len(sharing)))
    compared.is_known[:] = False
    compared.compare(np.arange(len(sharing)))

    assert (sharing.evidence >= compared.evidence - 1e-12).all()
    assert sharing.evidence[sharing.is_known] == pytest.approx(compared.evidence[sharing.is_known])
    assert (sharing.lifts == compared.lifts)[sharing.is_settled].all()


def test_cases_that_cannot_be_among_the_best_are_not_compared():
    query = next(case for case in CASES[200:] if case.alleles and len(case.observed) > 5 and len(case.genes) == 1)
    prepared = SCORER.prepare(query)
    apart = PRUNED.search_apart(prepared, k=1, k_sharing=1)

    assert apart.sharing[0].case_id == query.case_id
    assert len(prepared.genotype.compared) < apart.n_sharing / 2


def rough_scores(query: Profile) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bounds and scores in float32, and the score in full precision, of all cases that have terms."""
    shelf = Shelf()
    stated = [case for case in CASES if case.observed]
    divisors = SCORER.backgrounds.divisors([case.observed for case in stated])
    shelf.tail.add(stated, divisors, scorer=SCORER, measure=kernels.measure, secret=b"")
    table, prepared = shelf.rows(), SCORER.prepare(query)
    (rows,) = table.parts
    everyone = np.arange(len(rows))
    bounded = Bounded(
        prepared,
        SCORER,
        Vocabulary.empty(SCORER.corpus.graph).more(np.arange(N_TERMS, dtype=np.int32), SCORER.corpus.graph),
    )
    upper, peaks = np.empty(len(rows), np.float32), np.empty(-(-len(rows) // SPAN), np.float32)
    lists = (rows.offsets("terms"), rows.values("terms"), rows.rough_weights, rows.spreads, rows.inverses)
    pruning.bound(lists, bounded._four, bounded._row_of, bounded._numbers, (upper, peaks))
    assert peaks.tolist() == [upper[first : first + SPAN].max() for first in range(0, len(rows), SPAN)]
    picked = table.pick(everyone, lambda terms: plain.measure(SCORER.corpus, terms)[0], N_TERMS)
    facts = plain.scan(picked, SCORER.corpus, query, np.ones(len(rows), np.bool_))
    exact = combine(facts, prepared.size, SCORER.parameters, divisor=rows.divisors).raw
    return upper, bounded.most(table, everyone), exact


@pytest.mark.parametrize("number", [LONGEST, *(n for n in range(20, 60) if len(CASES[n].observed) > 2)][:8])
def test_no_score_exceeds_its_bound_and_rough_scores_are_near(number: int):
    upper, rough, exact = rough_scores(CASES[number])
    assert (exact > 0.0).sum() > 100
    assert (upper * (1.0 + 1e-5) >= exact).all()
    assert rough == pytest.approx(exact * (1.0 + 1e-4), rel=2e-5, abs=1e-6)
    assert np.median(upper[exact > 0.0] / exact[exact > 0.0]) < 3.0  # it is of use as well


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 899), st.sampled_from([1, 10, 250]), st.sampled_from(FILTERS))
def test_scan_without_bounds_finds_the_same(number: int, k: int, where: Filter):
    scanned = PRUNED.on(replace(PRUNED.engine, candidates=Scanned))
    assert scanned.search(CASES[number], k=k, where=where) == PRUNED.search(CASES[number], k=k, where=where)


def test_no_query_scores_more_cases_than_a_scan():
    everyone = Where.of(Filter(), secret=b"", now=PRUNED.moment.now)
    rows, nobody = PRUNED.moment.rows, np.zeros(0, np.int64)
    for query in CASES[:60]:
        if not query.observed:
            continue
        chosen = Bounded(SCORER.prepare(query), SCORER, PRUNED.moment.vocabulary)
        chosen.choose(rows, everyone, nobody, k=10, floor=0.0)
        assert chosen.n_scored <= rows.visible(everyone).sum()


def test_kept_code_is_named_by_every_module_that_kernels_are_in():
    folder = Path(compiling.__file__).parent
    with_kernels = {path.stem for path in folder.glob("*.py") if re.search(r"compiled\(|intrinsic\(", path.read_text())}
    assert with_kernels <= set(compiling.SOURCES)
