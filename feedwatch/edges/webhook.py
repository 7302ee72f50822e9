"""A webhook of the owner's: one POST of JSON, signed if there is a secret.

Its address is the owner's own word, so it may be private; a redirect is not followed, so it leads nowhere else.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import aiohttp

from feedwatch import __version__
from feedwatch.alerts.post import post_of_message
from feedwatch.alerts.signature import signed
from feedwatch.edges.answers import phrase, retry_after, trouble
from feedwatch.model import Outcome, Receipt

if TYPE_CHECKING:
    from datetime import timedelta

    from feedwatch.model import Hook, Message

_TRY_AGAIN = frozenset({401, 404, 405, 407, 408, 410, 425, 429})
"""Refusals that are about the address or the moment and not about the post: a workflow that is switched off."""


async def send(url: str, hook: Hook, message: Message, deadline: timedelta) -> Receipt:
    """Post it and say what came of it: 2xx is sent, a 4xx refused, all else worth another try."""
    body = (message.post or post_of_message(message)).encode()
    try:
        async with asyncio.timeout(deadline.total_seconds()), _session() as session:  # noqa: SIM117 - one is inside
            async with session.post(
                url, data=body, headers=_headers(hook, message.alert, body), allow_redirects=False
            ) as answer:
                return _receipt(answer.status, answer.headers.get("Retry-After", ""))
    except TimeoutError:
        return Receipt(outcome=Outcome.FAILED, detail=f"no answer within {deadline.total_seconds():g} s")
    except (aiohttp.ClientError, OSError, ValueError) as problem:
        return Receipt(outcome=Outcome.FAILED, detail=trouble(problem)[1])


def _session() -> aiohttp.ClientSession:
    return aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar(), timeout=aiohttp.ClientTimeout())


def _headers(hook: Hook, alert: str, body: bytes) -> dict[str, str]:
    """The owner's last: they may replace ours, but for the signature's."""
    headers = {"Content-Type": "application/json", "User-Agent": f"feedwatch/{__version__}", "webhook-id": alert}
    own = {name.lower() for name, _ in hook.headers}
    kept = {name: value for name, value in headers.items() if name.lower() not in own}
    signature = signed(hook.secret, alert, body, datetime.now(UTC)) if hook.secret else {}
    return kept | {name: value for name, value in hook.headers if name.lower() not in signature} | signature


def _receipt(status: int, asked: str) -> Receipt:
    said = f"answered {status} {phrase(status)}".rstrip()
    if 200 <= status < 300:  # noqa: PLR2004 - what HTTP calls successful
        return Receipt(outcome=Outcome.SENT, detail=said)
    refused = 400 <= status < 500 and status not in _TRY_AGAIN  # noqa: PLR2004 - what HTTP calls the client's fault
    return Receipt(
        outcome=Outcome.REFUSED if refused else Outcome.FAILED,
        detail=said,
        retry_after=retry_after(asked, datetime.now(UTC)),
    )
