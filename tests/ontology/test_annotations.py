"""Diseases, their annotations as numbers, and their genes."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from matchmaker.errors import NotFound, ReleaseError
from matchmaker.model import Sex
from ontology.annotations import Aspect
from ontology.hpoa import share_of_patients
from ontology.manifest import shipped_files
from ontology.releases import Release, compile_release, load
from tests.ontology.conftest import compiled
from tests.ontology.files import an_annotation, hpoa, write_release


@pytest.mark.parametrize(
    ("stated", "share"),
    [
        ("3/4", 0.75),
        ("0/5", 0.0),
        ("17%", 0.17),
        ("2.5%", 0.025),
        ("HP:0040280", 1.0),
        ("HP:0040281", 0.895),
        ("HP:0040285", 0.0),
        ("", None),
        ("5/4", None),
        ("1/0", None),
        ("often", None),
        ("120%", None),
    ],
)
def test_frequency_in_any_form_is_a_share_of_patients(stated: str, share: float | None) -> None:
    assert share_of_patients(stated) == share


def test_annotation_keeps_frequency_onset_sex_and_references(tmp_path: Path) -> None:
    line = an_annotation(frequency="1/4", onset="HP:0003577", sex="MALE", reference="PMID:1;OMIM:100001")
    release = compiled(tmp_path, annotations=hpoa(line))

    (annotation,) = release.annotations.disease("OMIM:100001").annotations

    assert annotation.term == "HP:0001250"
    assert annotation.frequency == pytest.approx(0.25)
    assert (annotation.onset, annotation.sex) == ("HP:0003577", Sex.MALE)
    assert annotation.references == ("PMID:1", "OMIM:100001")
    assert (annotation.excluded, annotation.aspect) == (False, Aspect.PHENOTYPE)


def test_what_is_not_stated_is_none(small: Release) -> None:
    (annotation,) = small.annotations.disease("OMIM:100001").annotations

    assert (annotation.frequency, annotation.onset, annotation.sex) == (None, None, None)


def test_excluded_annotations_are_kept_and_not_in_the_corpus(tmp_path: Path) -> None:
    lines = [
        an_annotation(term="HP:0001250", qualifier="NOT"),
        an_annotation(term="HP:0000252", frequency="0/9"),
        an_annotation(term="HP:0002123", frequency="1/9"),
    ]
    release = compiled(tmp_path, annotations=hpoa(*lines))

    assert [a.excluded for a in release.annotations.disease("OMIM:100001").annotations] == [True, True, False]
    assert release.annotations.term_disease.tolist() == [release.hpo.index_of("HP:0002123")]


def test_corpus_has_each_term_of_a_disease_once_with_the_mean_frequency(tmp_path: Path) -> None:
    lines = [
        an_annotation(frequency="1/4"),
        an_annotation(frequency="3/4"),
        an_annotation(frequency=""),
        an_annotation(term="HP:0000252"),
        an_annotation(term="HP:0002279", frequency="2/4"),  # an alternative id of the first
        an_annotation("OMIM:100009", term="HP:0003577", aspect="C"),
    ]
    annotations = compiled(tmp_path, annotations=hpoa(*lines)).annotations

    assert annotations.term_offsets.tolist() == [0, 2, 2]
    assert sorted(annotations.frequencies.tolist(), key=np.isnan)[0] == pytest.approx((0.25 + 0.75 + 0.5) / 3)
    assert np.isnan(annotations.frequencies).sum() == 1


def test_mode_of_inheritance_stands_apart(tmp_path: Path) -> None:
    lines = [an_annotation(), an_annotation(term="HP:0000007", aspect="I")]
    disease = compiled(tmp_path, annotations=hpoa(*lines)).annotations.disease("OMIM:100001")

    assert disease.inheritance == ("HP:0000007",)
    assert [a.term for a in disease.annotations] == ["HP:0001250"]


def test_annotation_with_a_term_of_another_release_is_left_out(tmp_path: Path) -> None:
    lines = [an_annotation(), an_annotation("OMIM:100005", term="HP:8888888")]

    assert list(compiled(tmp_path, annotations=hpoa(*lines)).annotations.ids) == ["OMIM:100001"]


def test_annotations_of_nothing_known_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="of one release"):
        compiled(tmp_path, annotations=hpoa(an_annotation(term="HP:8888888")))


def test_diseases_and_genes_are_linked_both_ways(small: Release) -> None:
    annotations = small.annotations

    assert annotations.diseases_of_gene("HGNC:8923") == ("OMIM:100001",)
    assert annotations.genes_of_disease("MIM:100001") == ("HGNC:8923",)
    # Found by symbol, since its Entrez id is of no gene; NOSUCH is neither.
    assert annotations.disease("OMIM:100002").genes == ("HGNC:19048",)
    assert list(annotations.genes) == ["HGNC:8923", "HGNC:19048"]


def test_phenotype_of_a_gene_has_features_seen_and_no_others(small: Release) -> None:
    assert small.annotations.genes_phenotype("HGNC:8923").tolist() == [small.hpo.index_of("HP:0001250")]


@pytest.mark.parametrize("gene", ["HGNC:1", "HGNC:99999999999", "PHGDH", ""])
def test_gene_without_links_has_no_diseases_and_no_phenotype(small: Release, gene: str) -> None:
    assert small.annotations.diseases_of_gene(gene) == ()
    assert small.annotations.genes_phenotype(gene).tolist() == []


def test_disease_that_is_not_annotated_is_not_found(small: Release) -> None:
    assert small.annotations.genes_of_disease("OMIM:999999") == ()
    assert small.annotations.name("OMIM:999999") is None
    with pytest.raises(NotFound, match="disease OMIM:999999"):
        small.annotations.disease("OMIM:999999")


def test_shipped_release_has_neu_laxova_syndrome_with_its_gene(release: Release) -> None:
    disease = release.annotations.disease("MIM:256520")

    assert disease.name == "Neu-Laxova syndrome 1"
    assert disease.genes == ("HGNC:8923",)
    assert disease.inheritance == ("HP:0000007",)


@pytest.mark.slow
def test_corpus_agrees_with_a_plain_reading_of_the_file(release: Release) -> None:
    """Counts the diseases observed with each term, line by line."""
    counted: Counter[str] = Counter()
    seen: set[tuple[str, str]] = set()
    for line in shipped_files()[1].path().read_text("utf-8").splitlines():
        fields = line.split("\t")
        if line.startswith("#") or fields[10] != "P" or fields[2] == "NOT" or fields[7].startswith("0/"):
            continue
        term = release.hpo.resolve(fields[3]).term
        if fields[7] != "HP:0040285" and term and (fields[0], term) not in seen:
            seen.add((fields[0], term))
            counted[term] += 1

    annotations = release.annotations
    numbers = np.bincount(annotations.term_disease, minlength=release.hpo.graph.n_terms)
    found = {term: int(n) for term, n in zip(release.hpo.term_ids, numbers, strict=True) if n}
    # The file annotates a few terms of other branches (e.g. past medical history) as phenotype.
    assert found == {term: n for term, n in counted.items() if release.hpo.index_of(term) is not None}
    assert len(annotations) == 12_687


def test_tables_with_the_headers_of_former_years_are_read(tmp_path: Path) -> None:
    files = write_release(tmp_path / "files")
    lines = an_annotation(frequency="1/2")
    (files / "phenotype.hpoa").write_text(
        "#description: HPO annotations\n#date: 2021-02-08\n"
        "#DatabaseID\tDiseaseName\tQualifier\tHPO_ID\tReference\tEvidence\tOnset\tFrequency\tSex\tModifier\tAspect\tBy\n"
        f"{lines}\n"
    )
    (files / "genes_to_phenotype.txt").unlink()
    (files / "phenotype_to_genes.txt").write_text(
        "#Format: HPO-id<tab>HPO label<tab>entrez-gene-id<tab>entrez-gene-symbol"
        "<tab>Info<tab>Source<tab>disease-ID for link\n"
        "HP:0002123\tGeneralized myoclonic seizure\t26227\tPHGDH\t-\tmim2gene\tOMIM:100001\n"
        "HP:0001250\tSeizure\t26227\tPHGDH\t-\tmim2gene\tOMIM:100001\n"
        "HP:0000252\tMicrocephaly\t26227\tPHGDH\t-\tmim2gene\tOMIM:100001\n"
    )
    compile_release(files, tmp_path / "old.npz")
    release = load(tmp_path / "old.npz")

    assert release.annotations.version == "2021-02-08"
    assert release.annotations.genes_of_disease("OMIM:100001") == ("HGNC:8923",)
    # Seizure is above the myoclonic one: this table has all ancestors, and only the most specific terms are kept.
    kept = [release.hpo.index_of(term) for term in ("HP:0000252", "HP:0002123")]
    assert set(release.annotations.genes_phenotype("HGNC:8923").tolist()) == set(kept)
