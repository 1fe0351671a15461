"""The made-up pairs by zygosity and inheritance."""

from __future__ import annotations

from typing import Any

from matchmaker.model import GeneId, Origin, Sex, TermId, Zygosity
from ontology.releases import Release
from scoring.agreement import MatchKind
from scoring.explanation import Conflict, Note
from scoring.profile import Profile
from scoring.quality.made_up import Clinic, Pair, a_variant
from scoring.quality.made_up_pairs import BRAIN, PHGDH, SCN2A, TLR7, a_pair

MT_TL1, SHOX = GeneId("HGNC:7490"), GeneId("HGNC:10853")
HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS
NONE: frozenset[Conflict] = frozenset()


def pairs(release: Release) -> tuple[Pair, ...]:
    """The rows by zygosity and inheritance, in the order of the table."""
    clinic = Clinic(release)
    return (*_by_zygosity(clinic), *_by_inheritance(clinic))


def _having(clinic: Clinic, gene: GeneId, zygosity: Zygosity | None, **stated: Any) -> Profile:
    names = ("chromosome", "origin", "start", "allele_fraction")
    of_variant = {name: stated.pop(name) for name in names if name in stated}
    variant = a_variant(**{"start": 5000, "zygosity": zygosity, **of_variant})
    return clinic.patient(BRAIN, variants=[(gene, variant)], **stated)


def _by_zygosity(clinic: Clinic) -> list[Pair]:
    def having(gene: GeneId, zygosity: Zygosity | None, **stated: Any) -> Profile:
        return _having(clinic, gene, zygosity, **stated)

    def both(haplotypes: tuple[int, int]) -> Profile:
        alleles = [a_variant(start=6000 + n, zygosity=HET, haplotype=n) for n in haplotypes[:1]]
        alleles.append(a_variant(start=7000, zygosity=HET, haplotype=haplotypes[1]))
        return clinic.patient(BRAIN, variants=[(PHGDH, allele) for allele in alleles])

    homozygous, here = having(PHGDH, HOM), {"start": 9000}
    carrier = frozenset({Conflict.CARRIER})
    mosaic = frozenset({Note.MOSAIC})
    return [
        a_pair("both homozygous, recessive gene", homozygous, having(PHGDH, HOM, **here), "fits", conflicts=NONE),
        a_pair(
            "one allele, recessive gene",
            homozygous,
            having(PHGDH, HET, **here),
            "a carrier: lowered, not dropped",
            at_least=0.3,
            conflicts=carrier,
            below="both homozygous, recessive gene",
        ),
        a_pair("two alleles in trans", homozygous, both((1, 2)), "as good as homozygous", conflicts=NONE),
        a_pair("two alleles in cis", homozygous, both((1, 1)), "a carrier: lowered", conflicts=carrier),
        a_pair(
            "both heterozygous, dominant gene", having(SCN2A, HET), having(SCN2A, HET, **here), "fits", conflicts=NONE
        ),
        a_pair(
            "one and two copies, dominant gene",
            having(SCN2A, HET),
            having(SCN2A, HOM, **here),
            "lowered",
            conflicts=frozenset({Conflict.ZYGOSITY}),
            below="both heterozygous, dominant gene",
        ),
        a_pair(
            "mosaic and homozygous",
            having(SCN2A, Zygosity.MOSAIC),
            having(SCN2A, HOM, **here),
            "no conflict",
            conflicts=NONE,
            notes=mosaic,
        ),
        a_pair(
            "somatic and homozygous",
            having(SCN2A, HET, origin=Origin.SOMATIC),
            having(SCN2A, HOM, **here),
            "no conflict",
            conflicts=NONE,
            notes=mosaic,
        ),
        a_pair(
            "mitochondrial, 30 % and all copies",
            having(MT_TL1, Zygosity.HETEROPLASMIC, chromosome="MT", allele_fraction=0.3),
            having(MT_TL1, Zygosity.HOMOPLASMIC, chromosome="M"),
            "no conflict; shares are shown",
            kind=MatchKind.SAME_VARIANT,
            conflicts=NONE,
        ),
    ]


def _by_inheritance(clinic: Clinic) -> list[Pair]:
    def having(gene: GeneId, zygosity: Zygosity | None, **stated: Any) -> Profile:
        return _having(clinic, gene, zygosity, **stated)

    dominant, recessive, linked = (TermId(f"HP:000{n}") for n in ("0006", "0007", "1419"))
    here: dict[str, Any] = {"start": 9000}
    boy = having(TLR7, HEMI, sex=Sex.MALE)
    return [
        a_pair("X-linked boys, written 1 and 2", boy, having(TLR7, HOM, sex=Sex.MALE, **here), "agree", conflicts=NONE),
        a_pair("X-linked boys, written as one", boy, having(TLR7, HET, sex=Sex.MALE, **here), "agree", conflicts=NONE),
        a_pair(
            "X-linked boy and girl",
            boy,
            having(TLR7, HOM, sex=Sex.FEMALE, **here),
            "fits on X",
            conflicts=NONE,
            at_least=0.3,
        ),
        a_pair(
            "boys, pseudoautosomal gene",
            having(SHOX, HET, sex=Sex.MALE),
            having(SHOX, HOM, sex=Sex.MALE, **here),
            "two copies in a boy: lowered",
            conflicts=frozenset({Conflict.ZYGOSITY}),
        ),
        a_pair(
            "X-linked recessive, girl with one allele",
            having(TLR7, HEMI, sex=Sex.MALE, inheritance_mode=linked),
            having(TLR7, HET, sex=Sex.FEMALE, **here),
            "a carrier: lowered",
            conflicts=frozenset({Conflict.CARRIER}),
            at_least=0.3,
            below="X-linked boys, written 1 and 2",
        ),
        a_pair(
            "dominant against recessive",
            having(SCN2A, None, inheritance_mode=dominant),
            having(SCN2A, None, inheritance_mode=recessive, **here),
            "lowered",
            conflicts=frozenset({Conflict.INHERITANCE}),
            below="both heterozygous, dominant gene",
        ),
    ]
