"""A VCF is filtered by genotype and effect, and its genes ordered by how well they explain the findings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from federation.lines import reader_of, spell_genes
from matchmaker.errors import Invalid
from matchmaker.model import GenomicFeature, Origin, Sex, Zygosity
from matchmaker.service import Matchmaker
from matchmaker.variant_files.candidates import Candidate, Family, Found, candidates
from matchmaker.variant_files.header import read_header
from matchmaker.variant_files.inheritance import Allele, Mode, modes
from tests.builders import a_case, a_feature
from tests.federation.worlds import our_node
from tests.matchmaker.variant_text import TRIO, annotated, row, vcf, written

PERSON = Family(child="child")
PARENTS = Family(child="child", mother="mother", father="father")


@pytest.fixture(scope="module")
def mm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matchmaker]:
    """One node for all tests: nothing is stored in it."""
    with our_node(tmp_path_factory.mktemp("variants") / "home") as opened:
        yield opened


def read(
    mm: Matchmaker,
    folder: Path,
    text: str,
    *,
    family: Family = PARENTS,
    sex: Sex | None = None,
    features: tuple[str, ...] = (),
    assembly: str | None = None,
    packed: bool = False,
) -> Found:
    case = a_case(features=[a_feature(term) for term in features], sex=sex)
    return candidates(mm, written(folder, text, packed=packed), family, case=case, assembly=assembly)


def by_name(found: Found) -> dict[str, Candidate]:
    return {one.name: one for one in found.candidates}


def test_trio_offers_de_novo_homozygous_and_compound_and_no_single_inherited_one(
    mm: Matchmaker, tmp_path: Path
) -> None:
    text = vcf(
        row("1:100", "0/1", "0/0", "0/0", csq=annotated("SCN1A")),
        row("1:200", "1/1", "0/1", "0/1", csq=annotated("PHGDH", hgvs="NM_006623.4:c.1468G>A")),
        row("1:300", "0/1", "0/1", "0/0", csq=annotated("MECP2")),
        row("22:100", "0/1", "0/1", "0/0", csq=annotated("SHANK3")),
        row("22:200", "0/1", "0/0", "0/1", csq=annotated("SHANK3", "stop_gained")),
        row("22:300", "0/1", "0/1", "0/0", csq=annotated("CHEK2")),
        row("22:400", "0/1", "0/1", "0/0", csq=annotated("CHEK2")),
    )

    found = by_name(read(mm, tmp_path, text))

    assert {name: one.modes for name, one in found.items()} == {
        "SCN1A": (Mode.DE_NOVO,),
        "PHGDH": (Mode.HOMOZYGOUS,),
        "SHANK3": (Mode.COMPOUND,),
    }
    (variant,) = [one.variant for one in found["PHGDH"].offered]
    assert (variant.start, variant.end, variant.hgvs) == (199, 200, "NM_006623.4:c.1468G>A")
    assert (variant.zygosity, variant.origin) == (Zygosity.HOMOZYGOUS, Origin.BIPARENTAL)
    assert [one.variant.origin for one in found["SHANK3"].offered] == [Origin.MATERNAL, Origin.PATERNAL]


def test_single_person_is_offered_what_is_heterozygous_too(mm: Matchmaker, tmp_path: Path) -> None:
    text = vcf(row("1:100", "0/1", csq=annotated("SCN1A")), samples=("child",))

    (one,) = read(mm, tmp_path, text, family=PERSON, packed=True).candidates

    assert one.modes == (Mode.HETEROZYGOUS,)


def test_boy_has_one_copy_of_x_however_it_is_written_and_two_at_its_ends(mm: Matchmaker, tmp_path: Path) -> None:
    text = vcf(
        row("X:150000000", "1", csq=annotated("MECP2")),
        row("X:100000000", "1/1", csq=annotated("CDKL5")),
        row("X:600000", "1/1", csq=annotated("SHOX")),
        samples=("child",),
    )

    found = by_name(read(mm, tmp_path, text, family=PERSON, sex=Sex.MALE))

    kinds = {name: one.offered[0].variant.zygosity for name, one in found.items()}
    assert kinds == {"MECP2": Zygosity.HEMIZYGOUS, "CDKL5": Zygosity.HEMIZYGOUS, "SHOX": Zygosity.HOMOZYGOUS}
    girl = by_name(read(mm, tmp_path, text, family=PERSON, sex=Sex.FEMALE))
    assert girl["CDKL5"].modes == (Mode.HOMOZYGOUS,)


def test_what_is_common_mild_filtered_doubtful_missing_or_symbolic_is_counted_and_not_offered(
    mm: Matchmaker, tmp_path: Path
) -> None:
    text = vcf(
        row("1:100", "0/1", csq=annotated("SCN1A", often="0.2")),
        row("1:200", "0/1", csq=annotated("SCN1A", "synonymous_variant")),
        row("1:300", "0/1", csq=annotated("SCN1A"), filters="lowqual"),
        row("1:400", "0/1:5", csq=annotated("SCN1A")),
        row("1:500", "./.", csq=annotated("SCN1A")),
        row("1:600", "0/1", change="G>*", csq=annotated("SCN1A")),
        row("1:700", "0/1", change="G><DEL>", csq=annotated("SCN1A")),
        row("1:800", "0/0", csq=annotated("SCN1A")),
        samples=("child",),
    )

    found = read(mm, tmp_path, text, family=PERSON)

    assert found.candidates == ()
    assert found.counts == {
        "records": 8,
        "common": 1,
        "mild": 1,
        "filtered": 1,
        "doubtful": 1,
        "missing": 1,
        "unusable": 2,
    }


def test_each_allele_of_a_place_has_its_own_annotation(mm: Matchmaker, tmp_path: Path) -> None:
    both = ",".join([annotated("SCN1A", "synonymous_variant"), annotated("SCN1A", "stop_gained", allele="T")])
    text = vcf(
        row("1:100", "1/2", change="G>A,T", csq=both), row("1:200", "0/2", change="G>A,*", csq=both), samples=("child",)
    )

    (one,) = read(mm, tmp_path, text, family=PERSON).candidates

    assert [offered.variant.alternate_bases for offered in one.offered] == ["T"]
    assert one.offered[0].variant.zygosity is Zygosity.HETEROZYGOUS


def test_deletion_is_found_by_the_name_that_vep_gives_it(mm: Matchmaker, tmp_path: Path) -> None:
    both = ",".join([annotated("SCN1A", "frameshift_variant", allele="-"), annotated("SCN1A", allele="GT")])
    text = vcf(row("1:100", "0/1", change="GA>G,GGT", csq=both), samples=("child",))

    (one,) = read(mm, tmp_path, text, family=PERSON).candidates

    assert one.offered[0].consequence == "frameshift variant"


def test_genes_that_explain_the_findings_come_first(mm: Matchmaker, tmp_path: Path) -> None:
    text = vcf(
        row("1:100", "0/1", "0/0", "0/0", csq=annotated("BRCA2")),
        row("1:150", "0/1", "0/0", "0/0", csq=annotated("NOSUCHGENE")),
        row("1:200", "1/1", "0/1", "0/1", csq=annotated("PHGDH")),
    )

    found = read(mm, tmp_path, text, features=("HP:0000252", "HP:0001250", "HP:0002521"))

    assert [one.name for one in found.candidates] == ["PHGDH", "BRCA2", "NOSUCHGENE"]
    assert "phosphoglycerate dehydrogenase" in (found.candidates[0].disease or "").lower()


def test_what_is_offered_is_a_line_that_the_form_reads_as_the_same(mm: Matchmaker, tmp_path: Path) -> None:
    text = vcf(row("1:200", "0/1", "0/0", "0/0", csq=annotated("PHGDH", hgvs="NM_006623.4:c.1468G>A")))
    (one,) = read(mm, tmp_path, text).candidates
    feature = GenomicFeature(gene=one.gene, variants=(one.offered[0].variant,))

    line = spell_genes(replace(a_case(), genomic_features=(feature,)), mm.release)

    assert line == "PHGDH; GRCh38 1-200-G-A; NM_006623.4:c.1468G>A; heterozygous; de novo"
    assert reader_of(mm.release).genes(line).genomic_features == (feature,)


@pytest.mark.parametrize(
    ("text", "family", "message"),
    [
        ("no VCF at all", PERSON, "is no VCF"),
        (vcf(samples=()), PERSON, "no genotypes"),
        (vcf(assembly="T2T"), PERSON, "neither GRCh37 nor GRCh38"),
        (vcf(assembly=None), PERSON, "does not say its assembly"),
        (vcf(assembly="GRCh37"), PERSON, "lies on GRCh37"),
        (vcf(), Family(child="somebody"), "no sample 'somebody'"),
        (vcf(), Family(child="child", mother="child"), "chosen twice"),
        (vcf("1\tnot a number\t.\tG\tA\t.\tPASS\t.\tGT\t0/1\t0/0\t0/0"), PERSON, "damaged"),
    ],
)
def test_file_that_cannot_be_used_says_why_and_what_to_do(
    mm: Matchmaker, tmp_path: Path, text: str, family: Family, message: str
) -> None:
    with pytest.raises(Invalid) as caught:
        read(mm, tmp_path, text, family=family, assembly="GRCh38" if "lies on GRCh37" in message else None)

    assert message in str(caught.value)
    assert caught.value.issues[0].remedy


def test_file_that_was_cut_off_is_not_taken_for_a_whole_one(mm: Matchmaker, tmp_path: Path) -> None:
    rows = [row(f"1:{n}", "0/1", "0/0", "0/0", csq=annotated("SCN1A")) for n in range(100, 2000)]
    path = written(tmp_path, vcf(*rows), packed=True)
    path.write_bytes(path.read_bytes()[:-500])

    with pytest.raises(Invalid, match="damaged"):
        candidates(mm, path, PARENTS, case=a_case(), assembly=None)


def test_header_is_read_from_the_first_bytes_of_a_packed_file(tmp_path: Path) -> None:
    body = written(tmp_path, vcf(), packed=True).read_bytes()

    whole, part = read_header(body), read_header(body[: len(body) - 150])

    assert (whole.samples, whole.assembly, whole.annotation) == (TRIO, "GRCh38", "CSQ")
    assert (part.complete, part.assembly) == (False, "GRCh38")


def test_node_without_the_reader_says_who_can_install_it() -> None:
    blocked = """
import sys
sys.modules["pysam"] = None
sys.argv = ["child", "{}"]
from matchmaker.variant_files import child
child.main()
"""
    done = subprocess.run([sys.executable, "-c", blocked], capture_output=True, text=True, check=True)

    assert done.stdout == '{"problem": "missing"}'


def test_parent_whose_genotype_is_not_known_rules_nothing_out() -> None:
    allele = Allele(chromosome="1", position=1, copies=1, ploidy=2, mother=None, father=0)

    assert modes([allele], sex=None, assembly="GRCh38") == [Mode.HETEROZYGOUS]
    assert modes([allele, replace(allele, position=2)], sex=None, assembly="GRCh38") == [
        Mode.COMPOUND,
        Mode.HETEROZYGOUS,
    ]
