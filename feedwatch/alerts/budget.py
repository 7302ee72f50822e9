"""How many messages an hour? A token bucket: values in, values out.

Each message takes a token. Tokens come back evenly, `per_hour` of them in an hour, and at most BURST are saved up
(https://en.wikipedia.org/wiki/Token_bucket). What finds none is gathered, and told as one message.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

BURST = 5
GATHER = timedelta(minutes=15)
"""What is over is gathered for this long at the least."""

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bucket:
    """How many messages a channel has left, as of a moment; below 0 where more went out than it had."""

    tokens: float
    at: datetime


def full(now: datetime) -> Bucket:
    return Bucket(tokens=BURST, at=now)


def refilled(bucket: Bucket, per_hour: int, now: datetime) -> Bucket:
    """The bucket as it is now; a clock that went back takes nothing away and gives nothing."""
    come = max(now - bucket.at, timedelta()) / _HOUR * per_hour
    return Bucket(tokens=min(bucket.tokens + come, BURST), at=now)


def has_one(bucket: Bucket) -> bool:
    return bucket.tokens >= 1


def without_one(bucket: Bucket) -> Bucket:
    """What goes out in any case is counted, too; no debt is larger than an hour's rest of the burst."""
    return replace(bucket, tokens=max(bucket.tokens - 1, -BURST))


def gathered_until(bucket: Bucket, per_hour: int, now: datetime) -> datetime:
    """When what is over now may be told as one message: after GATHER, and when there is a token for it."""
    missing = (1 - refilled(bucket, per_hour, now).tokens) / per_hour * _HOUR
    return now + max(GATHER, missing)
