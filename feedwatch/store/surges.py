"""Times in which a watchlist found far more than usual: one alert each."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from feedwatch.model import SurgeView
from feedwatch.store.times import lasted, micros, moment

HOUR = timedelta(hours=1)

_MATCHES = """
    SELECT article_id, min(at) AS first_at FROM decisions INDEXED BY decisions_matches
    JOIN entries ON entries.id = entry_id
    WHERE version_id IN (SELECT id FROM watchlist_versions WHERE root = :root) AND at >= :since AND at <= :now
    AND outcome NOT IN ('baseline', 'before') AND how = 'new' GROUP BY article_id
"""
"""Articles that a watchlist found, each at its first match; those of first polls come all at once and do not count."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """A surge that lasts."""

    id: int
    began: datetime
    high: datetime  # when it was last above its rhythm


def hits_by_hour(db: sqlite3.Connection, root: str, now: datetime, hours: int) -> list[int]:
    """How many articles a watchlist found in each of the last `hours` hours, the latest first."""
    since = now - hours * HOUR
    rows = db.execute(
        f"SELECT (:now - first_at) / :hour AS ago, count(*) AS n FROM ({_MATCHES}) GROUP BY ago",
        {"root": root, "since": micros(since) + 1, "now": micros(now), "hour": lasted(HOUR)},
    )
    found = {row["ago"]: row["n"] for row in rows}
    return [found.get(ago, 0) for ago in range(hours)]


def latest(db: sqlite3.Connection, root: str, since: datetime, now: datetime, *, most: int) -> list[tuple[int, int]]:
    """The newest articles that a watchlist found since then, with the decision that stands for each."""
    rows = db.execute(
        f"SELECT article_id, max(decisions.id) AS decision FROM ({_MATCHES}) AS found"
        " JOIN entries USING(article_id) JOIN decisions ON entry_id = entries.id"
        " AND version_id IN (SELECT id FROM watchlist_versions WHERE root = :root)"
        " GROUP BY article_id ORDER BY decision DESC LIMIT :most",
        {"root": root, "since": micros(since), "now": micros(now), "most": most},
    )
    return [(row["article_id"], row["decision"]) for row in rows]


def open_surge(db: sqlite3.Connection, root: str) -> Episode | None:
    row = db.execute("SELECT * FROM surges WHERE root = ? AND ended_at IS NULL", (root,)).fetchone()
    return None if row is None else Episode(id=row["id"], began=moment(row["began_at"]), high=moment(row["high_at"]))


def past_surges(db: sqlite3.Connection, root: str, since: datetime) -> list[tuple[datetime, datetime]]:
    """From when to when the watchlist found more than usual, as far as that reaches beyond `since`."""
    rows = db.execute("SELECT began_at, high_at FROM surges WHERE root = ? AND high_at >= ?", (root, micros(since)))
    return [(moment(row["began_at"]), moment(row["high_at"])) for row in rows]


def begin(db: sqlite3.Connection, root: str, alert: str | None, seen: SurgeView, now: datetime) -> None:
    db.execute(
        "INSERT INTO surges(root, began_at, high_at, alert, hits, hours, usual) VALUES (?1,?2,?2,?3,?4,?5,?6)",
        (root, micros(now), alert, seen.hits, seen.hours, seen.usual),
    )


def stays_high(db: sqlite3.Connection, surge: int, now: datetime) -> None:
    db.execute("UPDATE surges SET high_at = ? WHERE id = ?", (micros(now), surge))


def end(db: sqlite3.Connection, surge: int, now: datetime) -> None:
    db.execute("UPDATE surges SET ended_at = ? WHERE id = ?", (micros(now), surge))


def straighten(db: sqlite3.Connection, now: datetime) -> None:
    """None was high in the future: a clock that went back makes none last longer."""
    db.execute("UPDATE surges SET high_at = ?1 WHERE ended_at IS NULL AND high_at > ?1", (micros(now),))


def surge_of(db: sqlite3.Connection, alert: str) -> SurgeView | None:
    """What an alert of the kind `surge` tells."""
    row = db.execute("SELECT hits, hours, usual FROM surges WHERE alert = ?", (alert,)).fetchone()
    return None if row is None else SurgeView(hits=row["hits"], hours=row["hours"], usual=row["usual"])
