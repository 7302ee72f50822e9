"""Does a watchlist find far more than usual? Looked for beside the writer; one alert an episode."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from feedwatch.alerts.identity import alert_id, surge_cause
from feedwatch.alerts.surge import CALM, HISTORY, LEAST, WINDOWS, rhythm, surge
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.store import alerts, mutes, surges
from feedwatch.store.times import micros

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.model import SurgeView
    from feedwatch.pipeline.program import Program, Watch
    from feedwatch.store import Connection
    from feedwatch.store.surges import Episode
    from feedwatch.store.writer import Store

EVERY = 60
"""Seconds between two looks."""

NAMED = 10
"""Articles that the message names at the most, the newest."""

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """How a watchlist fares: what is above its rhythm now, and the surge that lasts."""

    watch: Watch
    seen: SurgeView | None
    lasting: Episode | None

    @property
    def is_news(self) -> bool:
        return self.seen is not None or self.lasting is not None


async def watch_for_surges(store: Store, program: Program, at: datetime) -> int:
    """Looks at every watchlist; the number of alerts."""
    states = await store.read(look, program, at)
    return await store.write(settle, states, program, at) if states else 0


def look(db: Connection, program: Program, at: datetime) -> list[State]:
    """The watchlists with something to be written; most are done with one look at their last hours."""
    states = (_state(db, watch, at) for watch in program.watches.values())
    return [state for state in states if state.is_news]


def _state(db: Connection, watch: Watch, at: datetime) -> State:
    lasting = surges.open_surge(db, watch.root)
    latest = surges.hits_by_hour(db, watch.root, at, max(WINDOWS))
    seen = surge(latest, rhythm(_history(db, watch, at))) if sum(latest) >= LEAST else None
    return State(watch=watch, seen=seen, lasting=lasting)


def _history(db: Connection, watch: Watch, at: datetime) -> list[int]:
    """The hits of the hours that are usual: since the watchlist is there, before now, and in no surge."""
    first = min(HISTORY, (at - watch.since) // HOUR)
    past = surges.past_surges(db, watch.root, at - HISTORY * HOUR)
    hours = surges.hits_by_hour(db, watch.root, at, first) if first > 0 else []
    return [
        hits
        for ago, hits in enumerate(hours)
        if ago >= max(WINDOWS) and not any(began - HOUR <= at - ago * HOUR <= high + HOUR for began, high in past)
    ]


def settle(db: Connection, states: list[State], program: Program, at: datetime) -> int:
    """Writes what came of it, as one transaction; the number of alerts."""
    return sum(_settle(db, state, program, at) for state in states)


def _settle(db: Connection, state: State, program: Program, at: datetime) -> bool:
    if state.lasting is None:
        return state.seen is not None and _begin(db, state.watch, state.seen, program, at)
    if state.seen is not None:
        surges.stays_high(db, state.lasting.id, at)
    elif at - state.lasting.high >= CALM:
        surges.end(db, state.lasting.id, at)
    return False


def _begin(db: Connection, watch: Watch, seen: SurgeView, program: Program, at: datetime) -> bool:
    """A muted watchlist's surge is on record and told to nobody: its articles are told when the mute ends."""
    muted = mutes.mute_of(db, watch.root, at) is not None
    alert = None if muted else _alert(db, watch, seen, at)
    surges.begin(db, watch.root, alert, seen, at)
    if alert is None:
        return False
    for channel in watch.floors:
        deliver_to(db, alert, program, channel, "surge", at, urgent=watch.urgent)
    return True


def _alert(db: Connection, watch: Watch, seen: SurgeView, at: datetime) -> str:
    cause = surge_cause(micros(at))
    new = alerts.NewAlert(id=alert_id(watch.root, "surge", cause), kind="surge", cause=cause, root=watch.root)
    alerts.add_alert(db, new, at)
    for article, decision in surges.latest(db, watch.root, at - seen.hours * HOUR, at, most=NAMED):
        alerts.add_article(db, new.id, article, watch.root, decision)
    return new.id
