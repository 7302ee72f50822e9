"""From an alert to its deliveries: the rows that the deliver loop finds due."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.store import alerts

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection


def deliver_to(
    db: Connection, alert: str, program: Program, channel: str, worded: str, at: datetime, *, urgent: bool = False
) -> None:
    """A delivery for each of the channel's targets."""
    del urgent
    for target in program.plan.channels[channel].targets:
        alerts.add_delivery(db, alert, program.targets[channel, target.name], worded, at)
