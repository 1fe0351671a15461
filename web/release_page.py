"""What the page of a comparison shows: one kind of change at a time, a page of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.impact import CaseImpact
from matchmaker.release_jobs import Compared
from ontology.diff import GeneChangeKind, TermChange, TermChangeKind
from ontology.releases import Release
from scoring.changes import ContentChange
from web.forms.releases import NOTHING, OTHER, ChoiceForm

PER_PAGE = 50
CASES, CONTENT = "cases", "content"
_GENES = "genes-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tab:
    """One kind of change and how many there are; `key` is what an address names it by."""

    key: str
    kind: TermChangeKind | GeneChangeKind | None
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One page of one kind of change."""

    compared: Compared
    tabs: tuple[Tab, ...]
    tab: Tab
    rows: Sequence[Any]
    page: int
    n_pages: int
    labels: dict[str, str]

    @property
    def moving(self) -> list[CaseImpact]:
        return [case for case in self.compared.found.cases if case.places]

    @property
    def n_using(self) -> int:
        return sum(bool(case.terms) for case in self.compared.found.cases)

    @property
    def n_first(self) -> int:
        return sum(case.another_is_first for case in self.compared.found.cases)


def of_comparison(compared: Compared, key: str, page: int, release: Release) -> Shown:
    """Choose the rows to show; what is asked for and not there becomes the first."""
    found = compared.found
    tabs = (
        Tab(key=CASES, kind=None, n=len(found.cases)),
        *(Tab(key=kind.value, kind=kind, n=n) for kind, n in found.diff.n_terms.items()),
        Tab(key=CONTENT, kind=None, n=len(found.contents)),
        *(Tab(key=f"{_GENES}{kind.value}", kind=kind, n=n) for kind, n in found.diff.n_genes.items()),
    )
    tab = next((one for one in tabs if one.key == key), tabs[0])
    rows = _rows(compared, tab)
    n_pages = max(1, -(-len(rows) // PER_PAGE))
    page = min(max(page, 1), n_pages)
    shown = rows[(page - 1) * PER_PAGE : page * PER_PAGE]
    return Shown(
        compared=compared,
        tabs=tabs,
        tab=tab,
        rows=shown,
        page=page,
        n_pages=n_pages,
        labels=_labels(shown, release),
    )


def settled_choice(form: ChoiceForm) -> str | None:
    """Return the term that was chosen; None for nothing, empty when nobody chose."""
    chosen: str = form.choice.data or ""
    if chosen == NOTHING:
        return None
    return (form.other.data or "").strip() if chosen == OTHER else chosen


def _rows(compared: Compared, tab: Tab) -> Sequence[Any]:
    found = compared.found
    if tab.key == CASES:
        # The hardest hit first: another best match, then how many of the ten come and go.
        return sorted(found.cases, key=lambda one: (-one.another_is_first, -one.n_entering - one.n_leaving))
    if tab.key == CONTENT:
        return found.contents
    if isinstance(tab.kind, GeneChangeKind):
        return [change for change in found.diff.genes if change.kind is tab.kind]
    return [change for change in found.diff.terms if change.kind is tab.kind]


def _labels(rows: Sequence[Any], release: Release) -> dict[str, str]:
    """The labels of all terms that rows name, in the newer release."""
    terms: set[str] = set()
    for row in rows:
        if isinstance(row, CaseImpact):
            terms.update(row.terms)
        elif isinstance(row, TermChange):
            terms.update((row.term, *row.before, *row.after))
        elif isinstance(row, ContentChange):
            terms.add(row.term)
    return {term: release.hpo.label(term) or "" for term in terms}
