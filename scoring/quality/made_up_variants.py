"""The made-up pairs with variants: by place, by what is installed, by what they do, by region."""

from __future__ import annotations

from typing import Any

from matchmaker.model import CopyChange, GeneId, Mechanism, Zygosity
from ontology.releases import Release
from scoring.agreement import MatchKind
from scoring.coordinates import Coordinates
from scoring.explanation import Conflict, Note
from scoring.profile import Profile
from scoring.quality.made_up import Clinic, Pair, a_copy, a_variant
from scoring.quality.made_up_pairs import BRAIN, FORTY, SCN2A, a_pair

MT_TL1, SHOX = GeneId("HGNC:7490"), GeneId("HGNC:10853")
HET, HOM, HEMI = Zygosity.HETEROZYGOUS, Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS
STOP, MISSENSE = "SO:0001587", "SO:0001583"
SAME, NEAR, REGION, EFFECT, GENE = MatchKind
NONE: frozenset[Conflict] = frozenset()
_LIFTED_BY = 1_000
_REPEAT = "G" * 100 + "CAG" * 5 + "T" * 100  # begins at 100


class _Chain:
    """Converts by one step, as a chain file without gaps would."""

    def query(self, chrom: str, pos: int, /) -> list[tuple[str, int, str]]:
        return [(chrom, pos + _LIFTED_BY, "+")]


INSTALLED = Coordinates(chain=_Chain(), chain_from="GRCh37", chain_to="GRCh38", sequences={("GRCh38", "2"): _REPEAT})


def pairs(release: Release) -> tuple[Pair, ...]:
    """The rows with variants, in the order of the table."""
    clinic, equipped = Clinic(release), Clinic(release, INSTALLED)
    return (
        *_by_place(clinic),
        *_by_what_is_installed(clinic, equipped),
        *_by_effect(clinic),
        *_by_region(clinic),
    )


def _carrier(clinic: Clinic, gene: GeneId | None = SCN2A, **stated: Any) -> Profile:
    return clinic.patient(BRAIN, variants=[(gene, a_variant(**stated))])


def _by_place(clinic: Clinic) -> list[Pair]:
    def carrier(gene: GeneId | None = SCN2A, **stated: Any) -> Profile:
        return _carrier(clinic, gene, **stated)

    mine = carrier()
    named: dict[str, Any] = {"start": None, "hgvs": "NM_001040142.2:c.2558G>A"}
    return [
        a_pair("same variant", mine, mine, "recurrent or founder", at_least=1.0, kind=SAME, above="stop and missense"),
        a_pair(
            "names of chromosome and assembly", mine, carrier(assembly="hg38", chromosome="chr2"), "same", kind=SAME
        ),
        a_pair(
            "chromosome by its accession", mine, carrier(assembly=None, chromosome="NC_000002.12"), "same", kind=SAME
        ),
        a_pair(
            "written with a base in front",
            mine,
            carrier(start=165_309_999, reference_bases="AC", alternate_bases="AT"),
            "same",
            kind=SAME,
        ),
        a_pair(
            "equal bases one position apart",
            mine,
            carrier(start=165_310_001),
            "perhaps counted from 1",
            kind=NEAR,
            below="same variant",
        ),
        a_pair(
            "other base at the place",
            mine,
            carrier(alternate_bases="G"),
            "same residue",
            kind=NEAR,
            below="same variant",
        ),
        a_pair("equal bases two positions apart", mine, carrier(start=165_310_002), "another variant", kind=GENE),
        a_pair("same name on one transcript", carrier(**named), carrier(**named), "same", kind=SAME),
        a_pair(
            "same name, no transcript", carrier(**named), carrier(start=None, hgvs="c.2558G>A"), "may be", kind=NEAR
        ),
        a_pair("nothing stated of the variants", carrier(start=None), carrier(start=None), "no agreement", kind=GENE),
        a_pair("same variant, no gene named", carrier(None), carrier(None), "by position", kind=SAME, at_least=0.3),
    ]


def _by_what_is_installed(clinic: Clinic, equipped: Clinic) -> list[Pair]:
    old: dict[str, Any] = {"assembly": "GRCh37", "start": 165_310_000 - _LIFTED_BY}
    first: dict[str, Any] = {"start": 100, "reference_bases": "CAG", "alternate_bases": ""}
    last: dict[str, Any] = {"start": 110, "reference_bases": "AGC", "alternate_bases": ""}
    return [
        a_pair(
            "two assemblies",
            _carrier(clinic),
            _carrier(clinic, **old),
            "by gene, and it is said",
            kind=GENE,
            notes=frozenset({Note.TWO_ASSEMBLIES}),
        ),
        a_pair(
            "two assemblies, with a chain file",
            _carrier(equipped),
            _carrier(equipped, **old),
            "same, and it is said",
            kind=SAME,
            notes=frozenset({Note.CONVERTED}),
        ),
        a_pair(
            "one deletion at two ends of a repeat",
            _carrier(clinic, **first),
            _carrier(clinic, **last),
            "may be the same",
            kind=NEAR,
        ),
        a_pair(
            "the same, with the reference sequence",
            _carrier(equipped, **first),
            _carrier(equipped, **last),
            "same",
            kind=SAME,
        ),
        a_pair(
            "deletions of other bases nearby",
            _carrier(clinic, **first),
            _carrier(clinic, **{**last, "reference_bases": "GCA"}),
            "two variants",
            kind=GENE,
        ),
    ]


