"""The one place where a case turns into what another node may see, when we ask and when we answer.

A view is a new `Case` filled from an empty one, field by field, so that a field that is added to the model later
stays at home until somebody decides here that it may travel. Ids inside a view are the pseudonyms of that peer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self

from matchmaker import consent, matching_terms, outgoing, relaying
from matchmaker.errors import Forbidden
from matchmaker.matching_terms import AskedVariant
from matchmaker.model import (
    Case,
    CaseId,
    Disclosure,
    GeneId,
    GenomicFeature,
    Node,
    NodeName,
    PhenotypicFeature,
    TermId,
)
from matchmaker.service import Matchmaker
from scoring.agreement import MatchKind
from scoring.common_ground import CommonGround, common_ground
from scoring.profile import Profile
from scoring.scorer import Prepared

_ANOTHER_CENTRE = NodeName("another centre")  # its pseudonyms are those of no node
CONSTANT_SCORE = 0.5  # says nothing, whatever was asked


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What one peer asked with, so far as it bounds what it is told."""

    node: Node
    genes: frozenset[GeneId]
    variants: tuple[AskedVariant, ...]

    @classmethod
    def of(cls, mm: Matchmaker, query: Case, *, profile: Profile, node: Node) -> Self:
        return cls(node=node, genes=frozenset(profile.genes), variants=matching_terms.asked(mm, query))


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldGene:
    """A gene that both cases name, and as much of how they agree as the level allows."""

    gene: GeneId
    match: MatchKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What one peer is told of one case, and why it was found; no shares or parts of the score."""

    case: Case
    score: float  # in steps, rounded down; or fixed
    scoring: str | None  # the rules that made the score; None: none, it is fixed
    genes: tuple[ToldGene, ...] = ()
    terms: tuple[TermId, ...] = ()  # common ancestors, never more exact than what both sides have
    contradictions: tuple[TermId, ...] = ()

    @property
    def is_fixed(self) -> bool:
        """Whether the answer is the same whatever else was asked, so that its place among others must be too."""
        return self.scoring is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """Both directions for one peer; `answering` is the most it can be told: it asked with the very same profile."""

    asking: Case
    answering: Answer | None


def request_view(mm: Matchmaker, case: Case, node: Node) -> Case:
    """Reduce a case to what `node` is asked with.

    Raises
    ------
    Forbidden
        When the case is not shared with the node; a case that does not answer a node does not ask it either.
    """
    if not consent.may_share(case, node, jurisdiction=mm.settings.jurisdiction):
        raise Forbidden(f"share with {node.name} the case", case.id)
    view = _bare(mm, case, node)
    if case.disclosure is Disclosure.FULL_PROFILE:
        return _full(mm, view, case)
    view = replace(view, genomic_features=outgoing.genes_of(case))
    if case.disclosure is Disclosure.GENE:
        return view
    return replace(view, features=outgoing.features_of(case, mm.release.hpo))


def answer_view(
    mm: Matchmaker, case: Case, *, profile: Profile, question: Question, common: CommonGround, score: float
) -> Answer | None:
    """Reduce a case that was found, and its profile, to what the asking node may see; None: nothing may be told."""
    if not consent.may_share(case, question.node, jurisdiction=mm.settings.jurisdiction):
        return None
    return _told(mm, case, profile=profile, question=question, common=common, score=score)


def colleague_view(mm: Matchmaker, case: Case, *, asked: Case, query: Prepared) -> Case:
    """Reduce a case of another centre of this node to what its level shows, as a peer that asked would see it.

    Whether the two cases may meet at all is asked before (`consent.may_meet`). `query` is the profile of `asked`.
    """
    node = Node(name=_ANOTHER_CENTRE, jurisdiction=mm.settings.jurisdiction)
    profile = mm.profile(case)
    question = Question.of(mm, asked, profile=query.profile, node=node)
    common = common_ground(mm.scorer, query, profile)
    told = _told(mm, case, profile=profile, question=question, common=common, score=0.0)
    return _bare(mm, case, node) if told is None else told.case


def _told(
    mm: Matchmaker, case: Case, *, profile: Profile, question: Question, common: CommonGround, score: float
) -> Answer | None:
    genes = _told_genes(common, case, question)
    bare = mm.recent.once(case, ("bare", question.node.name, question.node.kin), lambda: _bare(mm, case, question.node))
    if case.disclosure is Disclosure.GENE:
        return _constant(bare, genes)  # a score that depends on the findings betrays them, one question at a time
    if case.disclosure is Disclosure.FULL_PROFILE:
        seen = mm.recent.once(
            case, ("full", question.node.name, question.node.kin, mm.release.id), lambda: _full(mm, bare, case)
        )
    else:
        features = matching_terms.features(mm, profile, common, shares_gene=bool(genes))
        named = [gene.gene for gene in genes]
        genomic_features = matching_terms.genomic_features(mm, case, named, common, asked=question.variants)
        if not features and not genomic_features:
            return None
        seen = _with(bare, features=features, genomic_features=genomic_features)
    return Answer(
        case=seen,
        score=stepped(score, mm.settings.score_step),
        scoring=mm.scorer.version,
        genes=genes,
        terms=common.terms,
        contradictions=common.contradictions,
    )


def constant_view(told: Answer) -> Answer | None:
    """What is told at gene level, and to a node that asked about one case in too many words; None: no gene is shared.

    The gene, whom to write to, and a score that depends neither on the case nor on what was asked.
    """
    return _constant(told.case, told.genes)


def preview(mm: Matchmaker, case: Case, node: Node) -> Preview:
    """Show what `node` would be asked with and told, by the code that asks and tells.

    Raises
    ------
    Forbidden
        When the case is not shared with the node: it would see nothing.
    """
    asking = request_view(mm, case, node)
    profile = mm.profile(case)
    question = Question.of(mm, case, profile=profile, node=node)
    common = common_ground(mm.scorer, mm.scorer.prepare(profile), profile)
    score = mm.scorer.score(profile, profile).total
    told = answer_view(mm, case, profile=profile, question=question, common=common, score=score)
    return Preview(asking=asking, answering=told)


def peer_id(mm: Matchmaker, case: Case, node: Node) -> CaseId:
    """The id by which one peer knows a case: stable over time and tokens, of no use to any other peer."""
    return peer_id_of(mm, case.id, node.name)


def peer_id_of(mm: Matchmaker, case_id: CaseId, node: NodeName) -> CaseId:
    """The same for a case of which only our own id is left."""
    return CaseId(mm.keys.pseudonym("case for node", node, case_id))


def stepped(score: float, step: float) -> float:
    """Round a score down to a multiple of `step`; the order of results is settled before.

    Examples
    --------
    >>> stepped(0.3, 0.05), stepped(0.349, 0.05), stepped(1.0, 0.05)
    (0.3, 0.3, 1.0)
    """
    if step <= 0:
        return score
    # 0.3 / 0.05 is 5.999...: what is a multiple up to rounding errors stays where it is.
    return round(math.floor(score / step + 1e-9) * step, 6)


def _bare(mm: Matchmaker, case: Case, node: Node) -> Case:
    """What every level shows: the peer's id, whom to ask, the species, and whether it is a test."""
    id_ = peer_id(mm, case, node)
    contact = outgoing.contact_of(case.contact, mm.settings)
    if node.kin and not outgoing.is_open(case.contact):
        # Our own kind of node relays letters; any other wants an address that can be written to.
        contact = replace(contact, href=relaying.general_address(mm, case.id, node))
    return Case(id=id_, owner="", local_id=id_, contact=contact, species=case.species, test=case.test)


