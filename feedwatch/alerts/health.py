"""Is feedwatch itself well, and who must be told? Values in, values out.

    facts → sightings → step(episodes, sightings) → episodes as they are now, bulletins to send

What is bad is an *episode*: it begins with the first bad sighting of a subject and ends with the first good one. It is
told once, when it is ripe, and once more when it is over. What comes together is told together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Protocol

from feedwatch.text.amounts import lasting, size

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

FAILING = "failing"  # a feed gives no answer, or none that is a feed
SILENT = "silent"  # a feed answers and brings nothing, against its rhythm
STUCK = "stuck"  # messages wait for a target
DEAD = "dead"  # a target refused a message for good
DISK = "disk"  # hardly any space beside the database
CLOCK = "clock"  # the machine's clock jumped
WATCHING = "watching"  # no trouble: the line for those who want to know that all is well

NOW = timedelta(0)

GATHER = timedelta(hours=1)
"""A recovery waits for others of its kind this long: after an outage feeds come back one by one."""

RHYTHM = timedelta(days=14)
"""How far back a feed's rhythm is looked for: two weekends."""

RHYTHM_ENTRIES = 20
"""With fewer entries in that time a feed has no rhythm that silence could break."""

RHYTHM_KNOWN = timedelta(days=7)
"""A feed that is known for less may rest at weekends."""

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
class Sighting:
    """Something bad, as it looks now."""

    kind: str
    subject: str  # identity: a feed's address, a target, "disk", "clock"
    name: str  # as people call it
    text: str  # what is bad; never a secret
    cure: str
    since: datetime  # since when as far as we know; the episode may be older
    after: timedelta = NOW  # how long it must have lasted to be told
    ripe: bool = True  # bad enough to be told
    nearly: bool = True  # bad enough to be told along with others
    channel: str | None = None  # that is in trouble itself, and should not be the one to tell of it


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """From the first bad sighting to the first good one. Kind, subject and beginning are its identity."""

    kind: str
    subject: str
    began: datetime
    since: datetime
    name: str
    text: str
    cure: str
    told: datetime | None = None
    channels: tuple[str, ...] = ()  # that were told
    ended: datetime | None = None
    settled: datetime | None = None  # its end was told, or needed no telling

    @property
    def cause(self) -> str:
        return f"{self.kind} {self.subject} {self.began.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What the config has to say."""

    subjects: Collection[str]  # that exist: what is no longer in the config gets well in silence
    notify: tuple[str, ...]  # the channels to tell; none: nothing is told
    channels: tuple[str, ...]  # all there are


@dataclass(frozen=True, slots=True, kw_only=True)
class Bulletin:
    """One message to some channels."""

    channels: tuple[str, ...]
    bad: tuple[Episode, ...]
    well: tuple[Episode, ...]

    @property
    def cause(self) -> str:
        return "; ".join([*(each.cause for each in self.bad), *(f"{each.cause} over" for each in self.well)])


def step(
    episodes: Iterable[Episode], seen: Sequence[Sighting], scene: Scene, now: datetime
) -> tuple[tuple[Episode, ...], tuple[Bulletin, ...]]:
    """One look: the unsettled episodes and what is seen now in, every episode as it is now and what to tell out."""
    before = [_straight(each, now) for each in episodes]
    going_on = {(each.kind, each.subject): each for each in before if each.ended is None}
    sighted = {(each.kind, each.subject): each for each in seen}
    bad = {key: _sighted(going_on.get(key), each, now) for key, each in sighted.items()}
    over = [_ended(each, scene, now) for key, each in going_on.items() if key not in sighted]
    over += [each for each in before if each.ended is not None]
    begun = _to_tell(bad, sighted, scene, now)
    well = _to_settle(bad.values(), over, now, at_once=bool(begun))
    bulletins = _bulletins(begun, well, sighted.values(), scene)
    told = {each.cause: bulletin.channels for bulletin in bulletins for each in bulletin.bad}
    settled = {each.cause for each in well}
    return (
        tuple(
            replace(each, told=now, channels=told[each.cause]) if each.cause in told
            else replace(each, settled=now) if each.cause in settled
            else each
            for each in (*bad.values(), *over)
        ),
        bulletins,
    )  # fmt: skip


def _straight(each: Episode, now: datetime) -> Episode:
    """Times that lie in the future come from a clock that went back: they begin again."""
    ended = None if each.ended is None else min(each.ended, now)
    return replace(each, since=min(each.since, now), ended=ended)


def _sighted(episode: Episode | None, seen: Sighting, now: datetime) -> Episode:
    """A new episode, or the one that goes on, which says what is seen now until it is told."""
    if episode is None:
        episode = Episode(
            kind=seen.kind, subject=seen.subject, began=now, since=min(seen.since, now),
            name=seen.name, text=seen.text, cure=seen.cure,
        )  # fmt: skip
    return episode if episode.told else replace(episode, name=seen.name, text=seen.text, cure=seen.cure)


def _ended(episode: Episode, scene: Scene, now: datetime) -> Episode:
    """Over; settled at once where nobody heard of it, or where its subject is no longer there."""
    silent = episode.told is None or episode.subject not in scene.subjects
    return replace(episode, ended=now, settled=now if silent else None)


