"""A release of a dozen terms, written as HPO and HGNC write theirs."""

from __future__ import annotations

from pathlib import Path

OBO = """format-version: 1.2
data-version: hp/releases/2031-02-03
synonymtypedef: layperson "layperson term"
ontology: hp.obo

[Term]
id: HP:0000001
name: All

[Term]
id: HP:0000118
name: Phenotypic abnormality
is_a: HP:0000001 ! All

[Term]
id: HP:0000005
name: Mode of inheritance
is_a: HP:0000001 ! All

[Term]
id: HP:0000007
name: Autosomal recessive inheritance
is_a: HP:0000005 ! Mode of inheritance

[Term]
id: HP:0003674
name: Onset
is_a: HP:0000001 ! All

[Term]
id: HP:0003577
name: Congenital onset
is_a: HP:0003674 ! Onset

[Term]
id: HP:0000707
name: Abnormality of the nervous system
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0000152
name: Abnormality of head or neck
is_a: HP:0000118 ! Phenotypic abnormality

[Term]
id: HP:0001250
name: Seizure
alt_id: HP:0002279
def: "Abnormal, excessive activity of neurons." [HPO:probinson]
synonym: "Epileptic seizure" EXACT []
synonym: "Fit" RELATED layperson []
is_a: HP:0000707 ! Abnormality of the nervous system

[Term]
id: HP:0002123
name: Generalized myoclonic seizure
is_a: HP:0001250 ! Seizure

[Term]
id: HP:0000252
name: Microcephaly
synonym: "Small head" BROAD layperson []
is_a: HP:0000152 ! Abnormality of head or neck
is_a: HP:0000707 ! Abnormality of the nervous system

[Term]
id: HP:0009000
name: obsolete Fits
is_obsolete: true
replaced_by: HP:0009001

[Term]
id: HP:0009001
name: obsolete Fit
is_obsolete: true
replaced_by: HP:0002279

[Term]
id: HP:0009002
name: obsolete Small or fitting
is_obsolete: true
consider: HP:0000252
consider: HP:0009001

[Term]
id: HP:0009003
name: obsolete Gone
is_obsolete: true

[Term]
id: HP:0009004
name: obsolete One of two
is_obsolete: true
replaced_by: HP:0009005

[Term]
id: HP:0009005
name: obsolete Other of two
is_obsolete: true
replaced_by: HP:0009004
"""

_HPOA_HEADER = """#description: "HPO annotations for rare diseases"
#version: 2031-02-03
database_id\tdisease_name\tqualifier\thpo_id\treference\tevidence\tonset\tfrequency\tsex\tmodifier\taspect\tbiocuration
"""


def an_annotation(
    disease: str = "OMIM:100001",
    *,
    term: str = "HP:0001250",
    frequency: str = "",
    aspect: str = "P",
    **more: str,
) -> str:
    """A line of phenotype.hpoa; `more` may have name, qualifier, reference, onset and sex."""
    fields = {
        "name": "Example syndrome",
        "qualifier": "",
        "reference": "PMID:1",
        "onset": "",
        "sex": "",
        **more,
    }
    return "\t".join(
        [
            disease,
            fields["name"],
            fields["qualifier"],
            term,
            fields["reference"],
            "PCS",
            fields["onset"],
            frequency,
            fields["sex"],
            "",
            aspect,
            "HPO:x[2031-01-01]",
        ]
    )


def hpoa(*lines: str) -> str:
    return _HPOA_HEADER + "".join(f"{line}\n" for line in lines)


GENE_LINKS = """ncbi_gene_id\tgene_symbol\thpo_id\thpo_name\tfrequency\tdisease_id
26227\tPHGDH\tHP:0001250\tSeizure\t-\tOMIM:100001
26227\tPHGDH\tHP:0000252\tMicrocephaly\t0/4\tOMIM:100001
26227\tPHGDH\tHP:0000007\tAutosomal recessive inheritance\t-\tOMIM:100001
999999999\tASPM\tHP:0000252\tMicrocephaly\t1/1\tOMIM:100002
999999998\tNOSUCH\tHP:0000252\tMicrocephaly\t1/1\tOMIM:100002
"""

