from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from matchmaker import cases, matching, recording
from matchmaker.actors import SYSTEM
from matchmaker.model import Case, CaseId, Disclosure, Family, Sharing, TermId, Variant
from matchmaker.service import Matchmaker
from matchmaker.store import matches
from scoring.agreement import MatchKind
from scoring.shared_gene import Note
from tests.builders import a_case, a_feature, a_genomic_feature, a_node

PEER = a_node("spain")
# Microcephaly, hypsarrhythmia, global developmental delay; and findings of quite another kind.
BRAIN = ("HP:0000252", "HP:0002521", "HP:0001263")
KIDNEY = ("HP:0000113", "HP:0000822", "HP:0003774")


def features(terms: Sequence[str]) -> list[Any]:
    return [a_feature(term) for term in terms]


def store(mm: Matchmaker, *stated: Case) -> list[CaseId]:
    return [submitted.case_id for submitted in cases.submit_many(mm, stated, by=SYSTEM)]


def found(mm: Matchmaker, query: Case, **options: Any) -> list[CaseId]:
    return [result.case.id for result in matching.match(mm, query, **options).results]


def test_most_alike_case_comes_first(sqlite_mm: Matchmaker) -> None:
    _, same, near = store(
        sqlite_mm,
        a_case(features=features(KIDNEY)),
        a_case(features=features(BRAIN)),
        a_case(features=features(BRAIN[:2])),
    )

    assert found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)[:2] == [same, near]


def test_repeated_request_gets_the_same_answer(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, *(a_case(features=features(BRAIN)) for _ in range(20)))
    query = a_case(features=features(BRAIN))

    first, second = (matching.match(sqlite_mm, query, asker=PEER) for _ in range(2))

    assert [r.case.id for r in first.results] == sorted(r.case.id for r in first.results)
    assert [(r.case.id, r.score) for r in first.results] == [(r.case.id, r.score) for r in second.results]


def test_unrelated_new_case_changes_no_other_score(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, a_case(features=features(BRAIN[:2])))
    query = a_case(features=features(BRAIN))
    before = matching.match(sqlite_mm, query, asker=PEER).results[0].score

    store(sqlite_mm, a_case(features=features(KIDNEY)))

    assert matching.match(sqlite_mm, query, asker=PEER).results[0].score == before


def test_shared_gene_is_returned_whatever_the_phenotype_says(sqlite_mm: Matchmaker) -> None:
    (other,) = store(sqlite_mm, a_case(features=features(KIDNEY), genomic_features=[a_genomic_feature()]))
    query = a_case(features=features(BRAIN), genomic_features=[a_genomic_feature()])

    (result,) = matching.match(sqlite_mm, query, asker=PEER).results

    assert result.case.id == other
    assert result.score.total >= 0.3


def test_unlike_phenotype_without_a_shared_gene_is_not_returned(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, a_case(features=features(KIDNEY)))

    response = matching.match(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)

    assert (response.results, response.total) == ((), 0)


def test_phenotype_alone_brings_ten_and_shared_genes_fifty(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, *(a_case(features=features(BRAIN)) for _ in range(60)))
    store(sqlite_mm, *(a_case(features=[], genomic_features=[a_genomic_feature()]) for _ in range(60)))

    by_phenotype = matching.match(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)
    by_gene = matching.match(sqlite_mm, a_case(features=[], genomic_features=[a_genomic_feature()]), asker=PEER)

    assert (len(by_phenotype.results), by_phenotype.total) == (10, 60)
    assert (len(by_gene.results), by_gene.total) == (50, 60)


def test_cases_beyond_a_large_family_are_found(sqlite_mm: Matchmaker) -> None:
    gene = [a_genomic_feature()]
    relatives = [a_case(features=[], genomic_features=gene, family=Family(id="f")) for _ in range(70)]
    others = [a_case(features=[], genomic_features=[*gene, a_genomic_feature("TTN")]) for _ in range(3)]
    store(sqlite_mm, *relatives, *others)

    response = matching.match(sqlite_mm, a_case(features=[], genomic_features=gene), asker=PEER)

    assert (len(response.results), response.total) == (4, 73)


def test_bounds_are_settings(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, *(a_case(features=features(BRAIN)) for _ in range(5)))
    sqlite_mm.settings = replace(sqlite_mm.settings, max_results=2)
    assert len(found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)) == 2

    sqlite_mm.settings = replace(sqlite_mm.settings, min_score=0.95)
    assert found(sqlite_mm, a_case(features=features(BRAIN[:1])), asker=PEER) == []


