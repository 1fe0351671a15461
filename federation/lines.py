"""Findings and genes as lines of text: what a page sends, what people paste from a spreadsheet, what a draft keeps.

A finding: `Seizure (HP:0001250)`, `no Seizure`, `Seizure; onset: Infantile onset; severity: Severe`. A gene, with the
variants found in it: `PHGDH; NM_006623.4:c.1468G>A; heterozygous; maternal`, or coordinates: `GRCh38 1-119734629-G-A`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from matchmaker.errors import Issue
from matchmaker.model import (
    AcmgClass,
    Case,
    GeneId,
    GenomicFeature,
    Origin,
    PhenotypicFeature,
    TermId,
    Variant,
    Zygosity,
)
from matchmaker.texts import gettext as _
from ontology.releases import Release
from ontology.search import TermSearch
from ontology.term_ids import ONSET, PHENOTYPIC_ABNORMALITY, SEVERITY, term_number
from ontology.words import words_of

MOST_LINES = 1000
UNKNOWN = "?"
_NAMELESS = "(a variant that no line can show)"
_EXCLUDED = re.compile(r"^(?:no|not|without|absent:?|excluded:?|-|−)\s+(?=\S)", re.IGNORECASE)
_ID = re.compile(r"HPO?\s*[:_]\s*\d{7}", re.IGNORECASE)
_HGVS = re.compile(r"(?:.*[:\s(])?[cgmnp]\.\S+")
_PLACE = re.compile(
    r"(?:(?P<assembly>GRCh3[78]|hg19|hg38)[\s:]+)?(?:chr)?(?P<chromosome>\d{1,2}|X|Y|MT?)[-:\s]+(?P<position>[\d,]+)"
    r"[-:\s]*(?P<reference>[ACGTN]+)[-:>/\s]+(?P<alternate>[ACGTN]+)",
    re.IGNORECASE,
)
_ASSEMBLIES = {"hg19": "GRCh37", "hg38": "GRCh38", "grch37": "GRCh37", "grch38": "GRCh38"}
# What a cell that names a variant says of it.
_PLACED = ("assembly", "chromosome", "start", "end", "reference_bases", "alternate_bases", "hgvs")
_CELLS = re.compile(r"\s*[;\t|]\s*")
_ZYGOSITIES = {"het": Zygosity.HETEROZYGOUS, "hom": Zygosity.HOMOZYGOUS, "hemi": Zygosity.HEMIZYGOUS}
_ORIGINS = {"denovo": Origin.DE_NOVO, "mother": Origin.MATERNAL, "father": Origin.PATERNAL}
_CLASSES = {str(n): acmg for n, acmg in enumerate(AcmgClass, start=1)}


Place = Callable[[int, str], str]  # how a message names a line: its number and what it says


def by_line(number: int, line: str) -> str:
    """Name a line of a text area."""
    return f"line {number}, {line[:80]}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """What lines mean, and what is wrong with them; a line that is wrong is in no value."""

    features: tuple[PhenotypicFeature, ...] = ()
    genomic_features: tuple[GenomicFeature, ...] = ()
    issues: tuple[Issue, ...] = ()
    unread: tuple[str, ...] = ()  # lines with a variant of which a part cannot be read


class Reader:
    """Reads lines against one release."""

    def __init__(self, release: Release) -> None:
        self._release = release
        self.search = TermSearch(release.hpo, release.annotations)

    def findings(self, text: str, *, before: Case | None = None, place: Place = by_line) -> Read:
        """Read one finding a line; the same finding twice is one.

        A line as `spell_findings` wrote it for `before` is that finding, with all that no line shows of it. One that
        begins with a question mark is not known, and nothing is said by it.
        """
        found: dict[TermId, PhenotypicFeature] = {}
        issues = []
        known = {} if before is None else {_finding_line(one, self._release): one for one in before.features}
        for number, line in _lines(text):
            if line.startswith(UNKNOWN):
                continue
            read = known.get(line) or self.finding(line)
            if isinstance(read, Issue):
                issues.append(_at(read, "findings", place(number, line)))
            elif (other := found.get(read.term)) is not None and other.excluded != read.excluded:
                message = _("is said to be present and absent")
                issues.append(_at(_wrong(message, _("keep one")), "findings", place(number, line)))
            else:
                found[read.term] = read
        return Read(features=tuple(found.values()), issues=tuple(issues))

    def genes(
        self, text: str, *, before: Case | None = None, place: Place = by_line, keep_unknown: bool = False
    ) -> Read:
        """Read one gene or variant a line; variants of one gene come together.

        A line as `spell_genes` wrote it for `before` is that variant, with all that no line shows of it.
        With `keep_unknown` a gene that is not known, or means several, is kept as written beside its issue.
        """
        found: dict[GeneId | None, list[Variant]] = {}
        issues, unread = list[Issue](), list[str]()
        known: dict[str, list[GenomicFeature]] = {}
        for line, feature in () if before is None else _gene_lines(before, self._release):
            known.setdefault(line, []).append(feature)
        for number, line in _lines(text):
            read, wrong, whole = (known[line].pop(0), [], True) if known.get(line) else self._gene(line)
            unread += [] if whole else [line]
            issues += [_at(issue, "genes", place(number, line)) for issue in wrong]
            if read is not None and (keep_unknown or not wrong):
                found.setdefault(read.gene, []).extend(read.variants)
        features = tuple(GenomicFeature(gene=gene, variants=tuple(variants)) for gene, variants in found.items())
        return Read(genomic_features=features, issues=tuple(issues), unread=tuple(unread))

    def is_gene(self, text: str) -> bool:
        """Whether a text names a gene, or several."""
        return bool(self._release.genes.resolve(text).candidates)

    def finding(self, line: str) -> PhenotypicFeature | Issue:
        """The finding that a line says, or what is wrong with it."""
        name, *details = _CELLS.split(line)
        excluded = _EXCLUDED.match(name) is not None
        term = self.term(_EXCLUDED.sub("", name, count=1), below=PHENOTYPIC_ABNORMALITY)
        if isinstance(term, Issue):
            # "Absent speech" and "No speech" are findings of their own.
            whole = self.term(name, below=PHENOTYPIC_ABNORMALITY)
            if isinstance(whole, Issue):
                return term
            term, excluded = whole, False
        feature = PhenotypicFeature(term=term, excluded=excluded)
        for detail in filter(None, details):
            kind, value = detail.partition(":")[::2]
            below = {"onset": ONSET, "severity": SEVERITY}.get(kind.strip().casefold())
            if below is None:
                message = _("%(detail)s is no detail", detail=repr(detail))
                return _wrong(message, _("use onset: ... or severity: ..."))
            modifier = self.term(value, below=below)
            if isinstance(modifier, Issue):
                return modifier
            feature = replace(feature, onset=modifier) if below == ONSET else replace(feature, severity=modifier)
        return feature

    def term(self, text: str, *, below: TermId) -> TermId | Issue:
        """The term of an id or of a whole name in one branch of HPO; a near miss is suggested and never guessed."""
        hpo, text = self._release.hpo, text.strip()
        written = _ID.search(text)
        if written is not None or term_number(text) is not None:
            resolution = hpo.resolve(written[0].replace(" ", "") if written else text)
            if resolution.term is not None and (hpo.is_below(resolution.term, below) or resolution.term == below):
                return resolution.term
            if resolution.term is not None:
                label = hpo.label(resolution.term)
                return _wrong(_("%(label)s is no such finding", label=label), _("choose a finding"))
            wanted = ", ".join(f"{hpo.label(term)} ({term})" for term in resolution.consider)
            remedy = _("did you mean %(wanted)s?", wanted=wanted) if wanted else _("search for the finding by name")
            return _wrong(_("is no id of this HPO release"), remedy)
        hits = self.search.search(text, limit=3, below=below)
        for hit in hits:
            if words_of(text) in (words_of(hit.matched), words_of(hit.label)):
                return hit.term
        nearest = "; ".join(f"{hit.label} ({hit.term})" for hit in hits)
        near = _("did you mean %(nearest)s?", nearest=nearest) if nearest else _("try other words, or leave it out")
        return _wrong(_("is no name in HPO"), near)

    def _gene(self, line: str) -> tuple[GenomicFeature | None, list[Issue], bool]:
        """What a line says, as far as it can be read, what is wrong with it, and whether every cell could be read."""
        first, *rest = _CELLS.split(line)
        gene: GeneId | None = None
        issues = []
        if _variant(first) is None:
            resolution = self._release.genes.resolve(first)
            gene = resolution.gene or GeneId(first)
            if resolution.gene is None:
                names = ", ".join(self._release.genes.symbol(one) for one in resolution.candidates)
                message = _("names several genes") if names else _("is no gene of our table")
                remedy = (
                    _("choose one of %(names)s", names=names)
                    if names
                    else _("use the approved symbol or an HGNC or Ensembl id")
                )
                issues.append(_wrong(message, remedy))
        else:
            rest = [first, *rest]
        variant, cells, whole = Variant(), [cell for cell in rest if cell], True
        for cell in cells:
            changed = with_detail(variant, cell)
            if changed is None:
                whole = False
                remedy = _("write HGVS, coordinates such as GRCh38 1-119734629-G-A, zygosity, origin or ACMG class")
                issues.append(_wrong(_("%(cell)s cannot be read", cell=repr(cell)), remedy))
            else:
                variant = changed
        stated = variant != Variant()
        if gene is None and not stated:
            return None, issues, whole
        return GenomicFeature(gene=gene, variants=(variant,) if stated else ()), issues, whole


@lru_cache(maxsize=8)
def reader_of(release: Release) -> Reader:
    """The reader of a release, made once: the one in use, in the languages that are read, and the one being left."""
    return Reader(release)


def spell_findings(case: Case, release: Release) -> str:
    """Write the findings of a case as lines that are read as the same."""
    return "\n".join(_finding_line(feature, release) for feature in case.features)


def spell_genes(case: Case, release: Release) -> str:
    """Write the genes and variants of a case as lines that are read as the same."""
    return "\n".join(line for line, _ in _gene_lines(case, release))


def with_detail(variant: Variant, cell: str) -> Variant | None:
    """The variant with one more thing said of it; None when the cell cannot be read."""
    if (found := _variant(cell)) is not None:
        changes = {name: value for name in _PLACED if (value := getattr(found, name)) is not None}
        return replace(variant, **changes)
    word = cell.casefold().replace(" ", "_").removeprefix("acmg_").removeprefix("class_")
    for name, kinds, short in (
        ("zygosity", Zygosity, _ZYGOSITIES),
        ("origin", Origin, _ORIGINS),
        ("acmg_class", AcmgClass, _CLASSES),
    ):
        value = short.get(word.replace("_", "")) or next((kind for kind in kinds if kind.value == word), None)
        if value is not None:
            return replace(variant, **{name: value})  # type: ignore[arg-type]
    return None


def _lines(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.splitlines()[:MOST_LINES], start=1):
        if line.strip():
            yield number, line.strip()


def _wrong(message: str, remedy: str) -> Issue:
    return Issue(path="", message=message, remedy=remedy)


def _at(issue: Issue, path: str, place: str) -> Issue:
    return replace(issue, path=path, message=f"{place}: {issue.message}")


def _variant(text: str) -> Variant | None:
    if place := _PLACE.fullmatch(text):
        position = int(place["position"].replace(",", ""))
        reference = place["reference"].upper()
        chromosome = place["chromosome"].upper()
        return Variant(
            assembly=_ASSEMBLIES.get((place["assembly"] or "").lower()),
            chromosome="MT" if chromosome == "M" else chromosome,
            start=position - 1,  # people and VCF count from 1
            end=position - 1 + len(reference),
            reference_bases=reference,
            alternate_bases=place["alternate"].upper(),
        )
    return Variant(hgvs=text) if _HGVS.fullmatch(text) else None


def _finding_line(feature: PhenotypicFeature, release: Release) -> str:
    label = release.hpo.label(feature.term) or feature.label or ""
    line = f"{'no ' if feature.excluded else ''}{label} ({feature.term})"
    for name, term in (("onset", feature.onset), ("severity", feature.severity)):
        line += f"; {name}: {release.hpo.label(term) or term}" if term else ""
    return line


def _gene_lines(case: Case, release: Release) -> Iterator[tuple[str, GenomicFeature]]:
    """Each gene and variant of a case alone, with its line."""
    for feature in case.genomic_features:
        name = release.genes.symbol(feature.gene) if feature.gene else ""
        for variant in feature.variants:
            line = "; ".join(filter(None, (name, *_cells(variant)))) or _NAMELESS
            yield line, GenomicFeature(gene=feature.gene, variants=(variant,))
        if not feature.variants:
            yield name, feature


def _cells(variant: Variant) -> Iterator[str]:
    if variant.chromosome and variant.start is not None and variant.reference_bases and variant.alternate_bases:
        place = f"{variant.chromosome}-{variant.start + 1}-{variant.reference_bases}-{variant.alternate_bases}"
        yield f"{variant.assembly or ''} {place}".strip()
    if variant.hgvs:
        yield variant.hgvs
    for value in (variant.zygosity, variant.origin, variant.acmg_class):
        if value is not None:
            yield value.value.replace("_", " ")
