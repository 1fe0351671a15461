"""The facts of an explanation as English sentences: for the terminal, the demonstration and the pages.

"Here" is the case that was searched for, "there" the one that was found.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from matchmaker.model import GeneId, TermId
from matchmaker.texts import gettext as _
from matchmaker.texts import later
from ontology.releases import Release
from scoring.agreement import MatchKind
from scoring.explanation import BestMatch, Conflict, Contradiction, Explanation, Note, SharedGene
from scoring.probability import Likelihood
from scoring.profile import Profile
from scoring.zygosity import Plasmy

N_TERMS = 5  # a reader decides by the strongest few; the comparison page has all of them
N_DISEASES = 2
LEAST, MOST = 0.001, 0.99  # of a probability that is written as a number
MANY_PAPERS = 9  # a gene of more is common among cases

_KINDS = {
    MatchKind.SAME_VARIANT: "both have the same variant in it",
    MatchKind.NEIGHBOURING_POSITION: "both have a variant at the same or a neighbouring position in it",
    MatchKind.SAME_REGION: "the same region is lost or gained in both",
    MatchKind.SAME_EFFECT: "both have a variant of the same effect in it",
    MatchKind.SAME_GENE: "no variant in common is known",
}
_NOTES = {
    Note.CONVERTED: "the positions were given on two assemblies, and one was converted",
    Note.TWO_ASSEMBLIES: "the positions were given on two assemblies, and could not be compared",
    Note.MANY_GENES: "so many genes are lost or gained that only the region counts, and none of them by itself",
    Note.MOSAIC: "a variant is in a part of the cells only, so that the zygosity says nothing",
}
_RELATED = (
    "So much of both lists is shared that this may be the same person or a relative: find out before counting it."
)
_FITS = {"nearly all": 0.9, "most": 0.6, "some": 0.3, "little": 0.0}
_CONFLICTS = {
    Conflict.OPPOSITE_MECHANISM: later("one side loses its function and the other gains it: two different diseases"),
    Conflict.ZYGOSITY: later("the numbers of copies hit differ"),
    Conflict.CARRIER: later("one side may only be a carrier"),
    Conflict.INHERITANCE: later("the stated modes of inheritance differ"),
}


def term_name(release: Release, term: TermId) -> str:
    """A term as people read it: Seizure (HP:0001250)."""
    label = release.hpo.label(term)
    return f"{label} ({term})" if label else _("%(term)s (unknown to our release)", term=term)


def gene_name(release: Release, gene: GeneId) -> str:
    """A gene as people read it: PHGDH (HGNC:8923)."""
    symbol = release.genes.symbol(gene)
    return gene if symbol == gene else f"{symbol} ({gene})"


def reasons(explanation: Explanation, release: Release, *, n_terms: int = N_TERMS) -> tuple[str, ...]:
    """Say why two cases match: genes, then the strongest findings, then what speaks against it.

    Parameters
    ----------
    n_terms : int
        At most so many sentences about findings.

    Returns
    -------
    tuple of str
        Whole sentences. () when the cases have nothing in common and nothing contradicts.
    """
    related = (_RELATED,) if explanation.may_be_related else ()
    return (
        *related,
        *(sentence for shared in explanation.genes for sentence in _of_gene(shared, release)),
        *(_of_pair(pair, release) for pair in _each_ancestor_once(explanation, n_terms)),
        *(_of_contradiction(found, release) for found in explanation.contradictions),
    )


def likelihood(found: Likelihood) -> str:
    """Say how likely the same disease gene is, and what that rests on."""
    evidence = [
        f"{what} {_times(log_ratio)}"
        for what, log_ratio in (("the findings", found.evidence.phenotype), ("the genes", found.evidence.genes))
        if log_ratio is not None
    ]
    why = f": {' and '.join(evidence)}" if evidence else ""
    return (
        f"The same disease gene: {found.word.value} ({percent(found.probability)}), "
        f"among {found.n_searched:,} cases{why}."
    )


def unused(profile: Profile, release: Release) -> tuple[str, ...]:
    """Say what of a case cannot be compared, and why; () when all of it can."""
    no_finding = (
        f"{term_name(release, term)} is not compared: release {release.id} has no such finding."
        for term in profile.unresolved
    )
    ambiguous = (
        f"{gene} is not compared: several genes have this name. Give an id, or the approved symbol."
        for gene in profile.ambiguous_genes
    )
    nothing = not profile.observed and not profile.genes and not profile.alleles
    return (
        *no_finding,
        *ambiguous,
        *(("The case states no finding, no gene and no variant that can be compared.",) if nothing else ()),
    )


def conflict_name(conflict: Conflict) -> str:
    """What speaks against a shared gene, as a clause."""
    return _(_CONFLICTS[conflict])


def percent(probability: float) -> str:
    """A probability as people read it; nothing is certain, and nothing impossible.

    Examples
    --------
    >>> percent(0.1712), percent(0.0234), percent(0.00001), percent(0.9999)
    ('17 %', '2.3 %', 'below 0.1 %', 'above 99 %')
    """
    if probability < LEAST:
        return _("below 0.1 %")
    if probability > MOST:
        return _("above 99 %")
    return f"{probability:.1%}".replace("%", " %") if probability < 0.1 else f"{probability:.0%}".replace("%", " %")


def _times(log_ratio: float) -> str:
    """What a likelihood ratio does to the odds; `log_ratio` in nats.

    Examples
    --------
    >>> _times(math.log(21)), _times(math.log(0.5)), _times(0.01)
    ('make it 21 times as likely', 'make it 2 times less likely', 'leave it as likely')
    """
    times = math.exp(abs(log_ratio))
    if times < 1.05:
        return "leave it as likely"
    said = "over 1,000" if times > 1000 else f"{times:.0f}" if times >= 10 else f"{times:.2g}"
    return f"make it {said} times {'as' if log_ratio > 0 else 'less'} likely"


def _of_gene(shared: SharedGene, release: Release) -> Iterator[str]:
    if shared.gene is None:
        yield f"Without a named gene: {_KINDS[shared.kind]}.".replace(" in it", "")
        yield from (f"Of it: {_NOTES[note]}." for note in shared.notes)
        return
    fits = "; the zygosity fits" if shared.zygosity_fits else ""
    symbol = release.genes.symbol(shared.gene)
    yield f"Both name the gene {gene_name(release, shared.gene)}: {_KINDS[shared.kind]}{fits}."
    if shared.plasmies:
        yield f"The variant in {symbol} is mitochondrial: {plasmies(shared.plasmies)}."
    for conflict in shared.conflicts:
        yield f"Speaking against {symbol}: {conflict_name(conflict)}."
    for note in shared.notes:
        yield f"Of {symbol}: {_NOTES[note]}."
    diseases = release.annotations.diseases_of_gene(shared.gene)
    if diseases:
        named = "; ".join(f"{release.annotations.disease(d).name} ({d})" for d in diseases[:N_DISEASES])
        more = f"; and {len(diseases) - N_DISEASES} more" if len(diseases) > N_DISEASES else ""
        yield f"{symbol} is a known disease gene: {named}{more}{_explained(shared)}."


def plasmies(found: tuple[Plasmy | None, Plasmy | None]) -> str:
    """Say in how many mitochondrial copies a variant is, on either side."""
    return ", ".join(f"{_plasmy(side)} {where}" for side, where in zip(found, ("here", "there"), strict=True))


def _plasmy(side: Plasmy | None) -> str:
    if side is None:
        return "not stated"
    share = "" if side.fraction is None else f"in {side.fraction:.0%} of the copies".replace("%", " %")
    return " ".join(filter(None, (side.zygosity, share))) or "not stated in how many copies"


def _explained(shared: SharedGene) -> str:
    """How well a gene's known diseases fit, in words; nothing where a gene-only case states no findings."""
    sides = ((shared.explained_query, "here"), (shared.explained_match, "there"))
    said = [f"{_fit(share)} of the findings {where}" for share, where in sides if share is not None]
    papers = f" (annotated from {shared.n_papers} publications)" if shared.n_papers > MANY_PAPERS else ""
    return f"{papers}; what is known of it explains {' and '.join(said)}" if said else papers


