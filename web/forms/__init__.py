"""Forms of pages: what is missing is said beside its field, and what use cases refuse as well."""

from __future__ import annotations

from flask_wtf import FlaskForm

from matchmaker.errors import Invalid, Issue


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
