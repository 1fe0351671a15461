"""Fetch a release of reference data: HPO, its annotations and gene links, HGNC's gene table.

The files land in a folder that `ontology.releases.compile_release` takes, with a record of where each came from and
its SHA-256.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

import requests
from urllib3.exceptions import DecodeError, HTTPError, ProtocolError, ReadTimeoutError

from matchmaker.errors import ReleaseError
from ontology.releases import SOURCES_FILE

_CHUNK = 1 << 18  # bytes
_GITHUB = "https://github.com/obophenotype/human-phenotype-ontology/releases/download/v{date}/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Where the files are; `{date}` is replaced by that of the release."""

    obo: str = "https://purl.obolibrary.org/obo/hp.obo"
    hpoa: str = "https://purl.obolibrary.org/obo/hp/hpoa/phenotype.hpoa"
    gene_links: str = "https://purl.obolibrary.org/obo/hp/hpoa/genes_to_phenotype.txt"
    gene_table: str = "https://storage.googleapis.com/public-download-files/hgnc/tsv/tsv/hgnc_complete_set.txt"


NEWEST = Addresses()
# HPO keeps the files of each release together; HGNC's table is always the newest.
DATED = Addresses(
    obo=f"{_GITHUB}hp.obo", hpoa=f"{_GITHUB}phenotype.hpoa", gene_links=f"{_GITHUB}genes_to_phenotype.txt"
)
_FILES = {
    "obo": "hp.obo",
    "hpoa": "phenotype.hpoa",
    "gene_links": "genes_to_phenotype.txt",
    "gene_table": "hgnc_complete_set.txt",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What one file may take; the largest is about 40 MB."""

    n_bytes: int = 256 << 20
    silence: float = 30.0  # seconds without a byte
    seconds: float = 900.0  # in all


def download(
    folder: Path,
    *,
    date: str | None = None,
    addresses: Addresses | None = None,
    limits: Limits | None = None,
    progress: Callable[[str, int], None] | None = None,
) -> None:
    """Fetch the files of the newest release, or of the one of a date (YYYY-MM-DD), into a folder.

    A file is there whole or not at all; nothing is tried twice. `progress` is told the file and its bytes so far.

    Raises
    ------
    ReleaseError
        When the date is none, a server does not answer, refuses, stops half-way, sends more than allowed, or the
        folder cannot be written.
    """
    if date is not None and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", date):
        raise ReleaseError(f"{date} is not a date: write it as 2025-01-16")
    chosen = asdict(addresses or (DATED if date else NEWEST))
    told = progress or _silent
    recorded = {}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for part, name in _FILES.items():
            address = chosen[part].replace("{date}", date or "")
            recorded[name] = [address, _fetch(address, folder / name, limits or Limits(), told)]
        (folder / SOURCES_FILE).write_text(json.dumps(recorded, indent=2), "utf-8")
    except OSError as error:
        raise ReleaseError(
            f"{folder} cannot be written: {error.strerror}; make room or choose another place"
        ) from error


def _fetch(address: str, target: Path, limits: Limits, progress: Callable[[str, int], None]) -> str:
    """Fetch one file and return its SHA-256."""
    partial = target.with_name(f"{target.name}.part")
    try:
        with partial.open("wb") as file:
            checksum = _copy(address, file, limits, lambda n_bytes: progress(target.name, n_bytes))
        partial.replace(target)
    # requests' errors are OSErrors too: told apart here, so that the disk is not blamed for the network.
    except (requests.RequestException, HTTPError) as error:
        raise ReleaseError(f"{target.name} was not received whole from {address}: {_why(error)}; try again") from error
    finally:
        partial.unlink(missing_ok=True)
    return checksum


def _copy(address: str, file: BinaryIO, limits: Limits, progress: Callable[[int], None]) -> str:
    digest, n_bytes = hashlib.sha256(), 0
    end = time.monotonic() + limits.seconds
    with requests.get(address, stream=True, timeout=limits.silence) as response:
        if response.status_code != requests.codes.ok:
            raise ReleaseError(
                f"{address} answered {response.status_code}: check the address or the date of the release"
            )
        # read1 returns what has come, so that a server that sends drop by drop meets the time limit.
        while chunk := response.raw.read1(_CHUNK, decode_content=True):
            n_bytes += len(chunk)
            if n_bytes > limits.n_bytes:
                raise ReleaseError(f"{address} sends more than {limits.n_bytes} bytes: check the address")
            if time.monotonic() > end:
                raise ReleaseError(f"{address} took longer than {limits.seconds:.0f} seconds: try again later")
            digest.update(chunk)
            file.write(chunk)
            progress(n_bytes)
    if n_bytes == 0:
        raise ReleaseError(f"{address} sent an empty file: try again later")
    return digest.hexdigest()


def _why(error: Exception) -> str:
    """The failure in a few words; the libraries' own text names objects in memory and hosts on the way."""
    if isinstance(error, requests.Timeout | ReadTimeoutError):
        return "no answer in time"
    if isinstance(error, ProtocolError | DecodeError):
        return "the transfer broke off"
    if isinstance(error, requests.ConnectionError):
        return "no connection"
    return type(error).__name__


def _silent(_name: str, _n_bytes: int) -> None:
    """Progress that nobody watches."""
