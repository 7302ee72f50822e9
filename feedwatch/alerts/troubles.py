"""What is bad? Facts about feeds, watchlists, queues, disk and clock in, sightings out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from feedwatch.alerts.health import CLOCK, DEAD, DISK, FAILING, NOW, SILENT, STUCK, Sighting
from feedwatch.alerts.outgoing import counted
from feedwatch.text.amounts import lasting, size

RHYTHM = timedelta(days=14)
"""How far back a feed's rhythm is looked for: two weekends."""

WATCH_RHYTHM = timedelta(days=28)
"""How far back a watchlist's rhythm is looked for: the news have longer waves than a newsroom."""

RHYTHM_ENTRIES = 20
"""With fewer entries, or matches, in that time there is no rhythm that silence could break."""

RHYTHM_KNOWN = timedelta(days=7)
"""What is known for less may rest at weekends."""

LONGEST_PAUSES = 2
"""Silence is this many times the longest pause of the rhythm."""

DEAD_FOR = timedelta(days=1)
"""A target is well again when none of its messages was given up for so long, or each is on its way again."""

CLOCK_FOR = timedelta(hours=1)
"""A clock is well again when it ran evenly for so long."""

DISK_SLACK = 1.2
"""A disk is well again with this much more than the least space, so that a swinging figure tells once."""


class Limits(Protocol):
    """What this needs of `[health]`."""

    @property
    def failures(self) -> int: ...

    @property
    def failing_for(self) -> timedelta: ...

    @property
    def silent_after(self) -> timedelta: ...

    @property
    def stuck_after(self) -> timedelta: ...

    @property
    def disk_free(self) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FailingFeed:
    address: str
    name: str
    failures: int  # in a row
    outcome: str
    detail: str
    stopped: bool  # gone: not asked any more


