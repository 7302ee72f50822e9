"""When to ask a feed again. Times, jitter and settings are arguments; jitter is in [0, 1)."""

from __future__ import annotations

from datetime import timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from feedwatch.model import Failure, Reason

if TYPE_CHECKING:
    from datetime import datetime

DAY = timedelta(days=1)  # the longest wait that our own counting of failures leads to
RETRY_AFTER_CAP = timedelta(days=7)  # nobody means longer; the feed would be as good as removed
REFUSED_WAIT = timedelta(hours=4)  # after a refusal that says no time

SPREAD = 0.1  # a wait is stretched or shortened by up to this share, so that feeds do not march in step


class Pace(Protocol):
    """The settings that this needs of `[polling]`."""

    @property
    def interval(self) -> timedelta: ...

    @property
    def min_interval(self) -> timedelta: ...


def interval_of(own: timedelta | None, pace: Pace) -> timedelta:
    """The feed's own interval, else the general one; never under the least."""
    return max(pace.interval if own is None else own, pace.min_interval)


def after_first(now: datetime, own: timedelta | None, pace: Pace, address: str) -> datetime:
    """The second poll: within an interval, at the phase of the address, so that feeds added at once part."""
    room = interval_of(own, pace) - pace.min_interval
    return now + pace.min_interval + room * _phase(address)


def after_success(now: datetime, own: timedelta | None, pace: Pace, jitter: float) -> datetime:
    """The next poll after an answer, be it news or none."""
    return now + max(_spread(interval_of(own, pace), jitter), pace.min_interval)


def after_failure(
    now: datetime, own: timedelta | None, pace: Pace, failures: int, failure: Failure, jitter: float
) -> datetime | None:
    """The next try after the `failures`-th failure in a row (from 1); None: the feed is gone, stop asking."""
    if failure.reason is Reason.GONE:
        return None
    interval = interval_of(own, pace)
    if failure.retry_after is not None:
        asked = min(failure.retry_after, RETRY_AFTER_CAP)
        return now + max(asked, interval) * (1 + SPREAD * jitter)
    if failure.reason is Reason.REFUSED:
        return now + max(REFUSED_WAIT, interval) * (1 + SPREAD * jitter)
    return now + max(_slowed(interval, failures, failure.reason, jitter), interval)


def _slowed(interval: timedelta, failures: int, reason: Reason, jitter: float) -> timedelta:
    """The interval, doubled with each failure after the first (after a 404 fourfold), up to a day."""
    factor = 4.0 if reason is Reason.NOT_FOUND else 2.0
    steps = min(failures - 1, 64)  # far beyond a day, and no overflow
    seconds = min(interval.total_seconds() * factor**steps, DAY.total_seconds())
    return min(_spread(timedelta(seconds=seconds), jitter), DAY)


def _spread(wait: timedelta, jitter: float) -> timedelta:
    return wait * (1 - SPREAD + 2 * SPREAD * jitter)


def _phase(address: str) -> float:
    """A number in [0, 1) that is the same for an address on every machine and in every process."""
    digest = blake2b(address.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
