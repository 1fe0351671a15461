"""The words of a case in the reader's language: what the model writes as one word, and programs as well."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

WORDS = {
    # who may see it, and how much
    "private": _l("private"),
    "national": _l("national"),
    "eea": _l("EEA"),
    "federated": _l("federated"),
    "gene": _l("gene"),
    "matching_terms": _l("matching terms"),
    "full_profile": _l("full profile"),
    # where it stands
    "unsolved": _l("unsolved"),
    "solved": _l("solved"),
    "withdrawn": _l("withdrawn"),
    # the person
    "female": _l("female"),
    "male": _l("male"),
    "other": _l("other"),
    "prenatal": _l("prenatal"),
    "newborn": _l("newborn"),
    "infant": _l("infant"),
    "child": _l("child"),
    "adolescent": _l("adolescent"),
    "adult": _l("adult"),
    "proband": _l("proband"),
    "sibling": _l("sibling"),
    "parent": _l("parent"),
    "patient": _l("patient"),
    "guardian": _l("guardian"),
    "relative": _l("relative"),
    # its variants
    "heterozygous": _l("heterozygous"),
    "homozygous": _l("homozygous"),
    "hemizygous": _l("hemizygous"),
    "mosaic": _l("mosaic"),
    "heteroplasmic": _l("heteroplasmic"),
    "homoplasmic": _l("homoplasmic"),
    "de_novo": _l("de novo"),
    "maternal": _l("maternal"),
    "paternal": _l("paternal"),
    "biparental": _l("biparental"),
    "somatic": _l("somatic"),
    # what a colleague would miss
    "findings": _l("findings"),
    "excluded": _l("findings that are not present"),
    "variant": _l("variant"),
    "onset": _l("onset"),
    "sex": _l("sex"),
    "inheritance": _l("inheritance"),
    "basis": _l("legal basis"),
    # a letter, and a node that is asked
    "waiting": _l("on its way"),
    "delivered": _l("delivered"),
    "shown": _l("shown on the page"),
    "refused": _l("refused"),
    "asking": _l("still answering ..."),
    "answered": _l("answered"),
    "unreachable": _l("not reachable"),
    "timeout": _l("no answer in time"),
    "invalid": _l("answered what cannot be read"),
    "too-large": _l("answered too much"),
    "paused": _l("paused"),
    "not-shared": _l("not asked: the case is not shared with it"),
    "match": _l("match"),
    "heartbeat": _l("heartbeat"),
    # why a case is not shared with a node
    "no recorded basis": _l("no basis is recorded"),
    "paused: the person is of age and has not been asked": _l("paused: the person is of age and has not been asked"),
    "sharing level": _l("its level does not reach that node"),
    "purpose": _l("it is not shared for that purpose"),
    "node disabled": _l("that node is paused"),
    "no basis of transfer": _l("no basis of transfers to that node is noted"),
    "test case": _l("it is a test case"),
    # what another node was told of a case, and said
    "withdrawal": _l("withdrawal"),
    "erasure": _l("erasure"),
    "correction": _l("correction"),
    "confirmation": _l("confirmation"),
    "reconsideration": _l("confirmation taken back"),
    "the node took it": _l("that node took it"),
    "that node takes no such word: say it in a letter": _l("that node takes no such word: say it in a letter"),
    "that node keeps no such match: say it in a letter": _l("that node keeps no such match: say it in a letter"),
    "the case is not shared with that node any more, or the match is gone": _l(
        "the case is not shared with that node any more, or the match is gone"
    ),
    # what storing a record would do
    "new": _l("new"),
    "changed": _l("changed"),
    "same": _l("same"),
    "rejected": _l("rejected"),
    # who works here
    "clinician": _l("clinician"),
    "curator": _l("curator"),
    "operator": _l("operator"),
    "auditor": _l("auditor"),
}


def offer(app: Flask) -> None:
    """Let templates say `{{ case.sex|word }}`."""
    app.jinja_env.filters["word"] = word


def word(value: object) -> str:
    """Say a word of the model in the reader's language; one that is not known as it stands, readable."""
    written = str(value)
    return str(WORDS.get(written, written.replace("_", " ")))
