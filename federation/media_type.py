"""Which version of Matchmaker Exchange a request is in, and in which media type it is answered.

The text of MME 1.1 puts the version into Content-Type; seqr and matchbox look for it in Accept. Both are read, and
answers carry the bare vendor type without parameters, since some peers compare it letter by letter.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from matchmaker.errors import MatchmakerError

JSON = "application/json"


class Version(StrEnum):
    """The minor versions are compatible with each other; the major one is all that can be refused."""

    V1_0 = "1.0"
    V1_1 = "1.1"


NEWEST = Version.V1_1
SUPPORTED_VERSIONS = [version.value for version in Version]

_VENDOR = re.compile(r"application/vnd\.ga4gh\.matchmaker(?:\.v(?P<major>[0-9]+)(?:\.(?P<minor>[0-9]+))?)?\+json")
_ANY_VENDOR = re.compile(r"application/vnd\.ga4gh\.matchmaker(?:[.+].*)?")
_PLAIN = {JSON, "text/json"}
_WILDCARDS = {"application/*", "*/*", "*"}  # a lone * comes from Java's URL connection


class NotAcceptable(MatchmakerError):
    """The request asks for a version or a type in which nothing is answered here: 406."""

    supported_versions = SUPPORTED_VERSIONS

    def __init__(self, asked: str) -> None:
        self.asked = asked
        supported = ", ".join(SUPPORTED_VERSIONS)
        super().__init__(f"unsupported API version in {asked[:100]!r}: send and accept version {supported}")


class UnsupportedMediaType(MatchmakerError):
    """The body is of a type that is not read here: 415."""

    def __init__(self, content_type: str | None) -> None:
        self.content_type = content_type
        what = f"Content-Type {content_type[:100]!r}" if content_type else "no Content-Type"
        super().__init__(f"{what}: send JSON as {vendor_type(NEWEST)}")


def vendor_type(version: str) -> str:
    """Name the media type of one version, bare.

    Examples
    --------
    >>> vendor_type("1.0")
    'application/vnd.ga4gh.matchmaker.v1.0+json'
    """
    return f"application/vnd.ga4gh.matchmaker.v{version}+json"


def negotiate(content_type: str | None, accept: str | None) -> Version:
    """Find the version in which a request with a body is read and answered.

    Raises
    ------
    UnsupportedMediaType
        When the body is no JSON, by its type.
    NotAcceptable
        When another major version is sent, or nothing that is answered here is accepted.
    """
    sent = _sent(content_type)
    accepted = _accepted(accept)
    return sent or accepted.version or NEWEST


def answer_type(content_type: str | None, accept: str | None) -> str:
    """Name the type that answers a heartbeat or metrics: plain JSON unless the vendor type was asked for.

    Raises
    ------
    NotAcceptable
        As `negotiate` does; a Content-Type that is not ours is ignored, since there is no body.
    """
    accepted = _accepted(accept)
    sent = _version(_bare(content_type)) if content_type and _is_vendor(content_type) else None
    if accepted.plain or not (accepted.vendor or (content_type and _is_vendor(content_type))):
        return JSON
    return vendor_type(sent or accepted.version or NEWEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Accepted:
    """What the best part of an Accept header asks for; no version: any will do."""

    version: Version | None = None
    vendor: bool = False
    plain: bool = False  # plain JSON by name, which a wildcard is not


def _sent(content_type: str | None) -> Version | None:
    type_ = _bare(content_type or "")
    if type_ in _PLAIN:
        return None
    if not _ANY_VENDOR.fullmatch(type_):
        raise UnsupportedMediaType(content_type)
    return _version(type_)


def _accepted(accept: str | None) -> _Accepted:
    """Take the part with the highest q that can be answered."""
    if accept is None or not accept.strip():
        return _Accepted()
    for type_ in _by_preference(accept):
        if type_ in _PLAIN or type_ in _WILDCARDS:
            return _Accepted(plain=type_ in _PLAIN)
        found = _VENDOR.fullmatch(type_)
        if found and found["major"] in {None, "1"}:
            return _Accepted(version=_version(type_), vendor=True)
    raise NotAcceptable(accept)


def _by_preference(accept: str) -> Sequence[str]:
    """Order by q, and among equals what names our type before what only includes it."""
    parts = [(-_quality(part), not _is_vendor(part), _bare(part)) for part in accept.split(",") if part.strip()]
    return [type_ for quality, _, type_ in sorted(parts, key=lambda part: part[:2]) if quality < 0]


def _quality(part: str) -> float:
    """The q of one part of a list, 1 when there is none or it cannot be read (RFC 9110, 12.4.2)."""
    for parameter in part.split(";")[1:]:
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "q":
            return float(value) if re.fullmatch(r"\s*[0-9]*\.?[0-9]+\s*|\s*[0-9]+\.\s*", value) else 1.0
    return 1.0


def _version(type_: str) -> Version | None:
    """The version that a vendor type names, as we speak it; None when it names none."""
    found = _VENDOR.fullmatch(type_)
    if not found or found["major"] not in {None, "1"}:
        raise NotAcceptable(type_)
    if found["major"] is None:
        return None
    return Version.V1_0 if found["minor"] == "0" else NEWEST


def _is_vendor(type_: str) -> bool:
    return _ANY_VENDOR.fullmatch(_bare(type_)) is not None


def _bare(type_: str) -> str:
    return type_.partition(";")[0].strip().lower()
