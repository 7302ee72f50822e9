"""Further reports of stories that a watchlist knows: one open batch a story and watchlist."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from feedwatch.alerts.updates import LONGEST, batch_closes
from feedwatch.store.times import micros, moment


def told_now(db: sqlite3.Connection, story: int, root: str, now: datetime) -> None:
    """The watchlist is told of the story: its next update waits from here on."""
    db.execute("UPDATE story_watch SET told_at = ? WHERE story_id = ? AND root = ?", (micros(now), story, root))


def knows_article(db: sqlite3.Connection, article: int, root: str) -> bool:
    """Whether the watchlist was told of this very article, or is going to be."""
    found = db.execute(
        "SELECT 1 FROM entries JOIN decisions ON decisions.entry_id = entries.id"
        " JOIN watchlist_versions ON watchlist_versions.id = version_id WHERE article_id = ? AND root = ?"
        " AND outcome IN ('alerted', 'gathered', 'muted', 'update', 'acked') LIMIT 1",
        (article, root),
    )
    return found.fetchone() is not None


def is_acked(db: sqlite3.Connection, story: int, root: str) -> bool:
    found = db.execute(
        "SELECT 1 FROM story_watch WHERE story_id = ? AND root = ? AND acked_at IS NOT NULL", (story, root)
    )
    return found.fetchone() is not None


def join_batch(db: sqlite3.Connection, story: int, root: str, article: int, decision: int, now: datetime) -> datetime:
    """The article joins the open batch, or opens one; when it is told."""
    known = db.execute("SELECT * FROM story_watch WHERE story_id = ? AND root = ?", (story, root)).fetchone()
    closes = moment(known["closes_at"]) or batch_closes(moment(known["told_at"]), known["updates"], now)
    db.execute("UPDATE story_watch SET closes_at = ? WHERE story_id = ? AND root = ?", (micros(closes), story, root))
    db.execute(
        "INSERT INTO update_articles VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING", (story, root, article, decision)
    )
    return closes


def due_batches(db: sqlite3.Connection, now: datetime) -> list[sqlite3.Row]:
    """Open batches whose time has come, with their story's key."""
    return db.execute(
        "SELECT story_watch.*, key FROM story_watch JOIN stories ON stories.id = story_id"
        " WHERE closes_at <= ? ORDER BY closes_at, story_id, root",
        (micros(now),),
    ).fetchall()


def batch(db: sqlite3.Connection, story: int, root: str) -> list[sqlite3.Row]:
    """The articles of the open batch, the oldest first, each with its key and how strongly it matched."""
    return db.execute(
        "SELECT update_articles.*, key, strength FROM update_articles JOIN articles ON articles.id = article_id"
        " JOIN decisions ON decisions.id = decision_id WHERE story_id = ? AND root = ? ORDER BY decision_id",
        (story, root),
    ).fetchall()


def close_batch(
    db: sqlite3.Connection,
    story: int,
    root: str,
    now: datetime,
    *,
    outcome: str | None = None,
    alert: str | None = None,
    mute: int | None = None,
) -> None:
    """The open batch is over: it was told by `alert`, or its decisions get the outcome that says why not."""
    db.execute(
        "UPDATE decisions SET outcome = ifnull(?3, outcome), alert = ifnull(?4, alert), mute_id = ifnull(?5, mute_id)"
        " WHERE id IN (SELECT decision_id FROM update_articles WHERE story_id = ?1 AND root = ?2)",
        (story, root, outcome, alert, mute),
    )
    db.execute("DELETE FROM update_articles WHERE story_id = ? AND root = ?", (story, root))
    told = alert is not None
    db.execute(
        "UPDATE story_watch SET closes_at = NULL, updates = updates + ?, told_at = CASE WHEN ? THEN ? ELSE told_at END"
        " WHERE story_id = ? AND root = ?",
        (int(told), told, micros(now), story, root),
    )


def straighten_batches(db: sqlite3.Connection, now: datetime) -> None:
    """No batch waits longer than any may: a time further off comes from a clock that went back."""
    latest = micros(now + LONGEST)
    db.execute("UPDATE story_watch SET closes_at = ?1 WHERE closes_at > ?1", (latest,))
