"""What scoring needs of a case, resolved against one release."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from matchmaker.model import AgeBand, Case, CaseId, GeneId, Sex, Sharing, TermId
from ontology.genes import ResolvedBy
from ontology.releases import Release
from scoring.coordinates import NOTHING_INSTALLED, Coordinates
from scoring.variants import Allele

_AGES = {band: stage for stage, band in enumerate(AgeBand)}
GENES_OF_A_REGION = 10  # a gain or loss of more genes says nothing of any one of them
# HPO's classes of onset on the scale of AgeBand; the classes below adult onset are adult too.
_ONSETS = {
    "HP:0030674": AgeBand.PRENATAL,
    "HP:0011460": AgeBand.PRENATAL,
    "HP:0011461": AgeBand.PRENATAL,
    "HP:0003577": AgeBand.NEWBORN,
    "HP:0003623": AgeBand.NEWBORN,
    "HP:0003593": AgeBand.INFANT,
    "HP:0011463": AgeBand.CHILD,
    "HP:0003621": AgeBand.ADOLESCENT,
    "HP:0003581": AgeBand.ADULT,
    "HP:0011462": AgeBand.ADULT,
    "HP:0003596": AgeBand.ADULT,
    "HP:0003584": AgeBand.ADULT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A case as the score sees it. Terms are dense ids of the release's graph, ascending, each once.

    `excluded` holds no term that an observed one of the same case is below: the observation wins. `unresolved` and
    `ambiguous_genes` are what the case says and the release cannot use; they count for nothing.
    """

    case_id: CaseId
    release: str
    observed: tuple[int, ...] = ()
    excluded: tuple[int, ...] = ()
    unresolved: tuple[TermId, ...] = ()
    genes: tuple[GeneId, ...] = ()
    ambiguous_genes: tuple[str, ...] = ()
    alleles: tuple[Allele, ...] = ()
    sex: Sex | None = None
    age_stage: int | None = None  # age at the last visit as a row of AgeBand
    onset: TermId | None = None
    inheritance_mode: TermId | None = None
    sharing: Sharing = Sharing.PRIVATE  # the effective one
    test: bool = False
    species: str = "NCBITaxon:9606"
    owner: str = ""
    family: str | None = None  # the owner's family; two owners' families of one name are two

    @property
    def onset_stage(self) -> int | None:
        """When the disease began, as a row of AgeBand; None when unsaid or no class of age."""
        band = _ONSETS.get(self.onset or "")
        return None if band is None else _AGES[band]


def profile_of(case: Case, release: Release, coordinates: Coordinates = NOTHING_INSTALLED) -> Profile:
    """Resolve a case's terms, genes and variants; never raises on what the release does not know."""
    observed, unknown = _indices(release, (f.term for f in case.features if not f.excluded))
    excluded, unknown_excluded = _indices(release, (f.term for f in case.features if f.excluded))
    genes, ambiguous, alleles = _genotype(case, release, coordinates)
    return Profile(
        case_id=case.id,
        release=release.id,
        observed=tuple(sorted(observed)),
        excluded=consistent_exclusions(observed, excluded, release),
        unresolved=(*unknown, *unknown_excluded),
        genes=genes,
        ambiguous_genes=ambiguous,
        alleles=alleles,
        sex=case.sex,
        age_stage=None if case.age_band is None else _AGES[case.age_band],
        onset=_current(case.onset, release),
        inheritance_mode=_current(case.inheritance_mode, release),
        sharing=case.effective_sharing,
        test=case.test,
        species=case.species,
        owner=case.owner,
        family=None if case.family is None else f"{case.owner}\n{case.family.id}",
    )


def consistent_exclusions(observed: set[int], excluded: set[int], release: Release) -> tuple[int, ...]:
    """Drop excluded terms that lie above an observed one of the same case, or are it."""
    above = {int(a) for term in observed for a in release.hpo.graph.closure(term)}
    return tuple(sorted(excluded - above))


def _indices(release: Release, terms: Iterable[TermId]) -> tuple[set[int], list[TermId]]:
    found: set[int] = set()
    unknown: list[TermId] = []
    for term in terms:
        index = release.hpo.index_of(term)
        if index is None:
            unknown.append(term)
        else:
            found.add(index)
    return found, unknown


def _genotype(
    case: Case, release: Release, coordinates: Coordinates
) -> tuple[tuple[GeneId, ...], tuple[str, ...], tuple[Allele, ...]]:
    genes: set[GeneId] = set()
    ambiguous: list[str] = []
    alleles: set[Allele] = set()
    for feature in case.genomic_features:
        gene = None
        if feature.gene is not None:
            gene = _gene(feature.gene, release)
            if gene is None:
                ambiguous.append(feature.gene)
            else:
                genes.add(gene)
        alleles.update(coordinates.allele(variant, gene) for variant in feature.variants)
    genes, alleles = by_region(genes, alleles)
    return tuple(sorted(genes)), tuple(ambiguous), tuple(sorted(alleles, key=repr))


def by_region(genes: set[GeneId], alleles: set[Allele]) -> tuple[set[GeneId], set[Allele]]:
    """Let a gain or loss that is stated for more than ten genes stand for its region alone, and for none of them.

    A gene that has another variant too remains a candidate.
    """
    regions: dict[Allele, set[Allele]] = {}
    for allele in alleles:
        if allele.copy_change is not None and allele.gene is not None and allele.locus and allele.span:
            regions.setdefault(replace(allele, gene=None), set()).add(allele)
    wide = {region: members for region, members in regions.items() if len(members) > GENES_OF_A_REGION}
    hidden = {allele for members in wide.values() for allele in members}
    other = {allele.gene for allele in alleles - hidden}
    kept = {allele for allele in alleles if allele not in hidden or allele.gene in other}
    regional = {replace(region, n_genes=len(members)) for region, members in wide.items()}
    return genes - ({allele.gene for allele in hidden} - other), kept | regional


def _gene(text: GeneId, release: Release) -> GeneId | None:
    """The gene that is meant; an unknown one is compared letter by letter, an ambiguous alias not at all."""
    resolution = release.genes.resolve(text)
    if resolution.kind is ResolvedBy.AMBIGUOUS:
        return None
    return resolution.gene or GeneId(text.strip())


def _current(term: TermId | None, release: Release) -> TermId | None:
    return None if term is None else release.hpo.resolve(term).term
