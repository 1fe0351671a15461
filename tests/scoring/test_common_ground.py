from __future__ import annotations

import random

from matchmaker.model import CaseId
from ontology.releases import Release
from scoring.common_ground import common_ground, most_specific
from scoring.index import kernels, plain
from scoring.profile import Profile
from scoring.scorer import Scorer


def profiles(release: Release, seed: int) -> tuple[Profile, Profile]:
    """Two cases that have some of their terms in common, and exclude some of the other's ancestors."""
    chosen = random.Random(seed)
    n_terms = release.hpo.graph.n_terms
    shared = chosen.sample(range(1, n_terms), chosen.choice([0, 1, 3]))
    made = []
    for name in ("a", "b"):
        observed = {*shared[:2], *chosen.sample(range(1, n_terms), chosen.choice([0, 1, 6, 20]))}
        excluded = set(chosen.sample(range(200), 20)) - observed
        made.append(
            Profile(
                case_id=CaseId(name),
                release=release.id,
                observed=tuple(sorted(observed)),
                excluded=tuple(sorted(excluded)),
            )
        )
    return made[0], made[1]


def test_it_names_what_an_explanation_explains(release: Release) -> None:
    scorer = Scorer(release)
    for seed in range(60):
        query, other = profiles(release, seed)
        explanation = scorer.explain(query, other)
        found = common_ground(scorer, scorer.prepare(query), other)

        micas = {release.hpo.index_of(pair.mica) for pair in explanation.pairs}
        named = most_specific({mica for mica in micas if mica is not None}, scorer.corpus)
        assert found.terms == tuple(scorer.corpus.term_ids[term] for term in named)
        assert found.contradictions == tuple(dict.fromkeys(c.excluded for c in explanation.contradictions))
        assert [(g.gene, g.kind) for g in found.genes] == [(g.gene, g.kind) for g in explanation.genes]


def test_compiled_and_plain_comparison_agree(release: Release) -> None:
    import numpy as np

    corpus = Scorer(release).corpus
    for seed in range(60):
        mine, theirs = (np.array(profile.observed, np.int32) for profile in profiles(release, seed))
        for least_ic in (0.0, 1.0, 99.0):
            compiled = kernels.common_terms(corpus, mine, theirs, least_ic)
            assert compiled == plain.common_terms(corpus, mine, theirs, least_ic)
