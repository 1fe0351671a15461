"""Every row of MME.md on versions and media types, for requests with a body and without."""

from __future__ import annotations

import pytest

from federation.media_type import (
    SUPPORTED_VERSIONS,
    NotAcceptable,
    UnsupportedMediaType,
    answer_type,
    negotiate,
    vendor_type,
)

V1_0 = "application/vnd.ga4gh.matchmaker.v1.0+json"
V1_1 = "application/vnd.ga4gh.matchmaker.v1.1+json"
V1_7 = "application/vnd.ga4gh.matchmaker.v1.7+json"
V2_0 = "application/vnd.ga4gh.matchmaker.v2.0+json"
V0_9 = "application/vnd.ga4gh.matchmaker.v0.9+json"
BARE = "application/vnd.ga4gh.matchmaker+json"
JSON = "application/json"


@pytest.mark.parametrize(
    ("content_type", "accept", "version"),
    [
        (V1_0, None, "1.0"),
        (V1_1, None, "1.1"),
        (V1_0, "*/*", "1.0"),
        (V1_0, V1_0, "1.0"),
        (V1_0, V1_1, "1.0"),
        (V1_7, None, "1.1"),
        ("application/vnd.ga4gh.matchmaker.v1+json", None, "1.1"),
        (V1_0.upper(), None, "1.0"),
        (f"{V1_0}; charset=utf-8", None, "1.0"),
        (f" {V1_0} ;charset=UTF-8", None, "1.0"),
        (BARE, None, "1.1"),
        (BARE, V1_0, "1.0"),
        (JSON, None, "1.1"),
        (JSON, "", "1.1"),
        (JSON, "*/*", "1.1"),
        (JSON, "*; q=.2, */*; q=.2", "1.1"),
        (JSON, "application/*", "1.1"),
        (JSON, JSON, "1.1"),
        (JSON, V1_0, "1.0"),
        (JSON, f"{V1_0}; charset=utf-8", "1.0"),
        (JSON, V1_7, "1.1"),
        (f"{JSON}; charset=utf-8", BARE, "1.1"),
        (JSON, f"{V1_0};q=0.4, {V1_1};q=0.9", "1.1"),
        (JSON, f"{V1_1};q=0.4, {V1_0};q=0.9", "1.0"),
        (JSON, f"{V1_1};q=0, {V1_0}", "1.0"),
        (JSON, f"{V2_0}, {V1_0};q=0.5", "1.0"),
        (JSON, f"{V2_0}, */*;q=0.1", "1.1"),
        (JSON, f"*/*, {V1_0}", "1.0"),
        (JSON, f"{V1_0};q=nonsense", "1.0"),
        (JSON, "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2", "1.1"),
        (V1_1, JSON, "1.1"),
    ],
)
def test_request_is_answered_in_the_version_that_it_asks_for(
    content_type: str, accept: str | None, version: str
) -> None:
    assert negotiate(content_type, accept) == version


@pytest.mark.parametrize(
    ("content_type", "accept"),
    [
        (V2_0, None),
        (V0_9, None),
        ("application/vnd.ga4gh.matchmaker.v10.0+json", None),
        ("application/vnd.ga4gh.matchmaker.vNext+json", None),
        ("application/vnd.ga4gh.matchmaker.v" + "9" * 10_000 + "+json", None),
        (JSON, V2_0),
        (V1_0, V2_0),
        (JSON, f"{V2_0}, {V0_9}"),
        (JSON, f"{V1_0};q=0"),
        (JSON, "application/xml"),
        (JSON, "*/*;q=0.0"),
    ],
)
def test_another_major_version_is_not_acceptable(content_type: str, accept: str | None) -> None:
    with pytest.raises(NotAcceptable) as refused:
        negotiate(content_type, accept)

    assert refused.value.supported_versions == SUPPORTED_VERSIONS == ["1.0", "1.1"]
    assert len(str(refused.value)) < 300


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonp",
        "application/vnd.ga4gh.matchmakers.v1.0+json",
        "application/vnd.api+json",
        ";",
    ],
)
def test_a_body_of_another_type_is_unsupported(content_type: str | None) -> None:
    with pytest.raises(UnsupportedMediaType, match=r"matchmaker\.v1\.1\+json"):
        negotiate(content_type, None)


def test_answers_carry_the_bare_vendor_type_letter_by_letter() -> None:
    assert vendor_type("1.0") == V1_0
    assert vendor_type(negotiate(f"{V1_1.upper()}; charset=utf-8", None)) == V1_1


@pytest.mark.parametrize(
    ("content_type", "accept", "answer"),
    [
        (None, None, JSON),
        (None, "*/*", JSON),
        (None, JSON, JSON),
        (V1_0, JSON, JSON),
        ("text/plain", "*/*", JSON),
        (None, V1_0, V1_0),
        (None, BARE, V1_1),
        (None, V1_7, V1_1),
        (V1_0, "*/*", V1_0),
        (V1_0, None, V1_0),
        (BARE, None, V1_1),
    ],
)
def test_heartbeat_is_plain_json_unless_the_vendor_type_is_asked_for(
    content_type: str | None, accept: str | None, answer: str
) -> None:
    assert answer_type(content_type, accept) == answer


@pytest.mark.parametrize(("content_type", "accept"), [(None, V2_0), (V2_0, None), (None, "text/html")])
def test_heartbeat_in_another_major_version_is_not_acceptable(content_type: str | None, accept: str | None) -> None:
    with pytest.raises(NotAcceptable):
        answer_type(content_type, accept)
