"""The forms with which an auditor looks into the log, and with which a case is erased."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, Optional


class SearchForm(FlaskForm):
    """What is looked for; it stands in the address, and changes nothing."""

    class Meta:
        csrf = False

    case = StringField(_l("Case"), [Optional(), Length(max=32)], description=_l("Its id; of an erased one as well."))
    person = StringField(_l("Person"), [Optional(), Length(max=320)], description=_l("A mail address."))
    node = StringField(_l("Node"), [Optional(), Length(max=100)])
    action = StringField(_l("What was done"), [Optional(), Length(max=100)], description=_l("Such as “case erased”."))
    since = DateField(_l("From"), [Optional()])
    until = DateField(_l("To, this day included"), [Optional()])
    submit = SubmitField(_l("Search"), name="")


class EraseForm(FlaskForm):
    """A second confirmation: who erases types what the case is called."""

    name = StringField(_l("To confirm, type it here"), [InputRequired(_l("Type it exactly as it stands above."))])
    sure = BooleanField(_l("I know that there is no way back"), [InputRequired(_l("Tick this, or keep the case."))])
    submit = SubmitField(_l("Erase"))
