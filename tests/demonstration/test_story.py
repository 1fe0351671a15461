"""What the demonstration promises: the peer first with its reasons, decoys below, one family once, nothing untold."""

from __future__ import annotations

import json
import re

import pytest

from matchmaker import advice
from matchmaker.cli.demo import print_story
from matchmaker.demonstration import people, story
from matchmaker.demonstration.nodes import DemoNode
from matchmaker.demonstration.story import Story
from web import comparison

pytestmark = pytest.mark.slow

Nodes = tuple[DemoNode, ...]


@pytest.fixture(scope="session")
def martin(nodes: Nodes) -> Story:
    return story.ask(nodes[0], people.MARTIN)


def test_girl_in_madrid_comes_first_with_gene_variant_and_findings(martin: Story) -> None:
    first = martin.to_dict()["matches"][0]

    assert first["node"] == "Spain"
    assert first["genes"] == ["PHGDH"]
    assert first["probability"]["searched"] == 300
    assert first["probability"]["probability"] > 0.5
    reasons = " ".join(first["reasons"])
    for fact in ("PHGDH", "the same variant", "Global developmental delay (HP:0001263)", "Microcephaly (HP:0000252)"):
        assert fact in reasons


def test_printed_story_says_how_many_of_the_cases_it_shows(martin: Story, capsys: pytest.CaptureFixture[str]) -> None:
    print_story(martin)

    said = capsys.readouterr().out
    shown = [line for line in said.splitlines() if re.match(r"\d+\. ", line)]
    assert f"{len(martin.findings)} similar cases; the best {len(shown)}:" in said
    assert 0 < len(shown) < len(martin.findings)


def test_decoys_come_up_below_the_peer(martin: Story) -> None:
    below = martin.findings[1:]

    foetus = next(f for f in below if f.node == "Spain" and "PHGDH" in f.genes(martin.release))
    assert foetus.score.total < martin.findings[0].score.total
    assert any(f.node == "Finland" for f in below)


def test_every_node_answered(martin: Story) -> None:
    assert {(answer.node, answer.state.value) for answer in martin.answers} == {
        ("Spain", "answered"),
        ("Finland", "answered"),
    }


def test_genes_and_findings_are_drawn_on_one_scale(martin: Story) -> None:
    explanation = martin.findings[0].explanation
    (gene,) = explanation.genes
    largest = max(gene.contribution, *(pair.contribution for pair in explanation.pairs))
    drawn = comparison.compare(explanation, martin.release)

    shares = [pair.share for group in drawn.groups for pair in group.pairs]
    assert sorted(shares) == pytest.approx(sorted(pair.contribution / largest for pair in explanation.pairs))
    assert explanation.share(gene.contribution) == pytest.approx(gene.contribution / largest)


def test_low_serine_is_in_no_record_and_suggested(martin: Story) -> None:
    first = martin.findings[0]
    tests = advice.worth_testing(martin.query, first.case, first.explanation, martin.release)

    assert "Hyposerinemia (HP:0012279)" in tests


def test_no_name_local_id_or_note_left_ireland(martin: Story) -> None:
    sent = json.dumps([departure.patient for departure in martin.departures])

    assert len(martin.departures) == 2
    for private in ("Martin", people.MARTIN, "no such person", "invented-byrne"):
        assert private not in sent
    assert "HP:0011451" in sent
    assert people.V490M.rpartition(":")[2] in sent


def test_contact_is_the_centre_and_an_address_for_letters_that_names_nobody(martin: Story, nodes: Nodes) -> None:
    contact = martin.findings[0].case.contact

    assert (contact.href or "").startswith(f"{nodes[1].url}/relay/")
    assert "Madrid" in (contact.institution or "")
    assert "Carmen" not in contact.name


def test_brothers_are_one_match_for_a_third_patient(nodes: Nodes) -> None:
    found = story.ask(nodes[0], people.YOUNG_MAN_IN_CORK)
    sharing = [f for f in found.findings if "TLR7" in f.genes(found.release)]

    assert [f.node for f in sharing] == ["Finland"]
    assert found.findings[0] is sharing[0]


def test_neither_his_brother_nor_the_girl_with_lupus_comes_up_for_a_brother(nodes: Nodes) -> None:
    found = story.ask(nodes[2], "FI-0201", top=500)
    sharing = [(f.node, f.id) for f in found.findings if "TLR7" in f.genes(found.release)]

    assert len(sharing) == 1
    assert sharing[0][0] == "Ireland"


def test_unreachable_node_is_named_and_not_shown_as_without_matches(nodes: Nodes) -> None:
    from federation import nodes as registered
    from matchmaker.actors import SYSTEM
    from matchmaker.model import NodeName

    registered.add(nodes[0].mm, NodeName("Nowhere"), base_url="http://127.0.0.1:9/mme", country="NO", by=SYSTEM)
    try:
        found = story.ask(nodes[0], people.MARTIN)
    finally:
        registered.remove(nodes[0].mm, NodeName("Nowhere"), by=SYSTEM)

    answer = next(a for a in found.answers if a.node == "Nowhere")
    assert answer.state.value == "unreachable"
    assert "cases" not in story.said(answer)
