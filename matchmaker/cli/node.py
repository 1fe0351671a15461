"""`matchmaker node`: the other nodes, whom we ask and who may ask us."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from matchmaker.cli import output
from matchmaker.cli.opening import opened
from matchmaker.model import Node, NodeName

if TYPE_CHECKING:
    from federation.nodes import Standing

FROM_STANDARD_INPUT = "-"


@click.group()
def node() -> None:
    """Pair with other nodes: whom we ask, and who may ask us."""


@node.command()
@click.argument("name")
@click.option("--url", required=True, metavar="BASE_URL", help="Its base address, such as https://host/mme")
@click.option("--token", metavar="TOKEN", help="The token that it gave us; - reads it from standard input.")
@click.option("--country", metavar="CC", help="Two letters of ISO 3166, such as IE.")
@click.option("--operator-mail", metavar="EMAIL", help="Who is told when a case is withdrawn, erased or corrected.")
def add(name: str, url: str, token: str | None, country: str | None, operator_mail: str | None) -> None:
    """Register a node that we may ask; one that is there gets what is given anew, and keeps the rest."""
    from dataclasses import replace

    from federation import nodes
    from matchmaker.actors import SYSTEM

    if token == FROM_STANDARD_INPUT:
        token = sys.stdin.readline().strip()
    with opened() as mm:
        added = nodes.add(mm, NodeName(name), base_url=url, token=token, country=country, by=SYSTEM)
        if operator_mail is not None:
            nodes.change(mm, replace(added, operator_mail=operator_mail), by=SYSTEM)
    output.say(f"{name} can be asked. Try it: matchmaker match FILE --nodes {name}")


@node.command()
@click.argument("name")
def token(name: str) -> None:
    """Issue the token with which NAME may ask us; it is shown once, alone on standard output.

    Two tokens of a node are valid at a time, so that it can change over.
    """
    from federation import nodes
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        output.say(nodes.issue_token(mm, NodeName(name), by=SYSTEM))


@node.command("list")
@output.json_option
def list_(as_json: bool) -> None:
    """List all nodes."""
    from federation import nodes

    with opened() as mm:
        known = nodes.list_(mm)
    if as_json:
        output.print_json({"nodes": [asdict(one) for one in known]})
        return
    rows = ((n.name, n.base_url, n.country, n.version, "enabled" if n.enabled else "disabled") for n in known)
    output.print_table(("Name", "Address", "Country", "Speaks", "State"), rows)


@node.command()
@click.argument("name")
@output.json_option
def show(name: str, as_json: bool) -> None:
    """Show a node and how our latest calls to it went."""
    from federation import nodes

    with opened() as mm:
        standing = nodes.show(mm, NodeName(name))
    facts = _facts(standing)
    if as_json:
        output.print_json(facts)
        return
    output.print_table(("", ""), ((key, value) for key, value in facts.items() if key != "calls"))
    output.say()
    rows = ((call["at"], call["kind"], call["status"], call["seconds"], call["results"]) for call in facts["calls"])
    output.print_table(("Asked at", "What", "Outcome", "Seconds", "Results"), rows)


@node.command()
@click.argument("name")
@click.argument("cases", type=click.IntRange(min=0))
def declare(name: str, cases: int) -> None:
    """Note for how many CASES a node stands, as its operator says: its budgets grow with them."""
    from dataclasses import replace

    from federation import nodes
    from federation.ledger import Allowance
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        changed = replace(nodes.show(mm, NodeName(name)).node, declared_cases=cases)
        nodes.change(mm, changed, by=SYSTEM)
        allowance = Allowance.of(changed, mm.settings)
    output.say(
        f"{name} stands for {cases:,} cases: in 30 days it may learn of {allowance.cases_per_month:,} of ours, "
        f"and in 90 days get {allowance.distinct_answers:,} distinct answers about one."
    )


@node.command()
@click.argument("name")
def enable(name: str) -> None:
    """Let a node take part again."""
    from federation import nodes
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        nodes.enable(mm, NodeName(name), by=SYSTEM)
    output.say(f"{name} takes part again.")


@node.command()
@click.argument("name")
def disable(name: str) -> None:
    """Stop a node at once, in both directions; it stays registered."""
    from federation import nodes
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        nodes.disable(mm, NodeName(name), by=SYSTEM)
    output.say(f"{name} is not asked, and may not ask.")


@node.command()
@click.argument("name")
def remove(name: str) -> None:
    """Forget a node and its tokens; what was exchanged with it stays on record."""
    from federation import nodes
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        nodes.remove(mm, NodeName(name), by=SYSTEM)
    output.say(f"{name} is forgotten, and its tokens with it.")


def _facts(standing: Standing) -> dict[str, Any]:
    registered: Node = standing.node
    calls = [
        {
            "at": call.at.isoformat(timespec="seconds"),
            "kind": call.kind,
            "status": call.status,
            "seconds": call.seconds,
            "results": call.n_results,
        }
        for call in standing.latest
    ]
    return {**asdict(registered), "breaker": standing.breaker.value, "calls": calls}
