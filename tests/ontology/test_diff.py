from __future__ import annotations

from pathlib import Path

import pytest

from matchmaker.model import GeneId, TermId
from ontology.diff import GeneChange, GeneChangeKind, ReleaseDiff, TermChange, TermChangeKind, diff
from ontology.releases import Release, compile_release, load
from tests.ontology.files import gene_table, newer_obo, write_release


@pytest.fixture(scope="module")
def newer(tmp_path_factory: pytest.TempPathFactory) -> Release:
    folder = tmp_path_factory.mktemp("newer")
    genes = gene_table(
        {"hgnc_id": "HGNC:8923", "symbol": "PHGDH2", "entrez_id": "26227"},
        {"hgnc_id": "HGNC:99999", "symbol": "NEWGENE", "entrez_id": "99999"},
    )
    compile_release(write_release(folder / "files", obo=newer_obo(), genes=genes), folder / "newer.npz")
    return load(folder / "newer.npz")


def of_kind(found: ReleaseDiff, kind: TermChangeKind) -> list[TermChange]:
    return [change for change in found.terms if change.kind is kind]


def test_release_does_not_differ_from_itself(small: Release) -> None:
    assert diff(small, small).terms == ()
    assert diff(small, small).genes == ()


def test_every_kind_of_change_of_a_term_is_found(small: Release, newer: Release) -> None:
    found = diff(small, newer)

    (new,) = of_kind(found, TermChangeKind.NEW)
    (obsolete,) = of_kind(found, TermChangeKind.OBSOLETE)
    (moved,) = of_kind(found, TermChangeKind.MOVED)
    (relabelled,) = of_kind(found, TermChangeKind.RELABELLED)
    assert (new.term, new.label) == ("HP:0009100", "Brief seizure")
    assert obsolete == TermChange(
        kind=TermChangeKind.OBSOLETE,
        term=TermId("HP:0002123"),
        label="Generalized myoclonic seizure",
        after=("HP:0000252", "HP:0001250"),
        settled=False,
    )
    assert (moved.term, moved.before, moved.after) == ("HP:0000252", ("HP:0000152", "HP:0000707"), ("HP:0000152",))
    assert (relabelled.before, relabelled.after) == (("Microcephaly",), ("Small head circumference",))
    assert dict(found.n_terms) == {
        TermChangeKind.NEW: 1,
        TermChangeKind.OBSOLETE: 1,
        TermChangeKind.MERGED: 0,
        TermChangeKind.UNKNOWN: 0,
        TermChangeKind.MOVED: 1,
        TermChangeKind.RELABELLED: 1,
    }


def test_going_back_loses_what_was_new(small: Release, newer: Release) -> None:
    found = diff(newer, small)

    (lost,) = of_kind(found, TermChangeKind.UNKNOWN)
    (again,) = of_kind(found, TermChangeKind.NEW)
    assert (lost.term, again.term) == ("HP:0009100", "HP:0002123")


def test_merged_term_is_not_obsolete_and_moves_nothing_below_it(small: Release, tmp_path: Path) -> None:
    obo = newer_obo().replace("alt_id: HP:0002279\n", "alt_id: HP:0002279\nalt_id: HP:0009100\n")
    merged = obo.replace("\n[Term]\nid: HP:0009100\nname: Brief seizure\nis_a: HP:0001250 ! Seizure\n", "")
    compile_release(write_release(tmp_path / "before", obo=newer_obo()), tmp_path / "before.npz")
    compile_release(write_release(tmp_path / "after", obo=merged), tmp_path / "after.npz")

    (change,) = diff(load(tmp_path / "before.npz"), load(tmp_path / "after.npz")).terms

    assert change == TermChange(
        kind=TermChangeKind.MERGED, term=TermId("HP:0009100"), label="Brief seizure", after=("HP:0001250",)
    )


def test_genes_are_new_renamed_and_withdrawn(small: Release, newer: Release) -> None:
    found = diff(small, newer).genes

    assert GeneChange(kind=GeneChangeKind.RENAMED, gene=GeneId("HGNC:8923"), before="PHGDH", after="PHGDH2") in found
    assert GeneChange(kind=GeneChangeKind.NEW, gene=GeneId("HGNC:99999"), after="NEWGENE") in found
    withdrawn = {change.gene for change in found if change.kind is GeneChangeKind.WITHDRAWN}
    assert withdrawn == set(small.genes.ids) - {"HGNC:8923"}
