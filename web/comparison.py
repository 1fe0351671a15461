"""Two cases side by side, as a page shows them: labels, organ systems, bars; no markup and no scoring."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from matchmaker.model import Case, GeneId, TermId, Variant
from ontology.releases import Release
from scoring.explanation import BestMatch, Explanation
from web.words import word

N_PAIRS = 12  # shown at once; a reader decides by the strongest few
STRONG, MODERATE = 0.6, 0.4  # of the score; words for eyes, thresholds of nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class Labelled:
    """A term or gene as people read it: Seizure (HP:0001250)."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PairRow:
    """One finding of each side that belong together, and the finding that covers both."""

    query: Labelled
    match: Labelled
    ancestor: Labelled
    share: float  # of the strongest gene or pair on the page, in [0, 1]

    @property
    def same(self) -> bool:
        return self.query.id == self.match.id


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemGroup:
    """The pairs of one organ system, strongest first."""

    system: str
    pairs: tuple[PairRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ContradictionRow:
    observed: Labelled
    excluded: Labelled
    excluded_here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A part of what speaks for a match, drawn beside the others from `start`; `kind` is one word, for its colour."""

    kind: str
    name: str
    start: float
    percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Everything that the comparison page says about two cases."""

    groups: tuple[SystemGroup, ...]
    more: tuple[SystemGroup, ...]  # pairs that say less than the strongest ones
    rests_on: tuple[Share, ...]
    only_here: tuple[Labelled, ...]
    only_there: tuple[Labelled, ...]
    contradictions: tuple[ContradictionRow, ...]

    @property
    def n_more(self) -> int:
        return sum(len(group.pairs) for group in self.more)


def strength(score: float) -> str:
    """One word for a score in [0, 1]."""
    if score >= STRONG:
        return "strong"
    return "moderate" if score >= MODERATE else "weak"


def labelled(release: Release, term: str) -> Labelled:
    return Labelled(id=term, label=release.hpo.label(TermId(term)) or _("unknown to our release"))


def compare(explanation: Explanation, release: Release) -> Comparison:
    """Turn the facts of an explanation into rows, grouped by organ system, the strongest system first."""
    strongest = sorted(explanation.pairs, key=lambda pair: -pair.contribution)
    return Comparison(
        groups=_groups(explanation, strongest[:N_PAIRS], release),
        more=_groups(explanation, strongest[N_PAIRS:], release),
        rests_on=_rests_on(explanation),
        only_here=_labels(release, explanation.unmatched_query),
        only_there=_labels(release, explanation.unmatched_match),
        contradictions=tuple(
            ContradictionRow(
                observed=labelled(release, found.observed),
                excluded=labelled(release, found.excluded),
                excluded_here=found.excluded_by == "query",
            )
            for found in explanation.contradictions
        ),
    )


def alleles(case: Case, gene: GeneId | None) -> str:
    """The variants of a gene in one line, as a geneticist writes them."""
    told = [_allele(v) for feature in case.genomic_features if feature.gene == gene for v in feature.variants]
    return "; ".join(told) if told else _("named, without a variant")


def _allele(variant: Variant) -> str:
    place = variant.hgvs.rpartition(":")[2] if variant.hgvs else _coordinates(variant)
    return " ".join(
        filter(None, (place or _("a variant"), *(word(one) for one in (variant.zygosity, variant.origin) if one)))
    )


def _coordinates(variant: Variant) -> str:
    if variant.chromosome is None or variant.start is None:
        return ""
    # Readers count from 1, as browsers and VCF do; inside we count from 0.
    change = f" {variant.reference_bases or '?'}>{variant.alternate_bases or '?'}"
    assembly = variant.assembly or _("assembly unknown")
    return f"{variant.chromosome}:{variant.start + 1}{change} ({assembly})"


def _labels(release: Release, terms: Iterable[TermId]) -> tuple[Labelled, ...]:
    return tuple(labelled(release, term) for term in terms)


def _rests_on(explanation: Explanation) -> tuple[Share, ...]:
    """What speaks for the match, in three parts; what speaks against it is told in words."""
    same = sum(pair.contribution for pair in explanation.pairs if pair.query == pair.match)
    related = sum(pair.contribution for pair in explanation.pairs if pair.query != pair.match)
    genes = sum(gene.contribution for gene in explanation.genes)
    named = (
        ("genes", _("genes"), genes),
        ("same", _("the same findings"), same),
        ("near", _("near findings"), related),
    )
    whole, start, shares = genes + same + related, 0.0, []
    for kind, name, contribution in named:
        if contribution > 0.0:
            percent = round(100.0 * contribution / whole, 1)
            shares.append(Share(kind=kind, name=name, start=round(start, 1), percent=percent))
            start += percent
    return tuple(shares)


def _groups(explanation: Explanation, pairs: Iterable[BestMatch], release: Release) -> tuple[SystemGroup, ...]:
    by_system: dict[str, list[PairRow]] = {}
    for pair in pairs:
        row = PairRow(
            query=labelled(release, pair.query),
            match=labelled(release, pair.match),
            ancestor=labelled(release, pair.mica),
            share=explanation.share(pair.contribution),
        )
        by_system.setdefault(organ_system(release, pair.mica), []).append(row)
    return tuple(SystemGroup(system=system, pairs=tuple(rows)) for system, rows in by_system.items())


def organ_system(release: Release, term: TermId) -> str:
    """The organ system in HPO's words, without its "Abnormality of the"."""
    systems: Sequence[TermId] = release.hpo.organ_system(term)
    if not systems:
        return str(_("Other findings"))
    label = release.hpo.label(systems[0]) or systems[0]
    short = label.removeprefix("Abnormality of the ").removeprefix("Abnormality of ").removeprefix("Abnormal ")
    return short[:1].upper() + short[1:]
