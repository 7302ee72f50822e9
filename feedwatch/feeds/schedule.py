"""When to ask a feed again, and why then. Times, jitter and settings are arguments; jitter is in [0, 1).

After a good answer a wait goes through the rules in `_RULES`, each of which may change it and says so; the last
one to do so is the reason that people are shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from feedwatch.model import NO_RHYTHM, NOTHING_ASKED, Asked, Failure, Reason, Rhythm
from feedwatch.text.amounts import lasting

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

DAY = timedelta(days=1)  # the longest wait that our own counting of failures leads to
HOUR = timedelta(hours=1)  # the longest that a hint is obeyed: CSMonitor's ttl is five
RETRY_AFTER_CAP = timedelta(days=7)  # nobody means longer; the feed would be as good as removed
REFUSED_WAIT = timedelta(hours=4)  # after a refusal that says no time

SPREAD = 0.1  # a wait is stretched or shortened by up to this share, so that feeds do not march in step

SLOWER = 4  # times the general interval: as rare as the polls of a quiet feed become
RECENT = 10  # entries whose times show the rhythm of a feed
DATED = 3  # entries with a date, fewer show neither rhythm nor span
SHARE = 4  # polls within the time that a document's entries span, so that none passes unseen


class Pace(Protocol):
    """The settings that this needs of `[polling]`."""

    @property
    def interval(self) -> timedelta: ...

    @property
    def min_interval(self) -> timedelta: ...

    @property
    def max_interval(self) -> timedelta: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is known of a feed when it has answered well."""

    own: timedelta | None  # the interval that the owner set for this feed
    rhythm: Rhythm = NO_RHYTHM
    asked: Asked = NOTHING_ASKED  # by the document
    fresh_for: timedelta | None = None  # by the HTTP headers
    validators: bool = True  # the server gave an ETag or a Last-Modified
    missed: bool = False  # this document and the one before it share no entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """When a feed is asked again."""

    at: datetime
    because: str  # for people: "the feed brings an entry about every 17 min"
    late: timedelta  # how long after its appearance an entry is noticed at the latest


@dataclass(frozen=True, slots=True)
class _Wait:
    span: timedelta
    because: str
    asked: bool = False  # by the server: not undercut


def interval_of(own: timedelta | None, pace: Pace) -> timedelta:
    """The feed's own interval, else the general one; never under the least."""
    return max(pace.interval if own is None else own, pace.min_interval)


def slowest(own: timedelta | None, pace: Pace) -> timedelta:
    """The wait of a healthy feed that is as quiet as can be; its server's hints may add to it."""
    if own is not None:
        return max(own, pace.min_interval)
    return max(min(SLOWER * pace.interval, pace.max_interval), interval_of(None, pace))


def rhythm(times: Iterable[datetime | None], now: datetime) -> Rhythm:
    """The rhythm that a document's dates show; dates to come are no dates."""
    dated = sorted((time for time in times if time is not None and time <= now), reverse=True)
    if len(dated) < DATED:
        return NO_RHYTHM
    recent = dated[:RECENT]
    span = dated[0] - dated[-1]
    return Rhythm(newest=dated[0], gap=(now - recent[-1]) / len(recent), span=span or None)


def after_success(now: datetime, known: Known, pace: Pace, jitter: float) -> Plan:
    """The next poll after an answer, be it news or none."""
    wait = _wish(known, pace, now)
    stretch = SPREAD * jitter if wait.asked else SPREAD * (2 * jitter - 1)
    span = max(wait.span * (1 + stretch), pace.min_interval)
    return _outside_skips(now + span, wait, known)


def after_first(now: datetime, known: Known, pace: Pace, address: str) -> Plan:
    """The second poll: within a wait, at the phase of the address, so that feeds added at once part."""
    wait = _wish(known, pace, now)
    room = max(wait.span - pace.min_interval, timedelta(0))
    return _outside_skips(now + pace.min_interval + room * _phase(address), wait, known)


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


# After a good answer ------------------------------------------------------------------------------------


def _wish(known: Known, pace: Pace, now: datetime) -> _Wait:
    wait = _Wait(pace.interval, "the general interval")
    for rule in _RULES:
        wait = rule(wait, known, pace, now)
    return wait if wait.span >= pace.min_interval else _Wait(pace.min_interval, "as often as min_interval allows")


