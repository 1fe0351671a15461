"""The people of the demonstration, all invented; published alleles are used because they recur in unrelated families.

PHGDH c.1468G>A and c.1273G>A: serine biosynthesis defect. TLR7 p.Tyr264His: gain of function, lupus (OMIM:301080).
The TLR7 loss-of-function alleles are made up. Low serine is in no record: it is the test that the match suggests.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from matchmaker.model import (
    AgeBand,
    Case,
    CaseId,
    Consent,
    Contact,
    Disclosure,
    DiseaseId,
    Disorder,
    Family,
    GeneId,
    GenomicFeature,
    GivenBy,
    Mechanism,
    Origin,
    PhenotypicFeature,
    Purpose,
    Relation,
    Sex,
    Sharing,
    Status,
    TermId,
    Variant,
    Zygosity,
)

MARTIN, YOUNG_MAN_IN_CORK = "IE-MARTIN", "IE-0302"  # local ids

PHGDH = GeneId("HGNC:8923")
TLR7 = GeneId("HGNC:15631")
ASPM = GeneId("HGNC:19048")
MISSENSE, FRAMESHIFT, STOP = "SO:0001583", "SO:0001589", "SO:0001587"
AUTOSOMAL_RECESSIVE, X_LINKED_RECESSIVE = TermId("HP:0000007"), TermId("HP:0001419")
CONGENITAL, INFANTILE, YOUNG_ADULT = TermId("HP:0003577"), TermId("HP:0003593"), TermId("HP:0011462")

V490M, V425M, G140R = "NM_006623.4:c.1468G>A", "NM_006623.4:c.1273G>A", "NM_006623.4:c.418G>A"

# What a genome of a child without a diagnosis may leave: rare variants in long or tolerant genes.
INCIDENTAL_GENES = (
    "TTN",
    "OBSCN",
    "SYNE1",
    "NEB",
    "RYR1",
    "DNAH5",
    "USH2A",
    "FAT4",
    "PKHD1",
    "ABCA4",
    "HMCN1",
    "CSMD1",
    "LRP2",
    "VPS13B",
    "CEP290",
    "DYNC1H1",
    "COL6A3",
    "FLNB",
    "PLEC",
    "AHNAK2",
    "MYO7A",
    "KMT2D",
    "SPTBN5",
    "ADGRV1",
    "FRAS1",
    "GPR179",
    "HERC2",
    "LAMA5",
    "MACF1",
    "NBEAL2",
    "PCNT",
    "PIEZO1",
    "RELN",
    "SACS",
    "SPG11",
    "TENM4",
    "UNC80",
    "VWF",
    "ZNF469",
)


def features(*terms: str) -> tuple[PhenotypicFeature, ...]:
    return tuple(PhenotypicFeature(term=TermId(term)) for term in terms)


def consent(given_by: GivenBy) -> Consent:
    return Consent(
        basis="consent",
        condition="9(2)(a)",
        purposes=(Purpose.CARE, Purpose.RESEARCH),
        form_version="demonstration-1",
        given_by=given_by,
        date=dt.date(2026, 1, 15),
        recontact=True,
    )


def centre(city: str, clinician: str) -> Contact:
    """A contact whose centre does not exist; example.org is reserved for such use."""
    return Contact(
        name=clinician,
        institution=f"Clinical Genetics, {city} (invented)",
        href=f"mailto:{clinician.rsplit(maxsplit=1)[-1].lower()}@{city.lower()}.example.org",
        mailbox=f"genetics@{city.lower()}.example.org",
    )


CLINICIANS = {
    "IE": centre("Dublin", "Dr Aoife Invented-Byrne"),
    "ES": centre("Madrid", "Dr Carmen Inventada-Ruiz"),
    "FI": centre("Helsinki", "Dr Eero Keksitty-Salo"),
}


def owner_of(contact: Contact) -> str:
    """Return the address by which a clinician signs in and owns cases."""
    return (contact.href or "").removeprefix("mailto:")


def invented(
    local_id: str,
    label: str,
    contact: Contact,
    *,
    given_by: GivenBy = GivenBy.GUARDIAN,
    **stated: object,
) -> Case:
    """Build a case that may be shared with every node; `stated` are fields of `Case`."""
    fields = {
        "id": CaseId(""),
        "owner": owner_of(contact),
        "local_id": local_id,
        "label": f"{label} (invented)",
        "notes": "Invented for the demonstration; no such person exists.",
        "contact": contact,
        "consent": consent(given_by),
        "sharing": Sharing.FEDERATED,
        **stated,
    }
    return Case(**fields)  # type: ignore[arg-type]  # a mapping of field names cannot be typed


def _phgdh(*variants: Variant) -> GenomicFeature:
    return GenomicFeature(gene=PHGDH, variants=variants)


def martin(incidental: Sequence[GeneId]) -> Case:
    """A boy in Dublin: small head, small face, slow development, seizures, and forty candidate genes."""
    both_alleles = _phgdh(
        Variant(hgvs=V490M, zygosity=Zygosity.HETEROZYGOUS, effect=MISSENSE, origin=Origin.MATERNAL, haplotype=1),
        Variant(hgvs=V425M, zygosity=Zygosity.HETEROZYGOUS, effect=MISSENSE, origin=Origin.PATERNAL, haplotype=2),
    )
    others = tuple(GenomicFeature(gene=gene) for gene in incidental)
    return invented(
        MARTIN,
        "Martin",
        CLINICIANS["IE"],
        sex=Sex.MALE,
        age_band=AgeBand.CHILD,
        onset=CONGENITAL,
        features=features("HP:0011451", "HP:0000274", "HP:0001263", "HP:0001250"),
        genomic_features=(*others[:17], both_alleles, *others[17:]),
        disclosure=Disclosure.FULL_PROFILE,
    )


def girl_in_madrid() -> Case:
    """Martin's peer: nobody has put the same name to what both have."""
    return invented(
        "ES-0417",
        "Girl in Madrid",
        CLINICIANS["ES"],
        sex=Sex.FEMALE,
        age_band=AgeBand.INFANT,
        onset=INFANTILE,
        inheritance_mode=AUTOSOMAL_RECESSIVE,
        features=features("HP:0000252", "HP:0001263", "HP:0002521", "HP:0001276"),
        genomic_features=(_phgdh(Variant(hgvs=V490M, zygosity=Zygosity.HOMOZYGOUS, effect=MISSENSE)),),
        disclosure=Disclosure.FULL_PROFILE,
    )


