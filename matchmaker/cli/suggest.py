"""`matchmaker suggest`: which known diseases look like a case, and how its candidate genes explain it."""

from __future__ import annotations

import click

from matchmaker.cli import output
from matchmaker.cli.match import case_of
from matchmaker.cli.opening import opened


@click.command()
@click.argument("file_or_id", metavar="FILE_OR_ID")
@output.json_option
def suggest(file_or_id: str, as_json: bool) -> None:
    """List the ten likeliest diseases of a case, and its candidate genes by how well they explain it.

    For discussion among professionals. Nothing of it enters a score: the annotations that it rests on cite published
    patients, so a published case finds its own disease better than a new one would.
    """
    from scoring.diseases import Suggestions

    with opened() as mm:
        case = mm.profile(case_of(mm, file_or_id))
        suggestions = Suggestions(mm.release, mm.scorer.corpus)
        diseases, genes = suggestions.diseases(case), suggestions.genes(case)
        symbol = mm.release.genes.symbol
        if as_json:
            likely = [{"id": d.id, "name": d.name, "ln_likelihood_ratio": round(d.log_ratio, 3)} for d in diseases]
            candidates = [
                {"gene": g.gene, "symbol": symbol(g.gene), "disease": g.best.id if g.best else None} for g in genes
            ]
            output.print_json({"diseases": likely, "genes": candidates})
            return
        output.print_table(("Disease", "Name", "ln LR"), [(d.id, d.name, f"{d.log_ratio:.1f}") for d in diseases])
        rows = [(symbol(g.gene), g.best.name if g.best else "no known disease") for g in genes]
        if rows:
            output.print_table(("Gene", "Explains it best by"), rows)
        output.say(
            "To be discussed: for a case that is new to HPO's annotations the right one is missing as often as not."
        )
