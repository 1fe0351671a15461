"""Tables of translated terms, as babelon has them."""

from __future__ import annotations

from pathlib import Path

from matchmaker.model import TermId

HEADER = "\t".join(
    (
        "source_language",
        "source_value",
        "subject_id",
        "predicate_id",
        "translation_language",
        "translation_value",
        "translation_status",
    )
)
SEIZURE, HEAD = TermId("HP:0001250"), TermId("HP:0000152")


def table(folder: Path, *rows: str, header: str = HEADER) -> Path:
    path = folder / "hp-es.babelon.tsv"
    path.write_text("\n".join([header, *rows]) + "\n", "utf-8")
    return path


def row(term: str, text: str, *, predicate: str = "rdfs:label", language: str = "es", status: str = "OFFICIAL") -> str:
    return "\t".join(("en", "in English", term, predicate, language, text, status))


def international(folder: Path, said: str = "translation:{}") -> Path:
    """HPO with several languages in one file; `said` is how its qualifiers are called."""

    def clause(name: str, language: str, status: str) -> str:
        status_, language_ = said.format("status"), said.format("language")
        return f'name: {name} {{source:value="Seizure", {status_}="{status}", {language_}="{language}"}}'

    path = folder / "hp-international.obo"
    path.write_text(
        "format-version: 1.2\n\n[Term]\nid: HP:0001250\n"
        + "\n".join((clause("Crisis", "es", "OFFICIAL"), "name: Seizure", clause("Crise", "fr", "CANDIDATE")))
        + '\nsynonym: "Fit" RELATED []\n'
        + f'synonym: "Anfall \\"groß\\"" EXACT [] {{{said.format("language")}="de"}}\n',
        "utf-8",
    )
    return path
