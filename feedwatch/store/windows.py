"""Channels' windows: rows in which alerts are gathered to be told as one message, and what manners must remember."""

from __future__ import annotations

import json
import sqlite3
from datetime import datetime
from typing import TYPE_CHECKING

from feedwatch.alerts.budget import Bucket, full, refilled, without_one
from feedwatch.alerts.hold import DIGEST, MERGED, OLD, Standing
from feedwatch.alerts.identity import SHORTEST, window_id, window_key
from feedwatch.store.times import micros, moment

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PENDING = "state IN ('pending','sending') AND state = 'pending'"
"""Said so, because the index of open deliveries is found by these very words."""

STRONGEST = "strength = 'headline' DESC, strength = 'topic' DESC, score DESC"
"""An order: of two matches the stronger counts, whatever their scores."""

_MERGED = json.dumps(sorted(MERGED))


def standing(db: sqlite3.Connection, channel: str, now: datetime) -> Standing:
    """What is known of a channel; of a new one that it has sent nothing."""
    row = db.execute("SELECT * FROM manners WHERE channel = ?", (channel,)).fetchone()
    if row is None:
        return Standing(bucket=full(now))
    bucket = Bucket(tokens=row["tokens"], at=moment(row["filled_at"]))
    return Standing(bucket=bucket, digest=moment(row["digest_at"]))


def spend(db: sqlite3.Connection, channel: str, per_hour: int | None, now: datetime) -> None:
    """A message goes out by a channel; without a limit nobody counts."""
    if per_hour is None:
        return
    left = without_one(refilled(standing(db, channel, now).bucket, per_hour, now))
    db.execute(
        "INSERT INTO manners(channel, tokens, filled_at) VALUES (?, ?, ?) ON CONFLICT(channel) DO UPDATE SET"
        " tokens = excluded.tokens, filled_at = excluded.filled_at",
        (channel, left.tokens, micros(left.at)),
    )


def _remember_digest(db: sqlite3.Connection, channel: str, meant: int, now: datetime) -> None:
    db.execute(
        "INSERT INTO manners(channel, tokens, filled_at, digest_at) VALUES (?, ?, ?, ?)"
        " ON CONFLICT(channel) DO UPDATE SET digest_at = excluded.digest_at",
        (channel, full(now).tokens, micros(now), meant),
    )


def add_window(
    db: sqlite3.Connection, channel: str, kind: str, begun: datetime, until: datetime, *, key: str | None = None
) -> int:
    """A new open window; its row."""
    free = _free_key(db, key or window_key(kind, channel, micros(begun)))
    return int(
        db.execute(
            "INSERT INTO windows(key, short, channel, kind, opens_at, closes_at) VALUES (?,?,?,?,?,?) RETURNING id",
            (free, _free_short(db, window_id(free)), channel, kind, micros(begun), micros(until)),
        ).fetchone()[0]
    )


def _free_key(db: sqlite3.Connection, key: str) -> str:
    """The key itself, unless the clock showed the same moment before."""
    free, n = key, 2
    while db.execute("SELECT 1 FROM windows WHERE key = ?", (free,)).fetchone():
        free, n = f"{key}~{n}", n + 1
    return free


def _free_short(db: sqlite3.Connection, whole: str) -> str:
    for length in range(SHORTEST, len(whole)):
        if not db.execute("SELECT 1 FROM windows WHERE short = ?", (whole[:length],)).fetchone():
            return whole[:length]
    return whole


def the_window(db: sqlite3.Connection, window: int) -> sqlite3.Row:
    row: sqlite3.Row = db.execute("SELECT * FROM windows WHERE id = ?", (window,)).fetchone()
    return row


def join(db: sqlite3.Connection, channel: str, kind: str, until: datetime, now: datetime) -> int:
    """The channel's open window of this kind; where there is none, one that lasts until then."""
    row = db.execute(
        "SELECT id FROM windows WHERE channel = ? AND kind = ? AND closed_at IS NULL", (channel, kind)
    ).fetchone()
    return int(row["id"]) if row is not None else add_window(db, channel, kind, now, until)


