"""`matchmaker benchmark`: how good the ranking is, and how fast the search."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from matchmaker.cli import output

if TYPE_CHECKING:
    from ontology.releases import Release
    from scoring.quality.made_up import Judged


@click.group()
def benchmark() -> None:
    """Measure the engine; one JSON object on standard output."""


@benchmark.command()
@click.option(
    "--cases", "path", required=True, metavar="FILE", type=click.Path(path_type=Path), help="JSON Lines, maybe gzipped."
)
@click.option("--json", is_flag=True, expose_value=False, help="As without it: the report is one JSON object.")
def quality(path: Path) -> None:
    """Measure on published cases how often the first matches have the same disease.

    Each line of the file has a `patient` and the `truth`: disease, gene, paper.
    """
    from ontology.releases import shipped
    from scoring.quality import quality as measure

    n_done = 0
    with output.progress("Queries scored") as counted:

        def advance(more: int) -> None:
            nonlocal n_done
            n_done += more
            counted(n_done)

        report = measure(path, shipped(), advance=advance)
    output.print_json(report)


@benchmark.command()
@click.option(
    "--cases", "path", required=True, metavar="FILE", type=click.Path(path_type=Path), help="JSON Lines, maybe gzipped."
)
@click.option("--json", is_flag=True, expose_value=False, help="As without it: the report is one JSON object.")
def calibrate(path: Path) -> None:
    """Fit the probability of the same disease gene on published cases, and check it on genes left out.

    What the report calls `calibration` is the form in which it ships.
    """
    from ontology.releases import shipped
    from scoring.quality.calibrating import calibrate as fitted

    n_done = 0
    with output.progress("Queries scored") as counted:

        def advance(more: int) -> None:
            nonlocal n_done
            n_done += more
            counted(n_done)

        report = fitted(path, shipped(), advance=advance)
    output.print_json(report)


@benchmark.command()
@output.json_option
def pairs(as_json: bool) -> None:
    """Score made-up pairs of cases and say what a geneticist expects of each; a table in Markdown.

    Fails when one of them is not as expected.
    """
    from ontology.releases import shipped
    from scoring.quality import made_up_inheritance, made_up_pairs, made_up_variants
    from scoring.quality.made_up import judge
    from scoring.scorer import Scorer

    release = shipped()
    tables = (made_up_pairs, made_up_variants, made_up_inheritance)
    judged = judge([pair for rows in tables for pair in rows.pairs(release)], Scorer(release))
    if as_json:
        output.print_json({"scoring": judged[0].explanation.scoring, "pairs": [_row(one, release) for one in judged]})
    else:
        output.say("| pair | score | raw | reasons | a geneticist expects | agrees |")
        output.say("|---|---|---|---|---|---|")
        for one in judged:
            output.say("| " + " | ".join(str(cell) for cell in _row(one, release).values()) + " |")
    if any(one.disagreements for one in judged):
        raise click.ClickException("some pairs are not as a geneticist expects")


@benchmark.command()
@click.option("--cases", type=click.IntRange(min=100), default=1_000_000, show_default=True, metavar="N")
@click.option("--queries", type=click.IntRange(min=1), default=200, show_default=True, metavar="N")
@click.option(
    "--from", "path", metavar="FILE", type=click.Path(path_type=Path), help="Real cases instead of drawn ones."
)
@click.option("--growth", is_flag=True, help="Measure at each power of ten on the way as well.")
@click.option("--plot", metavar="FILE", type=click.Path(path_type=Path), help="With --growth: draw it, as SVG.")
@click.option(
    "--keep",
    metavar="FOLDER",
    type=click.Path(path_type=Path, file_okay=False),
    help="Leave the index there; the next time it is measured, and not built.",
)
@click.option("--json", is_flag=True, expose_value=False, help="As without it: the report is one JSON object.")
def engine(*, cases: int, queries: int, path: Path | None, growth: bool, plot: Path | None, keep: Path | None) -> None:
    """Measure how fast the search is, against its own scan and against reading the index once.

    Cases are drawn from disease annotations: clustered by disease, imprecise, noisy, with genes and excluded terms.
    With --growth the last lines are a table in Markdown, on standard error.
    """
    from matchmaker.cli.rank import profiles
    from ontology.releases import shipped
    from scoring.speed import Extent, measure
    from scoring.speed.growth import plot as drawn
    from scoring.speed.growth import table

    release = shipped()
    real = None if path is None else list(profiles(path, release))
    stages = tuple(10**power for power in range(4, 9)) if growth or plot else ()
    with output.progress("Cases indexed") as counted:
        extent = Extent(n_cases=cases, n_queries=queries, stages=stages, folder=keep)
        try:
            report = measure(release, extent, cases=real, advance=counted)
        except ValueError as error:
            raise click.BadParameter(str(error), param_hint="--keep") from error
    output.print_json(report)
    if stages:
        click.echo(table(report["growth"]), err=True)
    if plot is not None:
        plot.write_text(drawn(report["growth"]), "utf-8")


def _row(judged: Judged, release: Release) -> dict[str, str]:
    from matchmaker import wording

    found = judged.explanation
    reasons = [
        f"{release.genes.symbol(gene.gene) if gene.gene else 'no gene named'}: "
        + ", but ".join([gene.kind.replace("_", " "), *(conflict.replace("_", " ") for conflict in gene.conflicts)])
        + "".join(f" ({note.replace('_', ' ')})" for note in gene.notes)
        + (f" ({wording.plasmies(gene.plasmies)})" if gene.plasmies else "")
        for gene in found.genes
    ]
    reasons += ["may be related"] if found.may_be_related else []
    reasons += [f"{release.hpo.label(pair.mica)}" for pair in found.pairs[:1]]
    reasons += [f"{release.hpo.label(against.excluded)} excluded" for against in found.contradictions]
    return {
        "pair": judged.pair.name,
        "score": f"{found.score.total:.2f}",
        "raw": f"{found.raw:.2f}",
        "reasons": "; ".join(reasons) or "nothing in common",
        "expected": judged.pair.expected.words,
        "agrees": "no: " + ", ".join(judged.disagreements) if judged.disagreements else "yes",
    }
