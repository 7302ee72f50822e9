"""The outbox: targets and deliveries. A claim is committed before the send, a receipt after it."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.alerts.hold import OLD
from feedwatch.model import AlertView
from feedwatch.store.times import micros
from feedwatch.store.views import alert_view

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


CHANNEL_REMOVED = "channel removed"
"""Why a delivery is dead whose target is not in the config any more."""

Place = tuple[str, str]
"""A channel and the name of one of its targets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryWork:
    """A claimed delivery and all that its message tells."""

    id: int
    channel: str
    target: str
    worded: str
    attempts: int  # this one included
    refusals: int
    alert: AlertView


def sync_targets(db: sqlite3.Connection, targets: Iterable[Place], now: datetime) -> dict[Place, int]:
    """Makes the table know the configured targets.

    What waits for a removed one is given up, and waits again when the target is back. A channel of one target keeps
    its queue when it gets another one.
    """
    wanted = set(targets)
    _revive(db, wanted, now)
    db.executemany(
        "INSERT INTO targets(channel, name) VALUES (?, ?) ON CONFLICT(channel, name) DO UPDATE SET removed_at = NULL",
        sorted(wanted),
    )
    rows = db.execute("SELECT id, channel, name FROM targets WHERE removed_at IS NULL")
    known = {(row["channel"], row["name"]): row["id"] for row in rows}
    gone = {target: row for target, row in known.items() if target not in wanted}
    _take_over(db, known, wanted, gone)
    db.executemany("UPDATE targets SET removed_at = ? WHERE id = ?", [(micros(now), row) for row in gone.values()])
    bury_removed(db, now)
    return {target: row for target, row in known.items() if target in wanted}


def _take_over(
    db: sqlite3.Connection, known: Mapping[Place, int], wanted: Collection[Place], gone: Mapping[Place, int]
) -> None:
    """A channel that had one target and has one now: what waits for the old one waits for the new one."""
    for (channel, name), row in gone.items():
        others = [target for target in known if target[0] == channel and target != (channel, name)]
        if len(others) == 1 and others[0] in wanted:
            db.execute(
                "UPDATE OR IGNORE deliveries SET target_id = ? WHERE target_id = ?"
                " AND state IN ('held','pending','sending')",
                (known[others[0]], row),
            )


def bury_removed(db: sqlite3.Connection, now: datetime) -> None:
    """What is to go to a target that is not in the config is given up, and says so."""
    for waiting in ("state = 'held'", "state IN ('pending','sending') AND state = 'pending'"):  # as its index is worded
        db.execute(
            f"UPDATE deliveries SET state = 'dead', error = ?, died_at = ? WHERE {waiting}"
            " AND target_id IN (SELECT id FROM targets WHERE removed_at IS NOT NULL)",
            (CHANNEL_REMOVED, micros(now)),
        )


def _revive(db: sqlite3.Connection, wanted: Collection[Place], now: datetime) -> None:
    """What was given up because its target was removed waits again: as old news, which is one message."""
    rows = db.execute("SELECT id, channel, name FROM targets WHERE removed_at IS NOT NULL").fetchall()
    db.executemany(
        "UPDATE deliveries SET state = 'pending', error = NULL, died_at = NULL, next_try_at = ?1,"
        " created_at = min(created_at, ?2) WHERE target_id = ?3 AND state = 'dead' AND error = ?4",
        [
            (micros(now), micros(now - OLD), row["id"], CHANNEL_REMOVED)
            for row in rows
            if (row["channel"], row["name"]) in wanted
        ],
    )


