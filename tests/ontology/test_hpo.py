"""What ids mean, and what a release says of its terms."""

from __future__ import annotations

import numpy as np
import pytest

from matchmaker.errors import NotFound
from matchmaker.model import TermId
from ontology.releases import Release
from ontology.resolution import ResolutionKind
from ontology.term_ids import ONSET, SEVERITY
from ontology.terms import Scope, Synonym

SEIZURE = "HP:0001250"


@pytest.mark.parametrize(
    "spelling",
    [
        "HP:0001250",
        "hp:0001250",
        "HP_0001250",
        "hp_0001250",
        " HP:0001250\n",
        "HP: 0001250",
        "HPO:0001250",
        "http://purl.obolibrary.org/obo/HP_0001250",
        "https://hpo.jax.org/browse/term/HP:0001250",
        "https://hpo.jax.org/app/browse/term/HP:0001250/",
    ],
)
def test_every_spelling_of_an_id_is_the_same_term(release: Release, spelling: str) -> None:
    resolution = release.hpo.resolve(spelling)

    assert (resolution.term, resolution.kind) == (SEIZURE, ResolutionKind.CURRENT)
    assert resolution.given == spelling


@pytest.mark.parametrize(
    "text", ["", "seizure", "HP:", "HP:125", "HP:00012500", "MP:0001250", "HP:000125O", "HP:٠٠٠١٢٥٠"]
)
def test_what_is_no_id_is_malformed_and_never_guessed(release: Release, text: str) -> None:
    resolution = release.hpo.resolve(text)

    assert (resolution.term, resolution.kind) == (None, ResolutionKind.MALFORMED)


def test_id_of_another_release_is_unknown(release: Release) -> None:
    assert release.hpo.resolve("HP:9999999").kind is ResolutionKind.UNKNOWN
    assert release.hpo.index_of("HP:9999999") is None
    assert release.hpo.label("HP:9999999") is None


def test_alternative_id_means_the_term_that_it_was_merged_into(release: Release) -> None:
    resolution = release.hpo.resolve("hp:0002279")

    assert (resolution.term, resolution.kind) == (SEIZURE, ResolutionKind.ALTERNATIVE)


def test_obsolete_term_is_followed_to_its_replacement(small: Release) -> None:
    # HP:0009000 is replaced by an obsolete term, and that by an alternative id of Seizure.
    resolution = small.hpo.resolve("HP:0009000")

    assert (resolution.term, resolution.kind) == (SEIZURE, ResolutionKind.REPLACED)
    assert small.hpo.index_of("HP:0009000") == small.hpo.index_of(SEIZURE)


def test_obsolete_term_without_replacement_offers_what_to_consider(small: Release) -> None:
    resolution = small.hpo.resolve("HP:0009002")

    assert (resolution.term, resolution.kind) == (None, ResolutionKind.OBSOLETE)
    assert resolution.consider == ("HP:0000252", SEIZURE)


def test_obsolete_term_without_any_advice_stays_obsolete(small: Release) -> None:
    resolution = small.hpo.resolve("HP:0009003")

    assert (resolution.kind, resolution.consider) == (ResolutionKind.OBSOLETE, ())
    assert small.hpo.label("HP:0009003") == "obsolete Gone"


def test_terms_that_replace_one_another_do_not_hang(small: Release) -> None:
    assert small.hpo.resolve("HP:0009004").kind is ResolutionKind.OBSOLETE


def test_every_id_of_the_shipped_release_is_answered(release: Release) -> None:
    kinds = [release.hpo.resolve(f"HP:{number:07d}").kind for number in release.hpo.numbers]

    # Of 450 obsolete terms 94 have no replacement (counted in hp.obo); one of those is offered two, and none is chosen.
    assert kinds.count(ResolutionKind.CURRENT) == len(release.hpo) == 19_034
    assert set(kinds) == {
        ResolutionKind.CURRENT,
        ResolutionKind.ALTERNATIVE,
        ResolutionKind.REPLACED,
        ResolutionKind.OBSOLETE,
    }


