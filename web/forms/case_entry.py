"""The form of a case: quick first, details folded below; what is typed is kept whatever is wrong with it."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import Length

from federation.lines import Reader, spell_findings, spell_genes
from matchmaker.actors import User
from matchmaker.errors import Invalid, Issue
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
    Purpose,
    Relation,
    Sex,
    Sharing,
    Status,
    TermId,
)
from ontology.releases import Release
from ontology.term_ids import INHERITANCE_MODE, ONSET, SEVERITY
from web.forms import SelectChoice, choices
from web.words import WORDS

LONGEST_TEXT, LONGEST_LINES = 10_000, 100_000
# Borderline, mild, moderate, severe, profound: their ids are in another order.
_SEVERITIES = ("HP:0012827", "HP:0012825", "HP:0012826", "HP:0012828", "HP:0012829")

SHARING = choices(
    [
        (Sharing.PRIVATE.value, _l("Our centre only")),
        (Sharing.NATIONAL.value, _l("All centres of this node")),
        (Sharing.EEA.value, _l("Nodes in the European Economic Area")),
        (Sharing.FEDERATED.value, _l("All nodes that this node is paired with")),
    ]
)
DISCLOSURE = choices(
    [
        (Disclosure.GENE.value, _l("The shared gene, and whom to ask")),
        (Disclosure.MATCHING_TERMS.value, _l("Findings that both cases have, as exact as both sides know")),
        (Disclosure.FULL_PROFILE.value, _l("All findings, genes and variants; never names, numbers or notes")),
    ]
)
BASES = choices(
    [
        ("", _l("none yet: the case stays with our centre")),
        ("consent", _l("consent of the patient or guardian")),
        ("public task", _l("health care as a public task")),
    ]
)
STATUSES = choices(
    [
        (Status.UNSOLVED.value, _l("unsolved")),
        (Status.SOLVED.value, _l("solved")),
    ]
)


def _choices(kinds: Iterable[StrEnum]) -> Any:
    return choices([("", ""), *((kind.value, WORDS[kind.value]) for kind in kinds)])


_DETAILS = {"status", "sex", "age_band", "onset", "inheritance", "disorders", "family", "relation", "notes"}


class CaseForm(FlaskForm):
    """What a clinician enters; findings and genes are lines of text, which the page's pickers write."""

    name = StringField(_l("Your name for this case"), [Length(max=200)])
    sharing = RadioField(_l("Who may find it"), choices=SHARING, default=Sharing.PRIVATE.value)
    disclosure = RadioField(_l("What they see"), choices=DISCLOSURE, default=Disclosure.MATCHING_TERMS.value)
    basis = SelectField(_l("Legal basis"), choices=BASES, default="")
    findings = TextAreaField(_l("Findings"), [Length(max=LONGEST_LINES)])
    genes = TextAreaField(_l("Candidate genes and variants"), [Length(max=LONGEST_LINES)])
    sex = SelectField(_l("Sex"), choices=_choices(Sex))
    age_band = SelectField(_l("Age at the last visit"), choices=_choices(AgeBand))
    onset = SelectField(_l("Onset"), validate_choice=False)
    inheritance = SelectField(_l("Inheritance"), validate_choice=False)
    disorders = StringField(_l("Diagnoses, if any"), [Length(max=1000)])
    family = StringField(_l("Family, the same word for relatives"), [Length(max=100)])
    relation = SelectField(_l("In the family"), choices=_choices(Relation))
    research = BooleanField(_l("May also be used for research"))
    acute = BooleanField(_l("Urgent: intensive care or prenatal"))
    status = SelectField(_l("Status"), choices=STATUSES)
    notes = TextAreaField(_l("Notes, which never leave your centre"), [Length(max=LONGEST_TEXT)])
    version = HiddenField()

    def offer(self, release: Release, *, before: Case | None = None) -> None:
        """Fill the choices that come from the release, and keep a basis that was recorded in other words."""
        basis = before.consent.basis if before is not None and before.consent is not None else ""
        if basis and basis not in {choice.value for choice in BASES}:
            self.basis.choices = [*BASES, *choices([(basis, basis)])]
        self.onset.choices = _terms_below(release, ONSET)
        self.inheritance.choices = _terms_below(release, INHERITANCE_MODE)


def severities(release: Release) -> list[str]:
    """The names of the severities that a finding may have, the mildest first."""
    terms = sorted(
        release.hpo.below(SEVERITY), key=lambda id_: (_SEVERITIES.index(id_) if id_ in _SEVERITIES else 9, id_)
    )
    return [release.hpo.label(id_) or id_ for id_ in terms]


def fields_of(case: Case, release: Release) -> dict[str, object]:
    """What the form shows of a stored case."""
    return {
        "name": case.label or case.local_id,
        "sharing": case.sharing.value,
        "disclosure": case.disclosure.value,
        "basis": case.consent.basis if case.consent else "",
        "findings": spell_findings(case, release),
        "genes": spell_genes(case, release),
        "sex": case.sex.value if case.sex else "",
        "age_band": case.age_band.value if case.age_band else "",
        "onset": case.onset or "",
        "inheritance": case.inheritance_mode or "",
        "disorders": ", ".join(disorder.id for disorder in case.disorders),
        "family": case.family.id if case.family else "",
        "relation": case.family.relation.value if case.family and case.family.relation else "",
        "research": bool(case.consent and Purpose.RESEARCH in case.consent.purposes),
        "acute": case.acute,
        "status": case.status.value,
        "notes": case.notes or "",
    }