def claim_due_deliveries(db: sqlite3.Connection, now: datetime, *, room: int) -> list[DeliveryWork]:
    """Up to `room` deliveries whose time has come: the oldest open one of each target, none of a busy target.

    The longest due come first: targets of a dead service, due again and again, do not push the others back.
    """
    due = db.execute(
        "SELECT deliveries.*, channel, name FROM targets JOIN deliveries ON deliveries.id ="
        "   (SELECT min(id) FROM deliveries AS open INDEXED BY deliveries_open"
        "    WHERE open.target_id = targets.id AND open.state IN ('pending','sending'))"
        " WHERE state = 'pending' AND next_try_at <= ? AND removed_at IS NULL"
        " ORDER BY next_try_at, deliveries.id LIMIT ?",
        (micros(now), room),
    ).fetchall()
    db.executemany(
        "UPDATE deliveries SET state = 'sending', attempts = attempts + 1, interrupted = interrupted + 1 WHERE id = ?",
        [(row["id"],) for row in due],
    )
    return [
        DeliveryWork(
            id=row["id"],
            channel=row["channel"],
            target=row["name"],
            worded=row["worded"],
            attempts=row["attempts"] + 1,
            refusals=row["refusals"],
            alert=alert_view(db, row["alert"]),
        )
        for row in due
    ]


def record_sent(db: sqlite3.Connection, delivery: int, receipt: str, now: datetime) -> None:
    db.execute(
        "UPDATE deliveries SET state = 'sent', interrupted = 0, sent_at = ?, receipt = ?, error = NULL WHERE id = ?",
        (micros(now), receipt, delivery),
    )


def record_failed(db: sqlite3.Connection, delivery: int, error: str, again: datetime, *, refused: bool) -> None:
    """The send failed: the target's queue waits until `again`."""
    db.execute(
        "UPDATE deliveries SET state = 'pending', interrupted = 0, error = ?, next_try_at = ?,"
        " refusals = refusals + ? WHERE id = ?",
        (error, micros(again), int(refused), delivery),
    )


def record_dead(db: sqlite3.Connection, delivery: int, error: str, now: datetime) -> None:
    """The service is well and will not have this message; it makes way for those behind it."""
    db.execute(
        "UPDATE deliveries SET state = 'dead', interrupted = 0, error = ?, refusals = refusals + 1, died_at = ?"
        " WHERE id = ?",
        (error, micros(now), delivery),
    )


def release_delivery(db: sqlite3.Connection, delivery: int) -> None:
    """Gives a claim back, which was no interruption; the attempt stays counted, for the message may have gone out."""
    db.execute(
        "UPDATE deliveries SET state = 'pending', interrupted = max(0, interrupted - 1)"
        " WHERE id = ? AND state = 'sending'",
        (delivery,),
    )


def bring_deliveries_forward(db: sqlite3.Connection, latest: datetime, now: datetime) -> None:
    """No delivery waits beyond `latest`, and where the clock went back each wait is as long as it was.

    How far it went back is how far the latest thing that was written lies in the future.
    """
    ahead = db.execute(
        "SELECT max(at) - ? FROM (SELECT max(created_at) AS at FROM alerts UNION ALL"
        " SELECT max(last_polled_at) FROM feeds)",
        (micros(now),),
    ).fetchone()[0]
    db.execute(
        "UPDATE deliveries SET next_try_at = min(next_try_at - ?, ?) WHERE state = 'pending' AND next_try_at > ?",
        (max(0, ahead or 0), micros(latest), micros(now)),
    )


