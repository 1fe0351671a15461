"""Variants brought to one assembly and to their leftmost spelling, as far as the operator installed what that takes.

A chain file of UCSC converts between GRCh37 and GRCh38; a reference sequence tells where an indel in a repeat begins.
Without either a variant stays as it was written: compared within its assembly, and by gene across them.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from matchmaker.errors import ReleaseError
from matchmaker.model import GeneId, Variant
from scoring.assemblies import GRCH37, GRCH38, assembly_of_lengths, chromosome_name
from scoring.variants import Allele, allele_of, trimmed

MITOCHONDRION = "MT"
_STEPS = 5_000  # no known repeat is longer, and a damaged file must not cost more
_CHUNK = 256
_LENGTH_KEPT = 0.9  # of a copy-number variant, whose ends are not exact
_COMPLEMENT = str.maketrans("ACGTN", "TGCAN")


class Chain(Protocol):
    """What converts: `liftover.ChainFile`."""

    def query(self, chrom: str, pos: int, /) -> list[tuple[str, int, str]]:
        """Where a base (0-based) comes to lie: chromosome, position on the forward strand, strand."""


class Sequence(Protocol):
    """The bases of one chromosome: `pyfaidx.FastaRecord`, or a text."""

    def __len__(self) -> int: ...
    def __getitem__(self, bases: slice, /) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Coordinates:
    """What is installed; empty, nothing is."""

    chain: Chain | None = None
    chain_from: str | None = None
    chain_to: str | None = None
    sequences: Mapping[tuple[str, str], Sequence] = field(default_factory=dict)  # by assembly and chromosome

    @classmethod
    def open(cls, chains: Iterable[Path] = (), sequences: Iterable[Path] = ()) -> Coordinates:
        """Open chain files and FASTA files (with their .fai index); which assembly each is of shows in its lengths.

        Raises
        ------
        ReleaseError
            When a file cannot be used; it says what to do.
        """
        known = {_direction(path): path for path in chains}
        opened = {place: record for path in sequences for place, record in _records(path).items()}
        if not known:
            return cls(sequences=opened)
        # With both directions at hand the newer assembly is the common one.
        (old, new), path = _preferred(known)
        return cls(chain=_chain(path), chain_from=old, chain_to=new, sequences=opened)

    def allele(self, variant: Variant, gene: GeneId | None) -> Allele:
        """Normalise one variant of a gene (None: no gene was named)."""
        return self.normal(allele_of(variant, gene))

    def normal(self, allele: Allele) -> Allele:
        """Convert to the common assembly, where that can be done, and move to the left as far as bases allow."""
        return self._aligned(self._lifted(allele))

    def _lifted(self, allele: Allele) -> Allele:
        """The allele on the common assembly; as it was where it has no counterpart of the same length there."""
        if allele.start is None or allele.chromosome is None:
            return allele
        if allele.chromosome == MITOCHONDRION and allele.assembly in {GRCH37, GRCH38}:
            # Both have the revised Cambridge sequence; UCSC's older hg19 had another one, and is rarely meant.
            return replace(allele, assembly=GRCH38)
        if self.chain is None or allele.assembly != self.chain_from:
            return allele
        placed = self._placed(allele, allele.chromosome, allele.start)
        if placed is None:
            return allele
        start, end, backwards = placed
        moved = replace(allele, assembly=self.chain_to, start=start, end=end, lifted=True)
        if not backwards or allele.reference_bases is None or allele.alternate_bases is None:
            return moved
        reference, alternate = (
            b.translate(_COMPLEMENT)[::-1] for b in (allele.reference_bases, allele.alternate_bases)
        )
        reference, alternate, n_cut = trimmed(reference, alternate)
        start += n_cut
        return replace(
            moved, start=start, end=start + len(reference), reference_bases=reference, alternate_bases=alternate
        )

    def _placed(self, allele: Allele, chromosome: str, start: int) -> tuple[int, int | None, bool] | None:
        """Where both ends come to lie: start, end, and whether on the other strand; None where they come apart."""
        end = start + 1 if allele.end is None else allele.end
        is_insertion = end == start
        first = self._base(chromosome, start - 1 if is_insertion else start)
        last = first if is_insertion else self._base(chromosome, end - 1)
        if first is None or last is None or first[1] != last[1]:
            return None
        backwards = first[1] == "-"
        if is_insertion:
            place = first[0] + (0 if backwards else 1)
            return place, place, backwards
        low, high = min(first[0], last[0]), max(first[0], last[0]) + 1
        kept = min(high - low, end - start) / max(high - low, end - start)
        if kept < (_LENGTH_KEPT if allele.copy_change else 1.0):
            return None
        return low, (None if allele.end is None else high), backwards

    def _base(self, chromosome: str, position: int) -> tuple[int, str] | None:
        """Where one base has its only counterpart, on the same chromosome; and on which strand."""
        found = [] if self.chain is None else self.chain.query(chromosome, position)
        if len(found) != 1 or chromosome_name(found[0][0]) != chromosome:
            return None
        return found[0][1], found[0][2]

    def _aligned(self, allele: Allele) -> Allele:
        """Move an insertion or a deletion to the left while the sequence before it repeats its last base."""
        sequence = self.sequences.get((allele.assembly or "", allele.chromosome or ""))
        start, bases = allele.start, allele.changed_bases
        if sequence is None or not bases or start is None or start > len(sequence):
            return allele
        if allele.reference_bases and sequence[start : start + len(bases)] != bases:
            return allele  # counted from elsewhere, or on another sequence: it is not known where this is
        before = ""
        for _ in range(_STEPS):
            if not before:
                before = sequence[max(0, start - _CHUNK) : start]
            if not before or before[-1] != bases[-1]:
                break
            bases, before, start = before[-1] + bases[:-1], before[:-1], start - 1
        reference, alternate = (bases, "") if allele.reference_bases else ("", bases)
        return replace(
            allele,
            start=start,
            end=start + len(reference),
            reference_bases=reference,
            alternate_bases=alternate,
            aligned=True,
        )


NOTHING_INSTALLED = Coordinates()


def _preferred(known: Mapping[tuple[str, str], Path]) -> tuple[tuple[str, str], Path]:
    direction = (GRCH37, GRCH38) if (GRCH37, GRCH38) in known else next(iter(known))
    return direction, known[direction]


def _direction(path: Path) -> tuple[str, str]:
    """From which assembly to which a chain file leads, by the lengths in its headers."""
    ours: dict[str, int] = {}
    theirs: dict[str, int] = {}
    try:
        with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="ascii") as file:
            for line in file:
                if line.startswith("chain "):
                    _, _, name, length, _, _, _, other, its_length, *_ = line.split()
                    ours[name], theirs[other] = int(length), int(its_length)
    except (OSError, EOFError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be read as a chain file: {error}; download it again") from error
    found = assembly_of_lengths(ours), assembly_of_lengths(theirs)
    if None in found or found[0] == found[1]:
        raise ReleaseError(f"{path} does not lead from GRCh37 to GRCh38 or back: take UCSC's hg19ToHg38.over.chain.gz")
    return found[0] or "", found[1] or ""


def _chain(path: Path) -> Chain:
    from liftover import ChainFile

    try:
        return ChainFile(str(path))
    except (OSError, RuntimeError, ValueError) as error:
        raise ReleaseError(f"{path} cannot be read as a chain file: {error}; download it again") from error


def _records(path: Path) -> dict[tuple[str, str], Sequence]:
    from pyfaidx import Fasta, FastaIndexingError

    if not Path(f"{path}.fai").exists():
        raise ReleaseError(f"{path} has no index beside it: make it with `faidx {path}`")
    try:
        opened = Fasta(str(path), as_raw=True, sequence_always_upper=True, rebuild=False, build_index=False)
    except (OSError, ValueError, FastaIndexingError) as error:
        raise ReleaseError(f"{path} cannot be read as FASTA: {error}; download it again") from error
    lengths = {name: len(opened[name]) for name in list(opened.keys())}
    assembly = assembly_of_lengths(lengths)
    if assembly is None:
        raise ReleaseError(f"{path} is neither GRCh37 nor GRCh38: its chromosomes have other lengths")
    return {(assembly, known): opened[name] for name in lengths if (known := chromosome_name(name)) is not None}
