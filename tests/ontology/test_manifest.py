"""The record of reference data that ships."""

from __future__ import annotations

from ontology.manifest import sha256_of, shipped_files


def test_every_shipped_file_is_what_the_manifest_says() -> None:
    assert [file.file for file in shipped_files()] == [
        "hp.obo",
        "phenotype.hpoa",
        "genes_to_phenotype.txt",
        "genes.tsv.gz",
    ]
    assert all(sha256_of(file.path()) == file.sha256 for file in shipped_files())


def test_everything_that_makers_ask_to_be_shown_is_there() -> None:
    for file in shipped_files():
        assert file.version
        assert file.acknowledgement.endswith(".")
        assert "doi:" in file.citation
        assert file.licence_url.startswith("https://")
