"""The forms with which an operator looks after accounts."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from matchmaker.accounts import LONGEST_NAME
from matchmaker.actors import Role
from web.forms import choices
from web.forms.signing_in import LONGEST_ADDRESS

ROLES = {
    Role.CLINICIAN: _l("Clinician: the cases of the centre"),
    Role.CURATOR: _l("Curator: releases of the ontology"),
    Role.OPERATOR: _l("Operator: nodes and accounts"),
    Role.AUDITOR: _l("Auditor: the audit log"),
}


def _role_field() -> SelectField:
    return SelectField(_l("Role"), choices=choices((role.value, text) for role, text in ROLES.items()))


class AddForm(FlaskForm):
    """A new account."""

    email = EmailField(_l("Mail address"), [InputRequired(_l("Write a mail address.")), Length(max=LONGEST_ADDRESS)])
    role = _role_field()
    centre = StringField(
        _l("Centre"),
        [Length(max=LONGEST_NAME)],
        description=_l("Clinicians of one centre work with each other's cases."),
        render_kw={"list": "centres"},
    )
    service = BooleanField(_l("A program, with API tokens and no password"))
    submit = SubmitField(_l("Add"))


class CentreForm(FlaskForm):
    """Another name of a centre."""

    name = StringField(_l("New name"), [InputRequired(_l("Write a name.")), Length(max=LONGEST_NAME)])
    submit = SubmitField(_l("Rename"))


class RoleForm(FlaskForm):
    """Another role."""

    role = _role_field()
    submit = SubmitField(_l("Change the role"))


class ResetForm(FlaskForm):
    """A new one-time link."""

    second_factor = BooleanField(_l("Also remove the second step, since its device is lost"))
    submit = SubmitField(_l("Make a new link"))


class HandOverForm(FlaskForm):
    """Whose the cases are from now on."""

    to = EmailField(
        _l("The clinician who owns them from now on"),
        [InputRequired(_l("Write a mail address.")), Length(max=LONGEST_ADDRESS)],
        render_kw={"list": "clinicians"},
    )
    submit = SubmitField(_l("Hand the cases over"))


class DisableForm(FlaskForm):
    """The end of an account."""

    with_cases = BooleanField(_l("Also while it owns cases, since a stranger may know its password"))
    submit = SubmitField(_l("Disable"))
