"""What the elements of the minimal data set are called on pages, and what is drawn of them."""

from __future__ import annotations

from collections.abc import Sequence

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from matchmaker.figures import LEAST
from matchmaker.minimal_data import Element
from matchmaker.quality import Centre
from web.plots import Plot, Series

WORDS = {
    Element.PSEUDONYM: _l("pseudonym"),
    Element.BIRTH: _l("month of birth"),
    Element.SEX: _l("sex"),
    Element.VITAL_STATUS: _l("whether the person lives"),
    Element.DEATH: _l("month of death"),
    Element.FIRST_CONTACT: _l("first contact with a specialised centre"),
    Element.ONSET: _l("age at onset"),
    Element.AGE_AT_DIAGNOSIS: _l("age at diagnosis"),
    Element.DIAGNOSIS: _l("diagnosis"),
    Element.GENETIC_DIAGNOSIS: _l("genetic diagnosis"),
    Element.UNDIAGNOSED: _l("whether it is undiagnosed"),
    Element.RECONTACT: _l("agreement to be contacted for research"),
    Element.REUSE: _l("consent to the reuse of data"),
    Element.BIOSAMPLE: _l("biological sample"),
    Element.BIOBANK: _l("link to a biobank"),
    Element.FUNCTIONING: _l("functioning and disability"),
    Element.FINDINGS: _l("findings as HPO terms"),
    Element.GENES: _l("candidate genes"),
    Element.BASIS: _l("legal basis with its date"),
}


def plots(centres: Sequence[Centre]) -> list[Plot]:
    """How complete the cases of each centre are."""
    if not centres:
        return []
    shares = [None if one.together is None else round(100 * one.together.share) for one in centres]
    return [
        Plot(
            title=_("Completeness by centre"),
            unit=_("percent, mean of its cases"),
            labels=[one.name or _("no centre") for one in centres],
            series=[Series(name=_("percent"), values=shares)],
            hidden=_("fewer than %(n)s cases", n=LEAST),
        )
    ]
