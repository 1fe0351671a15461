"""Letters about a match, from inside the node: what was written, and one more."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation import contact
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, TooOften
from web.auth import current_user
from web.views import matches

Answer = Response | tuple[str, int]
bp = Blueprint("writing", __name__)


@bp.post("/matches/<match_id>/letters")
def write(match_id: str) -> Answer:
    """Send a letter to the other side."""
    text = request.form.get("letter", "")
    try:
        contact.write(mm, match_id, text, by=current_user)
    except Invalid as error:
        issue = error.issues[0]
        return matches.refused(match_id, {"letter": f"{issue.message}: {issue.remedy}"}, letter=text), 422
    except TooOften as error:
        return matches.refused(match_id, {"letter": str(error)}, letter=text), 429
    flash(_("Your letter is on its way. An answer will stand on this page, and a mail tells you of it."), "success")
    return redirect(url_for("matches.show", match_id=match_id, _anchor="write"), code=303)
