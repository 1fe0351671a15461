"""The forms of the account page."""

from __future__ import annotations

import datetime as dt

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import IntegerField, PasswordField, SelectField, SelectMultipleField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length, NumberRange
from wtforms.widgets import CheckboxInput, ListWidget

from matchmaker.api_tokens import LASTS, LONGEST, LONGEST_BASIS, LONGEST_NAME, NewToken, Scope
from matchmaker.model import Sharing
from matchmaker.passwords import LONGEST as LONGEST_PASSWORD
from matchmaker.store.notifications import Choice
from web.forms import choices
from web.forms.case_entry import SHARING
from web.forms.signing_in import account_field

SCOPES = {
    Scope.TERMS: _l("Look up terms and genes"),
    Scope.CASES_READ: _l("Read cases"),
    Scope.CASES_WRITE: _l("Add, change and withdraw cases"),
    Scope.MATCHES_READ: _l("Read matches"),
    Scope.MATCHES_WRITE: _l("Change the status of matches"),
    Scope.SEARCH: _l("Search"),
    Scope.SUBMIT: _l("Send and delete cases as patientMatcher's clients do"),
}
MAILS = {
    Choice.DAILY: _l("One mail a day; strong matches at once"),
    Choice.AT_ONCE: _l("A mail as soon as there is a match, once an hour at most"),
    Choice.OFF: _l("No mails; matches are shown on the pages"),
}


class ChangePasswordForm(FlaskForm):
    """The password, replaced by who knows it."""

    account = account_field()
    old = PasswordField(
        _l("Password now"),
        [InputRequired(_l("Write your password.")), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a password.")), Length(max=LONGEST_PASSWORD)],
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        _l("The same again"),
        [EqualTo("password", _l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField(_l("Change the password"))


class SettingsForm(FlaskForm):
    """Language and mails."""

    language = SelectField(_l("Language"))
    mails = SelectField(
        _l("Mails about matches"), choices=choices((choice.value, text) for choice, text in MAILS.items())
    )
    submit = SubmitField(_l("Save"))


class TokenForm(FlaskForm):
    """A new API token."""

    name = StringField(
        _l("What it is for"), [InputRequired(_l("Name the program that will use it.")), Length(max=LONGEST_NAME)]
    )
    scopes = SelectMultipleField(
        _l("What it may do"),
        [InputRequired(_l("Choose at least one."))],
        choices=choices((scope.value, text) for scope, text in SCOPES.items()),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    days = IntegerField(_l("Days until it ends"), [InputRequired(), NumberRange(1, LONGEST.days)], default=LASTS.days)
    sharing = SelectField(
        _l("Who may see cases that it sends without saying who may"),
        choices=SHARING,
        default=Sharing.PRIVATE.value,
    )
    basis = StringField(
        _l("Legal basis of cases that it sends without one"),
        [Length(max=LONGEST_BASIS)],
        description=_l("For example consent. Without one, cases stay private."),
    )
    submit = SubmitField(_l("Make a token"))

    def read(self) -> NewToken:
        """Return what was asked for."""
        return NewToken(
            name=self.name.data or "",
            scopes=[Scope(scope) for scope in self.scopes.data or ()],
            lasts=dt.timedelta(days=self.days.data or 1),
            sharing=Sharing(self.sharing.data),
            basis=self.basis.data,
        )
