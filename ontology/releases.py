"""Releases of reference data: compiled once from their files, then loaded in a fraction of a second."""

from __future__ import annotations

import hashlib
import json
import logging
from dataclasses import dataclass, replace
from pathlib import Path

import platformdirs

from matchmaker.errors import ReleaseError
from ontology import snapshot
from ontology.annotations import Annotations
from ontology.columns import Columns
from ontology.gene_links import GENES_TO_PHENOTYPE, PHENOTYPE_TO_GENES, read_gene_links
from ontology.genes import GeneTable
from ontology.hgnc import read_gene_table
from ontology.hpo import Hpo
from ontology.hpoa import read_annotations
from ontology.manifest import ReferenceFile, sha256_of, shipped_files
from ontology.obo import read_obo
from ontology.snapshot import Record, Source

log = logging.getLogger(__name__)

SOURCES_FILE = "sources.json"  # written beside downloaded files: name -> [address, SHA-256]


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """HPO, diseases and genes of one date; `checksum` is the same wherever the same files were compiled."""

    id: str
    checksum: str
    hpo: Hpo
    annotations: Annotations
    genes: GeneTable
    sources: tuple[Source, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Files:
    """The four files of a release, each with where it came from."""

    obo: Path
    hpoa: Path
    gene_links: Path
    gene_table: Path
    origins: tuple[Source, ...]  # of the four, in this order; versions are filled in when they are read


def shipped(cache: Path | None = None) -> Release:
    """The release that comes with this installation.

    Compiled when first asked for (some ten seconds) and kept in `cache` or the user's cache folder; a damaged copy is
    compiled again, and where nothing can be written it is compiled for this process alone.

    Raises
    ------
    ReleaseError
        When an installed file is missing or is not what the manifest says.
    """
    folder = (platformdirs.user_cache_path() if cache is None else cache) / "matchmaker"
    checksum = _checksum(tuple(file.sha256 for file in shipped_files()))
    path = folder / f"{checksum}-{snapshot.FORMAT}.npz"
    try:
        release = load(path)
        if release.checksum == checksum:
            return release
    except ReleaseError as error:
        log.info("compiling reference data: %s", error)
    columns, record = _compile(_shipped_files())
    try:
        snapshot.write(path, columns, record)
    except OSError as error:
        log.warning("reference data cannot be kept in %s: %s; every start compiles it again", folder, error.strerror)
    return _release(columns, record)


def compile_release(sources: Path, target: Path) -> None:
    """Compile the files of a folder into a snapshot.

    Parameters
    ----------
    sources
        Holds hp.obo or hp.json, phenotype.hpoa and genes_to_phenotype.txt (or phenotype_to_genes.txt) of one release,
        and hgnc_complete_set.txt if it shall not be the gene table that is shipped.

    Raises
    ------
    ReleaseError
        When a file is missing, damaged or not what was downloaded, or the target cannot be written.
    """
    columns, record = _compile(_files_in(sources))
    try:
        snapshot.write(target, columns, record)
    except OSError as error:
        raise ReleaseError(
            f"{target} cannot be written: {error.strerror}; make room or choose another place"
        ) from error


def load(path: Path) -> Release:
    """Load a compiled release.

    Raises
    ------
    ReleaseError
        When the snapshot is missing, truncated, damaged or of another format.
    """
    return _release(*snapshot.read(path))


def _release(columns: Columns, record: Record) -> Release:
    return Release(
        id=record.id,
        checksum=record.checksum,
        hpo=Hpo(columns),
        annotations=Annotations(columns),
        genes=GeneTable(columns),
        sources=record.sources,
    )


def _compile(files: _Files) -> tuple[Columns, Record]:
    columns = read_obo(files.obo)
    columns.update(read_gene_table(files.gene_table))
    hpo, genes = Hpo(columns), GeneTable(columns)
    columns.update(read_annotations(files.hpoa, hpo))
    diseases = columns.texts("disease.id")
    columns.update(read_gene_links(files.gene_links, hpo, genes, diseases))
    hpoa_version = columns.texts("disease.version")[0]
    versions = (hpo.release, hpoa_version, hpoa_version, genes.version)
    sources = tuple(replace(s, version=v) for s, v in zip(files.origins, versions, strict=True))
    checksum = _checksum(tuple(source.checksum for source in sources))
    return columns, Record(id=hpo.release, checksum=checksum, sources=sources)


def _checksum(of_files: tuple[str, ...]) -> str:
    return hashlib.sha256("\n".join(of_files).encode()).hexdigest()


def _shipped_files() -> _Files:
    obo, hpoa, gene_links, gene_table = shipped_files()
    files = (obo, hpoa, gene_links, gene_table)
    return _Files(
        obo=obo.path(),
        hpoa=hpoa.path(),
        gene_links=gene_links.path(),
        gene_table=gene_table.path(),
        origins=tuple(_verified(file) for file in files),
    )


def _verified(file: ReferenceFile) -> Source:
    found = sha256_of(file.path())
    if found != file.sha256:
        raise ReleaseError(f"{file.file} of {file.package} is not what was published: install the package again")
    return Source(name=file.name, url_or_package=file.package, checksum=found, version=file.version)


def _files_in(folder: Path) -> _Files:
    names = tuple(file.name for file in shipped_files())
    links = (folder / GENES_TO_PHENOTYPE, folder / PHENOTYPE_TO_GENES)
    hpo = (folder / "hp.obo", folder / "hp.json")
    paths = [
        next((path for path in hpo if path.exists()), hpo[0]),
        folder / "phenotype.hpoa",
        next((path for path in links if path.exists()), links[0]),
    ]
    downloaded = _downloaded(folder)
    origins = [_origin(name, path, downloaded) for name, path in zip(names, paths, strict=False)]
    gene_table = folder / "hgnc_complete_set.txt"
    if gene_table.exists():
        origins.append(_origin(names[3], gene_table, downloaded))
    else:
        gene_table = shipped_files()[3].path()
        origins.append(_verified(shipped_files()[3]))
    return _Files(obo=paths[0], hpoa=paths[1], gene_links=paths[2], gene_table=gene_table, origins=tuple(origins))


def _origin(name: str, path: Path, downloaded: dict[str, list[str]]) -> Source:
    checksum = sha256_of(path)
    address, expected = downloaded.get(path.name, [path.name, checksum])
    if checksum != expected:
        raise ReleaseError(f"{path.name} is not what was downloaded: download it again")
    return Source(name=name, url_or_package=address, checksum=checksum, version="unknown")


def _downloaded(folder: Path) -> dict[str, list[str]]:
    """What `ontology.download` wrote of where the files came from; empty for files that somebody put there."""
    try:
        recorded: dict[str, list[str]] = json.loads((folder / SOURCES_FILE).read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ReleaseError(f"{SOURCES_FILE} cannot be read: {error}; remove it or download again") from error
    return recorded
