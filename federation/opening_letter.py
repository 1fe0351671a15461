"""The letter that is proposed to a clinician: the facts of a match, and no more than its own case may show."""

from __future__ import annotations

from federation import opened
from matchmaker import match_life, wording
from matchmaker.actors import User
from matchmaker.disclosure import peer_id_of
from matchmaker.model import Disclosure
from matchmaker.service import Matchmaker

MOST = 8  # findings: the letter begins a conversation


def draft(mm: Matchmaker, match_id: str, *, by: User) -> str:
    """Return a letter to edit and send: shared genes, and at levels above *gene* what the findings have in common."""
    pair = match_life.get(mm, match_id, by=by)
    (one,) = opened.open_all(mm, [pair], by=by)
    finding, case = one.finding, pair.stored.case
    explanation = finding.explanation
    genes = [wording.gene_name(mm.release, shared.gene) for shared in explanation.genes if shared.gene]
    common = dict.fromkeys(best.mica for best in explanation.pairs)
    terms = [wording.term_name(mm.release, term) for term in common][:MOST]
    if case.disclosure is Disclosure.GENE:
        terms = []
    lines = ["Dear colleague,", "", f"{mm.settings.node_name} found that a case of mine resembles one of yours."]
    if not pair.at_home:
        ours = peer_id_of(mm, case.id, pair.match.finding.node)
        lines += [f"At your node mine is known as {ours}, yours here as {finding.id}."]
    if genes:
        lines += ["", f"Both name {' and '.join(genes)}."]
    if terms:
        lines += ["", "What they have in common:", *(f"- {term}" for term in terms)]
    lines += ["", "Would you like to compare them? What led you to this gene or diagnosis, and how is the patient now?"]
    return "\n".join([*lines, "", "With kind regards", by.email if by.account_id else ""]).rstrip() + "\n"
