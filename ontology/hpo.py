"""The Human Phenotype Ontology of one release: terms, and what an id means that somebody sent."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray

from matchmaker.errors import NotFound
from matchmaker.model import TermId
from ontology.columns import Columns, Rows
from ontology.graph import Graph
from ontology.resolution import Resolution, ResolutionKind
from ontology.term_ids import INHERITANCE_MODE, ONSET, term_id_of, term_number
from ontology.terms import SCOPES, Names, Scope, Synonym, Term


@dataclass(frozen=True, slots=True, kw_only=True)
class _OtherName:
    """What the term of a number is called in another language; `scope` is a place in SCOPES, -1 for its label."""

    number: int
    text: str
    scope: int


class Hpo:
    """Terms by id, resolved leniently, and the graph that scoring works on.

    Attributes
    ----------
    numbers : list of int
        The number in the id of every term, obsolete ones too, ascending. A position in it is the term's row in the
        snapshot; the dense ids of `graph` are another numbering, of phenotypic abnormalities only.
    """

    def __init__(self, columns: Columns) -> None:
        self.release = str(columns.texts("hpo.release")[0])
        self._columns = columns
        self.numbers: list[int] = columns["hpo.number"].tolist()
        self._row_of = dict(zip(self.numbers, range(len(self.numbers)), strict=True))
        self._obsolete: list[bool] = columns["hpo.obsolete"].tolist()
        self._alternatives = dict(
            zip(columns["hpo.alternative.number"].tolist(), columns["hpo.alternative.row"].tolist(), strict=True)
        )
        self._replaced_by = columns.rows("hpo.replaced_by")
        self._consider = columns.rows("hpo.consider")
        self._synonym_offsets: NDArray[np.int32] = columns["hpo.synonym.offsets"]
        self._dense: list[int] = columns["hpo.dense"].tolist()
        self._parents = columns.rows("hpo.parents")
        self._labels: Sequence[str] = columns.texts("hpo.label")
        self._choices: Mapping[int, int] = {}
        self._other_names: tuple[_OtherName, ...] = ()
        self.graph = Graph(
            parent_offsets=columns["graph.parents.offsets"],
            parents=columns["graph.parents.values"],
            ancestor_offsets=columns["graph.ancestors.offsets"],
            ancestors=columns["graph.ancestors.values"],
        )

    def __len__(self) -> int:
        """How many terms are not obsolete."""
        return len(self.numbers) - sum(self._obsolete)

    @cached_property
    def term_ids(self) -> Sequence[TermId]:
        """Ids of the graph's terms, by dense id."""
        return tuple(term_id_of(self.numbers[row]) for row in self._columns["graph.row"].tolist())

    @cached_property
    def current_ids(self) -> Sequence[TermId]:
        """Every term that is not obsolete, ascending; onsets, modes of inheritance and modifiers too."""
        return tuple(term_id_of(n) for n, gone in zip(self.numbers, self._obsolete, strict=True) if not gone)

    def choosing(self, choices: Mapping[TermId, TermId]) -> Self:
        """The same terms; obsolete ones without one replacement count as what was chosen for them."""
        numbers = {term_number(term): term_number(chosen) for term, chosen in choices.items()}
        chosen = copy.copy(self)
        chosen._choices = {one: other for one, other in numbers.items() if one is not None and other is not None}
        return chosen

    def called(self, labels: Mapping[TermId, str], synonyms: Mapping[TermId, Sequence[str]]) -> Self:
        """The same terms with other labels, where there are any; their own names are found as well."""
        renamed = copy.copy(self)
        named = [_OtherName(number=_number(term), text=text, scope=-1) for term, text in labels.items()]
        exact = SCOPES.index(Scope.EXACT)
        also = [
            _OtherName(number=_number(term), text=text, scope=exact)
            for term, texts in synonyms.items()
            for text in texts
        ]
        label_of = {one.number: one.text for one in named}
        renamed._labels = [label_of.get(number, text) for number, text in zip(self.numbers, self._labels, strict=True)]
        renamed._other_names = (*named, *also)
        return renamed

    def resolve(self, text: str) -> Resolution:
        """Say what an id means here; any text is answered.

        Notes
        -----
        MME 1.1 knows only `HP:0001250`; the field also sends lower case, underscores, addresses and ids of other
        releases. An obsolete term is replaced only where the release names exactly one replacement.
        """
        number = term_number(text)
        if number is None:
            return Resolution(given=text, term=None, kind=ResolutionKind.MALFORMED)
        row, kind = self._follow(number)
        if row is not None:
            return Resolution(given=text, term=term_id_of(self.numbers[row]), kind=kind)
        consider = self._considered(number) if kind is ResolutionKind.OBSOLETE else ()
        return Resolution(given=text, term=None, kind=kind, consider=consider)

    def index_of(self, text: str) -> int | None:
        """The dense id in `graph` after resolution; None if unknown or no phenotypic abnormality."""
        row = self._row(text)
        if row is None or self._dense[row] < 0:
            return None
        return self._dense[row]

    def term(self, term_id: str) -> Term:
        """The term with this id or alternative id, obsolete ones as they are.

        Raises
        ------
        NotFound
            When the release has no such term.
        """
        row = self._own_row(term_id)
        if row is None:
            raise NotFound("HPO term", term_id)
        replacements = self._ids(self._replaced_by, row)
        return Term(
            id=term_id_of(self.numbers[row]),
            label=self._labels[row],
            definition=self._columns.texts("hpo.definition")[row],
            synonyms=self._synonyms_of(row),
            alt_ids=self._alt_ids.get(row, ()),
            obsolete=self._obsolete[row],
            replaced_by=replacements[0] if len(replacements) == 1 else None,
            consider=self._ids(self._consider, row) + (replacements if len(replacements) > 1 else ()),
            parents=tuple(term_id_of(self.numbers[p]) for p in self._parents[row].tolist()),
        )

    def label(self, term_id: str) -> str | None:
        """The label of the term that the id means now; an obsolete term's own; None if unknown."""
        row = self._row(term_id)
        row = self._own_row(term_id) if row is None else row
        return None if row is None else self._labels[row]

    def children(self, term_id: str) -> tuple[TermId, ...]:
        row = self._row(term_id)
        return () if row is None else tuple(term_id_of(self.numbers[c]) for c in self._children[row].tolist())

    def below(self, root: TermId) -> tuple[TermId, ...]:
        """All true descendants of a term, ascending; () for one that is unknown."""
        found, waiting = set[TermId](), list(self.children(root))
        while waiting:
            term = waiting.pop()
            if term not in found:
                found.add(term)
                waiting += self.children(term)
        return tuple(sorted(found))

    def names(self) -> Names:
        """What terms are called: labels first, both in the order of ids, then names in another language."""
        obsolete = np.array(self._obsolete)
        rows = np.repeat(np.arange(len(self.numbers)), np.diff(self._synonym_offsets))
        used = ~obsolete[rows]
        n_labels, others = len(self), self._other_names
        texts = [
            text
            for texts, keep in ((self._columns.texts("hpo.label"), ~obsolete), (self._synonyms, used))
            for text, kept in zip(texts, keep.tolist(), strict=True)
            if kept
        ]
        own = np.array(self.numbers, np.int32)[np.concatenate([np.flatnonzero(~obsolete), rows[used]])]
        scopes = [np.full(n_labels, -1), self._columns["hpo.synonym.scope"][used], [one.scope for one in others]]
        layperson = [np.zeros(n_labels), self._columns["hpo.synonym.layperson"][used], np.zeros(len(others))]
        return Names(
            texts=[*texts, *(one.text for one in others)],
            terms=np.concatenate([own, [one.number for one in others]]).astype(np.int32),
            scopes=np.concatenate(scopes).astype(np.int8),
            layperson=np.concatenate(layperson).astype(np.bool_),
        )

    def is_onset(self, term_id: str) -> bool:
        return self.is_below(term_id, ONSET)

    def is_inheritance_mode(self, term_id: str) -> bool:
        return self.is_below(term_id, INHERITANCE_MODE)

    def is_below(self, term_id: str, root: TermId) -> bool:
        """Whether the resolved term is a true descendant of `root`, anywhere in HPO."""
        row, root_row = self._row(term_id), self._row(root)
        if row is None or root_row is None or row == root_row:
            return False
        above = [row]
        while above:
            parents = self._parents[above.pop()].tolist()
            if root_row in parents:
                return True
            above.extend(parents)
        return False

    def organ_system(self, term_id: str) -> tuple[TermId, ...]:
        """The children of Phenotypic abnormality that the term is, or is under; most terms have one to three."""
        index = self.index_of(term_id)
        if index is None:
            return ()
        closure = self.graph.closure(index).tolist()
        return tuple(self.term_ids[a] for a in closure if self.graph.parents_of(a).tolist() == [0])

    def _follow(self, number: int) -> tuple[int | None, ResolutionKind]:
        """Walk replacements from a number to a current row, or take what was chosen where they do not lead to one."""
        row, kind = self._replaced(number)
        if kind is ResolutionKind.OBSOLETE and number in self._choices:
            row, _ = self._replaced(self._choices[number])
            return row, kind if row is None else ResolutionKind.CHOSEN
        return row, kind

    def _replaced(self, number: int) -> tuple[int | None, ResolutionKind]:
        """Walk replacements from a number to a current row; a circle of replacements ends as obsolete."""
        kind = ResolutionKind.CURRENT
        seen: set[int] = set()
        while number not in seen:
            seen.add(number)
            row = self._row_of.get(number)
            if row is not None and not self._obsolete[row]:
                return row, kind
            if row is not None and len(replacements := self._replaced_by[row].tolist()) == 1:
                number, kind = replacements[0], ResolutionKind.REPLACED
            elif number in self._alternatives:
                return self._alternatives[number], ResolutionKind.ALTERNATIVE if len(seen) == 1 else kind
            elif row is None and len(seen) == 1:
                return None, ResolutionKind.UNKNOWN
        return None, ResolutionKind.OBSOLETE

    def _considered(self, number: int) -> tuple[TermId, ...]:
        row = self._row_of[number]
        suggested = self._replaced_by[row].tolist() + self._consider[row].tolist()
        found = (self._follow(candidate)[0] for candidate in suggested)
        return tuple(dict.fromkeys(term_id_of(self.numbers[row]) for row in found if row is not None))

    def _row(self, text: str) -> int | None:
        number = term_number(text)
        return None if number is None else self._follow(number)[0]

    def _own_row(self, text: str) -> int | None:
        number = term_number(text)
        if number is None:
            return None
        return self._row_of.get(number, self._alternatives.get(number))

    def _ids(self, rows: Rows, row: int) -> tuple[TermId, ...]:
        return tuple(term_id_of(number) for number in rows[row].tolist())

    def _synonyms_of(self, row: int) -> tuple[Synonym, ...]:
        start, end = self._synonym_offsets[row : row + 2].tolist()
        scopes, layperson = self._columns["hpo.synonym.scope"], self._columns["hpo.synonym.layperson"]
        return tuple(
            Synonym(text=self._synonyms[i], scope=SCOPES[scopes[i]], layperson=bool(layperson[i]))
            for i in range(start, end)
        )

    @cached_property
    def _synonyms(self) -> Sequence[str]:
        return self._columns.texts("hpo.synonym")

    @cached_property
    def _alt_ids(self) -> dict[int, tuple[TermId, ...]]:
        found: dict[int, tuple[TermId, ...]] = {}
        for number, row in self._alternatives.items():
            found[row] = (*found.get(row, ()), term_id_of(number))
        return found

    @cached_property
    def _children(self) -> Rows:
        n_rows = len(self.numbers)
        rows = np.repeat(np.arange(n_rows, dtype=np.int32), np.diff(self._parents.offsets))
        return Rows.group(self._parents.values, rows, n_rows=n_rows)


def _number(term: TermId) -> int:
    return int(term.removeprefix("HP:"))
