"""Read a release of HPO as OBO Graphs JSON (`hp.json`): the same terms as those of `hp.obo`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ontology.stanzas import Stanza, numbers
from ontology.term_ids import term_number
from ontology.terms import Scope

_SCOPES = {
    "hasExactSynonym": Scope.EXACT,
    "hasBroadSynonym": Scope.BROAD,
    "hasNarrowSynonym": Scope.NARROW,
    "hasRelatedSynonym": Scope.RELATED,
}
_ALTERNATIVE, _CONSIDER, _REPLACED_BY = "hasAlternativeId", "consider", "IAO_0100001"
_WHY_OBSOLETE, _MERGED = "IAO_0000231", "IAO_0000227"


@dataclass(frozen=True, slots=True, kw_only=True)
class OboGraph:
    """What the file says: which version it is of, and its terms."""

    version: str
    stanzas: Sequence[Stanza]


def is_graph(path: Path) -> bool:
    """Say whether a file begins as JSON does, whatever it is called."""
    with path.open("rb") as file:
        return file.read(64).lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{")


def read_graph(path: Path) -> OboGraph:
    """Read the first graph of the file.

    Raises
    ------
    ValueError, KeyError, TypeError, AttributeError, IndexError
        Whatever a damaged file brings about.
    """
    graph = json.loads(path.read_bytes())["graphs"][0]
    parents: dict[str, list[str]] = defaultdict(list)
    for edge in graph["edges"]:
        if edge["pred"] == "is_a":
            parents[edge["sub"]].append(edge["obj"])
    stanzas = [one for node in graph["nodes"] for one in _stanzas(node, parents[node["id"]])]
    meta = graph.get("meta") or {}
    return OboGraph(version=str(meta.get("version") or graph.get("id", "")), stanzas=stanzas)


def _stanzas(node: Mapping[str, Any], parents: Sequence[str]) -> Iterator[Stanza]:
    number, meta = term_number(node["id"]), node.get("meta") or {}
    properties = [(_name(one["pred"]), one["val"]) for one in meta.get("basicPropertyValues") or ()]
    # What was merged has a node of its own here, beside the alternative id of the term that it was merged into.
    if number is None or (_WHY_OBSOLETE, _MERGED) in [(name, _name(value)) for name, value in properties]:
        return
    stated: dict[str, list[str]] = defaultdict(list)
    for name, value in properties:
        stated[name].append(value)
    yield Stanza(
        number=number,
        label=node.get("lbl") or node["id"],
        definition=(meta.get("definition") or {}).get("val", ""),
        synonyms=tuple(sorted(_synonym(one) for one in meta.get("synonyms") or ())),
        alternatives=numbers(stated[_ALTERNATIVE]),
        obsolete=bool(meta.get("deprecated")),
        replaced_by=numbers(stated[_REPLACED_BY]),
        consider=numbers(stated[_CONSIDER]),
        parents=numbers(parents),
    )


def _synonym(said: Mapping[str, Any]) -> tuple[str, Scope, bool]:
    layperson = _name(said.get("synonymType") or "") == "layperson"
    return said["val"], _SCOPES.get(said["pred"], Scope.RELATED), layperson


def _name(address: str) -> str:
    """The last part of an address or of a short id."""
    return address.replace("#", "/").replace(":", "/").rpartition("/")[2]
