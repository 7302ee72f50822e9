"""What the newest pages of each host said, as hashes of their blocks; bounded by pages a host and by days."""

from __future__ import annotations

from typing import TYPE_CHECKING

from feedwatch.articles.furniture import FRESH, REMEMBERED, Repeated, Seen, repeated
from feedwatch.store.times import micros

if TYPE_CHECKING:
    import sqlite3
    from datetime import datetime

BESIDE = 150
"""Entries of a feed whose titles are known again: a day or two of most outlets."""

FEEDS = 5
"""Feeds of an article that are looked at for them."""


def remember(db: sqlite3.Connection, host: str, article: int, blocks: bytes, now: datetime) -> None:
    """The article's page is one of its host's newest; those that are older than REMEMBERED others, or stale, go."""
    if not host or not blocks:
        return
    db.execute("INSERT OR REPLACE INTO host_pages VALUES (?, ?, ?, ?)", (host, article, micros(now), blocks))
    db.execute(
        "DELETE FROM host_pages WHERE host = ?1 AND (at < ?2 OR article_id NOT IN"
        " (SELECT article_id FROM host_pages WHERE host = ?1 ORDER BY at DESC, article_id DESC LIMIT ?3))",
        (host, micros(now - FRESH), REMEMBERED),
    )


def seen_on(db: sqlite3.Connection, host: str, now: datetime, *, but: int) -> tuple[Seen, ...]:
    """The fresh pages of a host, without that of the article `but`; one that nobody watches for is its own story."""
    rows = db.execute(
        "SELECT blocks, ifnull(story_id, -host_pages.article_id) AS story,"
        " CASE WHEN relation IN ('founder', 'same_text') THEN story_id ELSE -host_pages.article_id END AS text"
        " FROM host_pages"
        " LEFT JOIN story_articles ON story_articles.article_id = host_pages.article_id"
        " WHERE host = ? AND at >= ? AND host_pages.article_id != ?",
        (host, micros(now - FRESH), but),
    )
    return tuple(Seen(text=row["text"], story=row["story"], blocks=row["blocks"]) for row in rows)


def titles_beside(db: sqlite3.Connection, article: int) -> tuple[str, ...]:
    """The titles of other articles that its feeds showed, the newest BESIDE of each feed."""
    shown = "SELECT DISTINCT feed_id FROM entries WHERE article_id = ? LIMIT ?"
    newest = "SELECT title, article_id FROM entries WHERE feed_id = ? ORDER BY first_seen_at DESC LIMIT ?"
    feeds = [row["feed_id"] for row in db.execute(shown, (article, FEEDS))]
    rows = (row for feed in feeds for row in db.execute(newest, (feed, BESIDE)))
    return tuple(row["title"] for row in rows if row["article_id"] != article)


def known_of(db: sqlite3.Connection, host: str, article: int, now: datetime) -> Repeated:
    """What a page of the host shows that is not the article's."""
    return repeated(seen_on(db, host, now, but=article), titles_beside(db, article))


def forget_stale(db: sqlite3.Connection, now: datetime, *, most: int) -> int:
    """Up to so many pages of hosts that show nothing any more; how many went."""
    return db.execute(
        "DELETE FROM host_pages WHERE (host, article_id) IN"
        " (SELECT host, article_id FROM host_pages WHERE at < ? LIMIT ?)",
        (micros(now - FRESH), most),
    ).rowcount
