"""Matches as JSON: what the API says of them, and what it takes."""

from __future__ import annotations

from marshmallow import Schema, fields, validate

from matchmaker.match_life import LONGEST_NOTE
from matchmaker.store.matches import MatchStatus
from web.api.lists import LIMIT
from web.api.terms import NamedSchema

_BY_HAND = [status for status in MatchStatus if status is not MatchStatus.NEW]


class ScoreSchema(Schema):
    """How alike two cases are, each in [0, 1]; total is Matchmaker Exchange's score.patient."""

    total = fields.Float(required=True)
    phenotype = fields.Float(required=True)
    genotype = fields.Float(required=True)


class MatchLineSchema(Schema):
    """A match as a list has it."""

    id = fields.String(required=True)
    case_id = fields.String(required=True, metadata={"description": "Ours"})
    node = fields.String(required=True, metadata={"description": "Where the other case is", "example": "Madrid"})
    at_home = fields.Boolean(required=True, metadata={"description": "The other case is of this node too"})
    status = fields.Enum(MatchStatus, by_value=True, required=True)
    confirmed_there_at = fields.AwareDateTime(required=True, allow_none=True)
    first_seen = fields.AwareDateTime(required=True)
    last_seen = fields.AwareDateTime(required=True)
    score = fields.Nested(ScoreSchema, required=True)
    probability = fields.Dict(
        required=True,
        allow_none=True,
        metadata={"description": "Of the same disease gene; null where it is not known how many cases were searched"},
    )
    genes = fields.List(fields.String(), required=True, metadata={"description": "Symbols of the shared ones"})
    reasons = fields.List(fields.String(), required=True, metadata={"description": "Sentences, the strongest first"})
    is_partial = fields.Boolean(
        data_key="partial", required=True, metadata={"description": "Scored from the part that was shown to us"}
    )


class MatchPageSchema(Schema):
    """Some matches of a list, best first."""

    matches = fields.List(fields.Nested(MatchLineSchema), required=True)
    next = fields.String(required=True, allow_none=True, metadata={"description": "cursor of the next page, or null"})


class SharedGeneSchema(Schema):
    """A gene that both cases have, and how."""

    id = fields.String(required=True, allow_none=True, metadata={"description": "null: a position or region"})
    symbol = fields.String(required=True, allow_none=True)
    kind = fields.String(required=True, metadata={"example": "same_variant"})
    zygosity_fits = fields.Boolean(required=True)
    conflicts = fields.List(fields.String(), required=True)
    notes = fields.List(fields.String(), required=True)
    share = fields.Float(required=True, metadata={"description": "Of the strongest reason, in [0, 1]"})


class PairSchema(Schema):
    """A finding of each side that belong together, and what covers both."""

    here = fields.Nested(NamedSchema, required=True, attribute="query")
    there = fields.Nested(NamedSchema, required=True, attribute="match")
    ancestor = fields.Nested(NamedSchema, required=True)
    share = fields.Float(required=True, metadata={"description": "Of the strongest reason, in [0, 1]"})


class ContradictionSchema(Schema):
    """One side excludes what the other has."""

    observed = fields.Nested(NamedSchema, required=True)
    excluded = fields.Nested(NamedSchema, required=True)
    excluded_here = fields.Boolean(required=True)


class ExplanationSchema(Schema):
    """What made the score, computed anew from what may be seen of both cases."""

    scoring = fields.String(required=True)
    genes = fields.List(fields.Nested(SharedGeneSchema), required=True)
    pairs = fields.List(fields.Nested(PairSchema), required=True)
    only_here = fields.List(fields.Nested(NamedSchema), required=True)
    only_there = fields.List(fields.Nested(NamedSchema), required=True)
    contradictions = fields.List(fields.Nested(ContradictionSchema), required=True)
    may_be_related = fields.Boolean(required=True, metadata={"description": "One person, relatives, or one gene panel"})
    known = fields.List(fields.String(), required=True, metadata={"description": "Known diseases of shared genes"})
    worth_testing = fields.List(fields.String(), required=True)


class EventSchema(Schema):
    """Something that was done with a match; a note has no status."""

    at = fields.AwareDateTime(required=True)
    by = fields.String(required=True)
    text = fields.String(required=True)
    status = fields.Enum(MatchStatus, by_value=True, required=True, allow_none=True)
    there = fields.Boolean(required=True, metadata={"description": "By the other side"})


class MatchSchema(MatchLineSchema):
    """A match with its reasons, the other case as it may be seen, and what was done."""

    explanation = fields.Nested(ExplanationSchema, required=True)
    patient = fields.Raw(required=True, metadata={"type": "object", "description": "As Matchmaker Exchange has it"})
    told_score = fields.String(required=True, allow_none=True, metadata={"description": "On the other node's scale"})
    disclaimer = fields.String(required=True, allow_none=True, metadata={"description": "Show it with the match"})
    terms = fields.String(required=True, allow_none=True)
    history = fields.List(fields.Nested(EventSchema), required=True)


class WantedSchema(Schema):
    """Which matches of a case."""

    status = fields.Enum(MatchStatus, by_value=True)
    node = fields.String(validate=validate.Length(1, 100))
    cursor = fields.String(validate=validate.Length(1, 64), metadata={"description": "next of the page before"})
    limit = LIMIT(50, 200)


class MoveSchema(Schema):
    """Where a match is moved to."""

    status = fields.Enum(
        MatchStatus, by_value=True, required=True, validate=validate.OneOf(_BY_HAND), metadata={"example": "confirmed"}
    )
    reason = fields.String(
        load_default="",
        validate=validate.Length(max=LONGEST_NOTE),
        metadata={"description": "For colleagues; needed for dismissed"},
    )


class NoteSchema(Schema):
    """A note for the colleagues of the centre."""

    text = fields.String(required=True, validate=validate.Length(1, LONGEST_NOTE), metadata={"example": "Wrote again"})
