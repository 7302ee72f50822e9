"""What is known of an address: where it was seen, how far it came, and what was decided."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING

from feedwatch.store.feeds import CALLED

if TYPE_CHECKING:
    from collections.abc import Sequence


def article_at(db: sqlite3.Connection, typed: str, spellings: Sequence[str]) -> int | None:
    """The article that an address leads to: one that a feed wrote just so, else the first of its canonical spellings.

    Where a feed parts its articles by fragments, these are no part of an address, and only the first way finds them.
    """
    asked = [(sql, (typed,)) for sql in (_ENTRY, _ARTICLE) if "#" in typed]
    asked += [(_ADDRESS, (spelling,)) for spelling in spellings]
    asked += [(sql, (name,)) for sql in (_ARTICLE, _ENTRY) for name in (typed, *spellings)]
    found = (db.execute(*question).fetchone() for question in asked)
    return next((int(row[0]) for row in found if row), None)


_ADDRESS = "SELECT article_id FROM addresses WHERE address = ?"
_ARTICLE = "SELECT id FROM articles WHERE url = ?"
_ENTRY = "SELECT article_id FROM entries WHERE link = ?"


def article(db: sqlite3.Connection, number: int) -> sqlite3.Row:
    """The article; of one that turned out to be another, that one."""
    row: sqlite3.Row = db.execute("SELECT * FROM articles WHERE id = ?", (number,)).fetchone()
    if row["reason"] == "same_article" and (row["detail"] or "").isdigit():
        return db.execute("SELECT * FROM articles WHERE id = ?", (int(row["detail"]),)).fetchone() or row
    return row


def articles_of(db: sqlite3.Connection, alert: str) -> list[int]:
    """The articles that an alert tells of."""
    rows = db.execute("SELECT DISTINCT article_id FROM alert_articles WHERE alert = ? ORDER BY article_id", (alert,))
    return [row[0] for row in rows]


def entries(db: sqlite3.Connection, article: int) -> list[sqlite3.Row]:
    """What feeds said of it, the oldest first."""
    return db.execute(
        f"SELECT entries.*, feeds.address, {CALLED} AS called"
        " FROM entries JOIN feeds ON feeds.id = feed_id WHERE article_id = ? ORDER BY entries.id",
        (article,),
    ).fetchall()


def revisions(db: sqlite3.Connection, article: int) -> list[sqlite3.Row]:
    return db.execute(
        "SELECT n, kind, fetched_at, url, title, language, published_at, length(body) AS letters, whole,"
        " EXISTS(SELECT 1 FROM evidence WHERE revision_id = revisions.id) AS kept"
        " FROM revisions WHERE article_id = ? ORDER BY n",
        (article,),
    ).fetchall()


def reread(db: sqlite3.Connection, article: int) -> sqlite3.Row | None:
    """When it is read again."""
    return db.execute(  # type: ignore[no-any-return]
        "SELECT * FROM rereads WHERE article_id = ?", (article,)
    ).fetchone()


def decisions(db: sqlite3.Connection, article: int) -> list[sqlite3.Row]:
    """Every decision on it, with the watchlist and its wording; those that tell come last, then the newest."""
    return db.execute(
        "SELECT decisions.*, root, query, from_at,"
        " (SELECT id FROM watchlists WHERE watchlists.root = watchlist_versions.root) AS watchlist,"
        " (SELECT actor FROM mutes WHERE mutes.id = decisions.mute_id) AS muted_by"
        " FROM decisions JOIN watchlist_versions ON watchlist_versions.id = version_id"
        " WHERE entry_id IN (SELECT id FROM entries WHERE article_id = ?)"
        " ORDER BY outcome IN ('alerted', 'gathered', 'update'), decisions.id",
        (article,),
    ).fetchall()


def told(db: sqlite3.Connection, article: int, root: str) -> list[sqlite3.Row]:
    """The alerts that told a watchlist's people of it, the oldest first."""
    return db.execute(
        "SELECT alerts.* FROM alert_articles JOIN alerts ON alerts.id = alert WHERE article_id = ?"
        " AND alert_articles.root = ? ORDER BY created_at, alerts.id",
        (article, root),
    ).fetchall()


