"""Is feedwatch itself well, and who must be told? Values in, values out.

    facts → sightings (troubles) → step(episodes, sightings) → episodes as they are now, bulletins to send

What is bad is an *episode*: it begins with the first bad sighting of a subject and ends with the first good one. It is
told once, when it is ripe, and once more when it is over. What comes together is told together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

FAILING = "failing"  # a feed gives no answer, or none that is a feed
SILENT = "silent"  # a feed answers and brings nothing, or a watchlist finds nothing, against its rhythm
STUCK = "stuck"  # messages wait for a target
DEAD = "dead"  # a target refused a message for good
DISK = "disk"  # hardly any space beside the database
CLOCK = "clock"  # the machine's clock jumped
WATCHING = "watching"  # no trouble: the line for those who want to know that all is well

NOW = timedelta(0)

GATHER = timedelta(hours=1)
"""A recovery waits for others of its kind this long: after an outage feeds come back one by one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """Something bad, as it looks now."""

    kind: str
    subject: str  # identity: a feed's address, a watchlist, a target, "disk", "clock"
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
