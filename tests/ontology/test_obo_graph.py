"""HPO as OBO Graphs JSON: the same release as the OBO file of the same terms."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pronto.ontology import Ontology

from matchmaker.errors import ReleaseError
from ontology import releases
from ontology.manifest import shipped_files
from ontology.obo import read_obo
from tests.ontology.files import OBO, newer_obo, write_release

PURL, OIO = "http://purl.obolibrary.org/obo/", "http://www.geneontology.org/formats/oboInOwl#"


def as_json(obo: Path, target: Path) -> Path:
    """Write the terms of an OBO file as the OWL API writes OBO Graphs JSON; pronto's own leaves most of it out."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        ontology = Ontology(obo, import_depth=0, encoding="utf-8")
    terms = list(ontology.terms())
    edges = [
        {"sub": _purl(term.id), "pred": "is_a", "obj": _purl(parent.id)}
        for term in terms
        for parent in term.superclasses(distance=1, with_self=False)
    ]
    version = f"http://purl.obolibrary.org/obo/{ontology.metadata.data_version}/hp.json"
    graph = {"id": PURL + "hp.json", "meta": {"version": version}, "nodes": [*map(_node, terms)], "edges": edges}
    target.write_text(json.dumps({"graphs": [graph]}))
    return target


def _node(term: Any) -> dict[str, Any]:
    raw = term._data()
    properties = [("hasAlternativeId", one) for one in term.alternate_ids]
    properties += [("consider", one) for one in raw.consider]
    said = [{"pred": OIO + name, "val": value} for name, value in properties]
    said += [{"pred": f"{PURL}IAO_0100001", "val": _purl(one)} for one in raw.replaced_by]
    meta: dict[str, Any] = {"basicPropertyValues": said} if said else {}
    if term.definition:
        meta["definition"] = {"val": str(term.definition), "xrefs": []}
    if term.synonyms:
        meta["synonyms"] = [_synonym(one) for one in term.synonyms]
    if term.obsolete:
        meta["deprecated"] = True
    return {"id": _purl(term.id), "lbl": term.name, "type": "CLASS", **({"meta": meta} if meta else {})}


def _synonym(one: Any) -> dict[str, str]:
    said = {"pred": f"has{(one.scope or 'RELATED').capitalize()}Synonym", "val": one.description}
    return said | ({"synonymType": f"{PURL}hp#{one.type.id}"} if one.type else {})


def _purl(curie: str) -> str:
    return PURL + curie.replace(":", "_")


def assert_same(obo: Path, graph: Path) -> None:
    expected, found = read_obo(obo).arrays(), read_obo(graph).arrays()
    assert found.keys() == expected.keys()
    for name in expected:
        assert np.array_equal(found[name], expected[name]), name


@pytest.mark.parametrize("text", [OBO, newer_obo()])
def test_graph_is_read_as_the_file_of_which_it_was_written(tmp_path: Path, text: str) -> None:
    obo = tmp_path / "hp.obo"
    obo.write_text(text)

    assert_same(obo, as_json(obo, tmp_path / "hp.json"))


@pytest.mark.slow
def test_whole_of_hpo_is_the_same_in_both_forms(tmp_path: Path) -> None:
    obo = shipped_files()[0].path()

    assert_same(obo, as_json(obo, tmp_path / "hp.json"))


def test_term_that_was_merged_is_no_term_of_its_own(tmp_path: Path) -> None:
    obo = tmp_path / "hp.obo"
    obo.write_text(OBO)
    graph: dict[str, Any] = json.loads(as_json(obo, tmp_path / "hp.json").read_text())
    merged = {
        "id": "http://purl.obolibrary.org/obo/HP_0999999",
        "type": "CLASS",
        "meta": {
            "deprecated": True,
            "basicPropertyValues": [
                {
                    "pred": "http://purl.obolibrary.org/obo/IAO_0000231",
                    "val": "http://purl.obolibrary.org/obo/IAO_0000227",
                },
                {
                    "pred": "http://purl.obolibrary.org/obo/IAO_0100001",
                    "val": "http://purl.obolibrary.org/obo/HP_0001250",
                },
            ],
        },
    }
    graph["graphs"][0]["nodes"].append(merged)
    (tmp_path / "merged.json").write_text(json.dumps(graph))

    assert_same(obo, tmp_path / "merged.json")


def test_folder_with_json_instead_of_obo_is_a_release(tmp_path: Path) -> None:
    folder = write_release(tmp_path / "files")
    as_json(folder / "hp.obo", folder / "hp.json")
    with_obo = tmp_path / "obo.npz"
    releases.compile_release(folder, with_obo)
    (folder / "hp.obo").unlink()

    releases.compile_release(folder, tmp_path / "json.npz")

    assert releases.load(tmp_path / "json.npz").id == releases.load(with_obo).id


@pytest.mark.parametrize("text", ["{", "{}", '{"graphs": []}', '{"graphs": [{"nodes": [1], "edges": []}]}'])
def test_damaged_graph_says_so(tmp_path: Path, text: str) -> None:
    (tmp_path / "hp.json").write_text(text)

    with pytest.raises(ReleaseError, match=r"OBO Graphs JSON.*download hp.json again"):
        read_obo(tmp_path / "hp.json")
