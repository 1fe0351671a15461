"""What the case form asks about a VCF: whose genotypes it holds, which genes may explain the case; nothing is kept."""

from __future__ import annotations

import shutil
from dataclasses import replace

from flask import Blueprint, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from federation.lines import spell_genes
from matchmaker.current import current_matchmaker as mm
from matchmaker.errors import Invalid, Issue, Unavailable
from matchmaker.model import Case, CaseId, Contact, GenomicFeature, Sex
from matchmaker.uploads import uploads
from matchmaker.variant_files import candidates
from matchmaker.variant_files.candidates import Candidate, Family, Found, Offered
from matchmaker.variant_files.header import MOST_HEADER, read_header
from web import numbers, reading
from web.searching import searching

bp = Blueprint("variant_files", __name__, url_prefix="/variant-files")
_ASSEMBLIES = {"GRCh37", "GRCh38"}
_NOBODY = Case(id=CaseId(""), owner="", local_id="", contact=Contact(name=""))


@bp.url_value_preprocessor
def _allow_large_files(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """A VCF is larger than any form; this comes before who asks is checked, and reads nothing."""
    if endpoint == "variant_files.offer":
        request.max_content_length = candidates.MOST_BYTES


@bp.post("/header")
def header() -> Response:
    """Whose genotypes the file holds, by its first bytes, before all of it is sent."""
    sent = request.files.get("start")
    try:
        read = read_header(sent.stream.read(MOST_HEADER) if sent else b"")
    except Invalid as error:
        return _refused(error)
    return jsonify({"samples": read.samples, "assembly": read.assembly, "annotation": read.annotation})


@bp.post("/candidates")
def offer() -> Response:
    """The genes of a VCF that may explain the findings that were typed, for somebody to choose from."""
    try:
        with uploads(mm) as folder:
            path = folder / "variants"
            sent = request.files.get("vcf")
            if sent is None:
                raise Invalid([Issue(path="vcf", message=_("no file was sent"), remedy=_("choose one"))])
            with path.open("wb") as out:
                shutil.copyfileobj(sent.stream, out, 2**20)
            assembly = request.form.get("assembly", "")
            found = candidates.candidates(
                mm, path, _family(), case=_case(), assembly=assembly if assembly in _ASSEMBLIES else None
            )
    except (Invalid, Unavailable) as error:
        return _refused(error)
    return jsonify(_spelt(found))


def _family() -> Family:
    said = {name: request.form.get(name, "").strip() or None for name in ("child", "mother", "father")}
    return Family(child=said["child"] or "", mother=said["mother"], father=said["father"])


def _case() -> Case:
    """What was typed so far; a line that cannot be read is left out, since saving will say so."""
    features = searching(reading.release()).lines.findings(request.form.get("findings", "")).features
    sex = request.form.get("sex", "")
    return replace(_NOBODY, features=features, sex=Sex(sex) if sex in {one.value for one in Sex} else None)


def _spelt(found: Found) -> dict[str, object]:
    return {
        "assembly": found.assembly,
        "annotated": bool(found.header.annotation),
        "genes": [_gene(one) for one in found.candidates],
        "n_genes": found.n_genes,
        "cut_off": found.cut_off,
        "notes": _notes(found),
    }


def _gene(one: Candidate) -> dict[str, object]:
    return {
        "name": one.name,
        "known": one.gene is not None,
        "modes": [mode.value for mode in one.modes],
        "disease": one.disease,
        "variants": [_variant(one, offered) for offered in one.offered],
    }


def _variant(one: Candidate, offered: Offered) -> dict[str, object]:
    feature = GenomicFeature(gene=one.gene, variants=(offered.variant,))
    line = spell_genes(replace(_NOBODY, genomic_features=(feature,)), mm.release)
    rare = numbers.plain(round(offered.frequency, 5)) if offered.frequency else ""
    said = [offered.consequence, offered.protein, _("in %(share)s of people", share=rare) if rare else ""]
    return {"line": line, "said": " · ".join(filter(None, said))}


def _notes(found: Found) -> list[str]:
    """How many variants were read, and why others are not offered."""
    counts = found.counts
    said = [_("%(n)s variants were read.", n=numbers.plain(counts["records"]))]
    left = [
        (counts["filtered"], _("marked by the caller's filters")),
        (counts["missing"], _("without a genotype")),
        (counts["doubtful"], _("with a doubtful genotype")),
        (counts["common"], _("in more than 1 % of people")),
        (counts["mild"], _("without an effect on a protein or on splicing")),
        (counts["unusable"], _("large or symbolic, or deleted by another one")),
    ]
    parts = [f"{numbers.plain(n)} {why}" for n, why in left if n]
    if parts:
        said.append(_("Left out: %(parts)s.", parts=", ".join(parts)))
    if not found.header.annotation:
        said.append(
            _("The file names no genes. Annotated by VEP or SnpEff it is filtered by effect and ranked by gene.")
        )
    if found.cut_off:
        said.append(_("There are too many to look at: only the first are shown. Filter the file by frequency first."))
    return said


def _refused(error: Invalid | Unavailable) -> Response:
    """One line for the page, beside the file that it is about."""
    if isinstance(error, Invalid):
        said = "; ".join(f"{issue.message}: {issue.remedy}" for issue in error.issues)
        answer = jsonify({"message": _("The file %(said)s.", said=said)})
        answer.status_code = 422
    else:
        answer = jsonify({"message": f"{error}."})
        answer.status_code = 503
    return answer
