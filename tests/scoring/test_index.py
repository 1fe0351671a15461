from __future__ import annotations

import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.model import CaseId, Sharing
from scoring.batch import rank
from scoring.corpus import Corpus
from scoring.index import Change, Filter, Hit, Index, kernels
from scoring.index.candidates import fastest, plain
from scoring.profile import Profile
from scoring.scorer import Scorer
from tests.scoring.strategies import GENES, RELEASE, profiles, world, worlds

CORPUS, _ = world([[], [0], [0], [1], [1, 2], [3]], [[3], [5], [4], [4], [0], [0], [0], [0]])
SCORER = Scorer(CORPUS)


def a_profile(case_id: str, *observed: int, **stated: object) -> Profile:
    usual: dict[str, object] = {"case_id": CaseId(case_id), "release": RELEASE, "observed": tuple(sorted(observed))}
    return Profile(**{**usual, **stated})  # type: ignore[arg-type]


def an_index(*cases: Profile, scorer: Scorer = SCORER) -> Index:
    index = Index(scorer)
    index.apply((Change(case_id=c.case_id, revision=1, profile=c) for c in cases), revision=1)
    return index


def found(index: Index, query: Profile, where: Filter = Filter(), k: int = 10) -> list[str]:  # noqa: B008
    return [hit.case_id for hit in index.search(query, k=k, where=where)]


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(st.data())
def test_search_gives_what_scoring_each_pair_gives(data: st.DataObject):
    corpus, _ = data.draw(worlds())
    query = data.draw(profiles(corpus))
    cases = [
        replace(p, case_id=CaseId(f"c{n}")) for n, p in enumerate(data.draw(st.lists(profiles(corpus), max_size=6)))
    ]
    k = data.draw(st.integers(1, 7))
    scorer = Scorer(corpus)
    for engine in (plain(), fastest()):
        index = Index(scorer, engine=engine)
        index.apply((Change(case_id=c.case_id, revision=1, profile=c) for c in cases), revision=1)

        hits = index.search(query, k=k)

        expected = {c.case_id: scorer.explain(query, c) for c in cases}
        positive = [e.raw for e in expected.values() if e.raw > 1e-9]
        assert [hit.raw for hit in hits] == pytest.approx(sorted(positive, reverse=True)[:k], abs=1e-9)
        for hit in hits:
            score = expected[hit.case_id].score
            assert (hit.score.total, hit.score.phenotype, hit.score.genotype) == pytest.approx(
                (score.total, score.phenotype, score.genotype), abs=1e-9
            )
            assert hit.shares_gene == any(gene.lifts for gene in expected[hit.case_id].genes)
        assert hits == sorted(hits, key=lambda hit: (-hit.raw, hit.case_id))


@st.composite
def histories(draw: st.DrawFn) -> tuple[Corpus, list[list[tuple[str, Profile | None]]], Profile]:
    corpus, _ = draw(worlds())
    one = profiles(corpus, variants=False)
    step = st.lists(st.tuples(st.sampled_from("abcde"), st.one_of(st.none(), one)), max_size=4)
    return corpus, draw(st.lists(step, max_size=4)), draw(one)


@pytest.mark.slow
@settings(deadline=None, max_examples=50)
@given(histories())
def test_index_after_any_history_equals_index_rebuilt(
    history: tuple[Corpus, list[list[tuple[str, Profile | None]]], Profile],
):
    corpus, steps, query = history
    scorer = Scorer(corpus)
    lived, kept = Index(scorer), dict[str, Profile]()
    for revision, step in enumerate(steps, 1):
        changes = [Change(case_id=CaseId(i), revision=revision, profile=p) for i, p in step]
        lived.apply(changes, revision=revision)
        for i, p in step:
            kept.pop(i, None)
            if p is not None:
                kept[i] = replace(p, case_id=CaseId(i))
        lived.search(query, k=3)

    rebuilt = an_index(*kept.values(), scorer=scorer)

    assert len(lived) == len(rebuilt) == len(kept)
    assert lived.checksum() == rebuilt.checksum()
    assert lived.search(query, k=10) == rebuilt.search(query, k=10)