def by_target(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Every target with what it got, what waits, since when, until when and why."""
    return db.execute(
        "SELECT channel, name, removed_at,"
        " sum(state = 'sent') AS sent, sum(state IN ('pending','sending')) AS waiting, sum(state = 'dead') AS dead,"
        f" sum(state = 'held') AS held, sum(state = 'dead' AND error = '{CHANNEL_REMOVED}') AS left_behind,"
        " min(CASE WHEN state IN ('pending','sending') THEN created_at END) AS waiting_since,"
        " (SELECT CASE state WHEN 'pending' THEN next_try_at END FROM deliveries AS d WHERE d.target_id = targets.id"
        "  AND state IN ('pending','sending') ORDER BY d.id LIMIT 1) AS next_try_at,"
        " max(sent_at) AS last_sent_at,"
        " (SELECT error FROM deliveries AS d WHERE d.target_id = targets.id AND error IS NOT NULL"
        "  AND state IN ('pending','sending') ORDER BY d.id LIMIT 1) AS error"
        " FROM targets LEFT JOIN deliveries ON deliveries.target_id = targets.id GROUP BY targets.id"
        " ORDER BY channel, name"
    ).fetchall()


def channels(db: sqlite3.Connection, *, removed: bool = False) -> list[str]:
    """Every channel of the config, as the last start or reload knew it; with those that were `removed` if so asked."""
    rows = db.execute("SELECT DISTINCT channel FROM targets WHERE removed_at IS NULL OR ? ORDER BY 1", (removed,))
    return [row[0] for row in rows]


def send_again(db: sqlite3.Connection, alert: str, channel: str | None, refusals: int, now: datetime) -> int:
    """Deliveries of an alert that were sent or given up go again, under the same id; how many.

    Only those of `channel` if it is given; none to a target that is not in the config. They count as refused
    `refusals` times already.
    """
    return db.execute(
        "UPDATE deliveries SET state = 'pending', refusals = ?, next_try_at = ?, sent_at = NULL, receipt = NULL"
        " WHERE alert = ? AND state IN ('sent', 'dead') AND target_id IN"
        " (SELECT id FROM targets WHERE removed_at IS NULL AND (?4 IS NULL OR channel = ?4))",
        (refusals, micros(now), alert, channel),
    ).rowcount


def send_to(db: sqlite3.Connection, alert: str, channel: str, now: datetime) -> int:
    """Makes a delivery for each target of a channel that has none of this alert; how many.

    A channel that was told nothing of the story yet hears of a raise as a first.
    """
    return db.execute(
        "INSERT INTO deliveries(alert, target_id, state, worded, created_at, next_try_at)"
        " SELECT alerts.id, targets.id, 'pending', CASE WHEN kind = 'raise' AND NOT EXISTS("
        "   SELECT 1 FROM deliveries JOIN alerts AS told ON told.id = alert JOIN targets AS there"
        "   ON there.id = target_id WHERE told.story_id = alerts.story_id AND told.root = alerts.root"
        "   AND there.channel = ?2) THEN 'first' ELSE kind END, ?3, ?3"
        " FROM alerts, targets WHERE alerts.id = ?1 AND channel = ?2 AND targets.removed_at IS NULL"
        " ON CONFLICT DO NOTHING",
        (alert, channel, micros(now)),
    ).rowcount


def hand_over(db: sqlite3.Connection, alert: str, source: str | None, channel: str) -> int:
    """What of an alert waits or was given up goes out by `channel` instead and is closed; how many.

    That of the channel `source`; without one, that of targets which are not in the config any more. What the targets
    of `channel` itself wait for stays.
    """
    return db.execute(
        "UPDATE deliveries SET state = 'merged', window_id = NULL, error = 'sent to the channel ' || ?2 || ' instead'"
        " WHERE alert = ?1 AND state IN ('held', 'pending', 'dead') AND target_id IN"
        " (SELECT id FROM targets WHERE (channel != ?2 OR removed_at IS NOT NULL)"
        "  AND CASE WHEN ?3 IS NULL THEN removed_at IS NOT NULL ELSE channel = ?3 END)",
        (alert, channel, source),
    ).rowcount


def undelivered(db: sqlite3.Connection, channel: str, *, removed: bool) -> list[str]:
    """The alerts that wait for a channel, or that it refused for good, the oldest first.

    If `removed`, only those for its targets that are not in the config any more.
    """
    rows = db.execute(
        "SELECT alert FROM deliveries JOIN targets ON targets.id = target_id WHERE channel = ?"
        " AND state IN ('held', 'pending', 'dead') AND (removed_at IS NOT NULL OR NOT ?)"
        " GROUP BY alert ORDER BY min(deliveries.id)",
        (channel, removed),
    )
    return [row[0] for row in rows]