def _rhythm(wait: _Wait, known: Known, pace: Pace, now: datetime) -> _Wait:
    """Half the time in which an entry is to be expected: quiet feeds are asked less often, busy ones more."""
    rhythm = known.rhythm
    if known.own is not None:
        return _Wait(known.own, "the interval that you set for this feed")
    if rhythm.gap is None or rhythm.newest is None:
        return wait
    gap = max(rhythm.gap, (now - rhythm.newest) / 2)
    span = min(max(gap / 2, pace.min_interval), slowest(None, pace))
    return _Wait(span, f"the feed brings an entry about every {lasting(gap)}")


def _unvalidated(wait: _Wait, known: Known, pace: Pace, _now: datetime) -> _Wait:
    """Every poll transfers the whole document."""
    rare = min(HOUR, pace.max_interval)
    if known.validators or known.own is not None or wait.span >= rare:
        return wait
    return _Wait(rare, "the server cannot say whether anything is new (no ETag, no Last-Modified)")


def _asked_by_document(wait: _Wait, known: Known, _pace: Pace, _now: datetime) -> _Wait:
    if known.own is not None or known.asked.wait is None or wait.span >= known.asked.wait:
        return wait
    return _obeyed(wait, known.asked.wait, "the feed asks for it (ttl or sy:updatePeriod)")


def _asked_by_headers(wait: _Wait, known: Known, _pace: Pace, _now: datetime) -> _Wait:
    if known.fresh_for is None:
        return wait
    return _obeyed(wait, known.fresh_for, "the server asks for it (Cache-Control or Expires)")


def _obeyed(wait: _Wait, asked: timedelta, because: str) -> _Wait:
    return _Wait(min(asked, HOUR), because, asked=True) if wait.span < min(asked, HOUR) else wait


def _before_they_vanish(wait: _Wait, known: Known, _pace: Pace, _now: datetime) -> _Wait:
    """A lost entry is worse than a poll too many, so this outranks what the server and the owner ask for."""
    span = known.rhythm.span
    if span is None or wait.span <= span / SHARE:
        return wait
    return _Wait(span / SHARE, f"the feed shows no more than the last {lasting(span)}")


def _missed(wait: _Wait, known: Known, pace: Pace, _now: datetime) -> _Wait:
    if not known.missed or wait.span <= pace.min_interval:
        return wait
    return _Wait(pace.min_interval, "items may have been missed: its last two answers share no entry")


_RULES: tuple[Callable[[_Wait, Known, Pace, datetime], _Wait], ...] = (
    _rhythm,
    _unvalidated,
    _asked_by_document,
    _asked_by_headers,
    _before_they_vanish,
    _missed,
)


def _outside_skips(at: datetime, wait: _Wait, known: Known) -> Plan:
    """Not in an hour or on a day that the document asks to skip (in GMT), if that costs an hour at most."""
    late = wait.span * (1 + SPREAD)
    if known.own is not None or not _is_skipped(at, known.asked):
        return Plan(at=at, because=wait.because, late=late)
    ends = at.replace(minute=0, second=0, microsecond=0) + HOUR
    return Plan(at=ends, because="the feed asks to skip the hours before", late=late + HOUR)


def _is_skipped(at: datetime, asked: Asked) -> bool:
    return at.hour in asked.hours or at.weekday() in asked.days


# After a failure ----------------------------------------------------------------------------------------


def _slowed(interval: timedelta, failures: int, reason: Reason, jitter: float) -> timedelta:
    """The interval, doubled with each failure after the first (after a 404 fourfold), up to a day."""
    factor = 4.0 if reason is Reason.NOT_FOUND else 2.0
    steps = min(failures - 1, 64)  # far beyond a day, and no overflow
    seconds = min(interval.total_seconds() * factor**steps, DAY.total_seconds())
    return min(timedelta(seconds=seconds) * (1 - SPREAD + 2 * SPREAD * jitter), DAY)


def _phase(address: str) -> float:
    """A number in [0, 1) that is the same for an address on every machine and in every process."""
    digest = blake2b(address.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest[:6], "big") / 2**48