def failing(feed: FailingFeed, limits: Limits, now: datetime) -> Sighting:
    often, cure = f"{feed.failures} times", "feedwatch feeds list tells when it is asked again; has it moved?"
    if feed.stopped:
        often, cure = "for good", "correct its address or remove it"
    return Sighting(
        kind=FAILING,
        subject=feed.address,
        name=feed.name,
        text=f"failed {often}: {feed.outcome}, {feed.detail}".rstrip(", "),
        cure=cure,
        since=now,
        after=NOW if feed.stopped else limits.failing_for,
        ripe=feed.stopped or feed.failures >= limits.failures,
        nearly=feed.failures >= limits.failures - 1,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietFeed:
    """A feed that answers, and its entries in the RHYTHM up to the newest one."""

    address: str
    name: str
    known_since: datetime  # its first poll: what that showed is no rhythm
    good: datetime  # its last good poll
    newest: datetime  # when its last entry was seen first
    entries: int
    pause: timedelta  # the longest between two of them


def silent(feed: QuietFeed, limits: Limits) -> Sighting | None:
    """No entry for longer than `silent_after` and twice the longest pause of the two weeks before.

    Feeds with fewer than 20 entries in that time, or known for less than a week of it, have no rhythm. Counted up to
    the last good poll: a feed that is not asked, or gives no answer, is not silent.
    """
    known = min(feed.newest - feed.known_since, RHYTHM)
    if feed.entries < RHYTHM_ENTRIES or known < RHYTHM_KNOWN:
        return None
    silence = feed.good - feed.newest
    if silence <= max(limits.silent_after, LONGEST_PAUSES * feed.pause):
        return None
    return Sighting(
        kind=SILENT,
        subject=feed.address,
        name=feed.name,
        text=f"usually {_a_day(feed.entries, 'entry', 'entries', known)}, none for {lasting(silence)}",
        cure="does its page show news? A publisher may have moved or ended the feed",
        since=feed.newest,
    )


def _a_day(n: int, one: str, many: str, known: timedelta) -> str:
    return f"{counted(round(n / (known / timedelta(days=1))), one, many)} a day"


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietWatch:
    """A watchlist that found nothing lately, and its matches in the WATCH_RHYTHM up to the last one.

    A pause lies between two matches, or before the first; the longest is known in time and, for itself, in news.
    """

    root: str
    name: str
    known_since: datetime  # begin of what is known of its rhythm
    newest: datetime  # its last match
    matches: int
    pause: timedelta
    passed: int  # articles that came in a pause, at the most
    passed_now: int  # articles that came since the last match and were decided

    @property
    def subject(self) -> str:
        return watch_subject(self.root)


def watch_subject(root: str) -> str:
    return f"watchlist {root}"


def quiet(watch: QuietWatch, limits: Limits, now: datetime, *, was_bad: bool) -> Sighting | None:
    """No match for longer than `silent_after` and twice the longest pause of the four weeks before, by two clocks.

    One counts time, the other the articles that were decided: so neither a machine that was off nor many feeds that
    are new make a silence. Watchlists with fewer than 20 matches in that time, or known for less than a week of it,
    have no rhythm. One that was quiet stays so until it matches, although its rhythm fades from the database.
    """
    known = min(watch.newest - watch.known_since, WATCH_RHYTHM)
    silence = now - watch.newest
    rhythm = watch.matches >= RHYTHM_ENTRIES and known >= RHYTHM_KNOWN
    longer = silence > max(limits.silent_after, LONGEST_PAUSES * watch.pause)
    if not was_bad and not (rhythm and longer and watch.passed_now > LONGEST_PAUSES * watch.passed):
        return None
    usually = _a_day(watch.matches, "match", "matches", known)
    return Sighting(
        kind=SILENT,
        subject=watch.subject,
        name=f"watchlist {watch.name}",
        text=f"usually {usually}, none for {lasting(silence)} in {counted(watch.passed_now, 'article')}",
        cure="were its words or feeds changed? feedwatch feeds list shows whether these bring news",
        since=watch.newest,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A target's messages."""

    channel: str
    target: str
    waiting: int
    oldest: datetime | None  # of those that wait, where one has failed
    why: str
    dead: int  # given up and not on their way again
    died: datetime | None  # the last of these
    last_words: str  # why it was given up

    @property
    def name(self) -> str:
        return f"{self.channel}/{self.target}"


def stuck(queue: Queue, limits: Limits, now: datetime) -> Sighting | None:
    if queue.oldest is None or now - queue.oldest <= limits.stuck_after:
        return None
    waiting = f"{counted(queue.waiting, 'message')} {'waits' if queue.waiting == 1 else 'wait'}"
    cure = f"they go out by themselves when it is back; feedwatch channels test {queue.channel}"
    return _of_queue(STUCK, queue, f"{waiting}: {queue.why}", cure, queue.oldest)


def dead(queue: Queue, now: datetime) -> Sighting | None:
    if queue.died is None or now - queue.died >= DEAD_FOR:
        return None
    text = f"refused {counted(queue.dead, 'message')} for good: {queue.last_words}"
    return _of_queue(DEAD, queue, text, "feedwatch alerts list --failed names them", queue.died)


def _of_queue(kind: str, queue: Queue, text: str, cure: str, since: datetime) -> Sighting:
    return Sighting(
        kind=kind, subject=queue.name, name=queue.name, text=text, cure=cure, since=since, channel=queue.channel
    )


def disk(free: int, folder: str, limits: Limits, now: datetime, *, was_bad: bool) -> Sighting | None:
    """`free` bytes beside the database."""
    if free >= limits.disk_free * (DISK_SLACK if was_bad else 1):
        return None
    return Sighting(
        kind=DISK,
        subject=DISK,
        name="the disk",
        text=f"{size(free)} free in {folder}",
        cure="make room: without it no news is read and nothing is told",
        since=now,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    at: datetime  # by the new time
    by: timedelta  # negative: back


def clock(jump: Jump | None, now: datetime) -> Sighting | None:
    if jump is None or now - jump.at >= CLOCK_FOR:
        return None
    way = "back" if jump.by < NOW else "ahead"
    return Sighting(
        kind=CLOCK,
        subject=CLOCK,
        name="the clock",
        text=f"jumped {way} by {lasting(abs(jump.by))}",
        cure="is the time kept by the network? (timedatectl)",
        since=jump.at,
    )