def is_open(db: sqlite3.Connection, channel: str, kind: str) -> bool:
    found = db.execute("SELECT 1 FROM windows WHERE channel = ? AND kind = ? AND closed_at IS NULL", (channel, kind))
    return found.fetchone() is not None


def open_of_channels(db: sqlite3.Connection, due: datetime | None = None) -> list[sqlite3.Row]:
    """The channels' open windows; those only whose time has come by `due`, if it is given."""
    return db.execute(
        "SELECT * FROM windows WHERE closed_at IS NULL AND kind != 'backfill' AND (?1 IS NULL OR closes_at <= ?1)"
        " ORDER BY closes_at, id",
        (micros(due),),
    ).fetchall()


def move_end(db: sqlite3.Connection, window: int, until: datetime) -> None:
    db.execute("UPDATE windows SET closes_at = ? WHERE id = ?", (micros(until), window))


def end_window(db: sqlite3.Connection, window: sqlite3.Row, total: int, now: datetime) -> None:
    """From now on nothing joins it."""
    db.execute("UPDATE windows SET closed_at = ?, total = ? WHERE id = ?", (micros(now), total, window["id"]))
    if window["kind"] == DIGEST:
        _remember_digest(db, window["channel"], window["closes_at"], now)


def end_empty(db: sqlite3.Connection, window: sqlite3.Row, now: datetime) -> None:
    """A digest with nothing in it: how many entries were looked at, and how the feeds are."""
    seen = db.execute(
        "SELECT count(*) FROM entries WHERE decided_version > 0 AND first_seen_at > ? AND how != 'baseline'",
        (window["opens_at"],),
    ).fetchone()[0]
    end_window(db, window, seen, now)
    db.execute(
        "UPDATE windows SET (feeds, well) = (SELECT count(*), sum(failures = 0 AND first_polled_at IS NOT NULL)"
        " FROM feeds WHERE removed_at IS NULL) WHERE id = ?",
        (window["id"],),
    )


def held(db: sqlite3.Connection, window: int) -> list[sqlite3.Row]:
    """The deliveries that wait in a window, each with the kind of its alert."""
    return db.execute(
        "SELECT deliveries.id, alert, target_id, attempts, deliveries.urgent, kind FROM deliveries"
        " JOIN alerts ON alerts.id = alert WHERE deliveries.window_id = ? AND state = 'held' ORDER BY deliveries.id",
        (window,),
    ).fetchall()


def hand_over(db: sqlite3.Connection, window: int, to: int, *, but_urgent: bool) -> None:
    """What waits in a window waits in another one from now on; `but_urgent`: less what is urgent."""
    db.execute(
        "UPDATE deliveries SET window_id = ?2 WHERE window_id = ?1 AND state = 'held' AND NOT (?3 AND urgent)",
        (window, to, but_urgent),
    )


def release(db: sqlite3.Connection, ids: Iterable[int], now: datetime) -> None:
    """Held deliveries that go out by themselves; it is from now on that they wait for their target."""
    db.executemany(
        "UPDATE deliveries SET state = 'pending', created_at = ?1, next_try_at = ?1 WHERE id = ?2",
        [(micros(now), each) for each in ids],
    )


def merge(db: sqlite3.Connection, ids: Iterable[int], window: int) -> None:
    """Deliveries whose alerts the window's message names."""
    db.executemany(
        "UPDATE deliveries SET state = 'merged', window_id = ? WHERE id = ?", [(window, each) for each in ids]
    )


def copy_articles(db: sqlite3.Connection, alert: str, others: Sequence[str]) -> None:
    """`alert` tells what the others tell, of each article the strongest for each watchlist."""
    db.execute(
        "INSERT INTO alert_articles SELECT ?1, article_id, root, decision_id FROM (SELECT alert_articles.*,"
        f"  row_number() OVER (PARTITION BY article_id, root ORDER BY {STRONGEST}, decision_id DESC) AS n"
        "  FROM alert_articles JOIN decisions ON decisions.id = decision_id"
        "  WHERE alert_articles.alert IN (SELECT value FROM json_each(?2))) WHERE n = 1",
        (alert, json.dumps(list(others))),
    )