def _by_effect(clinic: Clinic) -> list[Pair]:
    def carrier(**stated: Any) -> Profile:
        return _carrier(clinic, **stated)

    loss, gain = (
        carrier(start=start, mechanism=mechanism)
        for start, mechanism in ((1000, Mechanism.LOSS_OF_FUNCTION), (9000, Mechanism.GAIN_OF_FUNCTION))
    )
    far: dict[str, Any] = {"start": 165_390_000}
    missense = carrier(effect=MISSENSE)
    return [
        a_pair(
            "two missense variants",
            missense,
            carrier(effect=MISSENSE, **far),
            "alike",
            kind=EFFECT,
            below="same variant",
        ),
        a_pair(
            "stop and missense",
            carrier(effect=STOP),
            carrier(effect=MISSENSE, **far),
            "gene alone",
            kind=GENE,
            below="two missense variants",
        ),
        a_pair(
            "loss against gain",
            loss,
            gain,
            "two diseases",
            conflicts=frozenset({Conflict.OPPOSITE_MECHANISM}),
            below="stop and missense",
        ),
        a_pair(
            "loss against loss",
            loss,
            carrier(start=9000, mechanism=Mechanism.LOSS_OF_FUNCTION),
            "fits",
            kind=EFFECT,
            conflicts=NONE,
        ),
        a_pair(
            "stop against gain",
            carrier(effect=STOP),
            gain,
            "two diseases",
            conflicts=frozenset({Conflict.OPPOSITE_MECHANISM}),
        ),
    ]


def _by_region(clinic: Clinic) -> list[Pair]:
    def copied(change: CopyChange, start: int, end: int, *genes: GeneId | None) -> Profile:
        variant = a_copy(change, start, end)
        return clinic.patient(BRAIN, variants=[(gene, variant) for gene in genes or (SCN2A,)])

    loss, gain = CopyChange.LOSS, CopyChange.GAIN
    deleted = copied(loss, 1_000_000, 2_000_000)
    wide, alone = copied(loss, 1_000_000, 9_000_000, *FORTY[:12]), copied(loss, 1_000_000, 2_000_000, None)
    twelve = frozenset({Note.MANY_GENES})
    return [
        a_pair("same deletion", deleted, deleted, "same", kind=SAME),
        a_pair("deletions, 60 % of each", deleted, copied(loss, 1_400_000, 2_400_000), "same region", kind=REGION),
        a_pair(
            "deletions, 20 % of each",
            deleted,
            copied(loss, 1_800_000, 2_800_000),
            "same effect on the gene",
            kind=EFFECT,
        ),
        a_pair(
            "a small deletion in a large one", deleted, copied(loss, 1_400_000, 1_500_000), "same effect", kind=EFFECT
        ),
        a_pair(
            "deletion and duplication",
            deleted,
            copied(gain, 1_000_000, 2_000_000),
            "gene alone",
            kind=GENE,
            below="same deletion",
        ),
        a_pair(
            "deletion and stop",
            deleted,
            _carrier(clinic, effect=STOP),
            "both lose the gene",
            kind=EFFECT,
            conflicts=NONE,
        ),
        a_pair(
            "deletion and gain of function",
            deleted,
            _carrier(clinic, mechanism=Mechanism.GAIN_OF_FUNCTION),
            "two diseases",
            conflicts=frozenset({Conflict.OPPOSITE_MECHANISM}),
        ),
        a_pair(
            "regions without a named gene",
            alone,
            copied(loss, 1_300_000, 2_300_000, None),
            "by region",
            kind=REGION,
            at_least=0.3,
        ),
        a_pair(
            "such regions, 20 % of each",
            alone,
            copied(loss, 1_800_000, 2_800_000, None),
            "findings alone",
            shares=False,
        ),
        a_pair(
            "lost over twelve genes, one of them there",
            wide,
            clinic.patient(BRAIN, FORTY[3]),
            "says nothing of one gene",
            shares=False,
        ),
        a_pair(
            "lost over twelve genes, both",
            wide,
            copied(loss, 2_000_000, 9_500_000, *FORTY[:14]),
            "by region",
            kind=REGION,
            notes=twelve,
        ),
    ]
