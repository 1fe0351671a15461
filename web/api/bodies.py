"""What a program sends and accepts: bodies of types that are read here, of a bounded size; versions of cases."""

from __future__ import annotations

from typing import Any

from flask import Request, abort, request
from webargs.flaskparser import FlaskParser

from federation import strict_json
from federation.media_type import JSON, vendor_type

MAX_BODY = 2 * 2**20  # bytes; the largest published phenopackets have half of it
PHENOPACKET = "application/vnd.ga4gh.phenopacket.v2+json"
MME = tuple(vendor_type(version) for version in ("1.1", "1.0"))
CASE_TYPES = (JSON, *MME, PHENOPACKET)


def body(*types: str) -> bytes:
    """Return the body, if it is of one of these types and not too large: 415 and 413 otherwise."""
    if request.mimetype not in types:
        said = f"Content-Type {request.mimetype!r}" if request.mimetype else "no Content-Type"
        abort(415, f"{said}: send {' or '.join(types)}")
    request.max_content_length = MAX_BODY
    return request.get_data()


def accepted(*types: str) -> str:
    """Return the type of these that the caller likes best: 406 when it takes none of them."""
    found = request.accept_mimetypes.best_match(types) if request.accept_mimetypes else types[0]
    if found is None:
        abort(406, f"answered is {' or '.join(types)}: accept one of them")
    return str(found)


def etag(version: int) -> str:
    """Spell a version of a case for ETag, If-Match and If-None-Match."""
    return f'"{version}"'


def expected_version(now: int) -> int:
    """Return the version that the caller saw last, from If-Match: 428 without one, and 0 for what was none of ours."""
    if "If-Match" not in request.headers:
        abort(428, "send If-Match with the ETag of the case as you saw it last, or * for whatever is stored")
    if request.if_match.star_tag:
        return now
    versions = [int(tag) for tag in request.if_match.as_set() if tag.isascii() and tag.isdecimal() and len(tag) < 10]
    return now if now in versions else next(iter(versions), 0)


class StrictParser(FlaskParser):
    """webargs' parser of bodies, with our limits and our reader of JSON."""

    def load_json(self, req: Request, schema: Any) -> Any:
        return strict_json.loads(body(JSON))
