"""What people type, and the terms and genes that they find."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ontology.releases import Release
from ontology.search import GeneSearch, TermSearch
from ontology.term_ids import ONSET

_ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def terms(release: Release) -> TermSearch:
    return TermSearch(release.hpo, release.annotations)


@pytest.fixture(scope="module")
def genes(release: Release) -> GeneSearch:
    return GeneSearch(release.genes)


@pytest.mark.slow
def test_synonyms_find_their_term_among_the_first_five() -> None:
    """One in four; the command without `--every` asks with all of them."""
    figures = _benchmark("--every", "4")

    assert figures["n_queries"] > 5_500
    assert figures["recall_at_5"] >= 0.95
    assert figures["recall_at_5_misspelt"] >= 0.9
    assert figures["recall_at_5_reversed"] >= 0.95


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("seizure", "Seizure"),
        ("SEIZURES", "Seizure"),
        ("seizre", "Seizure"),
        ("epilepsi", "Seizure"),
        ("small head", "Microcephaly"),
        ("head, small", "Microcephaly"),
        ("microcefaly", "Microcephaly"),
        ("low muscle tone", "Hypotonia"),
        ("intelectual disabilty", "Intellectual disability"),
        ("cafe au lait", "Cafe-au-lait spot"),
        ("anaemia", "Anemia"),
        ("cleft palate bilateral", "Bilateral cleft palate"),
        ("hp:0001250", "Seizure"),
        ("HP:0002279", "Seizure"),
        ("http://purl.obolibrary.org/obo/HP_0001250", "Seizure"),
    ],
)
def test_term_meant_comes_first(terms: TermSearch, typed: str, label: str) -> None:
    assert terms.search(typed)[0].label == label


@pytest.mark.parametrize(
    ("typed", "label"),
    [("se", "Seizure"), ("mi", "Microcephaly"), ("hy", "Hypertelorism"), ("at", "Ataxia"), ("sh", "Short stature")],
)
def test_two_letters_find_usual_terms(terms: TermSearch, typed: str, label: str) -> None:
    assert label in [hit.label for hit in terms.search(typed, limit=10)]


def test_hit_says_by_which_synonym_and_whether_it_is_a_laypersons(terms: TermSearch) -> None:
    hit = terms.search("small head")[0]

    assert (hit.term, hit.matched, hit.layperson) == ("HP:0000252", "Small head", True)
    assert 0.9 < hit.score <= 1


def test_each_term_comes_once_best_first_and_at_most_as_many_as_asked(terms: TermSearch) -> None:
    hits = terms.search("seizure", limit=7)

    assert len(hits) == len({hit.term for hit in hits}) == 7
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert terms.search("seizure", limit=7) == hits


def test_beginning_of_an_id_lists_the_terms_that_begin_so(terms: TermSearch) -> None:
    hits = terms.search("HP:000125", limit=20)

    assert "HP:0001250" in [hit.term for hit in hits]
    assert all(hit.term.startswith("HP:000125") for hit in hits)


def test_obsolete_id_offers_what_to_consider(small: Release) -> None:
    assert [hit.term for hit in TermSearch(small.hpo).search("HP:0009002")] == ["HP:0000252", "HP:0001250"]


def test_obsolete_terms_are_not_found_by_name(small: Release) -> None:
    assert all("obsolete" not in hit.label for hit in TermSearch(small.hpo).search("obsolete gone"))


def test_search_can_keep_to_one_branch(terms: TermSearch) -> None:
    hits = terms.search("congenital", below=ONSET)

    assert hits[0].term == "HP:0003577"
    assert all("onset" in hit.label.lower() for hit in hits)


@pytest.mark.parametrize("typed", ["", "   ", "zqzqzqzq", "!?", "a" * 5000, "seizure " * 500])
def test_odd_input_is_answered(terms: TermSearch, genes: GeneSearch, typed: str) -> None:
    assert len(terms.search(typed)) <= 10
    assert len(genes.search(typed)) <= 10


@pytest.mark.parametrize(
    ("typed", "symbol"),
    [
        ("PHGDH", "PHGDH"),
        ("phgd", "PHGDH"),
        ("PHGHD", "PHGDH"),
        ("ENSG00000092621.4", "PHGDH"),
        ("26227", "PHGDH"),
        ("hgnc:8923", "PHGDH"),
        ("phosphoglycerate dehydrogenase", "PHGDH"),
        ("dystrophin", "DMD"),
        ("TLR 7", "TLR7"),
        ("toll like receptor 7", "TLR7"),
        ("c9orf72", "C9orf72"),
        ("MCPH5", "ASPM"),
    ],
)
def test_gene_meant_comes_first(genes: GeneSearch, typed: str, symbol: str) -> None:
    assert genes.search(typed)[0].symbol == symbol


def test_ambiguous_name_lists_all_of_its_genes(genes: GeneSearch) -> None:
    # MLL2 was the symbol of KMT2D and is an alias of KMT2B.
    assert [(hit.symbol, hit.matched) for hit in genes.search("MLL2", limit=2)] == [
        ("KMT2D", "MLL2"),
        ("KMT2B", "MLL2"),
    ]


def test_two_letters_find_genes_that_begin_so(genes: GeneSearch) -> None:
    hits = genes.search("br", limit=50)

    assert len(hits) == 50
    assert all(hit.matched.upper().startswith("BR") for hit in hits)


def test_each_gene_comes_once_best_first(genes: GeneSearch) -> None:
    hits = genes.search("kmt2", limit=20)

    assert len({hit.gene for hit in hits}) == len(hits)
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


@pytest.mark.slow
def test_every_alias_and_old_symbol_finds_its_gene_among_the_first_five(release: Release, genes: GeneSearch) -> None:
    table = release.genes
    positions = range(0, len(table.names), 40)
    found = [
        table.ids[table.name_rows[i]] in [hit.gene for hit in genes.search(table.names[i], limit=5)] for i in positions
    ]

    assert sum(found) / len(found) >= 0.99


def _benchmark(*arguments: str) -> dict[str, Any]:
    command = [sys.executable, str(_ROOT / "benchmarks" / "term_search.py"), *arguments]
    figures: dict[str, Any] = json.loads(subprocess.run(command, check=True, capture_output=True, cwd=_ROOT).stdout)
    return figures
