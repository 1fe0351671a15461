"""What a case is: the frozen values that every layer shares.

Marshmallow is the wire spelling of these (`federation/schemas.py`), SQLAlchemy Core the table spelling
(`matchmaker/store`).
`None` means "not stated by the submitter", and two of them are not a match.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

from matchmaker import majority
from matchmaker.registration import Registration

TermId = NewType("TermId", str)  # CURIE of an HPO term, e.g. HP:0001250; as entered, perhaps unknown to our release
GeneId = NewType("GeneId", str)  # HGNC:6407; what no gene table knows stays as it was sent
DiseaseId = NewType("DiseaseId", str)  # OMIM:256520, ORPHA:2671
CaseId = NewType("CaseId", str)  # ours, random; never leaves the node
NodeName = NewType("NodeName", str)


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"
    OTHER = "other"


class AgeBand(StrEnum):
    """Age at the last visit, no finer than a peer could need."""

    PRENATAL = "prenatal"
    NEWBORN = "newborn"
    INFANT = "infant"
    CHILD = "child"
    ADOLESCENT = "adolescent"
    ADULT = "adult"


class Zygosity(StrEnum):
    HETEROZYGOUS = "heterozygous"
    HOMOZYGOUS = "homozygous"
    HEMIZYGOUS = "hemizygous"
    MOSAIC = "mosaic"
    HETEROPLASMIC = "heteroplasmic"
    HOMOPLASMIC = "homoplasmic"


class Origin(StrEnum):
    DE_NOVO = "de_novo"
    MATERNAL = "maternal"
    PATERNAL = "paternal"
    BIPARENTAL = "biparental"
    SOMATIC = "somatic"


class AcmgClass(StrEnum):
    BENIGN = "benign"
    LIKELY_BENIGN = "likely_benign"
    UNCERTAIN = "uncertain_significance"
    LIKELY_PATHOGENIC = "likely_pathogenic"
    PATHOGENIC = "pathogenic"


class Mechanism(StrEnum):
    LOSS_OF_FUNCTION = "loss_of_function"
    GAIN_OF_FUNCTION = "gain_of_function"
    DOMINANT_NEGATIVE = "dominant_negative"


class CopyChange(StrEnum):
    LOSS = "loss"
    GAIN = "gain"


class Sharing(StrEnum):
    """Who may be asked with, and told of, a case; each level includes the ones above it."""

    PRIVATE = "private"
    NATIONAL = "national"
    EEA = "eea"
    FEDERATED = "federated"


class Disclosure(StrEnum):
    """How much of a shared case a peer may see, in both directions."""

    GENE = "gene"
    MATCHING_TERMS = "matching_terms"
    FULL_PROFILE = "full_profile"


class Status(StrEnum):
    UNSOLVED = "unsolved"
    SOLVED = "solved"
    WITHDRAWN = "withdrawn"


class Purpose(StrEnum):
    CARE = "care"
    RESEARCH = "research"


class GivenBy(StrEnum):
    PATIENT = "patient"
    GUARDIAN = "guardian"
    RELATIVE = "relative"


class VitalStatus(StrEnum):
    ALIVE = "alive"
    DECEASED = "deceased"
    UNBORN = "unborn"


class Relation(StrEnum):
    """What this person is to the first affected member of the family."""

    PROBAND = "proband"
    SIBLING = "sibling"
    PARENT = "parent"
    CHILD = "child"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PhenotypicFeature:
    """An HPO term that was looked for: present, or excluded."""

    term: TermId
    excluded: bool = False
    label: str | None = None  # the submitter's; ours comes from the release
    onset: TermId | None = None
    severity: TermId | None = None
    modifiers: tuple[TermId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyNumber:
    """A gain or loss of a region; bounds are (earliest, latest), 0-based, where the breakpoint lies."""

    change: CopyChange
    copies: int | None = None
    start_bounds: tuple[int, int] | None = None
    end_bounds: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One allele. Positions are 0-based, half-open; any field may be unknown: "a stop, somewhere" can be said."""

    assembly: str | None = None  # GRCh37, GRCh38; another one is kept as sent and not compared
    chromosome: str | None = None  # 1..22, X, Y, MT
    start: int | None = None
    end: int | None = None
    reference_bases: str | None = None
    alternate_bases: str | None = None
    hgvs: str | None = None
    zygosity: Zygosity | None = None
    effect: str | None = None  # Sequence Ontology id, SO:0001583
    mechanism: Mechanism | None = None
    origin: Origin | None = None
    haplotype: int | None = None  # 1 or 2: variants of one gene on different haplotypes are in trans
    acmg_class: AcmgClass | None = None
    allele_fraction: float | None = None  # in [0, 1]; mosaic or heteroplasmic
    copy_number: CopyNumber | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenomicFeature:
    """A candidate gene with the variants found in it, or variants that no gene was named for."""

    gene: GeneId | None = None
    variants: tuple[Variant, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disorder:
    """A diagnosis that the case carries."""

    id: DiseaseId
    label: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to ask. Peers see the institution and its mailbox unless the owner opened the contact."""

    name: str
    institution: str | None = None
    href: str | None = None  # a URI: mailto: or https:
    email: str | None = None
    mailbox: str | None = None  # the centre's role mailbox
    opened: bool = False  # the owner chose to show name and href to peers


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """The recorded basis on which a case is kept and shared; nothing of it is ever sent."""

    basis: str  # GDPR art. 6, e.g. "consent"
    condition: str | None = None  # GDPR art. 9(2), e.g. "9(2)(a)"
    purposes: tuple[Purpose, ...] = ()
    form_version: str | None = None
    given_by: GivenBy | None = None
    date: dt.date | None = None
    recontact: bool | None = None
    review_date: dt.date | None = None
    birth_month: str | None = None  # YYYY-MM
    vital_status: VitalStatus | None = None

    @property
    def lapses_on(self) -> dt.date | None:
        """When a child's consent ends to hold, since the person is of age then and was not asked; None: never."""
        if self.birth_month is None or self.vital_status in {VitalStatus.DECEASED, VitalStatus.UNBORN}:
            return None
        if not majority.rests_on_consent(self.basis, self.condition):
            return None
        since = self.date if self.given_by is GivenBy.PATIENT else None
        return majority.lapses_on(birth_month=self.birth_month, of_age_since=since)


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Relatives are separate cases of one family, and not independent matches."""

    id: str
    relation: Relation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """A consented, de-identified record of one person.

    `id` is ours and random; (`owner`, `local_id`) is how the submitter names it: the same pair again is an update.
    """

    id: CaseId
    owner: str
    local_id: str
    contact: Contact
    label: str | None = None  # never leaves the node; nor do local_id and notes
    notes: str | None = None
    species: str = "NCBITaxon:9606"
    sex: Sex | None = None
    age_band: AgeBand | None = None
    ethnicity: str | None = None
    onset: TermId | None = None
    inheritance_mode: TermId | None = None
    features: tuple[PhenotypicFeature, ...] = ()
    genomic_features: tuple[GenomicFeature, ...] = ()
    disorders: tuple[Disorder, ...] = ()
    family: Family | None = None
    consent: Consent | None = None
    registration: Registration | None = None
    sharing: Sharing = Sharing.PRIVATE
    disclosure: Disclosure = Disclosure.MATCHING_TERMS
    status: Status = Status.UNSOLVED
    acute: bool = False
    test: bool = False

    @property
    def effective_sharing(self) -> Sharing:
        """What the level amounts to today: private without a basis, once withdrawn, and while it is paused."""
        if self.consent is None or not self.consent.basis.strip() or self.status is Status.WITHDRAWN:
            return Sharing.PRIVATE
        return Sharing.PRIVATE if self.paused else self.sharing

    @property
    def paused(self) -> bool:
        """Has the person come of age, and not confirmed yet the consent that others gave?"""
        lapses_on = None if self.consent is None else self.consent.lapses_on
        return lapses_on is not None and lapses_on <= dt.datetime.now(dt.UTC).date()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCase:
    """A case as the database has it: its version (for edits) and revision (for the index)."""

    case: Case
    version: int  # 1, 2, ... per case; an edit names the one it saw
    revision: int  # of the node's clock
    created_at: dt.datetime
    updated_at: dt.datetime
    confirmed_at: dt.datetime | None = None  # when somebody last said that its status still holds


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How alike two cases are, each in [0, 1]; `total` is what MME calls `score.patient`."""

    total: float
    phenotype: float
    genotype: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """Another Matchmaker Exchange node: whom we may ask, and who may ask us."""

    name: NodeName
    base_url: str | None = None  # None: it may ask us, we never ask it
    country: str | None = None  # ISO 3166 alpha-2
    jurisdiction: str | None = None  # "EEA", or a country code outside it
    transfer_basis: str | None = None  # GDPR chapter V, needed outside the EEA
    enabled: bool = True
    version: str | None = None  # the MME version that it is known to speak, "1.0" or "1.1"
    start_offset: int | None = None  # what must be added to its variant starts to make them 0-based; None: unknown
    declared_cases: int | None = None
    operator_mail: str | None = None  # who is told of withdrawals when the node itself cannot be
    signing_key: str | None = None  # public, Ed25519: what its signatures are checked with
    must_sign: bool | None = None  # its requests are refused without a signature
    kin: bool | None = None  # of our own kind: it takes notices and relayed letters; None: not known