def hold_pending(db: sqlite3.Connection, target: int, window: int, *, but_urgent: bool) -> None:
    """What a target was to get at once waits in a window instead; `but_urgent`: less what is urgent."""
    db.execute(
        "UPDATE deliveries SET state = 'held', window_id = ?2 WHERE target_id = ?1"
        f" AND {_PENDING} AND NOT (?3 AND urgent)",
        (target, window, but_urgent),
    )


def has_pending(db: sqlite3.Connection, target: int, *, but_urgent: bool) -> bool:
    found = db.execute(
        "SELECT 1 FROM deliveries INDEXED BY deliveries_open WHERE target_id = ?"
        f" AND {_PENDING} AND NOT (? AND urgent) LIMIT 1",
        (target, but_urgent),
    )
    return found.fetchone() is not None


def backlogs(db: sqlite3.Connection, now: datetime) -> list[sqlite3.Row]:
    """Targets behind which more than one untried alert of articles waits for over OLD, and nothing that was tried.

    They have been away, for what was tried has gone through or feedwatch itself was not there: (id, channel, name).
    """
    return db.execute(
        "SELECT targets.id, channel, name, min(waiting.created_at) AS since FROM targets"
        " JOIN deliveries AS waiting INDEXED BY deliveries_open ON target_id = targets.id"
        "  AND waiting.state IN ('pending','sending')"
        " JOIN alerts ON alerts.id = alert WHERE removed_at IS NULL AND waiting.state = 'pending' AND attempts = 0"
        "  AND waiting.created_at <= ?1 AND kind IN (SELECT value FROM json_each(?2))"
        "  AND NOT EXISTS(SELECT 1 FROM deliveries AS tried WHERE tried.target_id = targets.id"
        "   AND tried.state IN ('pending','sending') AND (tried.state = 'sending' OR tried.attempts > 0))"
        " GROUP BY targets.id HAVING count(*) > 1",
        (micros(now - OLD), _MERGED),
    ).fetchall()


def old_pending(db: sqlite3.Connection, target: int, now: datetime) -> list[sqlite3.Row]:
    """The untried alerts of articles that have waited for a target for over OLD."""
    return db.execute(
        "SELECT deliveries.id, alert, deliveries.urgent FROM deliveries JOIN alerts ON alerts.id = alert"
        f" WHERE target_id = ?1 AND {_PENDING} AND attempts = 0 AND deliveries.created_at <= ?2"
        "  AND kind IN (SELECT value FROM json_each(?3)) ORDER BY deliveries.id",
        (target, micros(now - OLD), _MERGED),
    ).fetchall()


def find_window(db: sqlite3.Connection, printed: str) -> list[sqlite3.Row]:
    """The windows that a printed id may mean; the id of the message that one ended in will do, too."""
    start = printed.lower().lstrip("#")
    found = db.execute(
        "SELECT * FROM windows WHERE substr(short, 1, length(?1)) = ?1 AND ?1 != ''", (start,)
    ).fetchall()
    exact = [row for row in found if row["short"] == start]
    if exact or found:
        return exact or found
    return db.execute(
        "SELECT * FROM windows WHERE id IN (SELECT window_id FROM alerts WHERE substr(id, 1, length(?1)) = ?1"
        " AND ?1 != '')",
        (start,),
    ).fetchall()


def window_alerts(db: sqlite3.Connection, window: int) -> list[str]:
    """The alerts that wait in a window or went into it; of a backfill the digests that it ended in. Newest first."""
    rows = db.execute(
        "SELECT id FROM alerts WHERE id IN (SELECT alert FROM deliveries WHERE window_id = ?1)"
        " OR (window_id = ?1 AND NOT EXISTS(SELECT 1 FROM deliveries WHERE window_id = ?1))"
        " ORDER BY created_at DESC, id",
        (window,),
    )
    return [row["id"] for row in rows]
