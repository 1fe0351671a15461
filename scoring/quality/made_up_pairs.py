"""The made-up pairs: by phenotype, by gene, by variant, by zygosity and inheritance."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from matchmaker.model import CopyChange, GeneId, Mechanism, Origin, Sex, TermId, Zygosity
from ontology.releases import Release
from scoring.explanation import Conflict, MatchKind
from scoring.profile import Profile
from scoring.quality.made_up import Clinic, Expectation, Pair, a_copy, a_variant

BRAIN = ("HP:0001250", "HP:0000252", "HP:0001263", "HP:0001257")  # seizures, small head, delay, spasticity
NEAR = ("HP:0002069", "HP:0011451", "HP:0001270", "HP:0001257")  # a kind of seizures, small at birth, motor delay
OTHER = ("HP:0001627", "HP:0000077", "HP:0002664")  # heart, kidney, tumour
PHGDH, SCN2A, TLR7, MT = (GeneId(f"HGNC:{n}") for n in (8923, 10588, 15631, 7490))
FORTY = tuple(GeneId(f"HGNC:{n}") for n in range(100, 140))
HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS
STOP, MISSENSE = "SO:0001587", "SO:0001583"


def pairs(release: Release) -> tuple[Pair, ...]:
    """All pairs, in the order of the table."""
    clinic = Clinic(release)
    return (*_by_phenotype(clinic), *_by_gene(clinic), *_by_variant(clinic), *_by_inheritance(clinic))


def _pair(name: str, query: Profile, match: Profile, words: str, **expected: Any) -> Pair:
    return Pair(name=name, query=query, match=match, expected=Expectation(words=words, **expected))


def _by_phenotype(clinic: Clinic) -> list[Pair]:
    brain, near, other = (clinic.patient(terms) for terms in (BRAIN, NEAR, OTHER))
    doubting = clinic.patient(BRAIN[1:], excluded=BRAIN[:1])
    young = replace(doubting, age_stage=1)
    late = replace(brain, onset=TermId("HP:0003581"))
    no = clinic.patient()
    return [
        _pair("same findings", brain, brain, "the same profile", at_least=1.0),
        _pair("near findings", brain, near, "alike", at_least=0.3, below="same findings"),
        _pair("half of the findings", brain, clinic.patient(BRAIN[:2]), "less alike", below="same findings"),
        _pair("other organs", brain, other, "unrelated", at_most=0.1),
        _pair("half, and much else", brain, clinic.patient((*BRAIN[:2], *OTHER)), "less", below="half of the findings"),
        _pair("one term each, the same", clinic.patient(BRAIN[:1]), clinic.patient(BRAIN[:1]), "same", at_least=1.0),
        _pair("the root alone", clinic.patient(("HP:0000118",)), brain, "says nothing", at_most=0.0),
        _pair("unknown ids alone", clinic.patient(("HP:9999999",)), brain, "says nothing", at_most=0.0),
        _pair("no finding on a side", brain, no, "nothing to compare", at_most=0.0),
        _pair(
            "seizures excluded there", brain, doubting, "lowered and named", contradicts=True, below="only not stated"
        ),
        _pair("only not stated", brain, clinic.patient(BRAIN[1:]), "no contradiction", contradicts=False),
        _pair("excluded, but too young", late, young, "may still come", contradicts=False),
    ]


def _by_gene(clinic: Clinic) -> list[Pair]:
    alone = clinic.patient((), SCN2A)
    both = clinic.patient(BRAIN, SCN2A)
    three = clinic.patient((), SCN2A, PHGDH, TLR7)
    long = clinic.patient((), SCN2A, *(GeneId(f"HGNC:{n}") for n in range(1000, 1199)))
    return [
        _pair("gene only, both sides", alone, alone, "worth a letter", at_least=0.3, kind=MatchKind.SAME_GENE),
        _pair("gene only, another gene", alone, clinic.patient((), PHGDH), "nothing", at_most=0.0),
        _pair(
            "gene, findings unrelated", both, clinic.patient(OTHER, SCN2A), "told, but low", at_least=0.3, at_most=0.5
        ),
        _pair("gene and findings", both, both, "the best there is", at_least=1.0, above="gene, findings unrelated"),
        _pair(
            "gene and near findings", both, clinic.patient(NEAR, SCN2A), "strong", at_least=0.4, above="near findings"
        ),
        _pair("one of 200 candidates", alone, long, "weak, still told", at_least=0.3, below="gene only, both sides"),
        _pair("three of three genes", three, three, "the same list: a relative?", at_least=1.0),
        _pair("one of three genes", three, clinic.patient((), SCN2A, *FORTY[:2]), "less", below="three of three genes"),
        _pair(
            "forty genes, no term", clinic.patient((), *FORTY), clinic.patient(BRAIN, FORTY[7]), "told", at_least=0.3
        ),
        _pair("gene beside no term there", both, alone, "told by the gene", at_least=0.3, below="gene and findings"),
    ]


def _by_variant(clinic: Clinic) -> list[Pair]:
    def carrier(gene: GeneId | None = SCN2A, **stated: Any) -> Profile:
        return clinic.patient(BRAIN, variants=[(gene, a_variant(**stated))])

    def copied(change: CopyChange, start: int, end: int) -> Profile:
        return clinic.patient(BRAIN, variants=[(SCN2A, a_copy(change, start, end))])

    loss, gain = (
        carrier(start=start, mechanism=mechanism)
        for start, mechanism in ((1000, Mechanism.LOSS_OF_FUNCTION), (9000, Mechanism.GAIN_OF_FUNCTION))
    )
    mine = carrier()
    far: dict[str, Any] = {"start": 165_390_000}
    deleted = copied(CopyChange.LOSS, 1_000_000, 2_000_000)
    same, near, effect, gene = MatchKind
    none: frozenset[Conflict] = frozenset()
    return [
        _pair("same variant", mine, mine, "recurrent or founder", at_least=1.0, kind=same, above="gene and findings"),
        _pair("names of chromosome and assembly", mine, carrier(assembly="hg38", chromosome="chr2"), "same", kind=same),
        _pair(
            "written with a base in front",
            mine,
            carrier(start=165_309_999, reference_bases="AC", alternate_bases="AT"),
            "same",
            kind=same,
        ),
        _pair(
            "equal bases one position apart",
            mine,
            carrier(start=165_310_001),
            "perhaps counted from 1",
            kind=near,
            below="same variant",
        ),
        _pair(
            "other base at the place",
            mine,
            carrier(alternate_bases="G"),
            "same residue",
            kind=near,
            below="same variant",
        ),
        _pair("two assemblies", mine, carrier(assembly="GRCh37"), "by gene, without liftover", kind=gene),
        _pair("unknown assembly", mine, carrier(assembly="T2T?"), "by gene", kind=gene),
        _pair(
            "two missense variants",
            carrier(effect=MISSENSE),
            carrier(effect=MISSENSE, **far),
            "same kind",
            kind=effect,
            below="same variant",
        ),
        _pair(
            "stop and missense",
            carrier(effect=STOP),
            carrier(effect=MISSENSE, **far),
            "gene alone",
            kind=gene,
            below="two missense variants",
        ),
        _pair("nothing stated of the variants", carrier(start=None), carrier(start=None), "no agreement", kind=gene),
        _pair("same variant, no gene named", carrier(None), carrier(None), "by position", kind=same, at_least=0.3),
        _pair(
            "loss against gain",
            loss,
            gain,
            "two diseases",
            conflicts=frozenset({Conflict.OPPOSITE_MECHANISM}),
            below="stop and missense",
        ),
        _pair(
            "loss against loss",
            loss,
            carrier(start=9000, mechanism=Mechanism.LOSS_OF_FUNCTION),
            "fits",
            kind=effect,
            conflicts=none,
        ),
        _pair("same deletion", deleted, deleted, "same", kind=same),
        _pair(
            "deletions overlapping by 60 %",
            deleted,
            copied(CopyChange.LOSS, 1_400_000, 2_400_000),
            "same region",
            kind=near,
        ),
        _pair(
            "deletions overlapping by 20 %",
            deleted,
            copied(CopyChange.LOSS, 1_800_000, 2_800_000),
            "same effect on the gene",
            kind=effect,
        ),
        _pair(
            "deletion and duplication",
            deleted,
            copied(CopyChange.GAIN, 1_000_000, 2_000_000),
            "gene alone",
            kind=gene,
            below="same deletion",
        ),
        _pair("deletion and stop", deleted, carrier(effect=STOP), "both lose the gene", kind=effect),
    ]


def _by_inheritance(clinic: Clinic) -> list[Pair]:
    def having(gene: GeneId, zygosity: Zygosity | None, **stated: Any) -> Profile:
        extra = {name: stated.pop(name) for name in ("chromosome", "origin") if name in stated}
        start = stated.pop("start", 5000)
        variant = a_variant(start=start, zygosity=zygosity, **extra)
        return clinic.patient(BRAIN, variants=[(gene, variant)], **stated)

    none: frozenset[Conflict] = frozenset()
    homozygous = having(PHGDH, HOM)
    boy = having(TLR7, HEMI, sex=Sex.MALE)
    dominant, recessive = TermId("HP:0000006"), TermId("HP:0000007")
    here = {"start": 9000}
    return [
        _pair("both homozygous, recessive gene", homozygous, having(PHGDH, HOM, **here), "fits", conflicts=none),
        _pair(
            "one allele, recessive gene",
            homozygous,
            having(PHGDH, HET, **here),
            "a carrier: lowered, not dropped",
            at_least=0.3,
            conflicts=frozenset({Conflict.CARRIER}),
            below="both homozygous, recessive gene",
        ),
        _pair(
            "both heterozygous, dominant gene", having(SCN2A, HET), having(SCN2A, HET, **here), "fits", conflicts=none
        ),
        _pair(
            "one and two copies, dominant gene",
            having(SCN2A, HET),
            having(SCN2A, HOM, **here),
            "lowered",
            conflicts=frozenset({Conflict.ZYGOSITY}),
            below="both heterozygous, dominant gene",
        ),
        _pair("X-linked boys, written 1 and 2", boy, having(TLR7, HOM, sex=Sex.MALE, **here), "agree", conflicts=none),
        _pair(
            "X-linked boy and girl",
            boy,
            having(TLR7, HET, sex=Sex.FEMALE, **here),
            "no conflict on X",
            conflicts=none,
            at_least=0.3,
        ),
        _pair(
            "mitochondrial, hetero- and homoplasmic",
            having(MT, Zygosity.HETEROPLASMIC, chromosome="MT"),
            having(MT, Zygosity.HOMOPLASMIC, chromosome="M"),
            "zygosity says nothing",
            kind=MatchKind.SAME_VARIANT,
            conflicts=none,
        ),
        _pair(
            "mosaic and homozygous",
            having(SCN2A, Zygosity.MOSAIC),
            having(SCN2A, HOM, **here),
            "no conflict",
            conflicts=none,
        ),
        _pair(
            "somatic and homozygous",
            having(SCN2A, HET, origin=Origin.SOMATIC),
            having(SCN2A, HOM, **here),
            "no conflict",
            conflicts=none,
        ),
        _pair(
            "dominant against recessive",
            having(SCN2A, None, inheritance_mode=dominant),
            having(SCN2A, None, inheritance_mode=recessive, **here),
            "lowered",
            conflicts=frozenset({Conflict.INHERITANCE}),
            below="both heterozygous, dominant gene",
        ),
    ]