GENE_FIELDS = (
    "hgnc_id",
    "symbol",
    "name",
    "locus_type",
    "status",
    "location",
    "alias_symbol",
    "prev_symbol",
    "entrez_id",
    "ensembl_gene_id",
    "date_modified",
)
_CODING = "gene with protein product"


def gene_table(*genes: dict[str, str]) -> str:
    """A table of HGNC with these fields stated; what is left out is an approved gene without more."""
    usual = dict.fromkeys(GENE_FIELDS, "") | {
        "locus_type": _CODING,
        "status": "Approved",
        "date_modified": "2030-05-05",
    }
    rows = ["\t".join((usual | gene)[field] for field in GENE_FIELDS) for gene in genes]
    return "".join(f"{row}\n" for row in ["\t".join(GENE_FIELDS), *rows])


GENES = gene_table(
    {
        "hgnc_id": "HGNC:8923",
        "symbol": "PHGDH",
        "name": "phosphoglycerate dehydrogenase",
        "location": "1p12",
        "alias_symbol": "SERA|PGDH",
        "entrez_id": "26227",
        "ensembl_gene_id": "ENSG00000092621",
        "date_modified": "2031-01-02",
    },
    {
        "hgnc_id": "HGNC:19048",
        "symbol": "ASPM",
        "name": "assembly factor for spindle microtubules",
        "location": "1q31.3",
        "alias_symbol": "Calmbp1",
        "prev_symbol": "MCPH5",
        "entrez_id": "259266",
        "ensembl_gene_id": "ENSG00000066279",
    },
    {
        "hgnc_id": "HGNC:1",
        "symbol": "SERA2",
        "name": "invented one",
        "locus_type": "pseudogene",
        "location": "Xp22.33 and Yp11.2",
        "alias_symbol": "TWICE",
    },
    {
        "hgnc_id": "HGNC:2",
        "symbol": "MCPH5X",
        "name": "invented two",
        "location": "mitochondria",
        "alias_symbol": "PHGDH",
        "prev_symbol": "TWICE",
        "entrez_id": "7",
        "ensembl_gene_id": "ENSG00000000007",
    },
    {
        "hgnc_id": "HGNC:3",
        "symbol": "GONE",
        "name": "withdrawn",
        "status": "Entry Withdrawn",
        "date_modified": "2039-05-05",
    },
)


def write_release(folder: Path, *, annotations: str | None = None, obo: str = OBO, genes: str | None = None) -> Path:
    """Put the four files of the small release into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [an_annotation(), an_annotation("OMIM:100002", term="HP:0000252", frequency="1/2")]
    for name, text in {
        "hp.obo": obo,
        "phenotype.hpoa": hpoa(*lines) if annotations is None else annotations,
        "genes_to_phenotype.txt": GENE_LINKS,
        "hgnc_complete_set.txt": GENES if genes is None else genes,
    }.items():
        (folder / name).write_text(text, "utf-8")
    return folder


def newer_obo() -> str:
    """The small ontology a year later: a term is new, one is gone, one moved, one has another label."""
    changed = OBO.replace("2031-02-03", "2032-02-03")
    changed = changed.replace("name: Microcephaly", "name: Small head circumference")
    changed = changed.replace(
        "is_a: HP:0000707 ! Abnormality of the nervous system\n\n[Term]\nid: HP:0009000", "\n[Term]\nid: HP:0009000"
    )
    changed = changed.replace(
        "name: Generalized myoclonic seizure\nis_a: HP:0001250 ! Seizure",
        "name: obsolete Generalized myoclonic seizure\nis_obsolete: true\nconsider: HP:0001250\nconsider: HP:0000252",
    )
    return changed + "\n[Term]\nid: HP:0009100\nname: Brief seizure\nis_a: HP:0001250 ! Seizure\n"
