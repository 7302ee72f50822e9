"""Search over what was read, newest first."""

from __future__ import annotations

import sqlite3


def search(db: sqlite3.Connection, expression: str, *, limit: int) -> list[sqlite3.Row]:
    """The newest articles that an FTS5 expression finds, each with its texts and one of its entries."""
    return db.execute(
        "SELECT found.rowid AS article, articles.first_seen_at, articles.reason, entries.title, entries.summary,"
        " entries.link, entries.published_at, feeds.host,"
        " coalesce(nullif(entries.outlet, ''), nullif(feeds.name, ''), feeds.title) AS outlet,"
        " revisions.title AS page_title, revisions.body FROM"
        " (SELECT rowid FROM fts WHERE fts MATCH ? ORDER BY rowid DESC LIMIT ?) AS found"
        " JOIN articles ON articles.id = found.rowid"
        " LEFT JOIN entries ON entries.id = (SELECT min(id) FROM entries WHERE article_id = articles.id)"
        " LEFT JOIN feeds ON feeds.id = entries.feed_id"
        " LEFT JOIN revisions ON revisions.id ="
        "   (SELECT id FROM revisions WHERE article_id = articles.id ORDER BY n DESC LIMIT 1)"
        " ORDER BY found.rowid DESC",
        (expression, limit),
    ).fetchall()
