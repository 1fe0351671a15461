"""`matchmaker rank`: JSON Lines against JSON Lines, without a database."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output

if TYPE_CHECKING:
    from matchmaker.model import CaseId
    from ontology.releases import Release
    from scoring.batch import Ranking
    from scoring.profile import Profile

FILE = click.Path(dir_okay=False, path_type=Path)


@click.command()
@click.option("--database", type=FILE, required=True, metavar="FILE", help="The cases that are ranked, one per line.")
@click.option(
    "--queries", type=FILE, required=True, metavar="FILE", help="The cases that are searched for, one per line."
)
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, metavar="N", help="Keep the N best.")
@click.option("--output", "target", type=FILE, required=True, metavar="FILE", help="Where the rankings are written.")
@click.option(
    "--gene-links",
    is_flag=True,
    help="Let a shared gene count by how its known diseases fit too, as in a node; published cases are in those links.",
)
@click.option("--cluster", metavar="ADDRESS", help="Rank on the machines of a dask cluster, at tcp://HOST:PORT.")
@output.json_option
def rank(
    *, database: Path, queries: Path, top: int, target: Path, gene_links: bool, cluster: str | None, as_json: bool
) -> None:
    """Rank the cases of one file for each case of another.

    Lines hold a patient in Matchmaker Exchange form, or an object with a `patient`; files may be gzipped. The output
    has a line per query, best case first: {"query": ID, "ranking": [[ID, SCORE], ...]}.
    """
    from ontology.releases import shipped

    release = shipped()
    asked = list(profiles(queries, release))
    cases = list(profiles(database, release))
    names = {case.case_id: json.dumps(case.case_id, ensure_ascii=False) for case in cases}
    # The target is opened last, so that a bad line does not cost an earlier result.
    with ExitStack() as stack, target.open("w", encoding="utf-8") as file, output.progress("Queries ranked") as counted:
        rankings = stack.enter_context(_rankings(cluster, asked, cases, top=top, gene_links=gene_links))
        for number, (query_id, ranking) in enumerate(rankings, 1):
            file.write(_line(query_id, ranking, names))
            counted(number)
    empty = sum(not (profile.observed or profile.genes or profile.alleles) for profile in (*asked, *cases))
    if as_json:
        output.print_json({"queries": len(asked), "cases": len(cases), "empty": empty, "output": str(target)})
        return
    output.say(f"Ranked {len(cases):,} cases for {len(asked):,} queries: {target}")
    if empty:
        output.say(f"{empty:,} of them hold nothing that can be compared, and match nothing.")


@contextmanager
def _rankings(
    cluster: str | None, queries: Sequence[Profile], cases: Sequence[Profile], *, top: int, gene_links: bool
) -> Iterator[Iterator[Ranking]]:
    """Rank on this machine, or on those of a cluster."""
    if cluster is None:
        from ontology.releases import shipped
        from scoring.batch import rank as rank_all
        from scoring.corpus import Corpus
        from scoring.scorer import Scorer

        scorer = Scorer(Corpus.of(shipped(), gene_phenotypes=gene_links))
        yield rank_all(queries, cases, scorer=scorer, top=top)
        return
    from matchmaker.errors import Unavailable

    try:
        from distributed import Client
    except ImportError as error:
        raise Unavailable("--cluster", "dask is not here", "pip install 'matchmaker-node[cluster]'") from error
    from scoring.spread import rank as rank_spread

    try:
        client = Client(cluster, timeout=10)
    except (OSError, ValueError) as error:
        raise Unavailable(f"cluster {cluster}", "it does not answer", "start `dask scheduler` there") from error
    with client:
        yield rank_spread(queries, cases, client=client, top=top, gene_links=gene_links)


def _line(query_id: CaseId, ranking: Sequence[tuple[CaseId, float]], names: Mapping[CaseId, str]) -> str:
    """One JSON object. A million pairs are written: the names are spelled once, and a finite number spells itself."""
    pairs = ", ".join([f"[{names[case_id]}, {score!r}]" for case_id, score in ranking])
    return f'{{"query": {json.dumps(query_id, ensure_ascii=False)}, "ranking": [{pairs}]}}\n'


def profiles(path: Path, release: Release) -> Iterator[Profile]:
    """Read the cases of a file under the ids that they have there."""
    from federation.strict_json import loads
    from matchmaker.errors import Invalid, Issue

    with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as file:
        for number, line in enumerate(file, 1):
            if not line.strip():
                continue
            try:
                yield _profile(loads(line), release)
            except Invalid as error:
                first = error.issues[0]
                where = f"{path}:{number}" + (f" {first.path}" if first.path else "")
                raise Invalid([Issue(path=where, message=first.message, remedy=first.remedy)]) from error


def _profile(record: Any, release: Release) -> Profile:
    """Resolve one record; a case with nothing to compare is ranked as such, since benchmarks hold some."""
    from federation.schemas import IMPORT_LIMITS, read_case
    from matchmaker.errors import Invalid, Issue
    from matchmaker.model import CaseId
    from scoring.profile import Profile, profile_of

    patient = record.get("patient", record) if isinstance(record, dict) else None
    if not isinstance(patient, dict) or not isinstance(patient.get("id"), str):
        raise Invalid([Issue(path="", message="holds no patient with an id", remedy="send one object per line")])
    try:
        case = read_case(patient, release=release, limits=IMPORT_LIMITS).case
    except Invalid:
        if patient.get("features") or patient.get("genomicFeatures"):
            raise
        return Profile(case_id=CaseId(patient["id"]), release=release.id)
    return profile_of(replace(case, id=CaseId(case.local_id)), release)
