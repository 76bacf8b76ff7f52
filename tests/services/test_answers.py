"""What answers mean: JSON that nobody vouches for, statuses, limits in every known form."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta

import pytest

from mbclient.domain.errors import (
    AuthError,
    OutcomeUnknownError,
    RateLimitedError,
    RejectedError,
    ServiceError,
    UnreachableError,
)
from mbclient.services.answers import Answer, error_of, error_text, raise_for_status

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
JSON = {"content-type": "application/json; charset=utf-8"}


def answer(
    status: int = 200, body: bytes = b"", headers: dict[str, str] | None = None, *, write: bool = False
) -> Answer:
    return Answer(status, JSON if headers is None else headers, body, "https://mastodon.example/x", "work", write)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a": NaN, "b": [Infinity, -Infinity]}', {"a": None, "b": [None, None]}),
        (b'{"a": ' + b"9" * 5000 + b', "b": 1}', {"a": None, "b": 1}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b'["x\\ud83d", "\\ud83d\\ude00"]', ["x\ufffd", "😀"]),
        (b'{"\\ud800": {"b": ["\\udfff"]}}', {"\ufffd": {"b": ["\ufffd"]}}),
        ('"å"'.encode(), "å"),
        (b"[1e999]", [float("inf")]),
        (b'{"id": 115600000000000000001}', {"id": 115600000000000000001}),
    ],
)
def test_json_is_repaired(body: bytes, value: object) -> None:
    assert answer(body=body).json() == value


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"{", b"[" * 100_000, b'{"a":' * 50_000, b"\xff\xfe", b"nul", b'"\x00"', b"[1] [2]"]
)
def test_no_json_is_an_error_by_phase(body: bytes) -> None:
    with pytest.raises(UnreachableError, match="not JSON") as caught:
        answer(body=body).json()
    assert caught.value.account == "work"
    with pytest.raises(OutcomeUnknownError):
        answer(body=body, write=True).json()


@pytest.mark.parametrize(
    ("status", "read", "write"),
    [
        (300, RejectedError, RejectedError),
        (400, RejectedError, RejectedError),
        (401, AuthError, AuthError),
        (403, RejectedError, RejectedError),
        (404, RejectedError, RejectedError),
        (408, UnreachableError, UnreachableError),
        (410, RejectedError, RejectedError),
        (422, RejectedError, RejectedError),
        (425, UnreachableError, UnreachableError),
        (429, RateLimitedError, RateLimitedError),
        (500, UnreachableError, OutcomeUnknownError),
        (502, UnreachableError, OutcomeUnknownError),
        (503, UnreachableError, OutcomeUnknownError),
        (504, UnreachableError, OutcomeUnknownError),
        (520, UnreachableError, OutcomeUnknownError),
    ],
)
def test_each_status_has_its_error(status: int, read: type[ServiceError], write: type[ServiceError]) -> None:
    for error, writes in ((read, False), (write, True)):
        with pytest.raises(error) as caught:
            raise_for_status(answer(status, b'{"error":"why"}'), NOW, account="work", write=writes)
        assert type(caught.value) is error
        assert caught.value.account == "work"
        if isinstance(caught.value, RejectedError):
            assert caught.value.status == status


@pytest.mark.parametrize("status", [200, 201, 202, 204, 206])
def test_success_raises_nothing(status: int) -> None:
    raise_for_status(answer(status), NOW, write=True)


def test_a_throttled_read_waits_as_told() -> None:
    """GoToSocial: 503 with Retry-After. For a write it stays unknown."""
    throttled = answer(503, b"", {"retry-after": "30"})
    with pytest.raises(RateLimitedError) as caught:
        raise_for_status(throttled, NOW, write=False)
    assert caught.value.until == NOW + timedelta(seconds=30)
    with pytest.raises(OutcomeUnknownError):
        raise_for_status(throttled, NOW, write=True)


def test_how_to_sign_in_again_is_told_whole_where_it_is_known() -> None:
    refused = answer(401, b"{}")
    told = error_of(refused, NOW, account="work", write=False, again="sign in again: mbclient account add x --name w")
    assert str(told).endswith("sign in again: mbclient account add x --name w")
    assert "mbclient account add" in str(error_of(refused, NOW, write=False))


def test_the_reason_is_cleaned() -> None:
    hostile = json.dumps({"error": "no\x1b]0;x\x07\n\n" + "x" * 5000}).encode()
    with pytest.raises(RejectedError) as caught:
        raise_for_status(answer(422, hostile), NOW, write=True)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize(
    ("headers", "body", "text"),
    [
        (JSON, b'{"error": "e", "error_description": "d"}', "d"),
        (JSON, b'{"error": "Name", "message": "m"}', "m"),
        (JSON, b'{"error": {"deep": 1}}', ""),
        (JSON, b"[1]", ""),
        (JSON, b"{", ""),
        ({"content-type": "text/plain"}, b"Invalid Bearer token", "Invalid Bearer token"),
        ({"content-type": "text/html"}, b"<h1>502</h1>", ""),
        ({}, b"x", ""),
    ],
)
def test_error_texts(headers: dict[str, str], body: bytes, text: str) -> None:
    assert error_text(answer(400, body, headers)) == text
