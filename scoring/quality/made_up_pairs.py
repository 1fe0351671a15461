"""The made-up pairs: by what was found, by gene, and what can hardly be used. Those with variants are beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matchmaker.model import GeneId, TermId
from ontology.releases import Release
from scoring.agreement import MatchKind
from scoring.profile import Profile
from scoring.quality.made_up import Clinic, Expectation, Pair, a_variant

BRAIN = ("HP:0001250", "HP:0000252", "HP:0001263", "HP:0001257")  # seizures, small head, delay, spasticity
NEAR = ("HP:0002069", "HP:0011451", "HP:0001270", "HP:0001257")  # a kind of seizures, small at birth, motor delay
OTHER = ("HP:0001627", "HP:0000077", "HP:0002664")  # heart, kidney, tumour
PHGDH, SCN2A, TLR7, FBN1 = (GeneId(f"HGNC:{n}") for n in (8923, 10588, 15631, 3603))
FORTY = tuple(GeneId(f"HGNC:{n}") for n in range(100, 140))


def a_pair(name: str, query: Profile, match: Profile, words: str, **expected: Any) -> Pair:
    """One row of the table."""
    return Pair(name=name, query=query, match=match, expected=Expectation(words=words, **expected))


def pairs(release: Release) -> tuple[Pair, ...]:
    """The rows without variants, in the order of the table."""
    clinic = Clinic(release)
    return (*_by_phenotype(clinic), *_by_exclusion(clinic), *_by_gene(clinic), *_hardly_usable(clinic))


def _by_phenotype(clinic: Clinic) -> list[Pair]:
    brain, near, other = (clinic.patient(terms) for terms in (BRAIN, NEAR, OTHER))
    return [
        a_pair("same findings", brain, brain, "the same profile", at_least=1.0),
        a_pair("near findings", brain, near, "alike", at_least=0.3, below="same findings"),
        a_pair("half of the findings", brain, clinic.patient(BRAIN[:2]), "less alike", below="same findings"),
        a_pair("other organs", brain, other, "unrelated", at_most=0.1),
        a_pair(
            "half, and much else", brain, clinic.patient((*BRAIN[:2], *OTHER)), "less", below="half of the findings"
        ),
    ]


def _by_exclusion(clinic: Clinic) -> list[Pair]:
    brain, unstated = clinic.patient(BRAIN), clinic.patient(BRAIN[1:])
    doubting = clinic.patient(BRAIN[1:], excluded=BRAIN[:1])
    kind, general = clinic.patient((*BRAIN[1:], "HP:0002069")), clinic.patient(BRAIN[1:], excluded=("HP:0002069",))
    late = replace(brain, onset=TermId("HP:0003581"))
    return [
        a_pair("only not stated", brain, unstated, "no contradiction", contradicts=False),
        a_pair(
            "seizures excluded there", brain, doubting, "lowered and named", contradicts=True, below="only not stated"
        ),
        a_pair("excluded, a kind of it here", kind, doubting, "lowered and named", contradicts=True),
        a_pair("a kind excluded, the general here", brain, general, "no contradiction", contradicts=False),
        a_pair("excluded, but too young", late, replace(doubting, age_stage=1), "may still come", contradicts=False),
        a_pair("excluded, and grown up", late, replace(doubting, age_stage=5), "lowered and named", contradicts=True),
    ]


def _by_gene(clinic: Clinic) -> list[Pair]:
    alone = clinic.patient((), SCN2A)
    both = clinic.patient(BRAIN, SCN2A)
    three = clinic.patient((), SCN2A, PHGDH, TLR7)
    long = clinic.patient((), SCN2A, *(GeneId(f"HGNC:{n}") for n in range(1000, 1199)))
    common, hardly = clinic.patient((), FBN1), clinic.patient((), FORTY[0])
    unrelated = clinic.patient(OTHER, SCN2A)
    return [
        a_pair("gene only, both sides", alone, alone, "worth a letter", at_least=0.3, kind=MatchKind.SAME_GENE),
        a_pair("gene only, another gene", alone, clinic.patient((), PHGDH), "nothing", at_most=0.0),
        a_pair("gene only, hardly known gene", hardly, hardly, "worth a letter", at_least=0.3, related=False),
        a_pair(
            "gene only, much reported gene",
            common,
            common,
            "common among cases: less",
            below="gene only, hardly known gene",
        ),
        a_pair("gene, findings unrelated", both, unrelated, "told, but low", at_least=0.3, at_most=0.5),
        a_pair("gene and findings", both, both, "the best there is", at_least=1.0, above="gene, findings unrelated"),
        a_pair(
            "gene and near findings", both, clinic.patient(NEAR, SCN2A), "strong", at_least=0.4, above="near findings"
        ),
        a_pair("gene only, the gene explains the case", alone, both, "likely its gene", above="gene only, it does not"),
        a_pair("gene only, it does not", alone, unrelated, "told, but less", at_least=0.3),
        a_pair("one of 200 candidates", alone, long, "weak, still told", at_least=0.3, below="gene only, both sides"),
        a_pair("three of three genes", three, three, "one person, a relative?", at_least=1.0, related=True),
        a_pair(
            "one of three genes",
            three,
            clinic.patient((), SCN2A, *FORTY[:2]),
            "less",
            related=False,
            below="three of three genes",
        ),
        a_pair(
            "two of ten genes",
            clinic.patient((), SCN2A, PHGDH, *FORTY[:8]),
            clinic.patient((), SCN2A, PHGDH, *FORTY[8:16]),
            "by chance, perhaps",
            related=False,
        ),
        a_pair("gene beside no term there", both, alone, "told by the gene", at_least=0.3, below="gene and findings"),
    ]


def _hardly_usable(clinic: Clinic) -> list[Pair]:
    brain, nothing = clinic.patient(BRAIN), clinic.patient()
    one = clinic.patient(BRAIN[:1])
    himself = clinic.patient(BRAIN, excluded=(*BRAIN[:1], "HP:0000707"))
    forty = clinic.patient((), *FORTY)
    nowhere = clinic.patient(variants=[(SCN2A, a_variant(assembly="T2T?"))])
    return [
        a_pair("one term each, the same", one, one, "same, though little", at_least=1.0),
        a_pair("the root alone", clinic.patient(("HP:0000118",)), brain, "says nothing", at_most=0.0),
        a_pair("unknown ids alone", clinic.patient(("HP:9999999", "seizures")), brain, "says nothing", at_most=0.0),
        a_pair("unknown ids beside others", clinic.patient((*BRAIN, "HP:9999999")), brain, "left out", at_least=1.0),
        a_pair("no finding on a side", brain, nothing, "nothing to compare", at_most=0.0),
        a_pair("a case against itself", himself, brain, "what was seen counts", at_least=1.0, contradicts=False),
        a_pair("forty genes, no term", forty, clinic.patient(BRAIN, FORTY[7]), "told", at_least=0.3),
        a_pair("variant on an unknown assembly", nowhere, nowhere, "by gene", at_least=0.3, kind=MatchKind.SAME_GENE),
    ]
