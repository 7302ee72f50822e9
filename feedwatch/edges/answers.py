"""What an HTTP status, a Retry-After or a broken connection says; the same for a page, a webhook and an archive."""

from __future__ import annotations

import os
import re
import ssl
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import aiohttp

from feedwatch.edges.bodies import BodyDamaged
from feedwatch.model import Reason

MAX_RETRY_AFTER = timedelta(days=7)

_SECONDS = re.compile(r"[0-9]+")

_TROUBLES: dict[type[Exception], str] = {
    aiohttp.ClientProxyConnectionError: "the proxy cannot be reached",
    aiohttp.ClientHttpProxyError: "the proxy refused",
    aiohttp.ServerDisconnectedError: "the server hung up without an answer",
    aiohttp.ClientPayloadError: "the answer was cut short",
    aiohttp.ClientResponseError: "the answer is not proper HTTP",
    aiohttp.InvalidURL: "not an address that can be asked",
}


def phrase(status: int) -> str:
    """A status in words; "" for one that nobody has named."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def retry_after(value: str, now: datetime) -> timedelta | None:
    """How long a Retry-After header asks to wait: seconds or a date (RFC 9110, section 10.2.3), within 7 days."""
    if _SECONDS.fullmatch(value.strip()):
        return timedelta(seconds=min(float(value), MAX_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(value)
        wait = moment.replace(tzinfo=moment.tzinfo or UTC) - now
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return min(max(wait, timedelta(0)), MAX_RETRY_AFTER)


def trouble(problem: Exception) -> tuple[Reason, str]:
    """What went wrong between the request and the end of the answer, without its address or a word of the server's."""
    if isinstance(problem, BodyDamaged):
        return Reason.NETWORK, str(problem)
    if isinstance(problem, aiohttp.ClientSSLError):
        return Reason.TLS, f"no safe connection: {_certificate(problem)}"
    if isinstance(problem, aiohttp.ClientConnectorDNSError):
        return Reason.NETWORK, "the host's name is not known"
    for kind, detail in _TROUBLES.items():
        if isinstance(problem, kind):
            return Reason.NETWORK, detail
    number = problem.errno if isinstance(problem, OSError) else None
    return Reason.NETWORK, os.strerror(number) if number else f"no proper answer ({type(problem).__name__})"


def _certificate(problem: aiohttp.ClientSSLError) -> str:
    cause = problem.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return cause.verify_message
    return getattr(cause, "reason", None) or "the TLS handshake failed"
