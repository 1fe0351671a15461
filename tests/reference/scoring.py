"""The whole score, slow and obvious: sets, loops and floats, written from the definitions and not from the code."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from matchmaker.model import GeneId, Mechanism, Sex, Zygosity
from scoring.parameters import Parameters
from scoring.profile import Profile
from scoring.variants import Allele

RECESSIVE = ("HP:0000007", "HP:0001419")
FAMILIES_OF_MODES = [
    {"HP:0000006"},
    {"HP:0000007"},
    {"HP:0001417", "HP:0001419", "HP:0001423"},
    {"HP:0001427"},
    {"HP:0001450"},
]


@dataclass(frozen=True)
class Reference:
    """A graph as lists of parents, and the diseases that information content is counted on."""

    parents: Sequence[Sequence[int]]
    diseases: Sequence[Collection[int]]
    parameters: Parameters
    x_linked: Collection[str] = ()
    references: Sequence[Sequence[int]] = ()
    recessive: Collection[str] = ()
    papers: Mapping[GeneId, int] = field(default_factory=dict)
    known: Mapping[GeneId, Collection[int]] = field(default_factory=dict)  # terms of the diseases of a gene

    # ---- terms

    @cached_property
    def closures(self) -> list[set[int]]:
        found: list[set[int]] = []
        for term, parents in enumerate(self.parents):
            found.append({term}.union(*(found[p] for p in parents)))
        return found

    @cached_property
    def ics(self) -> list[float]:
        annotated = [self.closure(d) for d in self.diseases if d]
        counts = Counter(term for closure in annotated for term in closure)
        found: list[float] = []
        for term, parents in enumerate(self.parents):
            own = -math.log(max(1, counts[term]) / max(1, len(annotated)))
            found.append(max([0.0, own] + [found[p] for p in parents]))
        return found

    def up(self, term: int) -> set[int]:
        return self.closures[term]

    def closure(self, terms: Collection[int]) -> set[int]:
        return set().union(*(self.up(t) for t in terms))

    def ic(self, term: int) -> float:
        return self.ics[term]

    def added(self, term: int) -> float:
        return self.ic(term) - max((self.ic(p) for p in self.parents[term]), default=0.0)

    def s(self, t: int, u: int) -> float:
        both = self.up(t) & self.up(u)
        return math.sqrt(max(self.ic(a) for a in both) * len(both) / len(self.up(t) | self.up(u)))

    def v(self, t: int, u: int) -> float:
        """Near nothing but for the same term and its next neighbours."""
        both = self.up(t) & self.up(u)
        return max(self.ic(a) for a in both) * math.pow(len(both) / len(self.up(t) | self.up(u)), 4)

    def weigh(self, closures: Collection[int], terms: Collection[int]) -> float:
        return sum(self.added(t) for t in closures) + sum(self.ic(t) for t in terms)

    # ---- the raw score and its parts

    def phenotype(self, query: Profile, other: Profile, *, partial: bool = False) -> float:
        q, c = query.observed, other.observed
        agreement = self.resemblance(q, c, partial=partial)
        if agreement == 0.0:
            return 0.0
        contents = [sum(self.ic(t) for t in terms) + 41.0 for terms in (q, q if partial else c)]
        v: float = sum(max(self.v(t, u) for u in c) for t in q) / (contents[0] ** 0.7 * contents[1] ** 0.3)
        agreement += 3.0 * min(v, (contents[0] - 41.0) / contents[0])
        cost = min(
            self.parameters.contradiction_limit, self.parameters.contradiction_cost * self.conflicts(query, other)
        )
        divisor = math.pow(max(self.background(q if partial else c), 0.2), 0.4)
        return agreement * (1.0 - cost) / divisor

    def background(self, terms: Sequence[int]) -> float:
        """How much a list of terms resembles the ten reference patients that are most like it."""
        if not self.references:
            return 1.0 if terms and max(self.ic(t) for t in terms) > 0.0 else 0.0
        best = sorted((self.resemblance(terms, patient) for patient in self.references), reverse=True)[:10]
        return sum(best) / len(best)

    def resemblance(self, q: Sequence[int], c: Sequence[int], *, partial: bool = False) -> float:
        """R: the parts that are not about exact terms."""
        if not q or not c or max(self.s(t, t) for t in q) == 0.0:
            return 0.0
        f = sum(max(self.s(t, u) for u in c) for t in q) / len(q)
        b = sum(max(self.s(u, t) for t in q) for u in c) / len(c)
        m = max(self.s(t, u) for t in q for u in c)
        own = [self.s(t, t) for t in q]
        mean_self = sum(own) / len(own)
        shared = self.weigh(self.closure(q) & self.closure(c), set(q) & set(c))
        if partial:
            b = pooled = f
            epc = shared / self.weigh(self.closure(q), q)
        else:
            pooled = (len(q) * f + len(c) * b) / (len(q) + len(c))
            epc = shared / self.weigh(self.closure(q) | self.closure(c), set(q) | set(c))
        pd = min(1.0, 0.5 * (m / max(own) + pooled / mean_self))
        return pd + math.sqrt(epc) + self.parameters.mutual_weight * min(math.sqrt(f * b), mean_self)

    def conflicts(self, query: Profile, other: Profile) -> int:
        count = 0
        for excluder, observer in ((query, other), (other, query)):
            onset, age = observer.onset_stage, excluder.age_stage
            if age is None or onset is None or age >= onset:
                count += sum(any(e in self.up(o) for o in observer.observed) for e in excluder.excluded)
        return count

    def evidence(self, query: Profile, other: Profile) -> float:
        """ln of what shared genes multiply the score by."""
        values, n_lifting = self.gene_values(query, other)
        if not values:
            return 0.0
        weight = max(values) + self.parameters.several_genes * math.log(max(1, n_lifting))
        return 0.8 * weight / math.sqrt((len(query.observed) + 2) / 10)

    def shares(self, query: Profile, other: Profile) -> bool:
        return self.gene_values(query, other)[1] > 0

    def raw(self, query: Profile, other: Profile, *, partial: bool = False) -> float:
        phenotype, evidence = self.phenotype(query, other, partial=partial), self.evidence(query, other)
        return max(phenotype, 0.2) * math.exp(evidence) if evidence > 0.0 else phenotype

    def position(self, query: Profile, raw: float) -> float:
        """Where a raw score stands on [0, 1] before a shared gene lifts it."""
        best = self.phenotype(without_exclusions(query), without_exclusions(query))
        passing = min(self.parameters.threshold, 0.9 * best)
        evidence = self.evidence(query, query)
        full = max(best, 0.2) * math.exp(evidence) if evidence > 0.0 else best
        if best == 0.0 and evidence > 0.0:
            passing = 0.2
        if raw <= 0.0:
            return 0.0
        if raw < passing:
            return 0.3 * raw / passing
        return min(1.0, 0.3 + 0.7 * (raw - passing) / (full - passing))

    def total(self, query: Profile, other: Profile) -> float:
        position = self.position(query, self.raw(query, other))
        return max(0.3, position) if self.shares(query, other) else position

    # ---- genes

    def gene_values(self, query: Profile, other: Profile) -> tuple[list[float], int]:
        """What each shared gene is worth alone, and how many of them make a match."""
        p = self.parameters
        n_pairs = candidates(query) * candidates(other)
        weight = max(p.gene_weight_least, p.gene_weight + p.gene_weight_slope * math.log(p.gene_weight_pairs / n_pairs))
        ranks: dict[GeneId | None, int] = {g: 0 for g in query.genes if g in other.genes}
        for gene in ranks:
            pairs = [(a, b) for a in query.alleles for b in other.alleles if a.gene == gene == b.gene]
            ranks[gene] = max([0] + [agreement(a, b) for a, b in pairs])
        for a in query.alleles:
            for b in other.alleles:
                place = place_agreement(a, b)
                if place and (a.gene is None or a.gene != b.gene):
                    gene = sorted(g for g in (a.gene, b.gene) if g)[0] if a.gene or b.gene else None
                    ranks[gene] = max(place, ranks.get(gene, 0))
        values, n_lifting = [], 0
        for gene, rank in ranks.items():
            named = gene is not None and gene in query.genes and gene in other.genes
            factor, fits, lifts = self.fitness(gene, rank, query, other) if named and gene else (1.0, False, True)
            added = [0.0, p.same_effect, p.same_region, p.neighbouring_position, p.same_variant][rank]
            if rank == 4 and named:
                added = p.neighbouring_position + (p.same_variant - p.neighbouring_position) * covered(
                    gene, query, other
                )
            own = weight - (self.costs(gene, query, other) if named and gene else 0.0)
            values.append((own + added + (p.zygosity_fits if fits else 0.0)) * factor)
            n_lifting += lifts
        # A gene of opposite mechanisms counts only where there is no other.
        return values, n_lifting

    def costs(self, gene: GeneId, query: Profile, other: Profile) -> float:
        """What is lost because the gene is common, or because its diseases do not look like both patients."""
        cost = 0.002 * math.log(max(2, 1 + self.papers.get(gene, 0)) / 2)
        have = self.closure(self.known[gene]) if self.known.get(gene) else set()
        shares = []
        for side in (query, other):
            whole = sum(self.ic(t) for t in side.observed)
            if have and whole > 0.0:
                shares.append(sum(max(self.ic(a) for a in self.up(t) & have) for t in side.observed) / whole)
        return cost + 0.08 * (1.0 - min(shares, default=1.0))

    def fitness(self, gene: str, rank: int, query: Profile, other: Profile) -> tuple[float, bool, bool]:
        p, factor, lifts = self.parameters, 1.0, True
        mine, theirs = ([a for a in side.alleles if a.gene == gene] for side in (query, other))
        said = [(mechanism(a), mechanism(b)) for a in mine for b in theirs]
        if rank < 4 and any({x, y} == {"loss", "gain"} for x, y in said) and not any(x and x == y for x, y in said):
            factor, lifts = factor * p.opposite_mechanism, False
        x_linked = gene in self.x_linked
        doses = [copies(mine, x_linked, query.sex), copies(theirs, x_linked, other.sex)]
        recessive = gene in self.recessive or any(
            m in RECESSIVE for m in (query.inheritance_mode, other.inheritance_mode)
        )
        carrier = bool(recessive) and 1 in doses
        known = None not in doses
        if carrier:
            factor *= p.carrier
        elif known and doses[0] != doses[1] and not x_linked:
            factor *= p.zygosity_differs
        families = [[m for m in FAMILIES_OF_MODES if side.inheritance_mode in m] for side in (query, other)]
        if families[0] and families[1] and families[0] != families[1]:
            factor *= p.inheritance_differs
        return factor, known and doses[0] == doses[1] and not carrier, lifts


def covered(gene: str | None, query: Profile, other: Profile) -> float:
    """Of the variants that both sides have in a gene, how many the other side has too; 1 when none is the same."""
    mine, theirs = ([a for a in side.alleles if a.gene == gene and agreement(a, a) == 4] for side in (query, other))
    n_same = sum(any(agreement(a, b) == 4 for b in theirs) for a in mine)
    n_same += sum(any(agreement(a, b) == 4 for a in mine) for b in theirs)
    return n_same / (len(mine) + len(theirs)) if n_same else 1.0


def without_exclusions(profile: Profile) -> Profile:
    return Profile(case_id=profile.case_id, release=profile.release, observed=profile.observed)


def candidates(profile: Profile) -> int:
    return max(1, len(profile.genes) + len([a for a in profile.alleles if a.gene is None]))


def mechanism(a: Allele) -> str | None:
    if a.mechanism is Mechanism.LOSS_OF_FUNCTION or (a.mechanism is None and a.effect == "loss"):
        return "loss"
    if a.mechanism is Mechanism.GAIN_OF_FUNCTION:
        return "gain"
    return None if a.mechanism is None else str(a.mechanism)


def copies(alleles: Sequence[Allele], x_linked: bool, sex: Sex | None) -> int | None:
    silent = {None, Zygosity.HETEROPLASMIC, Zygosity.HOMOPLASMIC}
    told = [a for a in alleles if not a.mosaic and a.chromosome != "MT" and a.zygosity not in silent]
    if not told:
        return None
    if (x_linked and sex is Sex.MALE) or any(a.zygosity in (Zygosity.HOMOZYGOUS, Zygosity.HEMIZYGOUS) for a in told):
        return 2
    haplotypes = {a.haplotype for a in told}
    return 1 if len(told) == 1 or (len(haplotypes) == 1 and None not in haplotypes) else 2


def place_agreement(a: Allele, b: Allele) -> int:
    """4 the same variant, 3 the same or neighbouring position, 2 the same region, 0 none of them."""
    if a.start is None or b.start is None or None in (a.assembly, a.chromosome):
        return 0
    if (a.assembly, a.chromosome) != (b.assembly, b.chromosome):
        return 0
    if a.copy_change or b.copy_change:
        if a.copy_change != b.copy_change or a.end is None or b.end is None:
            return 0
        common = len(set(range(a.start, a.end)) & set(range(b.start, b.end)))
        if common == 0 or common / (a.end - a.start) < 0.5 or common / (b.end - b.start) < 0.5:
            return 0
        return 4 if (a.start, a.end) == (b.start, b.end) else 2
    bases = (a.reference_bases, a.alternate_bases), (b.reference_bases, b.alternate_bases)
    equal_bases = None not in bases[0] and bases[0] == bases[1]
    if a.start == b.start:
        return 4 if equal_bases else 3
    return 3 if (abs(a.start - b.start) == 1 and equal_bases) or turned(a, b) else 0


def turned(a: Allele, b: Allele) -> bool:
    """Two insertions or deletions near one another whose bases are the same once turned round."""
    first, second = sorted((a, b), key=lambda allele: allele.start or 0)
    if None in (first.reference_bases, first.alternate_bases, second.reference_bases, second.alternate_bases):
        return False
    shapes = {(bool(x.reference_bases), bool(x.alternate_bases)) for x in (a, b)}
    distance = (second.start or 0) - (first.start or 0)
    if shapes not in ({(True, False)}, {(False, True)}) or distance > 30:
        return False
    bases = (first.reference_bases or "") + (first.alternate_bases or "")
    for _ in range(distance):
        bases = bases[1:] + bases[0]
    return bases == (second.reference_bases or "") + (second.alternate_bases or "")


def agreement(a: Allele, b: Allele) -> int:
    """As place_agreement, also by name; 1 for the same effect or mechanism."""
    found = place_agreement(a, b)
    if a.hgvs_change is not None and a.hgvs_change == b.hgvs_change:
        placed = None not in (a.assembly, a.chromosome, a.start, b.assembly, b.chromosome, b.start)
        comparable = placed and (a.assembly, a.chromosome) == (b.assembly, b.chromosome)
        if a.hgvs_reference is not None and a.hgvs_reference == b.hgvs_reference:
            found = 4
        elif not comparable or abs((a.start or 0) - (b.start or 0)) <= 1:
            found = max(found, 3)
    if {mechanism(a), mechanism(b)} == {"loss", "gain"}:
        return found
    same_effect = a.effect is not None and a.effect == b.effect and not a.effect.startswith("SO:")
    same_mechanism = a.mechanism is not None and a.mechanism == b.mechanism
    return max(found, int(same_effect or same_mechanism))
