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
    from federation.pairing import Met

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
@click.option("--country", metavar="CC", help="Two letters of ISO 3166, such as US.")
@click.option("--jurisdiction", metavar="LAW", help="EEA, or the country whose law binds it; else that of its country.")
@click.option("--transfer-basis", metavar="TEXT", help="Why cases may go there from the EEA; empty takes it back.")
def law(name: str, country: str | None, jurisdiction: str | None, transfer_basis: str | None) -> None:
    """Note under whose law a node is, and on what basis cases may be sent to it (GDPR chapter V)."""
    from dataclasses import replace

    from federation import node_overview, nodes
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        known = nodes.show(mm, NodeName(name)).node
        changed = replace(
            known,
            country=known.country if country is None else country.strip().upper() or None,
            jurisdiction=known.jurisdiction if jurisdiction is None else jurisdiction.strip().upper() or None,
            transfer_basis=known.transfer_basis if transfer_basis is None else transfer_basis.strip() or None,
        )
        nodes.change(mm, changed, by=SYSTEM)
        found = node_overview.detail(mm, NodeName(name), by=SYSTEM)
    levels = ", ".join(found.levels) or "no level"
    output.say(
        f"{name} is under the law of {found.jurisdiction or 'nobody knows whom'}; it sees cases shared at: {levels}."
    )


@node.command("must-sign")
@click.argument("name")
@click.option("--off", is_flag=True, help="Take requests without a signature again.")
def must_sign(name: str, off: bool) -> None:
    """Refuse requests of NAME that are not signed with the key that it sent when it was paired (RFC 9421)."""
    from federation import nodes
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        nodes.require_signatures(mm, NodeName(name), required=not off, by=SYSTEM)
    output.say(f"{name} may ask without signing." if off else f"{name} must sign what it asks.")


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


@node.command()
@click.argument("name")
@click.option("--url", metavar="BASE_URL", help="Only the node at this address, such as https://host/mme, may accept.")
def invite(name: str, url: str | None) -> None:
    """Print a code with which one node of our kind, NAME, may pair with us; it is good once, for three days.

    The code stands alone on standard output. Send it to the other operator, who runs `matchmaker node accept CODE`.
    """
    from federation import pairing
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        output.say(pairing.invite(mm, NodeName(name), base_url=url, by=SYSTEM))
    click.echo(f"When it was accepted: matchmaker node confirm {name}", err=True)


@node.command()
@click.argument("code")
@click.option("--name", metavar="NAME", help="What to call the node here, instead of what it calls itself.")
@output.json_option
def accept(code: str, name: str | None, as_json: bool) -> None:
    """Meet the node that sent CODE, and show the words that both operators compare."""
    from federation import pairing
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        met = pairing.accept(mm, code, name=name, by=SYSTEM)
    _introduce(met, as_json=as_json)
    if not as_json:
        output.say(f'Call the other operator, compare the words, and then both: matchmaker node confirm "{met.name}"')


@node.command()
@click.argument("name")
@click.option("--words", metavar="WORDS", help="The words that the other operator read to you; else you are asked.")
@output.json_option
def confirm(name: str, words: str | None, as_json: bool) -> None:
    """Say that the other operator has the same words; when both have said so, the nodes exchange their tokens."""
    from federation import nodes, pairing
    from federation.client import client_of
    from matchmaker.actors import SYSTEM

    with opened() as mm:
        met = pairing.meet(mm, NodeName(name), by=SYSTEM)
        if words is None:
            _introduce(met, as_json=False)
            click.confirm("Did the other operator read the same words to you?", abort=True, err=True)
            words = met.words
        met = pairing.confirm(mm, NodeName(name), words=words, by=SYSTEM)
        heartbeat = nodes.ask_heartbeat(mm, NodeName(name), client=client_of(mm), by=SYSTEM) if met.done else None
    if as_json:
        output.print_json({"node": name, "done": met.done, "heartbeat": heartbeat.state if heartbeat else None})
    elif heartbeat is None:
        output.say(f"Confirmed here. {name} is paired when its operator has confirmed too.")
    elif heartbeat.error:
        output.say(f"Paired with {name}, which did not answer a first call: {heartbeat.error}")
    else:
        output.say(f"Paired with {name}: it answered in {heartbeat.seconds:.1f} s, and both may ask.")


def _introduce(met: Met, *, as_json: bool) -> None:
    if as_json:
        output.print_json({"node": met.name, "words": met.words, "says": dict(met.says)})
        return
    says = met.says
    country, law = says["country"] or "no country", says["jurisdiction"] or "no jurisdiction"
    output.say(f"{met.name}: says that it is {says['name']}, {says['url']}, {country}, under the law of {law}")
    output.say(f"Words: {met.words}")


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
