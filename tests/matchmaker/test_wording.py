import math

import pytest

from matchmaker.model import GeneId, Score, TermId, Zygosity
from matchmaker.wording import gene_name, reasons, term_name
from ontology.releases import Release, shipped
from scoring.agreement import MatchKind
from scoring.explanation import BestMatch, Conflict, Contradiction, Explanation, Note, SharedGene
from scoring.zygosity import Plasmy

SEIZURE, FOCAL, MICROCEPHALY = TermId("HP:0001250"), TermId("HP:0007359"), TermId("HP:0000252")
PHGDH = GeneId("HGNC:8923")


@pytest.fixture(scope="module")
def release() -> Release:
    return shipped()


def an_explanation(**stated: object) -> Explanation:
    usual: dict[str, object] = {
        "scoring": "R-1+2025-01-16",
        "score": Score(total=0.5, phenotype=0.5, genotype=0.0),
        "raw": 1.0,
        "partial": False,
        "parts": (),
        "pairs": (),
        "unmatched_query": (),
        "unmatched_match": (),
        "contradictions": (),
        "genes": (),
    }
    return Explanation(**(usual | stated))  # type: ignore[arg-type]


def a_pair(query: TermId, match: TermId, mica: TermId, *, one_of: float = 10.0) -> BestMatch:
    return BestMatch(query=query, match=match, mica=mica, ic=math.log(one_of), contribution=0.5, share=0.5)


def test_terms_and_genes_carry_label_and_id(release: Release) -> None:
    assert term_name(release, SEIZURE) == "Seizure (HP:0001250)"
    assert term_name(release, TermId("HP:9999999")) == "HP:9999999 (unknown to our release)"
    assert gene_name(release, PHGDH) == "PHGDH (HGNC:8923)"
    assert gene_name(release, GeneId("NOVEL1")) == "NOVEL1"


def test_same_finding_says_how_rare_it_is(release: Release) -> None:
    told = reasons(an_explanation(pairs=(a_pair(SEIZURE, SEIZURE, SEIZURE, one_of=137.0),)), release)

    assert told == ("Both have Seizure (HP:0001250), found in about one of 140 diseases.",)


@pytest.mark.parametrize(
    ("one_of", "said"),
    [
        (1.0, "most diseases"),
        (1.6, "one of 2 "),
        (9.6, "one of 10 "),
        (99.4, "one of 99 "),
        (12687.0, "one of 13,000 "),
    ],
)
def test_rarity_is_told_with_two_digits(one_of: float, said: str, release: Release) -> None:
    [told] = reasons(an_explanation(pairs=(a_pair(SEIZURE, SEIZURE, SEIZURE, one_of=one_of),)), release)

    assert said in told


def test_different_findings_are_told_with_what_covers_both(release: Release) -> None:
    wider = TermId("HP:0012638")
    told = reasons(an_explanation(pairs=(a_pair(SEIZURE, MICROCEPHALY, wider),)), release)

    assert told[0].startswith(
        "Seizure (HP:0001250) here and Microcephaly (HP:0000252) there are both kinds of Abnormal"
    )


def test_finding_and_a_kind_of_it_are_told_as_the_wider_one(release: Release) -> None:
    [told] = reasons(an_explanation(pairs=(a_pair(FOCAL, SEIZURE, SEIZURE),)), release)

    assert told.endswith(
        "Seizure (HP:0001250) there: both have Seizure (HP:0001250), found in about one of 10 diseases."
    )


def test_one_thing_in_common_is_told_once_and_the_strongest_first(release: Release) -> None:
    pairs = (
        a_pair(SEIZURE, SEIZURE, SEIZURE),
        a_pair(FOCAL, SEIZURE, SEIZURE),
        a_pair(MICROCEPHALY, MICROCEPHALY, MICROCEPHALY),
    )

    told = reasons(an_explanation(pairs=pairs), release)

    assert [sentence.split(",")[0] for sentence in told] == [
        "Both have Seizure (HP:0001250)",
        "Both have Microcephaly (HP:0000252)",
    ]
    assert len(reasons(an_explanation(pairs=pairs), release, n_terms=1)) == 1


@pytest.mark.parametrize("kind", list(MatchKind))
def test_every_kind_of_shared_gene_has_its_sentence_and_known_diseases(kind: MatchKind, release: Release) -> None:
    told = reasons(an_explanation(genes=(SharedGene(gene=PHGDH, kind=kind, zygosity_fits=True),)), release)

    assert told[0].startswith("Both name the gene PHGDH (HGNC:8923): ")
    assert told[0].endswith("; the zygosity fits.")
    assert told[1].startswith("PHGDH is a known disease gene: Neu-Laxova syndrome 1 (OMIM:256520); ")


@pytest.mark.parametrize("conflict", list(Conflict))
def test_every_conflict_has_its_sentence(conflict: Conflict, release: Release) -> None:
    shared = SharedGene(gene=PHGDH, kind=MatchKind.SAME_GENE, conflicts=(conflict,))

    assert reasons(an_explanation(genes=(shared,)), release)[1].startswith("Speaking against PHGDH: ")


def test_position_without_a_gene_is_told_without_one(release: Release) -> None:
    [told] = reasons(an_explanation(genes=(SharedGene(gene=None, kind=MatchKind.SAME_VARIANT),)), release)

    assert told == "Without a named gene: both have the same variant."


@pytest.mark.parametrize(("side", "having", "without"), [("query", "there", "here"), ("match", "here", "there")])
def test_contradiction_says_who_has_it_and_who_has_not(side: str, having: str, without: str, release: Release) -> None:
    found = Contradiction(observed=SEIZURE, excluded=SEIZURE, excluded_by=side)  # type: ignore[arg-type]

    assert reasons(an_explanation(contradictions=(found,)), release) == (
        f"Against it speaks that Seizure (HP:0001250) is present {having} and was excluded {without}.",
    )


def test_nothing_in_common_gives_no_reason(release: Release) -> None:
    assert reasons(an_explanation(), release) == ()


def test_everything_that_is_known_of_a_shared_gene_is_told(release: Release) -> None:
    shared = SharedGene(
        gene=GeneId("HGNC:3603"),
        kind=MatchKind.SAME_REGION,
        notes=(Note.TWO_ASSEMBLIES, Note.MOSAIC),
        plasmies=(Plasmy(zygosity=Zygosity.HETEROPLASMIC, fraction=0.3), None),
        explained_query=0.95,
        explained_match=0.1,
        n_papers=30,
    )
    told = " ".join(reasons(an_explanation(genes=(shared,), may_be_related=True), release))
    assert told.startswith("So much of both lists is shared")
    assert "the same region is lost or gained in both" in told
    assert "heteroplasmic in 30 % of the copies here, not stated there" in told
    assert "two assemblies, and could not be compared" in told
    assert "in a part of the cells only" in told
    assert "(annotated from 30 publications); what is known of it explains nearly all of the findings here" in told
    assert "and little of the findings there." in told