@pytest.mark.parametrize(
    ("sharing", "country", "told"),
    [
        (Sharing.FEDERATED, "ES", True),
        (Sharing.FEDERATED, None, True),
        (Sharing.FEDERATED, "US", False),  # no basis of transfer is recorded
        (Sharing.EEA, "ES", True),
        (Sharing.EEA, None, False),
        (Sharing.NATIONAL, "ES", False),
        (Sharing.PRIVATE, "ES", False),
    ],
)
def test_only_cases_shared_with_the_asker_answer_it(
    sqlite_mm: Matchmaker, sharing: Sharing, country: str | None, told: bool
) -> None:
    store(sqlite_mm, a_case(features=features(BRAIN), sharing=sharing))
    asker = replace(PEER, country=country, jurisdiction=None)

    assert bool(found(sqlite_mm, a_case(features=features(BRAIN)), asker=asker)) is told


def test_case_without_a_basis_answers_nobody(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, a_case(features=features(BRAIN), consent=None))

    assert found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER) == []


def test_withdrawn_case_is_not_returned(sqlite_mm: Matchmaker) -> None:
    (case_id,) = store(sqlite_mm, a_case(features=features(BRAIN)))
    query = a_case(features=features(BRAIN))
    assert found(sqlite_mm, query, asker=PEER) == [case_id]

    cases.withdraw(sqlite_mm, case_id, by=SYSTEM)

    assert found(sqlite_mm, query, asker=PEER) == []
    assert found(sqlite_mm, query) == []


def test_test_cases_are_given_to_test_requests_only(sqlite_mm: Matchmaker) -> None:
    real, invented = store(sqlite_mm, a_case(features=features(BRAIN)), a_case(features=features(BRAIN), test=True))

    assert found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER) == [real]
    assert set(found(sqlite_mm, a_case(features=features(BRAIN), test=True), asker=PEER)) == {real, invented}


def test_other_species_gets_no_results(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, a_case(features=features(BRAIN)))

    assert found(sqlite_mm, a_case(features=features(BRAIN), species="NCBITaxon:10090"), asker=PEER) == []


def test_unknown_terms_and_no_gene_match_nothing(sqlite_mm: Matchmaker) -> None:
    store(sqlite_mm, a_case(features=features(["HP:9999999"])), a_case(features=features(BRAIN)))

    assert found(sqlite_mm, a_case(features=features(["HP:9999999", "nonsense"])), asker=PEER) == []


def test_case_at_gene_level_is_told_to_who_shares_a_gene_only(sqlite_mm: Matchmaker) -> None:
    hidden = a_case(features=features(BRAIN), genomic_features=[a_genomic_feature()], disclosure=Disclosure.GENE)
    (case_id,) = store(sqlite_mm, hidden)

    by_phenotype = matching.match(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)

    assert (by_phenotype.results, by_phenotype.total) == ((), 0)
    assert found(sqlite_mm, a_case(features=[], genomic_features=[a_genomic_feature()]), asker=PEER) == [case_id]


def test_family_is_one_match(sqlite_mm: Matchmaker) -> None:
    brothers = [a_case(features=features(BRAIN[:n]), family=Family(id="F1")) for n in (2, 3)]
    namesake = a_case(features=features(BRAIN), owner="other@example.org", family=Family(id="F1"))
    younger, elder, other = store(sqlite_mm, *brothers, namesake)

    assert set(found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)) == {elder, other}
    assert younger not in found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER)


def test_long_list_of_genes_finds_nothing_by_itself(sqlite_mm: Matchmaker) -> None:
    (case_id,) = store(sqlite_mm, a_case(features=features(BRAIN), genomic_features=[a_genomic_feature()]))
    genes = [a_genomic_feature(), *(a_genomic_feature(f"HGNC:{n}") for n in range(5, 40))]

    alone = a_case(features=[], genomic_features=genes)
    unlike = a_case(features=features(KIDNEY), genomic_features=genes)
    beside = a_case(features=features(BRAIN), genomic_features=genes)

    assert found(sqlite_mm, alone, asker=PEER) == []
    assert found(sqlite_mm, unlike, asker=PEER) == []
    assert found(sqlite_mm, beside, asker=PEER) == [case_id]
    assert found(sqlite_mm, replace(alone, genomic_features=alone.genomic_features[:30]), asker=PEER) == [case_id]


def test_users_see_the_best_of_all_without_a_threshold(sqlite_mm: Matchmaker) -> None:
    private = a_case(features=features(BRAIN[:1]), sharing=Sharing.PRIVATE)
    weak, none = store(sqlite_mm, private, a_case(features=features(KIDNEY)))

    assert found(sqlite_mm, a_case(features=features(BRAIN)), top=1) == [weak]
    assert none not in found(sqlite_mm, a_case(features=features(BRAIN)), top=1)


def test_stored_case_does_not_find_itself_or_its_family(sqlite_mm: Matchmaker) -> None:
    case = a_case(features=features(BRAIN), family=Family(id="F1"))
    case_id, _, other = store(
        sqlite_mm, case, a_case(features=features(BRAIN), family=Family(id="F1")), a_case(features=features(BRAIN))
    )

    assert found(sqlite_mm, replace(case, id=case_id)) == [other]


# Recording


