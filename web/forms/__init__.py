"""Forms of pages: what is missing is said beside its field, and what use cases refuse as well."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_wtf import FlaskForm
from wtforms.fields import choices as wtforms_choices

from matchmaker.errors import Invalid, Issue

SelectChoice: Any = wtforms_choices.SelectChoice  # type: ignore[attr-defined]  # newer than its types


def choices(pairs: Iterable[tuple[str, object]]) -> Any:
    """Return what a select field offers: each value with its text."""
    return [SelectChoice(value=value, label=label) for value, label in pairs]


def show(form: FlaskForm, error: Invalid) -> list[Issue]:
    """Put each issue beside the field that its path names; return those that name none, for the top of the page."""
    others = []
    for issue in error.issues:
        field = form._fields.get(issue.path)
        if field is None:
            others.append(issue)
        else:
            field.errors = [*field.errors, f"{issue.message}: {issue.remedy}" if issue.remedy else issue.message]
    return others
