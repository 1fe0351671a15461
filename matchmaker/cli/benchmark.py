"""`matchmaker benchmark`: how good the ranking is."""

from __future__ import annotations

from pathlib import Path

import click

from matchmaker.cli import output


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