def test_term_has_definition_synonyms_with_scope_and_parents(small: Release) -> None:
    term = small.hpo.term("hp_0001250")

    assert term.label == "Seizure"
    assert term.definition == "Abnormal, excessive activity of neurons."
    assert term.synonyms == (
        Synonym(text="Epileptic seizure", scope=Scope.EXACT, layperson=False),
        Synonym(text="Fit", scope=Scope.RELATED, layperson=True),
    )
    assert term.alt_ids == ("HP:0002279",)
    assert term.parents == ("HP:0000707",)
    assert not term.obsolete


def test_obsolete_term_can_be_looked_at_as_it_is(small: Release) -> None:
    term = small.hpo.term("HP:0009000")

    assert (term.obsolete, term.replaced_by, term.parents) == (True, "HP:0009001", ())
    assert small.hpo.term("HP:0009002").consider == ("HP:0000252", "HP:0009001")


def test_unknown_term_is_not_found(small: Release) -> None:
    with pytest.raises(NotFound, match="HP:7777777"):
        small.hpo.term("HP:7777777")


def test_onset_inheritance_and_severity_are_told_from_features(release: Release) -> None:
    hpo = release.hpo

    assert [t for t in ("HP:0003577", "HP:0000007", "HP:0012828", SEIZURE, "HP:0003674") if hpo.is_onset(t)] == [
        "HP:0003577"
    ]
    assert hpo.is_inheritance_mode("HP:0000007")
    assert not hpo.is_inheritance_mode("HP:0000005")  # the root says nothing
    assert hpo.index_of("HP:0003577") is None  # no phenotypic abnormality


def test_children_are_the_inverse_of_parents(small: Release) -> None:
    assert small.hpo.children("HP:0000707") == ("HP:0000252", "HP:0001250")
    assert small.hpo.children("HP:0002123") == ()


def test_organ_systems_are_those_above_a_term(small: Release) -> None:
    assert set(small.hpo.organ_system("HP:0000252")) == {"HP:0000707", "HP:0000152"}
    assert small.hpo.organ_system("HP:0000707") == ("HP:0000707",)
    assert small.hpo.organ_system("HP:0000118") == ()
    assert small.hpo.organ_system("HP:0003577") == ()


def test_dense_ids_begin_at_the_root_and_put_parents_first(release: Release) -> None:
    graph = release.hpo.graph

    assert release.hpo.term_ids[0] == "HP:0000118"
    assert release.hpo.index_of("HP:0000118") == 0
    assert len(release.hpo.term_ids) == graph.n_terms < 65_535
    assert len(graph.parents_of(0)) == 0
    children = np.repeat(np.arange(graph.n_terms), np.diff(graph.parent_offsets))
    assert (graph.parents < children).all()
    assert all(release.hpo.index_of(term) == index for index, term in enumerate(release.hpo.term_ids[:200]))


def test_closure_agrees_with_walking_the_parents_of_each_term(release: Release) -> None:
    hpo = release.hpo
    for index in range(0, hpo.graph.n_terms, 997):
        above, open_ = set(), [hpo.term_ids[index]]
        while open_:
            term = open_.pop()
            if (row := hpo.index_of(term)) is not None and row not in above:
                above.add(row)
                open_.extend(hpo.term(term).parents)
        assert hpo.graph.closure(index).tolist() == sorted(above)


@pytest.mark.slow
def test_what_is_below_a_term_is_all_that_has_it_above(release: Release) -> None:
    hpo = release.hpo
    for root in (ONSET, SEVERITY, TermId("HP:0001250")):
        assert hpo.below(root) == tuple(id_ for id_ in hpo.current_ids if hpo.is_below(id_, root))
    assert hpo.below(TermId("HP:9999999")) == ()
