"""`matchmaker demo`: three national nodes on this machine, and one search across them."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from matchmaker.cli import output

if TYPE_CHECKING:
    from matchmaker.demonstration.nodes import DemoNode
    from matchmaker.demonstration.story import Story

SHOWN = 3  # of the cases found; all of them are on the pages, and in --json
NOTICE = "Everybody here is invented. For professionals to discuss cases, not for decisions on diagnosis or treatment."


@click.command()
@click.option(
    "--port", type=click.IntRange(1, 65533), default=8000, show_default=True, help="The first of three ports."
)
@click.option("--once", is_flag=True, help="Stop after printing.")
@output.json_option
def demo(port: int, once: bool, as_json: bool) -> None:
    """Show three national nodes (Ireland, Spain, Finland) find a boy in Dublin his peer in Spain.

    Everything happens on loopback, in homes that are made anew on every start and removed at the end.
    """
    import logging

    from matchmaker import logs
    from matchmaker.demonstration import people, story
    from matchmaker.demonstration.network import three_nodes
    from matchmaker.settings import Mode

    logs.configure(Mode.DEMO, level=logging.WARNING)
    if not as_json:
        output.say("Starting three nodes with invented cases ...")
    with three_nodes(port=0 if once else port) as nodes:
        ireland = nodes[0]
        martin = story.ask(ireland, people.MARTIN)
        if as_json:
            output.print_json(martin.to_dict())
        else:
            print_story(martin)
            _print_briefly(story.ask(ireland, people.YOUNG_MAN_IN_CORK))
        if not once:
            _serve(nodes, quiet=as_json)


def print_story(story: Story) -> None:
    """Say what a search found, at which nodes, and what left ours."""
    from matchmaker import advice
    from matchmaker.demonstration import story as told

    query = story.query
    shown = story.findings[:SHOWN]
    best = f"; the best {len(shown)}:" if len(shown) < len(story.findings) else ", best first:"
    output.say(f"\n{query.label}, {story.asker.country.capital}: {len(story.findings)} similar cases{best}")
    for place, finding in enumerate(shown, 1):
        contact = finding.case.contact
        output.say(f"\n{place}. {finding.node}, score {finding.score.total:.2f}, case {finding.id[:12]}")
        for reason in finding.to_dict(story.release)["reasons"]:
            output.say(f"   - {reason}")
        for test in advice.worth_testing(story.query, finding.case, finding.explanation, story.release)[:2]:
            output.say(f"   - Neither side has recorded {test}: worth testing.")
        output.say(f"   Ask: {contact.institution or contact.name}, {contact.href}")
    output.say("\nThe nodes:")
    for answer in story.answers:
        output.say(f"   {answer.node}: {told.said(answer)}")
    output.say(f"\nWhat left {story.asker.country.name}:")
    for departure in story.departures:
        output.say(f"   {departure.summary()}.")


def _print_briefly(story: Story) -> None:
    """A second story in three lines: a family is one match, and the gene turned up is another disease."""
    output.say(f"\n{story.query.label}:")
    for finding in story.findings[:2]:
        genes = ", ".join(finding.genes(story.release)) or "findings only"
        output.say(f"   {finding.node}, score {finding.score.total:.2f}: {genes}")


def _print_sign_ins(nodes: Sequence[DemoNode]) -> None:
    output.say("\nSign in:")
    for node in nodes:
        known = node.sign_in
        output.say(f"   {node.country.name}: {node.url}/login as {known.email}, password {known.password}")


def _serve(nodes: Sequence[DemoNode], *, quiet: bool) -> None:
    from matchmaker.demonstration.network import at_work

    with at_work(nodes):
        if not quiet:
            _print_sign_ins(nodes)
            output.say(f"\n{NOTICE}\nCtrl-C stops the nodes and removes their homes.")
        threading.Event().wait()
