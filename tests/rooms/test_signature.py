"""A webhook's signature, checked by the other side's own library."""

from __future__ import annotations

import base64
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from feedwatch.alerts.signature import key_of, signed

ALERT = "7f3k2a" + 26 * "0"


def secret_of(key: bytes) -> str:
    return f"whsec_{base64.b64encode(key).decode()}"


@given(st.binary(min_size=24, max_size=64), st.text())
def test_the_standards_own_library_accepts_it(key: bytes, text: str) -> None:
    body = f'{{"title":{text!r}}}'.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    headers = signed(secret_of(key), ALERT, body.encode(), datetime.now(UTC))
    at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
    assert Webhook(secret_of(key)).sign(ALERT, at, body) == headers["webhook-signature"]


def test_a_changed_body_is_refused_by_it() -> None:
    key = b"k" * 32
    headers = signed(secret_of(key), ALERT, b'{"a":1}', datetime.now(UTC))
    Webhook(secret_of(key)).verify('{"a":1}', headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret_of(key)).verify('{"a":2}', headers)


def test_a_second_copy_has_the_same_id_and_another_time() -> None:
    first = signed(secret_of(b"k" * 32), ALERT, b"{}", datetime(2026, 11, 22, 14, tzinfo=UTC))
    again = signed(secret_of(b"k" * 32), ALERT, b"{}", datetime(2026, 11, 22, 15, tzinfo=UTC))
    assert first["webhook-id"] == again["webhook-id"] == ALERT
    assert first["webhook-timestamp"] != again["webhook-timestamp"]


@pytest.mark.parametrize(
    "secret", ["", "hunter2", "whsec_", "whsec_aGVsbG8=", "not base64 at all!", "é" * 40, "A" * 200]
)
def test_a_secret_that_is_none_is_refused_without_being_shown(secret: str) -> None:
    with pytest.raises(ValueError, match="openssl rand") as refused:
        key_of(secret)
    assert not secret or secret not in str(refused.value)


def test_the_prefix_may_be_left_out() -> None:
    plain = base64.b64encode(b"k" * 32).decode()
    assert key_of(plain) == key_of(f"whsec_{plain}") == b"k" * 32
