"""How loud is a channel? What goes out at once, what is held, where and until when. Values in, values out.

    digest   a channel with times tells what happened at these times, in one message
    quiet    in quiet hours nothing goes out; what came meanwhile is one message at their end
    budget   what is over so many messages an hour is one message, a quarter of an hour later at the earliest

A channel asks in this order, and the first that holds is it. Only alerts of articles are merged into one message; a
digest is one already, and what feedwatch has to say of itself, or a surge, goes alone: they wait for quiet hours only.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts.budget import Bucket, gathered_until, has_one, refilled
from feedwatch.alerts.hours import Hours, quiet_until
from feedwatch.alerts.timetable import Timetable, next_of
from feedwatch.model import Strength

if TYPE_CHECKING:
    from datetime import tzinfo

DIGEST = "digest"
QUIET = "quiet"
BUDGET = "budget"
BACKLOG = "backlog"

MERGED = frozenset({"first", "raise", "update", "revision"})
"""Kinds of alerts of which several may be told in one message."""

OLD = timedelta(hours=1)
"""What has waited this long for a channel that was down is told as one message."""

SLIP = timedelta(hours=1)
"""A clock that goes back by less is being corrected: a digest that was sent is not due again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """A channel's manners."""

    only: Strength = Strength.TOPIC  # the least strength that gets through
    per_hour: int | None = None  # messages; None: as many as there are
    quiet: tuple[Hours, ...] = ()
    digest: tuple[Timetable, ...] = ()
    empty: bool = False  # a digest without anything in it is sent, too
    urgent_breaks_quiet: bool = False
    urgent_breaks_digest: bool = False
    zone: tzinfo | None = None  # None: the system's


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """In which kind of window something waits, and until when if it opens it."""

    kind: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is known of a channel's past."""

    bucket: Bucket
    digest: datetime | None = None  # for when its latest digest was meant


def hold(policy: Policy, standing: Standing, kind: str, now: datetime, *, urgent: bool = False) -> Hold | None:
    """Where an alert of this kind waits that is to be told now; None: it goes out, and takes a token."""
    alone = kind not in MERGED
    if policy.digest and not alone and not (urgent and policy.urgent_breaks_digest):
        return Hold(kind=DIGEST, until=next_digest(policy, standing, now))
    quiet = None if urgent and policy.urgent_breaks_quiet else quiet_until(policy.quiet, now, policy.zone)
    if quiet is not None:
        return Hold(kind=QUIET, until=quiet)
    if alone or policy.per_hour is None or has_one(refilled(standing.bucket, policy.per_hour, now)):
        return None
    return Hold(kind=BUDGET, until=gathered_until(standing.bucket, policy.per_hour, now))


def next_digest(policy: Policy, standing: Standing, now: datetime) -> datetime:
    """The next time of a digest; a small step back of the clock makes none due that was sent."""
    last = standing.digest
    after = last if last is not None and now < last <= now + SLIP else now
    return next_of(policy.digest, after, policy.zone)


def closes(policy: Policy, standing: Standing, kind: str, until: datetime, now: datetime) -> datetime:
    """When an open window ends that was to end at `until`, after the manners or the clock have changed."""
    if kind == DIGEST and policy.digest:
        return next_digest(policy, standing, now)
    if kind == QUIET:
        return quiet_until(policy.quiet, now, policy.zone) or now
    if kind == BUDGET and policy.per_hour is not None:
        return min(until, gathered_until(standing.bucket, policy.per_hour, now))
    return now


def next_send(policy: Policy, now: datetime) -> datetime | None:
    """When a channel tells what happens now; None: at once."""
    due = next_of(policy.digest, now, policy.zone) if policy.digest else now
    later = quiet_until(policy.quiet, due, policy.zone) or due
    return later if later > now else None
