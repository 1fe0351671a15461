from __future__ import annotations

import pytest

from matchmaker.model import CaseId, GeneId
from ontology.releases import Release
from scoring.diseases import Suggestions
from scoring.profile import Profile
from scoring.scorer import Scorer

PHGDH, SHOX = GeneId("HGNC:8923"), GeneId("HGNC:10853")


@pytest.fixture(scope="module")
def suggestions(release: Release, scorer: Scorer) -> Suggestions:
    return Suggestions(release, scorer.corpus)


def a_case(release: Release, *terms: str, excluded: tuple[str, ...] = (), genes: tuple[GeneId, ...] = ()) -> Profile:
    dense = [tuple(sorted(release.hpo.index_of(t) or 0 for t in some)) for some in (terms, excluded)]
    return Profile(case_id=CaseId("x"), release=release.id, observed=dense[0], excluded=dense[1], genes=genes)


def test_marfan_syndrome_is_likely_for_its_findings(suggestions: Suggestions, release: Release):
    case = a_case(release, "HP:0001083", "HP:0002616", "HP:0001166", "HP:0000098", "HP:0001519")
    found = suggestions.diseases(case)
    assert len(found) == 10
    assert any("Marfan" in disease.name for disease in found)
    assert [d.log_ratio for d in found] == sorted((d.log_ratio for d in found), reverse=True)


def test_excluded_finding_of_a_disease_makes_it_less_likely(suggestions: Suggestions, release: Release):
    terms = ("HP:0001083", "HP:0002616")
    with_it, without = (a_case(release, *terms, excluded=e) for e in ((), ("HP:0001166",)))
    row = list(release.annotations.ids).index("OMIM:154700")
    assert suggestions.log_ratios(without)[row] < suggestions.log_ratios(with_it)[row]


def test_candidate_gene_that_explains_the_findings_comes_first(suggestions: Suggestions, release: Release):
    case = a_case(release, "HP:0001250", "HP:0000252", "HP:0012279", genes=(SHOX, PHGDH, GeneId("LOCUS-A")))
    found = suggestions.genes(case)
    assert [candidate.gene for candidate in found] == [PHGDH, SHOX, "LOCUS-A"]
    assert found[-1].best is None


def test_case_without_findings_is_like_no_disease(suggestions: Suggestions, release: Release):
    assert suggestions.diseases(a_case(release)) == ()


def test_leaving_out_a_paper_changes_the_diseases_that_cite_it_and_no_others(
    suggestions: Suggestions, release: Release
):
    paper = "PMID:31675180"
    case = a_case(release, "HP:0011097", "HP:0001250", excluded=("HP:0001166",))
    citing = set(release.annotations.diseases_citing(paper))
    assert "OMIM:619340" in citing

    every, without = suggestions.log_ratios(case), suggestions.log_ratios(case, without=paper)

    changed = {release.annotations.ids[row] for row in (every != without).nonzero()[0]}
    assert changed <= citing
    row = list(release.annotations.ids).index("OMIM:619340")
    assert without[row] < every[row]
    assert release.annotations.diseases_citing("PMID:0") == ()


def test_leaving_out_a_paper_that_nothing_cites_alone_is_the_same_sum(suggestions: Suggestions, release: Release):
    case = a_case(release, "HP:0011097", "HP:0001250", "HP:0000252", excluded=("HP:0001166", "HP:0002187"))
    disease = next(d for d in release.annotations.ids if len(release.annotations.disease(d).annotations) > 20)
    shares = suggestions._shares_without(disease, "PMID:0")
    row = list(release.annotations.ids).index(disease)
    assert suggestions._log_ratio(case, shares) == pytest.approx(float(suggestions.log_ratios(case)[row]), abs=1e-5)