def _with(
    bare: Case, *, features: tuple[PhenotypicFeature, ...] = (), genomic_features: tuple[GenomicFeature, ...] = ()
) -> Case:
    """What every level shows, and these; of a view with more in it nothing else is taken over."""
    return Case(
        id=bare.id,
        owner="",
        local_id=bare.local_id,
        contact=bare.contact,
        species=bare.species,
        test=bare.test,
        features=features,
        genomic_features=genomic_features,
    )


def _constant(view: Case, genes: tuple[ToldGene, ...]) -> Answer | None:
    if not genes:
        return None
    return Answer(
        case=_with(view, genomic_features=tuple(GenomicFeature(gene=gene.gene) for gene in genes)),
        score=CONSTANT_SCORE,
        scoring=None,
        genes=tuple(ToldGene(gene=gene.gene, match=MatchKind.SAME_GENE) for gene in genes),
    )


def _full(mm: Matchmaker, view: Case, case: Case) -> Case:
    """The clinical profile. Ethnicity, age and family stay: no peer needs them to compare two cases."""
    hpo = mm.release.hpo
    onset, mode = case.onset, case.inheritance_mode
    return replace(
        view,
        sex=case.sex,
        onset=outgoing.current_term(onset, hpo) if onset and hpo.is_onset(onset) else None,
        inheritance_mode=outgoing.current_term(mode, hpo) if mode and hpo.is_inheritance_mode(mode) else None,
        features=outgoing.features_of(case, hpo, details=True),
        genomic_features=outgoing.genes_of(case, variants=True),
        disorders=outgoing.disorders_of(case),
    )


def _told_genes(common: CommonGround, case: Case, question: Question) -> tuple[ToldGene, ...]:
    """The shared genes; of a gene that only a shared position stands for, below the full profile, nothing."""
    full = case.disclosure is Disclosure.FULL_PROFILE
    return tuple(
        ToldGene(gene=shared.gene, match=shared.kind if full else _told_kind(shared.kind, case.disclosure))
        for shared in common.genes
        if shared.gene is not None and (full or shared.gene in question.genes)
    )


def _told_kind(kind: MatchKind, level: Disclosure) -> MatchKind:
    """How a gene agrees, as far as a level below the full profile shows variants: by what the asker sent too."""
    sent_too = {MatchKind.SAME_VARIANT, MatchKind.NEIGHBOURING_POSITION, MatchKind.SAME_REGION}
    return kind if level is Disclosure.MATCHING_TERMS and kind in sent_too else MatchKind.SAME_GENE
