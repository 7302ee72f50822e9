"""When is a page asked for again? At 0, 2 and 15 minutes; then its entries are decided on the feed's text."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.model import Reason

if TYPE_CHECKING:
    from feedwatch.model import Failure

WAITS = (timedelta(minutes=2), timedelta(minutes=13))
"""After the first and the second failed try, counted from the failure: a machine that slept begins no closer."""

ASKED_AT_MOST = timedelta(hours=1)
"""A server that asks for a longer pause gets an hour: news does not wait for ever."""

POISON = frozenset({Reason.WORKER_TIMEOUT, Reason.WORKER_MEMORY, Reason.WORKER_CRASH})
"""The page itself is the trouble: a second try shows whether it was chance, a third shows nothing."""


def next_try(now: datetime, tries: int, failure: Failure) -> datetime | None:
    """The time of the next try after `tries` failed ones, or None: the page is given up."""
    waits = WAITS[:1] if failure.reason in POISON else WAITS
    if failure.final or tries > len(waits):
        return None
    return now + max(waits[tries - 1], min(failure.retry_after or timedelta(0), ASKED_AT_MOST))