def test_ties_come_by_case_id_and_are_cut_there():
    index = an_index(*(a_profile(name, 3) for name in ("d", "a", "c", "b")))
    assert found(index, a_profile("q", 3), k=3) == ["a", "b", "c"]


def test_unrelated_new_case_changes_no_score():
    index = an_index(a_profile("a", 3), a_profile("b", 4))
    before = index.search(a_profile("q", 5), k=10)
    index.apply([Change(case_id=CaseId("c"), revision=2, profile=a_profile("c", 2))], revision=2)
    after = [hit for hit in index.search(a_profile("q", 5), k=10) if hit.case_id != "c"]
    assert before == after


def test_empty_index_and_empty_query_find_nothing():
    assert found(Index(SCORER), a_profile("q", 3)) == []
    assert found(an_index(a_profile("a", 3)), a_profile("q")) == []
    assert found(an_index(a_profile("a", 3)), a_profile("q", 3), k=0) == []


def test_cases_without_terms_or_with_the_root_alone_break_nothing():
    index = an_index(a_profile("none"), a_profile("root", 0), a_profile("one", 3))
    assert found(index, a_profile("q", 3)) == ["one"]
    assert found(index, a_profile("q", 0)) == []


def test_query_by_gene_alone_finds_who_shares_it_best_first():
    mine = a_profile("q", genes=(GENES[0], GENES[1]))
    index = an_index(
        a_profile("both", genes=(GENES[0], GENES[1])),
        a_profile("one", genes=(GENES[0], GENES[2])),
        a_profile("only", genes=(GENES[0],)),
        a_profile("none", 3, genes=(GENES[3],)),
    )
    assert found(index, mine) == ["both", "only", "one"]
    assert all(hit.score.total >= 0.3 for hit in index.search(mine, k=10))


def test_cases_that_share_a_gene_are_found_apart_from_the_others():
    query = a_profile("q", 5, genes=(GENES[0],))
    index = an_index(a_profile("gene", 2, genes=(GENES[0],)), a_profile("terms", 5), a_profile("near", 3))
    assert [h.case_id for h in index.search(query, k=10, sharing_gene=True)] == ["gene"]
    assert [h.case_id for h in index.search(query, k=10, sharing_gene=False)] == ["terms", "near"]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (Filter(), ["eea", "federated", "kin", "mouse", "private", "test"]),
        (Filter(sharing=Sharing.EEA), ["eea", "federated", "kin", "mouse", "test"]),
        (Filter(sharing=Sharing.FEDERATED, owner="me"), ["federated", "kin", "mouse", "private", "test"]),
        (Filter(test=False), ["eea", "federated", "kin", "mouse", "private"]),
        (Filter(test=True), ["test"]),
        (Filter(species="NCBITaxon:9606"), ["eea", "federated", "kin", "private", "test"]),
        (Filter(exclude_owner="me"), ["eea", "federated", "kin", "mouse", "test"]),
        (Filter(exclude_family="o\nf"), ["eea", "federated", "mouse", "private", "test"]),
        (
            Filter(exclude_cases=frozenset({CaseId("eea"), CaseId("gone")})),
            ["federated", "kin", "mouse", "private", "test"],
        ),
    ],
)
def test_filter_says_which_cases_a_search_may_see(where: Filter, expected: list[str]):
    index = an_index(
        a_profile("private", 3, owner="me"),
        a_profile("eea", 3, sharing=Sharing.EEA),
        a_profile("federated", 3, sharing=Sharing.FEDERATED),
        a_profile("kin", 3, sharing=Sharing.FEDERATED, family="o\nf"),
        a_profile("mouse", 3, sharing=Sharing.FEDERATED, species="NCBITaxon:10090"),
        a_profile("test", 3, sharing=Sharing.FEDERATED, test=True),
    )
    assert found(index, a_profile("q", 3), where) == expected