def _to_tell(
    bad: Mapping[tuple[str, str], Episode], sighted: Mapping[tuple[str, str], Sighting], scene: Scene, now: datetime
) -> list[Episode]:
    """What is ripe; and then what is half-way there too: an outage takes all feeds, and each at its own minute."""
    untold = [(each, sighted[key]) for key, each in bad.items() if each.told is None]
    ripe = [each for each, seen in untold if seen.ripe and now - each.since >= seen.after]
    if not ripe or not scene.notify:
        return []
    return [each for each, seen in untold if each in ripe or (seen.nearly and now - each.since >= seen.after / 2)]


def _to_settle(bad: Iterable[Episode], over: Iterable[Episode], now: datetime, *, at_once: bool) -> list[Episode]:
    """The recoveries to tell: all, as soon as one has waited long enough or has nobody to wait for."""
    waiting = [each for each in over if each.settled is None]
    still_bad = {each.kind for each in bad if each.told}
    due = [each for each in waiting if each.kind not in still_bad or now - (each.ended or now) >= GATHER]
    return waiting if due or at_once else []


def _bulletins(
    begun: Iterable[Episode], well: Iterable[Episode], seen: Collection[Sighting], scene: Scene
) -> tuple[Bulletin, ...]:
    """One message for all that goes to the same channels; a recovery goes where the trouble was told."""
    stuck = {each.channel for each in seen if each.kind == STUCK}
    own = {(each.kind, each.subject): each.channel for each in seen}
    groups = dict[tuple[str, ...], tuple[list[Episode], list[Episode]]]()
    for each in begun:
        where = route(scene, {*stuck, own[each.kind, each.subject]})
        groups.setdefault(where, ([], []))[0].append(each)
    for each in well:
        where = tuple(name for name in each.channels if name in scene.channels) or scene.notify
        groups.setdefault(where, ([], []))[1].append(each)
    return tuple(Bulletin(channels=where, bad=tuple(one), well=tuple(two)) for where, (one, two) in groups.items())


def route(scene: Scene, ailing: Collection[str | None]) -> tuple[str, ...]:
    """The channels to tell that are well; else another that is; else all the same, since the message waits there."""
    well = tuple(name for name in scene.notify if name not in ailing)
    others = tuple(name for name in scene.channels if name not in ailing)
    return well or others[:1] or scene.notify


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
        text=f"usually {_a_day(feed.entries, known)}, none for {lasting(silence)}",
        cure="does its page show news? A publisher may have moved or ended the feed",
        since=feed.newest,
    )


def _a_day(entries: int, known: timedelta) -> str:
    rounded = round(entries / (known / timedelta(days=1)))
    return "1 entry a day" if rounded == 1 else f"{rounded} entries a day"


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
    return Sighting(
        kind=STUCK,
        subject=queue.name,
        name=queue.name,
        text=f"{queue.waiting} {'message waits' if queue.waiting == 1 else 'messages wait'}: {queue.why}",
        cure=f"they go out by themselves when it is back; feedwatch channels test {queue.channel}",
        since=queue.oldest,
        channel=queue.channel,
    )


def dead(queue: Queue, now: datetime) -> Sighting | None:
    if queue.died is None or now - queue.died >= DEAD_FOR:
        return None
    return Sighting(
        kind=DEAD,
        subject=queue.name,
        name=queue.name,
        text=f"refused {queue.dead} {'message' if queue.dead == 1 else 'messages'} for good: {queue.last_words}",
        cure="feedwatch alerts list --failed names them",
        since=queue.died,
        channel=queue.channel,
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How feedwatch does, in numbers."""

    feeds: int
    failing: int  # the last poll gave nothing
    late: int  # not failing, and its next poll is overdue
    articles: int  # since `since`
    alerts: int


def watching(tally: Tally, since: str) -> str:
    """As in "27 feeds well, 1 late; 412 articles, 3 alerts since Monday 08:00"."""
    well = tally.feeds - tally.failing - tally.late
    others = [f"{n} {word}" for n, word in ((tally.late, "late"), (tally.failing, "failing")) if n]
    feeds = ", ".join([_of(well, "feed") + " well", *others])
    return f"{feeds}; {_of(tally.articles, 'article')}, {_of(tally.alerts, 'alert')} since {since}"


def _of(n: int, noun: str) -> str:
    return f"{n:,} {noun}" if n == 1 else f"{n:,} {noun}s"


@dataclass(frozen=True, slots=True, kw_only=True)
class Readiness:
    """What says whether feedwatch does its work: not that the process lives, but that polls and messages go through."""

    feeds: int
    untried: int  # feeds that were not polled yet
    last_good: datetime | None
    oldest_waiting: datetime | None


def unready(state: Readiness, longest_interval: timedelta, limits: Limits, now: datetime) -> tuple[str, ...]:
    """Why it is not ready; empty: it is. The last good poll may be two intervals of the slowest feed and 5 min old."""
    reasons = []
    if state.untried:
        reasons.append(f"{_of(state.untried, 'feed')} not polled yet")
    limit = 2 * longest_interval + timedelta(minutes=5)
    if state.feeds and not state.untried and (state.last_good is None or now - state.last_good > limit):
        good = "never" if state.last_good is None else f"{lasting(now - state.last_good)} ago"
        reasons.append(f"the last good poll was {good} (at most {lasting(limit)})")
    if state.oldest_waiting is not None and now - state.oldest_waiting > limits.stuck_after:
        waits = lasting(now - state.oldest_waiting)
        reasons.append(f"a message has waited for {waits} (at most {lasting(limits.stuck_after)})")
    return tuple(reasons)
