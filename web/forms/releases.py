"""The forms with which a curator brings in releases and decides about them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, Length, Optional, Regexp

NOTHING = "nothing"
OTHER = "other"


class UploadForm(FlaskForm):
    """The files of one release; what is wrong with them is said by `matchmaker.release_jobs`."""

    obo = FileField(_l("hp.obo"), description=_l("The ontology, from hpo.jax.org; hp.json does as well."))
    hpoa = FileField(_l("phenotype.hpoa"), description=_l("Its annotations of diseases, of the same date."))
    gene_links = FileField(_l("genes_to_phenotype.txt"), description=_l("Its links to genes, of the same date."))
    gene_table = FileField(
        _l("hgnc_complete_set.txt (optional)"),
        description=_l("HGNC's gene names; without it those that came with the program are used."),
    )
    submit = SubmitField(_l("Check and import"))


class DownloadForm(FlaskForm):
    """The newest release, or that of a date."""

    date = StringField(
        _l("Date of the release"),
        [Optional(), Length(max=10)],
        description=_l("Such as 2025-01-16; leave it empty for the newest."),
        render_kw={"placeholder": "YYYY-MM-DD"},
    )
    submit = SubmitField(_l("Download and check"))


class CompareForm(FlaskForm):
    """Which release with which."""

    before = SelectField(_l("From"))
    after = SelectField(_l("To"))
    submit = SubmitField(_l("Compare"))


class TranslationForm(FlaskForm):
    """A file with what terms are called in other languages, and the release that it belongs to."""

    file = FileField(
        _l("File"),
        description=_l("A babelon table such as hp-es.babelon.tsv, or hp-international.obo with all languages."),
    )
    release = SelectField(_l("Release"), validate_choice=False)
    submit = SubmitField(_l("Check and keep"))


class ChoiceForm(FlaskForm):
    """What an obsolete term means from now on."""

    term = StringField(validators=[InputRequired(), Length(max=20)])
    release = StringField(validators=[Length(max=64)])
    choice = RadioField(_l("It counts as"), [InputRequired(_l("Choose what it counts as."))], validate_choice=False)
    other = StringField(
        _l("another term"),
        [Optional(), Regexp(r"^[A-Za-z]{2}[:_][0-9]{7}$", message=_l("Write it as HP:0001250."))],
    )


class ConfirmForm(FlaskForm):
    """A button that means it."""

    submit = SubmitField(_l("Yes"))
