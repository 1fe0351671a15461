"""The forms with which an operator pairs with nodes and looks after them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, IntegerField, PasswordField, StringField, SubmitField, TextAreaField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

_NAME = 100
_URL = 500


class InviteForm(FlaskForm):
    """Begin a pairing: the other operator gets a code."""

    name = StringField(
        _l("What to call the node here"),
        [InputRequired(_l("Write a name, such as the country.")), Length(max=_NAME)],
    )
    url = StringField(
        _l("Its address (optional)"),
        [Optional(), Length(max=_URL)],
        description=_l("Such as https://matchmaker.example.es/mme; then nobody else can use the code."),
    )
    submit = SubmitField(_l("Make a code"))


class AcceptForm(FlaskForm):
    """Take the code that the other operator sent."""

    code = TextAreaField(_l("The code that you were sent"), [InputRequired(_l("Paste the code.")), Length(max=2000)])
    name = StringField(_l("What to call the node here (optional)"), [Optional(), Length(max=_NAME)])
    submit = SubmitField(_l("Meet that node"))


class WordsForm(FlaskForm):
    """Both operators read the same words."""

    same = BooleanField(
        _l("The other operator read exactly these words to me"),
        [InputRequired(_l("Call the other operator and compare the words first."))],
    )
    submit = SubmitField(_l("Confirm"))


class AddForm(FlaskForm):
    """A node of another kind, registered by hand."""

    name = StringField(_l("Name"), [InputRequired(_l("Write a name.")), Length(max=_NAME)])
    url = StringField(
        _l("Address"),
        [InputRequired(_l("Write its address.")), Length(max=_URL)],
        description=_l("Such as https://host/mme"),
    )
    token = PasswordField(
        _l("The token that it gave us"), [Optional(), Length(max=1000)], render_kw={"autocomplete": "off"}
    )
    country = StringField(_l("Country"), [Optional(), Length(max=2)], description=_l("Two letters, such as IE."))
    submit = SubmitField(_l("Register"))


class ChangeForm(FlaskForm):
    """What is registered of a node."""

    url = StringField(_l("Address"), [Optional(), Length(max=_URL)])
    country = StringField(_l("Country"), [Optional(), Length(max=2)], description=_l("Two letters, such as IE."))
    jurisdiction = StringField(
        _l("Under whose law"),
        [Optional(), Length(max=3)],
        description=_l("EEA, or a country outside it; empty: that of its country."),
    )
    transfer_basis = StringField(
        _l("Basis of transfers to it"),
        [Optional(), Length(max=500)],
        description=_l(
            "Needed outside the EEA: such as an adequacy decision, or standard contractual clauses of a date."
        ),
    )
    operator_mail = StringField(
        _l("Mail of its operator"),
        [Optional(), Length(max=320)],
        description=_l("Who is told when a case is withdrawn, erased or corrected."),
    )
    declared_cases = IntegerField(
        _l("Cases that it stands for"),
        [Optional(), NumberRange(min=0, max=10_000_000)],
        description=_l("As its operator says: its budgets grow with them."),
    )
    must_sign = BooleanField(_l("It must sign its requests"))
    submit = SubmitField(_l("Save"))


class TokenForm(FlaskForm):
    """The token with which we ask a node, replaced by its next one."""

    token = PasswordField(
        _l("The token that it gave us"),
        [InputRequired(_l("Paste the token.")), Length(max=1000)],
        render_kw={"autocomplete": "off"},
    )
    submit = SubmitField(_l("Use this token"))
