"""The forms of signing in and of setting a password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from matchmaker.passwords import LONGEST, SHORTEST


class SignInForm(FlaskForm):
    """Address and password of a local account."""

    email = EmailField(
        _l("Mail address"),
        [InputRequired(_l("Write your mail address."))],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Write your password."))], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField(_l("Sign in"))


class PasswordForm(FlaskForm):
    """A new password, twice."""

    password = PasswordField(
        _l("New password"),
        [InputRequired(_l("Write a password.")), Length(max=LONGEST)],
        description=_l(
            "At least %(shortest)s characters. Several words in a row are easy to remember.", shortest=SHORTEST
        ),
        render_kw={"autocomplete": "new-password", "autofocus": True},
    )
    again = PasswordField(
        _l("The same again"),
        [EqualTo("password", _l("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField(_l("Set the password"))
