"""Is feedwatch itself well, and who is told? One look, in one transaction.

facts (feeds, watchlists, queues, disk, clock) → sightings
    → one transaction: episodes read, decided, written with their alerts and deliveries
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts import health, readiness, troubles
from feedwatch.alerts.identity import alert_id
from feedwatch.alerts.timetable import latest_time
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.store import alerts
from feedwatch.store import health as table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from feedwatch.alerts.health import Bulletin, Episode, Scene, Sighting
    from feedwatch.alerts.troubles import Jump
    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection
    from feedwatch.store.health import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What a look finds outside the database."""

    free: int  # bytes beside the database
    jump: Jump | None
    began: datetime  # of this process


def look(db: Connection, program: Program, facts: Facts, around: Around, at: datetime) -> int:
    """One look: what is bad becomes episodes, and what is to be told alerts; the number of messages to be sent."""
    before = table.unsettled(db)
    seen = tuple(sightings(program, facts, around, before, at))
    after, bulletins = health.step(before, seen, scene(program), at)
    table.save(db, [each for each in after if each not in before])
    told = sum(tell(db, program, bulletin, at) for bulletin in bulletins)
    line = still_watching(db, program, around.began, at)
    if line is not None:
        table.save(db, [line])
        told += tell(db, program, health.Bulletin(channels=line.channels, bad=(line,), well=()), at)
    table.forget(db, at)
    return told


def sightings(
    program: Program, facts: Facts, around: Around, before: tuple[Episode, ...], at: datetime
) -> Iterator[Sighting]:
    """All that is bad now, of what the config still names."""
    limits = program.plan.settings.health
    yield from (troubles.failing(feed, limits, at) for feed in facts.failing)
    open_ = {(each.kind, each.subject) for each in before if each.ended is None}
    doubts = [troubles.silent(feed, limits) for feed in facts.quiet]
    doubts += [
        troubles.quiet(watch, limits, at, was_bad=(health.SILENT, watch.subject) in open_) for watch in facts.watches
    ]
    doubts += [troubles.stuck(queue, limits, at) for queue in facts.queues]
    doubts += [troubles.dead(queue, at) for queue in facts.queues]
    folder = str(program.plan.settings.store.path.parent)
    doubts.append(troubles.disk(around.free, folder, limits, at, was_bad=(health.DISK, health.DISK) in open_))
    doubts.append(troubles.clock(around.jump, at))
    yield from (doubt for doubt in doubts if doubt is not None)


def scene(program: Program) -> Scene:
    targets = (f"{channel}/{name}" for channel, name in program.targets)
    watches = (troubles.watch_subject(root) for root in program.watches)
    return health.Scene(
        subjects=frozenset({*program.plan.feeds, *watches, *targets, health.DISK, health.CLOCK}),
        notify=program.plan.settings.health.notify,
        channels=tuple(program.plan.channels),
    )


def tell(db: Connection, program: Program, bulletin: Bulletin, at: datetime) -> int:
    """The bulletin's alert and its deliveries; the number of these."""
    alert = alert_id("", "health", bulletin.cause)
    alerts.add_alert(db, alerts.NewAlert(id=alert, kind="health", cause=bulletin.cause), at)
    table.tell(db, alert, bulletin.bad, bulletin.well)
    for channel in bulletin.channels:
        deliver_to(db, alert, program, channel, "health", at)
    return sum(len(program.plan.channels[channel].targets) for channel in bulletin.channels)


def still_watching(db: Connection, program: Program, began: datetime, at: datetime) -> Episode | None:
    """The line that is due, once for each of its times; times that passed while nobody watched are one."""
    wish = program.plan.settings.health
    if wish.still_watching is None or not wish.notify:
        return None
    last = table.last_watching(db) or began
    zone = program.plan.settings.timezone
    due = latest_time(wish.still_watching, at, zone)
    if due <= last:
        return None
    local = last.astimezone(zone)
    since = f"{local:%A %H:%M}" if at - last < timedelta(days=8) else f"{local:%d %b %H:%M}"
    return health.Episode(
        kind=health.WATCHING, subject=health.WATCHING, began=due, since=last, name=health.WATCHING,
        text=readiness.watching(table.tally(db, last, at), since), cure="",
        told=at, channels=wish.notify, ended=at, settled=at,
    )  # fmt: skip
