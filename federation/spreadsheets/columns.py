"""The columns of a spreadsheet of cases: their names, other headings that mean the same, what belongs into them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from matchmaker.model import AgeBand, Disclosure, Relation, Sex, Sharing, Status, VitalStatus
from matchmaker.texts import later

_NOT_NAME = re.compile(r"[\W_]+")
_YES_NO = ("yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column; `choices` are all that it takes, `also` are headings that mean it too."""

    name: str
    explanation: str
    example: str = ""
    choices: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    width: int = 16
    required: bool = False
    registry: bool = False  # asked by registries alone: not in the empty template


COLUMNS = (
    Column(
        name="id",
        explanation=later(
            "Your own id of the case, the same every time: the same id again changes that case. It never leaves"
            " your centre. No names, no hospital numbers."
        ),
        example="P-17",
        also=("case id", "patient", "patient id", "pseudonym", "sample", "sample id", "study id", "individual"),
        required=True,
    ),
    Column(
        name="name",
        explanation=later("What you call the case on your pages; it never leaves your centre."),
        example="Boy from March",
        also=("label", "case name", "case"),
    ),
    Column(name="sex", explanation=later("Sex."), choices=tuple(Sex), example="male", also=("gender",), width=10),
    Column(
        name="age band",
        explanation=later("Age at the last visit."),
        choices=tuple(AgeBand),
        example="child",
        also=("age", "age group"),
        width=12,
    ),
    Column(
        name="findings",
        explanation=later(
            "Findings that are present: names, synonyms or HPO ids, with semicolons or line breaks between."
            " Details follow their finding: Seizure; onset: Infantile onset; severity: Severe."
        ),
        example="Microcephaly (HP:0000252); Seizure; onset: Infantile onset",
        also=(
            "phenotype",
            "phenotypes",
            "hpo",
            "hpo term",
            "hpo terms",
            "hpo id",
            "hpo ids",
            "features",
            "symptoms",
            "clinical features",
            "phenotypic features",
        ),
        width=48,
    ),
    Column(
        name="findings not present",
        explanation=later("What was looked for and not found, written like the findings."),
        example="Hearing impairment",
        also=("excluded", "absent", "not present", "negative findings", "excluded findings", "absent findings"),
        width=30,
    ),
    Column(
        name="genes",
        explanation=later(
            "Candidate genes, with semicolons or line breaks between. What is known of a variant follows its"
            " gene: HGVS or coordinates, zygosity, origin, ACMG class."
        ),
        example="PHGDH; NM_006623.4:c.1468G>A; heterozygous; maternal",
        also=("gene", "candidate gene", "candidate genes", "gene symbol", "genes and variants", "hgnc"),
        width=48,
    ),
    Column(
        name="variant",
        explanation=later("The variant, where the column before names one gene alone."),
        also=("variants", "hgvs", "hgvs c", "mutation", "cdna"),
        width=24,
    ),
    Column(
        name="zygosity",
        explanation=later("Of the variant in the column before."),
        choices=("heterozygous", "homozygous", "hemizygous", "mosaic", "heteroplasmic", "homoplasmic"),
        also=("genotype",),
    ),
    Column(
        name="onset",
        explanation=later("When it began: the name or id of an HPO term for onset."),
        example="Infantile onset",
        also=("age of onset", "age at onset"),
        width=20,
    ),
    Column(
        name="inheritance",
        explanation=later("The mode of inheritance: AD, AR, XL, or the name or id of an HPO term."),
        example="Autosomal recessive inheritance",
        also=("mode of inheritance", "inheritance mode", "moi"),
        width=24,
    ),
    Column(
        name="diagnoses",
        explanation=later("Diagnoses by id, with semicolons between: OMIM:601815, ORPHA:79351."),
        example="OMIM:601815",
        also=("diagnosis", "disorder", "disorders", "disease", "diseases", "omim", "orpha", "orphacode"),
    ),
    Column(
        name="family", explanation=later("The same word for all members of a family."), also=("family id",), width=12
    ),
    Column(
        name="relation",
        explanation=later("What this person is to the first affected member of the family."),
        choices=tuple(Relation),
        also=("relationship", "family role"),
        width=12,
    ),
    Column(
        name="status",
        explanation=later("Whether a cause is known."),
        choices=(Status.UNSOLVED.value, Status.SOLVED.value),
        also=("solved status",),
        width=12,
    ),
    Column(name="ethnicity", explanation=later("If it matters; it is never required."), also=("ancestry",)),
    Column(
        name="sharing",
        explanation=later("Who may find the case. Without a basis it stays with your centre, whatever stands here."),
        choices=tuple(Sharing),
        example="national",
        also=("sharing level",),
        width=12,
    ),
    Column(
        name="disclosure",
        explanation=later("What those see who may find it."),
        choices=tuple(Disclosure),
        example="matching_terms",
        also=("disclosure level",),
        width=16,
    ),
    Column(
        name="basis",
        explanation=later("The recorded legal basis on which the case is kept and shared, such as consent."),
        example="consent",
        also=("legal basis", "consent", "consent basis"),
    ),
    Column(
        name="consent date",
        explanation=later("When consent was given: 2026-01-31."),
        example="2026-01-31",
        also=("date of consent",),
        width=14,
    ),
    Column(
        name="research",
        explanation=later("Whether the basis covers research too."),
        choices=_YES_NO,
        also=("research use", "reuse for research"),
        width=10,
    ),
    Column(
        name="recontact",
        explanation=later("Whether the person agreed to be contacted again."),
        choices=_YES_NO,
        also=("agrees to be contacted",),
        width=10,
    ),
    Column(
        name="contact",
        explanation=later("The mail address of whom to ask; without one, yours."),
        also=("contact email", "clinician", "email", "submitter"),
        width=24,
    ),
    Column(
        name="owner",
        explanation=later("The mail address of the colleague of your centre whose case it is; without one, yours."),
        also=("case owner",),
        width=24,
    ),
    Column(
        name="acute",
        explanation=later("Urgent: intensive care or prenatal."),
        choices=_YES_NO,
        also=("urgent",),
        width=10,
    ),
    Column(
        name="notes",
        explanation=later("Notes that never leave your centre."),
        also=("note", "comment", "comments", "remarks"),
        width=30,
    ),
)
REGISTRY_COLUMNS = (
    Column(
        name="birth month",
        explanation=later("Month of birth, 2019-06; kept with the legal basis, and never sent."),
        example="2019-06",
        also=("date of birth", "birth date", "month of birth"),
        width=12,
        registry=True,
    ),
    Column(
        name="vital status",
        explanation=later("Whether the person lives."),
        choices=tuple(VitalStatus),
        also=("patient status", "patient s status"),
        width=12,
        registry=True,
    ),
    Column(
        name="death month",
        explanation=later("Month of death, 2026-01."),
        also=("date of death", "month of death"),
        width=12,
        registry=True,
    ),
    Column(
        name="first contact",
        explanation=later("Day of the first contact with a specialised centre."),
        also=("first contact with specialised centre", "first contact with a specialised centre"),
        width=14,
        registry=True,
    ),
    Column(
        name="age at diagnosis",
        explanation=later("Age when the diagnosis was made: 3 years 6 months, P3Y6M, birth or prenatal."),
        also=("age of diagnosis",),
        registry=True,
    ),
    Column(
        name="biosample",
        explanation=later("Whether a biological sample is kept for research."),
        choices=_YES_NO,
        also=("biological sample",),
        width=10,
        registry=True,
    ),
    Column(
        name="biobank",
        explanation=later("Which biobank keeps it."),
        also=("link to a biobank", "link to biobank"),
        registry=True,
    ),
    Column(
        name="functioning",
        explanation=later("Functioning and disability, as coded: an ICF profile or a score."),
        also=("disability", "classification of functioning"),
        registry=True,
    ),
)
ALL_COLUMNS = (*COLUMNS, *REGISTRY_COLUMNS)
# Those of the minimal data set (`matchmaker.minimal_data`), in the order of the European elements.
MINIMAL = (
    *("id", "owner", "birth month", "sex", "vital status", "death month", "first contact", "onset", "age at diagnosis"),
    *("diagnoses", "genes", "status", "recontact", "research", "biosample", "biobank", "functioning"),
    *("findings", "findings not present", "basis", "consent date"),
)
NAMED: Mapping[str, Column] = {column.name: column for column in ALL_COLUMNS}


def column_of(heading: str) -> str | None:
    """The column that a heading means.

    Examples
    --------
    >>> column_of("HPO_Terms"), column_of(" Patient-ID *"), column_of("shoe size")
    ('findings', 'id', None)
    """
    return _BY_HEADING.get(_plain(heading))


def _plain(heading: str) -> str:
    return _NOT_NAME.sub(" ", heading).strip().casefold()


_BY_HEADING = {_plain(heading): column.name for column in ALL_COLUMNS for heading in (column.name, *column.also)}
