"""The forms of signing in and of setting a password."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from matchmaker.passwords import LONGEST, SHORTEST

LONGEST_ADDRESS = 320


def account_field() -> EmailField:
    """Whose password it is, by which password managers know the account."""
    return EmailField(_l("Mail address"), render_kw={"autocomplete": "username", "readonly": True})


class SignInForm(FlaskForm):
    """Address and password of a local account."""

    email = EmailField(
        _l("Mail address"),
        [InputRequired(_l("Write your mail address.")), Length(max=LONGEST_ADDRESS)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    password = PasswordField(
        _l("Password"), [InputRequired(_l("Write your password."))], render_kw={"autocomplete": "current-password"}
    )
    submit = SubmitField(_l("Sign in"))


class CodeForm(FlaskForm):
    """A code of the second factor."""

    code = StringField(
        _l("Code"),
        [InputRequired(_l("Write the code.")), Length(max=40)],
        description=_l("The six digits that your app shows now, or a recovery code."),
        render_kw={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"},
    )
    submit = SubmitField(_l("Go on"))


class ForgottenForm(FlaskForm):
    """The address of somebody who has forgotten the password."""

    email = EmailField(
        _l("Mail address"),
        [InputRequired(_l("Write your mail address.")), Length(max=LONGEST_ADDRESS)],
        render_kw={"autocomplete": "username", "autofocus": True},
    )
    submit = SubmitField(_l("Send me a link"))


class PasswordForm(FlaskForm):
    """A new password, twice."""

    account = account_field()
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
