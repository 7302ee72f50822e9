"""Messages that gather: a window is a row that a tick finds due; its members are committed before the send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.identity import alert_id, window_cause
from feedwatch.model import Strength
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.store import alerts, mutes

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection, Row


def close_due(db: Connection, program: Program, at: datetime, *, at_once: bool = False) -> None:
    """Ends every window whose time has come; `at_once` the backfill's in any case."""
    close_backfill(db, program, at, at_once=at_once)
    end_mutes(db, program, at)


def close_backfill(db: Connection, program: Program, at: datetime, *, at_once: bool = False) -> bool:
    """Ends the backfill window that is due, in one digest a channel; True if there was one."""
    window = alerts.due_backfill(db, at, at_once=at_once)
    if window is None:
        return False
    alerts.close_window(db, window["id"], at)
    matches = alerts.gathered(db, window["id"])
    for channel in sorted({name for watch in program.watches.values() for name in watch.floors}):
        _tell(db, program, window["id"], window_cause(window["key"], channel), channel, matches, at)
    return True


def _tell(
    db: Connection,
    program: Program,
    window: int,
    cause: str,
    channel: str,
    matches: list[Row],
    at: datetime,
) -> None:
    """One channel's digest: what its watchlists found, as far as it is strong enough for it; empty says so too."""
    alert = alert_id("", "digest", cause)
    alerts.add_alert(db, alerts.NewAlert(id=alert, kind="digest", cause=cause, window=window), at)
    for match in matches:
        watch = program.watches.get(match["root"])
        if watch and channel in watch.floors and Strength.of(match["strength"]) >= watch.floors[channel]:
            alerts.add_article(db, alert, match["article_id"], match["root"], match["decision"])
    deliver_to(db, alert, program, channel, "digest", at)


def end_mutes(db: Connection, program: Program, at: datetime) -> None:
    """Tells the channels of each watchlist whose mute is over what it kept back; nothing says so too.

    The mute of a watchlist that is not in the config any more stays open: it is told when the watchlist is back.
    """
    for mute in mutes.due_mutes(db, at):
        watch = program.watches.get(mute["root"])
        if watch is None:
            continue
        mutes.end_mute(db, mute["id"], at)
        matches = mutes.kept_back(db, mute["id"])
        for channel, floor in watch.floors.items():
            _tell_muted(
                db, program, mute, channel, [row for row in matches if Strength.of(row["strength"]) >= floor], at
            )


def _tell_muted(db: Connection, program: Program, mute: Row, channel: str, matches: list[Row], at: datetime) -> None:
    cause = window_cause(mute["key"], channel)
    alert = alert_id(mute["root"], "digest", cause)
    alerts.add_alert(db, alerts.NewAlert(id=alert, kind="digest", cause=cause, root=mute["root"], mute=mute["id"]), at)
    for match in matches:
        alerts.add_article(db, alert, match["article_id"], mute["root"], match["decision"])
    deliver_to(db, alert, program, channel, "digest", at)