def in_full(chosen: Sharing | Disclosure) -> str:
    """With whom a case is shared, or what they see, as the form asks for it."""
    offered = SHARING if isinstance(chosen, Sharing) else DISCLOSURE
    return next(str(one.label) for one in offered if one.value == chosen.value)


def states_sharing(form: CaseForm) -> bool:
    """Whether what the form says of sharing can be read; what is wrong is said beside its field."""
    valid = [field.validate(form) for field in (form.sharing, form.disclosure, form.basis)]
    return all(valid)


def shared(form: CaseForm, before: Case) -> Case:
    """Return the case with what the form says of sharing alone.

    Raises
    ------
    Invalid
        When nothing allows to share it.
    """
    if issues := list(_unfounded(form, before)):
        raise Invalid(issues)
    disclosure, consent = Disclosure(form.disclosure.data), _consent(form, before)
    return replace(before, sharing=Sharing(form.sharing.data), disclosure=disclosure, consent=consent)


def details_of(case: Case, release: Release) -> list[tuple[str, str]]:
    """What is stored beside findings, genes and sharing: the form's words for it, and for what was chosen."""
    form = CaseForm(formdata=None, data=fields_of(case, release))
    form.offer(release, before=case)
    stated = [(field, str(field.data)) for field in form if field.name in _DETAILS and field.data]
    return [(str(field.label.text), _chosen(field, value)) for field, value in stated]


def read(form: CaseForm, reader: Reader, release: Release, *, by: User, before: Case | None = None) -> Case:
    """Turn the form into a case; what the form does not show of `before` stays.

    Raises
    ------
    Invalid
        With an issue for every field that is wrong, so that all are seen at once.
    """
    findings = reader.findings(form.findings.data or "", before=before)
    genes = reader.genes(form.genes.data or "", before=before)
    issues = [*findings.issues, *genes.issues, *_unfounded(form, before)]
    known = {} if before is None else {disorder.id: disorder for disorder in before.disorders}
    disorders = tuple(known.get(one.id, one) for one in _disorders(form.disorders.data or "", issues))
    if not findings.features and not genes.genomic_features and not disorders and not issues:
        remedy = _("name at least one finding or one gene")
        issues.append(Issue(path="findings", message=_("nothing to match with"), remedy=remedy))
    if issues:
        raise Invalid(issues)
    name = (form.name.data or "").strip() or _("Case %(number)s", number=secrets.token_hex(3))
    start = before or _new(name, by)
    return replace(
        start,
        label=name,
        sharing=Sharing(form.sharing.data),
        disclosure=Disclosure(form.disclosure.data),
        consent=_consent(form, before),
        features=findings.features,
        genomic_features=genes.genomic_features,
        disorders=disorders,
        sex=Sex(form.sex.data) if form.sex.data else None,
        age_band=AgeBand(form.age_band.data) if form.age_band.data else None,
        onset=TermId(form.onset.data) if form.onset.data else None,
        inheritance_mode=TermId(form.inheritance.data) if form.inheritance.data else None,
        family=_family(form),
        acute=bool(form.acute.data),
        status=start.status if start.status is Status.WITHDRAWN else Status(form.status.data),
        notes=(form.notes.data or "").strip() or None,
    )


def _chosen(field: Field, value: str) -> str:
    """The words of a choice; what was written stands for itself."""
    offered: Any = (field.choices or ()) if isinstance(field, SelectField) else ()
    return next((str(one.label) for one in offered if isinstance(one, SelectChoice) and one.value == value), value)


def _new(name: str, by: User) -> Case:
    contact = Contact(name=by.centre or by.email, institution=by.centre, email=by.email)
    return Case(id=CaseId(""), owner=by.email, local_id=f"{name} {secrets.token_hex(4)}", contact=contact)


def _consent(form: CaseForm, before: Case | None) -> Consent | None:
    basis = (form.basis.data or "").strip()
    if not basis:
        return None
    purposes = (Purpose.CARE, Purpose.RESEARCH) if form.research.data else (Purpose.CARE,)
    if before is not None and before.consent is not None and before.consent.basis == basis:
        return replace(before.consent, purposes=purposes)
    return Consent(basis=basis, purposes=purposes, date=dt.datetime.now(dt.UTC).date())


def _unfounded(form: CaseForm, before: Case | None) -> Iterable[Issue]:
    if Sharing(form.sharing.data) is not Sharing.PRIVATE and _consent(form, before) is None:
        remedy = _("choose the basis, or keep the case in your centre")
        yield Issue(path="basis", message=_("sharing needs a recorded basis"), remedy=remedy)


def _family(form: CaseForm) -> Family | None:
    name = (form.family.data or "").strip()
    return Family(id=name, relation=Relation(form.relation.data) if form.relation.data else None) if name else None


def _disorders(text: str, issues: list[Issue]) -> Iterable[Disorder]:
    for given in filter(None, (part.strip() for part in text.replace(";", ",").split(","))):
        id_ = given.upper().replace("MIM:", "OMIM:") if given.upper().startswith("MIM:") else given.upper()
        if id_.startswith(("OMIM:", "ORPHA:", "MONDO:")) and id_.partition(":")[2].isdigit():
            yield Disorder(id=DiseaseId(id_))
        else:
            remedy = _("write ids such as OMIM:601815 or ORPHA:79351, with commas between")
            issues.append(
                Issue(path="disorders", message=_("%(given)s is no id of a disease", given=repr(given)), remedy=remedy)
            )


def _terms_below(release: Release, root: TermId) -> Any:
    hpo = release.hpo
    below = sorted((hpo.label(id_) or id_, id_) for id_ in hpo.below(root))
    return choices([("", ""), *((id_, label) for label, id_ in below)])
