"""Further reports of a story: a batch that is due becomes an alert of the kind `update`, or it is on record why not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.alerts.decide import ACKED, BELOW, MUTED, REMOVED
from feedwatch.alerts.identity import alert_id, update_cause
from feedwatch.model import Strength
from feedwatch.pipeline.outbox import deliver_to
from feedwatch.store import alerts, mutes, updates

if TYPE_CHECKING:
    from datetime import datetime

    from feedwatch.pipeline.program import Program
    from feedwatch.store import Connection, Row


def close_batches(db: Connection, program: Program, at: datetime) -> None:
    """Ends every batch whose time has come."""
    for row in updates.due_batches(db, at):
        story, root = row["story_id"], row["root"]
        members = updates.batch(db, story, root)
        strength = max((Strength.of(each["strength"]) for each in members), default=Strength.MENTION)
        mute = mutes.mute_of(db, root, at)
        outcome = _kept_back(program, row, strength, muted=mute is not None)
        if outcome is not None or not members:
            updates.close_batch(db, story, root, at, outcome=outcome, mute=mute if outcome == MUTED else None)
        else:
            _tell(db, program, row, members, strength, at)


def _kept_back(program: Program, row: Row, strength: Strength, *, muted: bool) -> str | None:
    """What became of the batch instead; None: it is told."""
    watch = program.watches.get(row["root"])
    if watch is None:
        return REMOVED
    if row["acked_at"] is not None:
        return ACKED
    if all(strength < floor for floor in watch.floors.values()):
        return BELOW
    return MUTED if muted else None


def _tell(db: Connection, program: Program, row: Row, members: list[Row], strength: Strength, at: datetime) -> None:
    root = row["root"]
    cause = update_cause(row["key"], (each["key"] for each in members))
    alert = alert_id(root, "update", cause)
    new = alerts.NewAlert(id=alert, kind="update", cause=cause, root=root, story=row["story_id"], strength=strength)
    alerts.add_alert(db, new, at)
    for each in members:
        alerts.add_article(db, alert, each["article_id"], root, each["decision_id"])
    updates.close_batch(db, row["story_id"], root, at, alert=alert)
    for channel, floor in program.watches[root].floors.items():
        if strength >= floor:
            deliver_to(db, alert, program, channel, "update", at)
