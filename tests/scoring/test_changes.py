from __future__ import annotations

import math

import numpy as np

from matchmaker.model import TermId
from ontology.graph import Graph
from scoring.changes import ContentChange, content_changes
from scoring.corpus import Corpus

IDS = (TermId("HP:0000118"), TermId("HP:0000707"), TermId("HP:0001250"))


def corpus(*contents: float, ids: tuple[TermId, ...] = IDS) -> Corpus:
    graph = Graph.of([[], [0], [1]][: len(contents)])
    return Corpus.of_graph(graph, ic=np.array(contents), release="r", term_ids=ids)


def test_only_notable_changes_are_found_the_largest_first() -> None:
    before, after = corpus(0.0, 1.0, 3.0), corpus(0.0, 1.0 + math.log(2), 2.0)

    assert content_changes(before, after) == (
        ContentChange(term=IDS[2], before=3.0, after=2.0),
        ContentChange(term=IDS[1], before=1.0, after=1.0 + math.log(2)),
    )
    assert content_changes(before, corpus(0.0, 1.4, 3.4)) == ()


def test_term_of_one_release_alone_is_no_change() -> None:
    assert content_changes(corpus(0.0, 1.0, 3.0), corpus(0.0, 1.0, ids=IDS[:2])) == ()
