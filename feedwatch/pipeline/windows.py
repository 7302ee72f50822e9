"""Messages that gather: a window is a row that a tick finds due; its members are committed before the send."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.identity import alert_id, window_cause
from feedwatch.model import Strength
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.store import alerts, mutes
from feedwatch.store.alerts import NewAlert

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection, Row


def close_due(db: Connection, program: Program, at: datetime, *, at_once: bool = False) -> None:
    """Ends every window whose time has come; `at_once` the backfill's in any case."""
    close_backfill(db, program, at, at_once=at_once)
    end_mutes(db, program, at)


def close_backfill(db: Connection, program: Program, at: datetime, *, at_once: bool = False) -> bool:
    """Ends the backfill window that is due, in one digest a channel, empty or not; True if there was one."""
    window = alerts.due_backfill(db, at, at_once=at_once)
    if window is None:
        return False
    alerts.close_window(db, window["id"], at)
    matches = alerts.gathered(db, window["id"])
    for channel in sorted({name for watch in program.watches.values() for name in watch.floors}):
        strong = (match for match in matches if _gets_through(program, match, channel))
        _tell(db, program, _digest(window["key"], channel, window=window["id"]), channel, strong, at)
    return True


def _gets_through(program: Program, match: Row, channel: str) -> bool:
    """Whether the match's watchlist tells this channel, and it is strong enough for it."""
    watch = program.watches.get(match["root"])
    return watch is not None and channel in watch.floors and _strong(match, watch.floors[channel])


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
            strong = [match for match in matches if _strong(match, floor)]
            _tell(db, program, _digest(mute["key"], channel, root=watch.root, mute=mute["id"]), channel, strong, at)


def _strong(match: Row, floor: Strength) -> bool:
    return Strength.of(match["strength"]) >= floor


def _digest(
    key: str, channel: str, *, root: str | None = None, window: int | None = None, mute: int | None = None
) -> NewAlert:
    """One channel's digest of the window, or the root's mute, that has this key."""
    cause = window_cause(key, channel)
    alert = alert_id(root or "", "digest", cause)
    return NewAlert(id=alert, kind="digest", cause=cause, root=root, window=window, mute=mute)


def _tell(db: Connection, program: Program, new: NewAlert, channel: str, matches: Iterable[Row], at: datetime) -> None:
    alerts.add_alert(db, new, at)
    for match in matches:
        alerts.add_article(db, new.id, match["article_id"], match["root"], match["decision"])
    deliver_to(db, new.id, program, channel, "digest", at)
