"""A webhook's signature after Standard Webhooks (github.com/standard-webhooks): who sent it, and that it is whole."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

PREFIX = "whsec_"

SHORTEST, LONGEST = 24, 64
"""Bytes of a secret, as the standard wants them."""


def key_of(secret: str) -> bytes:
    """The bytes that a secret stands for, base64 with or without its prefix; raises ValueError without showing it."""
    try:
        key = base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if not SHORTEST <= len(key) <= LONGEST:
        raise ValueError(f"is not base64 of {SHORTEST} to {LONGEST} bytes (`openssl rand -base64 32` makes one)")
    return key


def signed(secret: str, alert: str, body: bytes, at: datetime) -> dict[str, str]:
    """The three headers of a post; the id is the alert's, so that a second copy can be told from news."""
    moment = str(int(at.timestamp()))
    text = f"{alert}.{moment}.".encode() + body
    signature = base64.b64encode(hmac.new(key_of(secret), text, hashlib.sha256).digest()).decode()
    return {"webhook-id": alert, "webhook-timestamp": moment, "webhook-signature": f"v1,{signature}"}