def test_last_revision_of_a_case_counts_whatever_the_order():
    index = Index(SCORER)
    late = Change(case_id=CaseId("a"), revision=3, profile=None)
    early = Change(case_id=CaseId("a"), revision=2, profile=a_profile("a", 3))
    index.apply([late, early], revision=3)
    assert len(index) == 0
    assert index.revision == 3


def test_profile_of_another_release_is_refused_and_the_index_stays():
    index = an_index(a_profile("a", 3))
    with pytest.raises(ValueError, match="old"):
        index.apply([Change(case_id=CaseId("b"), revision=2, profile=a_profile("b", 3, release="old"))], revision=2)
    assert (len(index), index.revision) == (1, 1)


def test_many_changes_are_packed_and_found_like_few():
    cases = [a_profile(f"{n:04d}", 1 + n % 5) for n in range(700)]
    stepwise = Index(SCORER)
    for n, case in enumerate(cases):
        if n % 7 == 0:
            batch = cases[n : n + 7]
            stepwise.apply([Change(case_id=c.case_id, revision=n, profile=c) for c in batch], revision=n)
        assert case.case_id in stepwise
    assert stepwise.search(a_profile("q", 5), k=700) == an_index(*cases).search(a_profile("q", 5), k=700)


def test_searches_see_one_moment_while_changes_are_applied():
    index = Index(SCORER)
    pair = [a_profile("a", 5), a_profile("b", 5)]
    seen: list[int] = []
    stop = threading.Event()

    def search() -> None:
        while not stop.is_set():
            seen.append(len(index.search(a_profile("q", 5), k=10)))

    readers = [threading.Thread(target=search) for _ in range(3)]
    for reader in readers:
        reader.start()
    for revision in range(1, 200):
        present = revision % 2 == 1
        changes = [Change(case_id=c.case_id, revision=revision, profile=c if present else None) for c in pair]
        index.apply(changes, revision=revision)
    stop.set()
    for reader in readers:
        reader.join()

    assert set(seen) <= {0, 2}


def test_batch_ranks_as_searches_do_at_full_precision():
    cases = [a_profile("a", 5), a_profile("b", 3), a_profile("c", 2), a_profile("d", 2, genes=(GENES[0],))]
    queries = [a_profile("q1", 5, genes=(GENES[0],)), a_profile("q2", 4), a_profile("q3")]

    ranked = list(rank(queries, cases, scorer=SCORER, top=3, n_threads=2))

    index = an_index(*cases)
    assert [query_id for query_id, _ in ranked] == ["q1", "q2", "q3"]
    for query, (_, ranking) in zip(queries, ranked, strict=True):
        hits = index.search(query, k=3)
        assert ranking == [(hit.case_id, hit.position) for hit in hits]
        assert [score for _, score in ranking] == sorted((score for _, score in ranking), reverse=True)


def test_compiled_scan_is_the_one_that_runs():
    assert fastest().scan is kernels.scan


def test_hit_orders_by_raw_score_where_the_lift_makes_totals_equal():
    query = a_profile("q", 5, genes=(GENES[0],))
    index = an_index(a_profile("a", genes=(GENES[0], GENES[1])), a_profile("b", genes=(GENES[0],)))
    hits: list[Hit] = index.search(query, k=2)
    assert [hit.case_id for hit in hits] == ["b", "a"]
    assert [hit.score.total for hit in hits] == pytest.approx([0.3, 0.3])


def test_both_kinds_of_match_come_from_one_pass():
    query = a_profile("q", 5, genes=(GENES[0],))
    sharing = [a_profile(f"g{n}", 2, genes=(GENES[0],)) for n in range(4)]
    index = an_index(*sharing, a_profile("terms", 5), a_profile("near", 3))
    with_gene, alone, n_sharing = index.search_apart(query, k=1)
    assert with_gene == index.search(query, k=99, sharing_gene=True)
    assert n_sharing == 4
    assert alone == index.search(query, k=1, sharing_gene=False)
