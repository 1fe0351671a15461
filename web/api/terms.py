"""Findings and genes, of the release that the node uses: search and show."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields, validate

from web import looking_up, reading
from web.api.blueprint import ApiBlueprint
from web.api.lists import LIMIT

bp = ApiBlueprint("api_terms", __name__, url_prefix="", description="Findings and genes")
_QUERY = {"description": "Words, parts of words, laypeople's words; slips are forgiven", "example": "small head"}


class NamedSchema(Schema):
    """A term as people read it."""

    id = fields.String(required=True, metadata={"example": "HP:0000252"})
    label = fields.String(required=True, metadata={"example": "Microcephaly"})


class TermHitSchema(NamedSchema):
    """A finding that was found."""

    matched = fields.String(required=True, metadata={"description": "The synonym that was found; empty: the label"})
    layperson = fields.Boolean(required=True, metadata={"description": "Whether that is a layperson's word"})
    definition = fields.String(required=True, allow_none=True)


class TermHitsSchema(Schema):
    """Findings, best first, and the HPO release that they are of."""

    release = fields.String(required=True, metadata={"example": "2026-02-16"})
    terms = fields.List(fields.Nested(TermHitSchema), required=True)


class TermSchema(NamedSchema):
    """A finding with those above and below it."""

    definition = fields.String(required=True, allow_none=True)
    synonyms = fields.List(fields.String(), required=True)
    parents = fields.List(fields.Nested(NamedSchema), required=True)
    children = fields.List(fields.Nested(NamedSchema), required=True)


class GeneHitSchema(Schema):
    """A gene that was found."""

    id = fields.String(required=True, metadata={"example": "HGNC:8923"})
    symbol = fields.String(required=True, metadata={"example": "PHGDH"})
    matched = fields.String(required=True, metadata={"description": "The alias that was found; empty: the symbol"})
    name = fields.String(required=True)


class GeneHitsSchema(Schema):
    """Genes, best first."""

    genes = fields.List(fields.Nested(GeneHitSchema), required=True)


class GeneSchema(Schema):
    """A gene as HGNC has it."""

    id = fields.String(required=True, metadata={"example": "HGNC:8923"})
    symbol = fields.String(required=True, metadata={"example": "PHGDH"})
    name = fields.String(required=True)
    aliases = fields.List(fields.String(), required=True)
    previous = fields.List(fields.String(), required=True)
    ensembl = fields.String(required=True, allow_none=True, metadata={"example": "ENSG00000092621"})
    entrez = fields.String(required=True, allow_none=True)
    location = fields.String(required=True, allow_none=True, metadata={"example": "1p12"})


class TypedSchema(Schema):
    """What was typed."""

    q = fields.String(required=True, validate=validate.Length(1, looking_up.LONGEST_QUERY), metadata=_QUERY)
    limit = LIMIT(10, 50)


@bp.get("/terms")
@bp.arguments(TypedSchema, location="query")
@bp.response(200, TermHitsSchema)
def terms(query: dict[str, Any]) -> dict[str, Any]:
    """Search findings of the HPO, best first."""
    found = looking_up.terms(reading.release(), query["q"], limit=query["limit"])
    return {"release": reading.release().hpo.release, "terms": found}


@bp.get("/terms/<term_id>")
@bp.response(200, TermSchema)
def term(term_id: str) -> dict[str, Any]:
    """Show a finding with those above and below it; an old id is taken for what replaced it."""
    return looking_up.term(reading.release(), term_id)


@bp.get("/genes")
@bp.arguments(TypedSchema, location="query")
@bp.response(200, GeneHitsSchema)
def genes(query: dict[str, Any]) -> dict[str, Any]:
    """Search genes by symbol, alias or name, best first."""
    return {"genes": looking_up.genes(reading.release(), query["q"], limit=query["limit"])}


@bp.get("/genes/<gene_id>")
@bp.response(200, GeneSchema)
@bp.alt_response(422)
def gene(gene_id: str) -> dict[str, Any]:
    """Show the gene that an id, symbol or alias means; an alias of several genes is 422, with which these are."""
    return looking_up.gene(reading.release(), gene_id)