def foetus_in_seville() -> Case:
    """The severe end of the same gene: similar, and rightly below the girl in Madrid."""
    return invented(
        "ES-0655",
        "Foetus in Seville",
        centre("Seville", "Dr Javier Inventado-Mora"),
        age_band=AgeBand.PRENATAL,
        onset=TermId("HP:0030674"),
        inheritance_mode=AUTOSOMAL_RECESSIVE,
        features=features(
            "HP:0011451", "HP:0001511", "HP:0000520", "HP:0007430", "HP:0000347", "HP:0001339", "HP:0008064"
        ),
        genomic_features=(_phgdh(Variant(hgvs=G140R, zygosity=Zygosity.HOMOZYGOUS, effect=MISSENSE)),),
        disorders=(Disorder(id=DiseaseId("OMIM:256520"), label="Neu-Laxova syndrome 1"),),
        status=Status.SOLVED,
    )


def microcephaly_in_turku() -> Case:
    """ASPM: as small a head as Martin's, and another gene."""
    stop = Variant(zygosity=Zygosity.HOMOZYGOUS, effect=STOP, mechanism=Mechanism.LOSS_OF_FUNCTION)
    return invented(
        "FI-0102",
        "Girl in Turku",
        centre("Turku", "Dr Aino Keksitty-Laine"),
        sex=Sex.FEMALE,
        age_band=AgeBand.CHILD,
        onset=CONGENITAL,
        inheritance_mode=AUTOSOMAL_RECESSIVE,
        features=features("HP:0011451", "HP:0001263", "HP:0000340", "HP:0001249"),
        genomic_features=(GenomicFeature(gene=ASPM, variants=(stop,)),),
    )


def _tlr7_loss(hgvs: str) -> GenomicFeature:
    variant = Variant(
        hgvs=hgvs,
        zygosity=Zygosity.HEMIZYGOUS,
        effect=FRAMESHIFT,
        mechanism=Mechanism.LOSS_OF_FUNCTION,
        origin=Origin.MATERNAL,
    )
    return GenomicFeature(gene=TLR7, variants=(variant,))


def _severe_infection(local_id: str, label: str, contact: Contact, hgvs: str, family: Family | None) -> Case:
    return invented(
        local_id,
        label,
        contact,
        given_by=GivenBy.PATIENT,
        sex=Sex.MALE,
        age_band=AgeBand.ADULT,
        onset=YOUNG_ADULT,
        inheritance_mode=X_LINKED_RECESSIVE,
        features=features("HP:0033141", "HP:0033677", "HP:0004887"),
        genomic_features=(_tlr7_loss(hgvs),),
        family=family,
        disclosure=Disclosure.FULL_PROFILE,
    )


def brothers_in_helsinki() -> tuple[Case, Case]:
    """One family, one match."""
    contact = CLINICIANS["FI"]
    allele = "NM_016562.4:c.2129dup"
    elder = Family(id="FI-F07", relation=Relation.PROBAND)
    younger = Family(id="FI-F07", relation=Relation.SIBLING)
    return (
        _severe_infection("FI-0201", "Elder brother in Helsinki", contact, allele, elder),
        _severe_infection("FI-0202", "Younger brother in Helsinki", contact, allele, younger),
    )


def young_man_in_cork() -> Case:
    """The third patient: his clinician should hear of the brothers in Helsinki, once."""
    contact = centre("Cork", "Dr Niall Invented-Walsh")
    return _severe_infection(YOUNG_MAN_IN_CORK, "Young man in Cork", contact, "NM_016562.4:c.2131_2134del", None)


def girl_with_lupus_in_valencia() -> Case:
    """The same gene turned up instead of off: no match for the brothers."""
    gain = Variant(
        hgvs="NM_016562.4:c.790T>C",
        zygosity=Zygosity.HETEROZYGOUS,
        effect=MISSENSE,
        mechanism=Mechanism.GAIN_OF_FUNCTION,
        origin=Origin.DE_NOVO,
    )
    return invented(
        "ES-0733",
        "Girl in Valencia",
        centre("Valencia", "Dr Pilar Inventada-Sanz"),
        sex=Sex.FEMALE,
        age_band=AgeBand.CHILD,
        features=features("HP:0025300", "HP:0003493", "HP:0001888", "HP:0001945"),
        genomic_features=(GenomicFeature(gene=TLR7, variants=(gain,)),),
        disorders=(Disorder(id=DiseaseId("OMIM:301080"), label="Systemic lupus erythematosus 17"),),
        status=Status.SOLVED,
        disclosure=Disclosure.FULL_PROFILE,
    )
