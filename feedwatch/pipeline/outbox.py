"""From an alert to its deliveries: the rows that the deliver loop finds due, or that wait in a channel's window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.hold import MERGED, hold
from feedwatch.store import alerts, windows

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.pipeline.program import Channel, Program
    from feedwatch.store import Connection


def deliver_to(
    db: Connection, alert: str, program: Program, channel: str, worded: str, at: datetime, *, urgent: bool = False
) -> None:
    """A delivery for each of the channel's targets that has none of this alert, as loud as the channel wants it.

    `worded`: the kind that the channel hears; `urgent`: its watchlist may wake people.
    """
    known = program.plan.channels[channel]
    rows = [program.targets[channel, target.name] for target in known.targets]
    new = [row for row in rows if not alerts.has_delivery(db, alert, row)]
    if not new:
        return
    window = _window(db, known, worded, at, urgent=urgent)
    for row in new:
        alerts.add_delivery(db, alert, row, worded, at, urgent=urgent, window=window)


def _window(db: Connection, channel: Channel, worded: str, at: datetime, *, urgent: bool) -> int | None:
    """The window in which it waits; None: it goes out at once, and was counted."""
    policy = channel.policy
    waits = hold(policy, windows.standing(db, channel.name, at), worded, at, urgent=urgent)
    if waits is not None:
        return windows.join(db, channel.name, waits.kind, waits.until, at)
    if worded in MERGED:
        windows.spend(db, channel.name, policy.per_hour, at)
    return None
