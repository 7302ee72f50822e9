"""Messages that gather: a window is a row that a tick finds due; its members are committed before the send.

    the backfill, mutes, batches of updates → digests and alerts, as loud as each channel wants them
    quiet hours that have begun             → what was to go out waits for their end
    channels' windows whose time has come   → one message of those that waited, in which each is named
    a target that was away                  → what has waited for over an hour is one message

A window's message is an alert of the kind `digest`: it has an id, members and deliveries like any other, so that a
retry tells the same. What is decided after the end of a window is no part of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.decide import BELOW, REMOVED
from feedwatch.alerts.hold import BACKLOG, BUDGET, DIGEST, MERGED, QUIET, closes, next_digest
from feedwatch.alerts.hours import quiet_until
from feedwatch.alerts.identity import alert_id, window_cause, window_key
from feedwatch.model import Strength
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.pipeline.updates import close_batches
from feedwatch.store import alerts, deliveries, mutes, windows
from feedwatch.store.alerts import NewAlert
from feedwatch.store.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from feedwatch.pipeline.program import Channel, Program
    from feedwatch.store import Connection, Row


def close_due(db: Connection, program: Program, at: datetime, *, at_once: bool = False) -> None:
    """Ends every window whose time has come; `at_once` the backfill's in any case."""
    deliveries.bury_removed(db, at)
    close_backfill(db, program, at, at_once=at_once)
    end_mutes(db, program, at)
    close_batches(db, program, at)
    for channel in program.plan.channels.values():
        _hush(db, program, channel, at)
        _await_digest(db, channel, at)
    for window in windows.open_of_channels(db, at):
        _end(db, program, window, at)
    for target in windows.backlogs(db, at):
        _gather_backlog(db, target, at)


# The backfill and mutes, over all channels --------------------------------------------------------------


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
    for match in matches:
        _record_untold(db, program, match)
    return True


def _gets_through(program: Program, match: Row, channel: str) -> bool:
    """Whether the match's watchlist tells this channel, and it is strong enough for it."""
    watch = program.watches.get(match["root"])
    return watch is not None and channel in watch.floors and _strong(match, watch.floors[channel])


def _record_untold(db: Connection, program: Program, match: Row) -> None:
    """What was gathered for a watchlist or channels that the config does not have any more is told by nobody."""
    watch = program.watches.get(match["root"])
    if watch is None:
        alerts.change_outcome(db, match["decision"], REMOVED)
    elif not any(_strong(match, floor) for floor in watch.floors.values()):
        alerts.change_outcome(db, match["decision"], BELOW)


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
        for match in matches:
            _record_untold(db, program, match)


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


# A channel's own windows --------------------------------------------------------------------------------


def _hush(db: Connection, program: Program, channel: Channel, at: datetime) -> None:
    """In quiet hours nothing goes out, whenever it was decided."""
    policy = channel.policy
    until = quiet_until(policy.quiet, at, policy.zone)
    if until is None:
        return
    for row in _rows(program, channel):
        if windows.has_pending(db, row, but_urgent=policy.urgent_breaks_quiet):
            window = windows.join(db, channel.name, QUIET, until, at)
            windows.hold_pending(db, row, window, but_urgent=policy.urgent_breaks_quiet)


def _rows(program: Program, channel: Channel) -> list[int]:
    return [program.targets[channel.name, target.name] for target in channel.targets]


def _await_digest(db: Connection, channel: Channel, at: datetime) -> None:
    """A digest that is sent without anything in it has a window before there is anything."""
    policy = channel.policy
    if policy.digest and policy.empty and not windows.is_open(db, channel.name, DIGEST):
        standing = windows.standing(db, channel.name, at)
        windows.join(db, channel.name, DIGEST, next_digest(policy, standing, at), at)


def _end(db: Connection, program: Program, window: Row, at: datetime) -> None:
    """Its message goes out; in quiet hours it waits for their end, that of a budget in their window."""
    channel = program.plan.channels.get(window["channel"])
    if channel is None:
        windows.end_window(db, window, 0, at)  # what waited in it is on record as dead
        return
    policy = channel.policy
    quiet = quiet_until(policy.quiet, at, policy.zone)
    if quiet is not None and window["kind"] != BUDGET:
        windows.move_end(db, window["id"], quiet)
        return
    if quiet is not None:
        night = windows.join(db, channel.name, QUIET, quiet, at)
        windows.hand_over(db, window["id"], night, but_urgent=policy.urgent_breaks_quiet)
    _finish(db, program, channel, window, at)


def _finish(db: Connection, program: Program, channel: Channel, window: Row, at: datetime) -> None:
    """What cannot be merged, or was tried under its own id before, goes by itself; the rest is one message."""
    waiting = windows.held(db, window["id"])
    merged = [row for row in waiting if row["kind"] in MERGED and not row["attempts"]]
    told = list(dict.fromkeys(row["alert"] for row in merged))
    if len(told) == 1 and window["kind"] != DIGEST:  # a list of one would hide it
        merged = []
    alone = {row["id"] for row in waiting} - {row["id"] for row in merged}
    windows.release(db, sorted(alone), at)
    if merged:
        windows.end_window(db, window, len(told), at)
        _tell_window(db, program, channel.name, window, merged, at)
    elif not told and window["kind"] == DIGEST and channel.policy.empty:
        windows.end_empty(db, window, at)
        _tell(db, program, _digest(window["key"], channel.name, window=window["id"]), channel.name, (), at)
    else:
        windows.end_window(db, window, len(told), at)
    if told:
        windows.spend(db, channel.name, channel.policy.per_hour, at)


def _tell_window(db: Connection, program: Program, channel: str, window: Row, merged: list[Row], at: datetime) -> None:
    """The window's message, in which each of the merged is named."""
    new = _digest(window["key"], channel, window=window["id"])
    alerts.add_alert(db, new, at)
    windows.copy_articles(db, new.id, list(dict.fromkeys(row["alert"] for row in merged)))
    windows.merge(db, [row["id"] for row in merged], window["id"])
    deliver_to(db, new.id, program, channel, "digest", at, urgent=any(row["urgent"] for row in merged))


def _gather_backlog(db: Connection, target: Row, at: datetime) -> None:
    """What waited for a target that was away becomes one message for it; its channel's other targets had it."""
    waited = windows.old_pending(db, target["id"], at)
    key = window_key(BACKLOG, f"{target['channel']}/{target['name']}", micros(at))
    window = windows.add_window(db, target["channel"], BACKLOG, moment(target["since"]), at, key=key)
    row = windows.the_window(db, window)
    new = _digest(row["key"], target["channel"], window=window)
    told = list(dict.fromkeys(each["alert"] for each in waited))
    windows.end_window(db, row, len(told), at)
    alerts.add_alert(db, new, at)
    windows.copy_articles(db, new.id, told)
    windows.merge(db, [each["id"] for each in waited], window)
    urgent = any(each["urgent"] for each in waited)
    alerts.add_delivery(db, new.id, target["id"], "digest", at, urgent=urgent)


def replan(db: Connection, channels: Mapping[str, Channel], at: datetime) -> None:
    """Open windows end when the manners of today want it, by the clock of today."""
    for window in windows.open_of_channels(db):
        channel = channels.get(window["channel"])
        if channel is not None:
            standing = windows.standing(db, channel.name, at)
            until = closes(channel.policy, standing, window["kind"], moment(window["closes_at"]), at)
            windows.move_end(db, window["id"], until)
        else:
            windows.end_window(db, window, 0, at)
