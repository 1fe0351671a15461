"""Variants on two assemblies and in repeats, with real chain and FASTA files made for the purpose."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from matchmaker.errors import ReleaseError
from matchmaker.model import CopyChange, CopyNumber, GeneId, Variant
from scoring.agreement import MatchKind, variant_kind
from scoring.coordinates import NOTHING_INSTALLED, Coordinates
from scoring.variants import Allele

GENE = GeneId("HGNC:8923")
LENGTHS = {"GRCh37": {"21": 48129895, "22": 51304566}, "GRCh38": {"21": 46709983, "22": 50818468}}
REPEAT = "G" * 100 + "CAG" * 5 + "T" * 885  # CAG from 100 to 115


def a_chain(folder: Path, *, old: str = "GRCh37", new: str = "GRCh38", name: str = "to.over.chain.gz") -> Path:
    """On 21 the bases 1000 to 2000 move by 500, and ten are inserted at 1500; on 22 a part is turned round."""
    (l21, l22), (m21, m22) = (LENGTHS[assembly].values() for assembly in (old, new))
    text = (
        f"chain 1000 chr21 {l21} + 1000 2000 chr21 {m21} + 1500 2510 1\n500 0 10\n500\n\n"
        f"chain 900 chr22 {l22} + 100 200 chr22 {m22} - 1000 1100 2\n100\n\n"
    )
    path = folder / name
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def a_sequence(folder: Path, *, assembly: str = "GRCh38", chromosome: str = "chr21") -> Path:
    """A file that is as long as the chromosome, of which only the beginning is written; its index says the rest."""
    length = LENGTHS[assembly]["21"]
    path = folder / f"{assembly}.fa"
    header = f">{chromosome}\n"
    with path.open("w") as file:
        file.write(header + REPEAT)
        file.truncate(len(header) + length + 1)
    Path(f"{path}.fai").write_text(f"{chromosome}\t{length}\t{len(header)}\t{length}\t{length + 1}\n")
    return path


def a_variant(start: int, reference: str = "A", alternate: str = "G", **stated: object) -> Variant:
    usual: dict[str, object] = {"assembly": "GRCh37", "chromosome": "21", "start": start}
    bases = {"reference_bases": reference, "alternate_bases": alternate}
    return Variant(**{**usual, **bases, **stated})  # type: ignore[arg-type]


def place(allele: Allele) -> tuple[object, ...]:
    return allele.assembly, allele.start, allele.end, allele.reference_bases, allele.alternate_bases


@pytest.fixture
def converting(tmp_path: Path) -> Coordinates:
    return Coordinates.open([a_chain(tmp_path)])


def test_variants_of_two_assemblies_are_the_same_once_converted(converting: Coordinates) -> None:
    old, new = converting.allele(a_variant(1200), GENE), converting.allele(a_variant(1700, assembly="hg38"), GENE)
    assert (old.lifted, new.lifted) == (True, False)
    assert variant_kind(old, new) is MatchKind.SAME_VARIANT


def test_without_a_chain_file_they_share_the_gene(converting: Coordinates) -> None:
    old, new = NOTHING_INSTALLED.allele(a_variant(1200), GENE), NOTHING_INSTALLED.allele(a_variant(1700), GENE)
    assert variant_kind(old, new) is MatchKind.SAME_GENE


def test_variant_without_a_counterpart_stays_where_it_was(converting: Coordinates) -> None:
    for variant in (a_variant(5000), a_variant(1498, "ACG", "A"), a_variant(1200, chromosome="20")):
        allele = converting.allele(variant, GENE)
        assert (allele.assembly, allele.lifted) == ("GRCh37", False)


def test_insertion_keeps_its_place_between_two_bases(converting: Coordinates) -> None:
    assert place(converting.allele(a_variant(1200, "A", "AT"), GENE)) == ("GRCh38", 1701, 1701, "", "T")


def test_part_that_is_turned_round_is_read_from_the_other_strand(converting: Coordinates) -> None:
    allele = converting.allele(a_variant(100, "AC", "GT", chromosome="22"), GENE)
    last = LENGTHS["GRCh38"]["22"] - 1 - 1000
    assert place(allele) == ("GRCh38", last - 1, last + 1, "GT", "AC")


def test_insertion_in_a_part_that_is_turned_round(converting: Coordinates) -> None:
    # Between the bases 150 and 151, which stand in the other order there.
    allele = converting.allele(a_variant(150, "A", "AT", chromosome="22"), GENE)
    there = LENGTHS["GRCh38"]["22"] - 1 - 1000 - 50
    assert place(allele) == ("GRCh38", there, there, "", "A")


def test_copy_number_variant_is_converted_where_its_length_stays(converting: Coordinates) -> None:
    lost = CopyNumber(change=CopyChange.LOSS)
    whole = Variant(assembly="GRCh37", chromosome="21", start=1100, end=1900, copy_number=lost)
    assert (converting.allele(whole, GENE).start, converting.allele(whole, GENE).end) == (1600, 2410)


def test_mitochondrial_positions_are_the_same_on_both_assemblies() -> None:
    old, new = (
        NOTHING_INSTALLED.allele(a_variant(3242, chromosome="MT", assembly=name), GENE) for name in ("b37", "GRCh38")
    )
    assert variant_kind(old, new) is MatchKind.SAME_VARIANT


def test_the_direction_of_a_chain_file_shows_in_its_lengths(tmp_path: Path) -> None:
    back = a_chain(tmp_path, old="GRCh38", new="GRCh37", name="back.chain")
    one = Coordinates.open([back])
    assert one.allele(a_variant(1200, assembly="GRCh38"), GENE).assembly == "GRCh37"
    both = Coordinates.open([back, a_chain(tmp_path)])
    assert both.allele(a_variant(1200), GENE).assembly == "GRCh38"


def test_indels_of_one_repeat_are_one_along_the_reference_sequence(tmp_path: Path) -> None:
    coordinates = Coordinates.open(sequences=[a_sequence(tmp_path)])
    found = {
        place(coordinates.allele(a_variant(start, bases, "", assembly="GRCh38"), GENE))
        for start, bases in ((100, "CAG"), (110, "AGC"), (112, "CAG"))
    }
    # The G before the repeat is also the last base of what is deleted.
    assert found == {("GRCh38", 99, 102, "GCA", "")}
    inserted = coordinates.allele(a_variant(115, "", "CAG", assembly="GRCh38"), GENE)
    assert place(inserted) == ("GRCh38", 99, 99, "", "GCA")


def test_indel_that_the_reference_does_not_have_stays_where_it_was(tmp_path: Path) -> None:
    coordinates = Coordinates.open(sequences=[a_sequence(tmp_path)])
    elsewhere = coordinates.allele(a_variant(105, "TTT", "", assembly="GRCh38"), GENE)
    assert (elsewhere.start, elsewhere.aligned) == (105, False)
    beyond = coordinates.allele(a_variant(10**9, "CAG", "", assembly="GRCh38"), GENE)
    assert (beyond.start, beyond.aligned) == (10**9, False)


def test_indel_at_the_very_beginning_ends_there(tmp_path: Path) -> None:
    coordinates = Coordinates.open(sequences=[a_sequence(tmp_path, chromosome="21")])
    assert coordinates.allele(a_variant(40, "G", "", assembly="GRCh38"), GENE).start == 0


def test_without_a_reference_such_indels_may_be_the_same() -> None:
    first, last, other = (
        NOTHING_INSTALLED.allele(a_variant(start, bases, ""), GENE)
        for start, bases in ((100, "CAG"), (110, "AGC"), (110, "GCA"))
    )
    assert variant_kind(first, last) is MatchKind.NEIGHBOURING_POSITION
    assert variant_kind(first, other) is MatchKind.SAME_GENE


def test_left_aligned_indels_at_two_places_are_two(tmp_path: Path) -> None:
    coordinates = Coordinates.open(sequences=[a_sequence(tmp_path)])
    one, two = (coordinates.allele(a_variant(start, "T", "", assembly="GRCh38"), GENE) for start in (115, 130))
    assert one == two
    first, other = (coordinates.allele(a_variant(start, "G", "", assembly="GRCh38"), GENE) for start in (50, 105))
    assert variant_kind(first, other) is MatchKind.SAME_GENE


@pytest.mark.parametrize("text", ["no chain\n", "chain 1 chr21 5 + 0 5 chr21 6 + 0 5 1\n5\n", ""])
def test_file_that_is_no_chain_between_the_assemblies_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "some.chain"
    path.write_text(text)
    with pytest.raises(ReleaseError, match=r"some\.chain"):
        Coordinates.open([path])


def test_compressed_chain_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    path = a_chain(tmp_path)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(ReleaseError, match="cannot be read as a chain file"):
        Coordinates.open([path])


def test_sequence_without_an_index_or_of_another_genome_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mouse.fa"
    path.write_text(">1\nACGT\n")
    with pytest.raises(ReleaseError, match="faidx"):
        Coordinates.open(sequences=[path])
    Path(f"{path}.fai").write_text("1\t4\t3\t4\t5\n")
    with pytest.raises(ReleaseError, match="neither GRCh37 nor GRCh38"):
        Coordinates.open(sequences=[path])