def story(db: sqlite3.Connection, article: int) -> sqlite3.Row | None:
    """Its place in a story, and the article that founded that."""
    return db.execute(  # type: ignore[no-any-return]
        "SELECT story_articles.*, stories.key, stories.first_at FROM story_articles"
        " JOIN stories ON stories.id = story_id WHERE article_id = ?",
        (article,),
    ).fetchone()


def acks(db: sqlite3.Connection, story: int, root: str) -> sqlite3.Row | None:
    return db.execute(  # type: ignore[no-any-return]
        "SELECT acked_at, acked_by FROM story_watch WHERE story_id = ? AND root = ? AND acked_at IS NOT NULL",
        (story, root),
    ).fetchone()


def marks(db: sqlite3.Connection, key: bytes) -> list[sqlite3.Row]:
    """The feeds that showed an address of which no entry is left, and when they last did."""
    return db.execute(
        f"SELECT last_shown_at, address, {CALLED} AS called FROM seen"
        " JOIN feeds ON feeds.id = feed_id WHERE kind = 'address' AND key = ? ORDER BY last_shown_at DESC",
        (key,),
    ).fetchall()


def feeds_of_host(db: sqlite3.Connection, host: str) -> list[sqlite3.Row]:
    """The configured feeds of a host that were asked, with what their last poll said."""
    return db.execute(
        f"SELECT *, {CALLED} AS called FROM feeds"
        " WHERE host = ? AND removed_at IS NULL AND last_polled_at IS NOT NULL ORDER BY id",
        (host,),
    ).fetchall()


def watchlists(db: sqlite3.Connection) -> list[sqlite3.Row]:
    """Those of the config, each with its wording and since when it has that."""
    return db.execute(
        "SELECT watchlists.id AS watchlist, watchlists.root, since, query, from_at FROM watchlists"
        " JOIN watchlist_versions ON watchlist_versions.id = (SELECT max(id) FROM watchlist_versions AS latest"
        "   WHERE latest.root = watchlists.root) WHERE removed_at IS NULL ORDER BY watchlists.id"
    ).fetchall()


def versions(db: sqlite3.Connection, watchlist: str) -> list[sqlite3.Row]:
    """Every wording that a watchlist had, with how many entries matched it, the newest first."""
    return db.execute(
        "SELECT watchlist_versions.*, (SELECT count(DISTINCT entry_id) FROM decisions"
        "  WHERE version_id = watchlist_versions.id) AS matches FROM watchlist_versions JOIN watchlists USING(root)"
        " WHERE watchlists.id = ? ORDER BY watchlist_versions.id DESC",
        (watchlist,),
    ).fetchall()


def deliveries(db: sqlite3.Connection, alert: str) -> list[sqlite3.Row]:
    """The messages of an alert; those that are held with the time until which they are."""
    return db.execute(
        "SELECT state, error, targets.channel, name,"
        " CASE state WHEN 'held' THEN windows.closes_at ELSE ifnull(sent_at, next_try_at) END AS shown_at"
        " FROM deliveries JOIN targets ON targets.id = target_id LEFT JOIN windows ON windows.id = window_id"
        " WHERE deliveries.alert = ? ORDER BY deliveries.id",
        (alert,),
    ).fetchall()


def times(db: sqlite3.Connection, article: int) -> sqlite3.Row:
    """When it appeared, as claimed; when it was first seen, fetched as evidence, and told, each for the first time."""
    return db.execute(  # type: ignore[no-any-return]
        "SELECT (SELECT min(published_at) FROM entries WHERE article_id = articles.id) AS claimed,"
        " first_seen_at AS first_seen,"
        " (SELECT min(fetched_at) FROM evidence WHERE article_id = articles.id) AS fetched,"
        " (SELECT min(sent_at) FROM alert_articles JOIN deliveries USING(alert) WHERE article_id = articles.id) AS told"
        " FROM articles WHERE id = ?",
        (article,),
    ).fetchone()


def text(db: sqlite3.Connection, article: int, n: int) -> tuple[str, str]:
    """Title and body of a revision."""
    row = db.execute("SELECT title, body FROM revisions WHERE article_id = ? AND n = ?", (article, n)).fetchone()
    return row["title"], row["body"]
