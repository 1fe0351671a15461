"""Read a release of HPO, `hp.obo` with pronto or `hp.json`, into the arrays of a snapshot."""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from matchmaker.errors import ReleaseError
from ontology.columns import Columns, Rows
from ontology.graph import Graph, topological_order
from ontology.obo_graph import is_graph, read_graph
from ontology.stanzas import Stanza, numbers
from ontology.term_ids import PHENOTYPIC_ABNORMALITY, term_id_of, term_number
from ontology.terms import SCOPES, Scope

if TYPE_CHECKING:
    from pronto.ontology import Ontology
    from pronto.synonym import Synonym

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_LAYPERSON = "layperson"
# Dense ids are kept in 16 bits, and the highest value is free as a mark.
MAX_TERMS = 65_534


def read_obo(path: Path) -> Columns:
    """Read `hp.obo` into the columns that `Hpo` works on; several seconds for the whole of HPO.

    Raises
    ------
    ReleaseError
        When the file is missing, is no OBO file, states no release, has no HP:0000118, or its is_a links are circular.
    """
    version, found = _read(path)
    release = _DATE.search(version)
    if release is None:
        raise ReleaseError(f"{path.name} states no release (data-version): download hp.obo again")
    stanzas = sorted(found, key=lambda stanza: stanza.number)
    if term_number(PHENOTYPIC_ABNORMALITY) not in {stanza.number for stanza in stanzas}:
        raise ReleaseError(f"{path.name} has no {PHENOTYPIC_ABNORMALITY}: it is not the Human Phenotype Ontology")
    columns = Columns()
    columns.put_texts("hpo.release", [release[0]])
    _put_terms(columns, stanzas)
    _put_links(columns, stanzas)
    try:
        _put_graph(columns, stanzas)
    except ValueError as error:
        raise ReleaseError(f"{path.name} is damaged: {error}; download hp.obo again") from error
    return columns


def _read(path: Path) -> tuple[str, Iterable[Stanza]]:
    """Return which version the file is of, and its terms: OBO, or the same as OBO Graphs JSON."""
    if not path.is_file():
        raise ReleaseError(f"{path.name} is missing in {path.parent}: put it there or download the release")
    if not is_graph(path):
        ontology = _parse(path)
        return ontology.metadata.data_version or "", _stanzas(ontology)
    try:
        graph = read_graph(path)
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        why = type(error).__name__
        raise ReleaseError(f"{path.name} cannot be read as OBO Graphs JSON: {why}; download hp.json again") from error
    return graph.version, graph.stanzas


def _parse(path: Path) -> Ontology:
    from pronto.ontology import Ontology

    try:
        with warnings.catch_warnings():
            # Old releases hold untyped xrefs and repeated tags, which pronto mends and mentions.
            warnings.simplefilter("ignore")
            return Ontology(path, import_depth=0, encoding="utf-8")
    except Exception as error:  # pronto and its Rust parser raise whatever a damaged file makes them raise
        why = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise ReleaseError(f"{path.name} cannot be read as OBO: {why}; download hp.obo again") from error


def _stanzas(ontology: Ontology) -> Iterable[Stanza]:
    for term in ontology.terms():
        number = term_number(term.id)
        if number is None:
            continue
        # The public attributes look every id up, and stop at an alternative id or one of another ontology.
        raw = term._data()
        yield Stanza(
            number=number,
            label=term.name or term.id,
            definition=str(term.definition or ""),
            synonyms=tuple(
                sorted((s.description, Scope(s.scope or "RELATED"), _is_layperson(s)) for s in term.synonyms)
            ),
            alternatives=numbers(term.alternate_ids),
            obsolete=term.obsolete,
            replaced_by=numbers(raw.replaced_by),
            consider=numbers(raw.consider),
            parents=numbers(other.id for other in term.superclasses(distance=1, with_self=False)),
        )


def _is_layperson(synonym: Synonym) -> bool:
    return synonym.type is not None and synonym.type.id == _LAYPERSON


def _put_terms(columns: Columns, stanzas: list[Stanza]) -> None:
    columns["hpo.number"] = np.array([s.number for s in stanzas], np.int32)
    columns["hpo.obsolete"] = np.array([s.obsolete for s in stanzas], np.bool_)
    columns.put_texts("hpo.label", (s.label for s in stanzas))
    columns.put_texts("hpo.definition", (s.definition for s in stanzas))
    synonyms = [synonym for s in stanzas for synonym in s.synonyms]
    columns.put_texts("hpo.synonym", (text for text, _, _ in synonyms))
    columns["hpo.synonym.scope"] = np.array([SCOPES.index(scope) for _, scope, _ in synonyms], np.uint8)
    columns["hpo.synonym.layperson"] = np.array([layperson for _, _, layperson in synonyms], np.bool_)
    columns["hpo.synonym.offsets"] = np.cumsum([0, *(len(s.synonyms) for s in stanzas)], dtype=np.int32)


def _put_links(columns: Columns, stanzas: list[Stanza]) -> None:
    row_of = {stanza.number: row for row, stanza in enumerate(stanzas)}
    alternatives = {number: row for row, stanza in enumerate(stanzas) for number in stanza.alternatives}
    columns["hpo.alternative.number"] = np.array(list(alternatives), np.int32)
    columns["hpo.alternative.row"] = np.array(list(alternatives.values()), np.int32)
    columns.put_rows("hpo.replaced_by", Rows.of([s.replaced_by for s in stanzas]))
    columns.put_rows("hpo.consider", Rows.of([s.consider for s in stanzas]))
    columns.put_rows("hpo.parents", Rows.of([[row_of[p] for p in s.parents if p in row_of] for s in stanzas]))


def _put_graph(columns: Columns, stanzas: list[Stanza]) -> None:
    """Number the phenotypic abnormalities densely, every parent before its children."""
    below = _phenotypic_abnormalities(stanzas)
    order = [int(term.removeprefix("HP:")) for term in topological_order(below)]
    if len(order) > MAX_TERMS:
        raise ReleaseError(f"{len(order)} phenotypic abnormalities are more than the {MAX_TERMS} that fit")
    dense_of = {number: dense for dense, number in enumerate(order)}
    graph = Graph.of([sorted(dense_of[int(p.removeprefix("HP:"))] for p in below[term_id_of(n)]) for n in order])
    row_of = {stanza.number: row for row, stanza in enumerate(stanzas)}
    columns["graph.row"] = np.array([row_of[number] for number in order], np.int32)
    columns["hpo.dense"] = np.array([dense_of.get(s.number, -1) for s in stanzas], np.int32)
    columns["graph.parents.offsets"], columns["graph.parents.values"] = graph.parent_offsets, graph.parents
    columns["graph.ancestors.offsets"], columns["graph.ancestors.values"] = graph.ancestor_offsets, graph.ancestors


def _phenotypic_abnormalities(stanzas: list[Stanza]) -> dict[str, list[str]]:
    """Parents, inside the branch, of HP:0000118 and of all below it."""
    children: dict[int, list[int]] = {}
    for stanza in stanzas:
        for parent in stanza.parents:
            children.setdefault(parent, []).append(stanza.number)
    root = term_number(PHENOTYPIC_ABNORMALITY)
    branch: set[int] = set()
    open_ = [root] if root is not None else []
    while open_:
        number = open_.pop()
        if number not in branch:
            branch.add(number)
            open_.extend(children.get(number, ()))
    return {
        term_id_of(s.number): [term_id_of(p) for p in s.parents if p in branch] for s in stanzas if s.number in branch
    }
