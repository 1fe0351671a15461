"""The forms of an import: the files and what applies to records that say nothing, then the rows to store."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields import MultipleFileField

from matchmaker.model import Sharing
from web.forms.case_entry import BASES, SHARING


class FilesForm(FlaskForm):
    """Files, and the level and basis of records that state none."""

    files = MultipleFileField(_l("Files"))
    sharing = RadioField(
        _l("Who may find cases that say nothing of it"), choices=SHARING, default=Sharing.PRIVATE.value
    )
    basis = SelectField(_l("Legal basis of cases that record none"), choices=BASES, default="")


class RowsForm(FlaskForm):
    """What was shown, by its id; the rows to store come as `row`, one each."""

    dry_run = HiddenField()