def recorded(mm: Matchmaker, case_id: CaseId) -> list[str]:
    with mm.reading() as db:
        return [match.finding.other_id for match in matches.of_case(db, case_id)]


def test_new_case_is_recorded_with_its_matches_on_both_sides(mm: Matchmaker) -> None:
    first, second = store(mm, a_case(features=features(BRAIN)), a_case(features=features(BRAIN), owner="b@example.org"))

    assert [recording.match_case(mm, case_id) for case_id in (first, second, second)] == [1, 1, 1]

    assert recorded(mm, first) == [second]
    assert recorded(mm, second) == [first]


def test_private_case_meets_only_cases_of_its_owner(sqlite_mm: Matchmaker) -> None:
    private, own, foreign = store(
        sqlite_mm,
        a_case(features=features(BRAIN), sharing=Sharing.PRIVATE),
        a_case(features=features(BRAIN)),
        a_case(features=features(BRAIN), owner="b@example.org"),
    )

    for case_id in (private, own, foreign):
        recording.match_case(sqlite_mm, case_id)

    assert recorded(sqlite_mm, private) == [own]
    assert recorded(sqlite_mm, foreign) == [own]


def test_withdrawn_or_erased_case_is_matched_no_more(sqlite_mm: Matchmaker) -> None:
    withdrawn, erased, _ = store(sqlite_mm, *(a_case(features=features(BRAIN)) for _ in range(3)))
    cases.withdraw(sqlite_mm, withdrawn, by=SYSTEM)
    cases.erase(sqlite_mm, erased, by=SYSTEM)

    assert recording.match_case(sqlite_mm, withdrawn) == 0
    assert recording.match_case(sqlite_mm, erased) == 0


def test_test_case_meets_test_cases_only(sqlite_mm: Matchmaker) -> None:
    _, one, two = store(
        sqlite_mm,
        a_case(features=features(BRAIN)),
        a_case(features=features(BRAIN), test=True),
        a_case(features=features(BRAIN), test=True),
    )

    recording.match_case(sqlite_mm, one)

    assert recorded(sqlite_mm, one) == [two]


def test_stored_unknown_term_breaks_no_search(sqlite_mm: Matchmaker) -> None:
    (case_id,) = store(sqlite_mm, a_case(features=[a_feature(TermId("HP:9999999")), *features(BRAIN)]))

    assert found(sqlite_mm, a_case(features=features(BRAIN)), asker=PEER) == [case_id]


def test_probability_is_told_to_our_users_and_never_to_a_node(mm: Matchmaker) -> None:
    store(mm, a_case(features=features(BRAIN)), a_case(features=features(KIDNEY)))
    query = a_case(features=features(BRAIN))

    best = matching.match(mm, query).results[0]
    (told,) = matching.match(mm, query, asker=a_node()).results

    assert best.likelihood is not None
    assert best.likelihood.n_searched == 2
    assert best.likelihood.prior == mm.settings.prior
    assert told.likelihood is None


def test_probability_of_a_recorded_match_follows_the_setting(mm: Matchmaker) -> None:
    case_id, _ = store(mm, a_case(features=features(BRAIN)), a_case(features=features(BRAIN), owner="b@example.org"))
    recording.match_case(mm, case_id)
    with mm.reading() as db:
        (match,) = matches.of_case(db, case_id)

    found = recording.likelihood_of(mm, match.finding)
    mm.settings = replace(mm.settings, prior=0.01)
    doubted = recording.likelihood_of(mm, match.finding)

    assert found is not None
    assert doubted is not None
    assert doubted.probability < found.probability
    assert doubted.evidence == found.evidence
    assert recording.likelihood_of(mm, replace(match.finding, n_searched=None)) is None


def test_cases_of_two_assemblies_share_their_variant_where_a_chain_file_is_installed(
    tmp_path: Path, sqlite_mm: Matchmaker
) -> None:
    chain = tmp_path / "hg19ToHg38.over.chain"
    chain.write_text("chain 9 chr21 48129895 + 1000 2000 chr21 46709983 + 1500 2500 1\n1000\n\n")
    old, new = (
        Variant(assembly=assembly, chromosome="21", start=start, reference_bases="A", alternate_bases="G")
        for assembly, start in (("GRCh37", 1200), ("GRCh38", 1700))
    )
    store(sqlite_mm, a_case(genomic_features=[a_genomic_feature(variants=[old])]))
    query = a_case(genomic_features=[a_genomic_feature(variants=[new])])
    equipped = Matchmaker.open(replace(sqlite_mm.settings, chain_files=(chain,)))

    (plain,) = matching.match(sqlite_mm, query).results[0].explanation.genes
    (found,) = matching.match(equipped, query).results[0].explanation.genes
    equipped.close()

    assert (plain.kind, plain.notes) == (MatchKind.SAME_GENE, (Note.TWO_ASSEMBLIES,))
    assert (found.kind, found.notes) == (MatchKind.SAME_VARIANT, (Note.CONVERTED,))