def _fit(share: float) -> str:
    return next(word for word, least in _FITS.items() if share >= least)


def _each_ancestor_once(explanation: Explanation, most: int) -> list[BestMatch]:
    """The strongest pair of each thing in common, so that one finding is not told in five sentences."""
    strongest: dict[TermId, BestMatch] = {}
    for pair in explanation.pairs:
        strongest.setdefault(pair.mica, pair)
    return list(strongest.values())[:most]


def _of_pair(pair: BestMatch, release: Release) -> str:
    here, there = term_name(release, pair.query), term_name(release, pair.match)
    if pair.query == pair.match:
        return f"Both have {here}, found in {_rarity(pair.ic)}."
    common = term_name(release, pair.mica)
    if pair.mica in {pair.query, pair.match}:
        return f"{here} here, {there} there: both have {common}, found in {_rarity(pair.ic)}."
    return f"{here} here and {there} there are both kinds of {common}, found in {_rarity(pair.ic)}."


def _of_contradiction(found: Contradiction, release: Release) -> str:
    without, having = ("here", "there") if found.excluded_by == "query" else ("there", "here")
    observed, excluded = term_name(release, found.observed), term_name(release, found.excluded)
    if observed == excluded:
        return f"Against it speaks that {observed} is present {having} and was excluded {without}."
    return f"Against it speaks that {observed} is present {having}, while {excluded} was excluded {without}."


def _rarity(ic: float) -> str:
    """How telling a finding is, in plain words: the share of diseases that have it; `ic` in nats."""
    one_of = math.exp(ic)
    if one_of < 1.5:
        return "most diseases"
    digits = 10 ** max(0, math.floor(math.log10(one_of)) - 1)  # two digits say all that is known
    return f"about one of {round(one_of / digits) * digits:,} diseases"
